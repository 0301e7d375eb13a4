// One record of each kind, small and complete; and the same with every free text turned into an attack on the page.
import { deflateSync } from 'node:zlib';
import type { Kind, RecordOf } from '../../kernel/src/display/bundle.ts';
import type { TradewindRecord } from '../../kernel/src/records/index.ts';
import type { ScoredForecast, SkillRecord, VariableScores } from '../../kernel/src/records/skill.ts';
import { CELL_SAMPLES } from './cellSamples.ts';
import { base, COST_SAMPLES } from './costSamples.ts';
import { TRAINING_SAMPLES } from './trainingSamples.ts';

const scores = (scale: number): VariableScores => ({
  units: 'degC',
  longName: 'sea water temperature',
  rmse: [0.1 * scale, 0.3 * scale],
  acc: [0.99, null],
  count: [120, 118],
});
const small = (values: number[]) => deflateSync(Uint8Array.from(values)).toString('base64');

const maps = [0, 1].flatMap((lead) =>
  (['rmse', 'acc'] as const).map((metric) => ({
    variable: 'T0',
    metric,
    lead,
    minimum: 0,
    maximum: 1,
    data: small([0, 1, 60, 120, 200, 255]),
  })),
);

const forecast = (name: string, scale: number): ScoredForecast => ({
  name,
  forecast: `${name}.zarr`,
  score: `scores/${name}.zarr#${name}`,
  variables: { T0: scores(scale) },
  regions: { tropics: { T0: scores(scale * 0.8) } },
  maps,
});

const skill: SkillRecord = {
  ...base,
  kind: 'skill',
  variables: { T0: scores(1) },
  leadTimes: [24, 48],
  regions: ['global', 'tropics'],
  conventions: {
    weights: 'cos',
    normalisation: 'masked',
    acc: 'uncentred',
    pooling: 'sums over initial times',
    climatology: 'daily, clim.zarr',
  },
  truth: 'truth.zarr',
  initialTimes: 8,
  grid: { latitude: [-30, 30], longitude: [-120, 0, 120], full: [2, 3], coarsening: 1 },
  limits: { T0: { rmse: [0, 1], acc: [0, 1] } },
  forecasts: [forecast('ms', 1), { ...forecast('pt', 1.02), maps: [] }],
  differences: maps,
  notes: ['the last initial time was left out'],
  seconds: 1.2,
  provenance: 'cos φ weights, 2 × 3 cells, 8 initial times',
};

export const SAMPLES: { [K in Kind]: RecordOf<K> } = {
  ...COST_SAMPLES,
  ...TRAINING_SAMPLES,
  ...CELL_SAMPLES,
  chips: {
    ...base,
    kind: 'chips',
    catalogue: true,
    active: { chip: 'cpu', framework: 'mindspore' },
    chips: [
      {
        name: 'cpu',
        title: 'CPU',
        present: true,
        cards: [{ index: 0, name: 'Processor, 2 cores', memoryTotalMB: 24000, memoryUsedMB: 3000 }],
        lookedFor: [{ what: 'processor', found: true, detail: 'Processor, 2 cores' }],
        engines: [
          {
            framework: 'pytorch',
            usable: true,
            state: 'dead',
            version: '2.13.0',
            reason: 'it ran out of memory',
            remedy: 'make the batch smaller',
          },
          { framework: 'mindspore', usable: false, state: 'absent', reason: 'MindSpore is not there', remedy: 'pip install mindspore' },
        ],
      },
      {
        name: '910b',
        title: 'Huawei Ascend 910b',
        present: false,
        cards: [],
        lookedFor: [{ what: 'npu-smi', found: false, detail: 'not on the PATH' }],
        remedy: 'A machine with an Ascend 910B',
        figures: {
          memoryGB: [
            { value: 40, source: 'Table 1' },
            { value: 32, source: 'text' },
          ],
          fp16Tflops: [{ value: 376, source: 'Table 1' }],
          fp32Tflops: [{ value: 94, source: 'Table 1' }],
          bandwidthGBs: [{ value: 392, source: 'Table 1' }],
        },
        engines: [{ framework: 'pytorch', usable: false, state: 'absent', reason: 'no Ascend 910b is here' }],
      },
    ],
  },
  comparison: {
    ...base,
    kind: 'comparison',
    a: 'ms',
    b: 'pt',
    leadTimes: [24, 48],
    deviation: { T0: { rmse: [1.5, -2.25], acc: [0.01, null] } },
    regions: { tropics: { T0: { rmse: [-12, 60], acc: [null, 0.4] } } },
    worstOf: { T0: { variable: 'T0', metric: 'rmse', leadTime: 48, deviation: -2.25 } },
    gained: { T0: { rmse: [3, null], acc: [-30, null] } },
    claimByVariable: 'T0 is slightly worse',
    claimPct: 5,
    claimSource: 'the paper, abstract',
    withinClaim: true,
    worst: { variable: 'T0', metric: 'rmse', leadTime: 48, deviation: -2.25 },
    skill,
  },
  dataset: {
    ...base,
    kind: 'dataset',
    store: 'ocean.zarr',
    source: 'simulated ocean, seed 1',
    variables: ['T0', 'S0', 'U0'],
    shape: { time: 900, latitude: 72, longitude: 180 },
    period: ['2000-01-01', '2002-06-18'],
    bytes: 123456789,
    seconds: 12.5,
    digest: 'a'.repeat(64),
    masked: 1,
    problems: [{ where: '2000-01-09T00:00', what: 'water_temp has 5 of 8 snapshots', masked: true }],
    training: ['2000-01-01', '2001-12-31'],
    statistics: { T0: { mean: 14.25, deviation: 9.5, change: 0.31, minimum: -1.8, maximum: 31.2, count: 5_000_000, units: 'degC' } },
  },
  doctor: {
    ...base,
    kind: 'doctor',
    healthy: false,
    checks: [
      { name: 'node', status: 'ok', found: '24.19.0' },
      { name: 'torch', status: 'wrong', found: '2.12.0, pinned: 2.13.0', remedy: 'npm start installs the pinned packages.' },
      { name: 'mindspore', status: 'missing', found: 'not installed', remedy: 'npm start' },
      { name: 'npu-smi', status: 'optional', found: 'not on the PATH' },
    ],
  },
  report: {
    ...base,
    kind: 'report',
    source: 'fourcastnet',
    output: 'fourcastnet_ms',
    target: 'portable',
    traced: true,
    summary: {
      files: 2,
      uses: 2,
      migrated: 1,
      maybe: 0,
      unsupported: 1,
      byStrategy: { equivalent: 1, custom: 0, restructured: 0, unsupported: 1 },
      seconds: 0.4,
    },
    uses: [
      {
        file: 'afno.py',
        line: 12,
        column: 8,
        api: 'torch.fft.rfft2',
        status: 'migrated',
        strategy: 'equivalent',
        from: "x = torch.fft.rfft2(x, norm='ortho')",
        to: "x = ops.rfft2(x, norm='ortho')",
        toLine: 14,
        measured: { samples: 24, passed: 24, forward: 1.3, gradient: 2.1, dtypes: ['float32'], torch: '2.13.0', mindspore: '2.10.0' },
        documented: ['Ascend', 'CPU'],
        shapes: ['float32[2, 90, 180, 256]'],
      },
      {
        file: 'afno.py',
        line: 40,
        column: 0,
        api: 'torch.nn.functional.grid_sample',
        status: 'unsupported',
        strategy: 'unsupported',
        from: 'F.grid_sample(x, grid)',
        to: 'raise NotImplementedError()',
        reason: 'no bicubic mode',
        remedy: 'use bilinear',
      },
    ],
    graph: [
      { class: 'AFNO', file: 'afno.py', line: 8, graph: 'yes', findings: [] },
      {
        class: 'Net',
        file: 'afno.py',
        line: 30,
        graph: 'no',
        findings: [
          {
            file: 'afno.py',
            line: 34,
            rule: 'try',
            effect: 'refused',
            why: 'The compiler has no try.',
            remedy: 'Test the condition before.',
          },
        ],
      },
    ],
    audit: [
      {
        file: 'train.py',
        line: 71,
        rule: 'scheduler never stepped',
        message: 'it is made but not stepped',
        remedy: 'call scheduler.step()',
      },
    ],
    skipped: [{ file: 'broken.py', reason: 'it is not Python' }],
  },
  skill,
  transfer: {
    ...base,
    kind: 'transfer',
    from: 'cpu/pytorch',
    to: 'cpu/mindspore',
    variables: [
      { name: 'weights', moved: true, type: 'torch.Tensor float32[2, 3]', bytes: 24, seconds: 0.002 },
      { name: 'stream', moved: false, type: 'generator', bytes: 0, seconds: 0, reason: 'a generator cannot be moved' },
    ],
  },
  verification: {
    ...base,
    kind: 'verification',
    source: 'fourcastnet',
    output: 'fourcastnet_ms',
    passed: false,
    rungs: [
      { name: 'forward', passed: true, torchError: 2e-7, mindsporeError: 3e-7, ratio: 1.5, maxAbs: 4e-7, seconds: 1.2 },
      {
        name: 'training',
        passed: false,
        torchError: 1e-6,
        mindsporeError: 3e-3,
        ratio: 3000,
        maxAbs: 3e-3,
        seconds: 12,
        note: 'the losses part at step 3',
      },
    ],
    notRun: [{ name: 'mixed precision (bfloat16)', reason: 'MindSpore: no kernel' }],
    losses: { torch: [1, 0.5, 0.3], mindspore: [1, 0.5, 0.4] },
    firstDivergence: { layer: 'blocks.0.filter', sourceLine: 'afno.py:12', migratedLine: 'afno.py:14', error: 3e-3 },
  },
  weights: {
    ...base,
    kind: 'weights',
    source: 'model.pt',
    output: 'model.ckpt',
    from: 'pytorch',
    to: 'mindspore',
    model: 'model_ms/case.py',
    summary: {
      tensors: 4,
      converted: 2,
      renamed: 1,
      reshaped: 1,
      missing: 1,
      unexpected: 1,
      shapeChanged: 1,
      leftOut: 0,
      bytes: 4096,
      seconds: 3.2,
    },
    tensors: [
      {
        status: 'renamed',
        source: 'module.norm.weight',
        target: 'norm.gamma',
        dtype: 'float32',
        sourceShape: [8],
        targetShape: [8],
        layer: 'LayerNorm',
      },
      {
        status: 'reshaped',
        source: 'module.conv.weight',
        target: 'conv.weight',
        dtype: 'float32',
        sourceShape: [8, 4, 3],
        targetShape: [8, 4, 1, 3],
        layer: 'Conv1d',
      },
      { status: 'missing', target: 'head.bias', dtype: 'float32', targetShape: [2] },
      { status: 'unexpected', source: 'module.extra', dtype: 'int64', sourceShape: [], note: 'the model has nothing of this name' },
      {
        status: 'shape-changed',
        source: 'module.head.weight',
        target: 'head.weight',
        dtype: 'float32',
        sourceShape: [3, 8],
        targetShape: [2, 8],
      },
    ],
    beside: [{ name: 'optimizer', tensors: 12, values: 3 }],
    notes: ['The prefix module. of a wrapper was taken off the names.'],
  },
};

/** Fields whose words are of a fixed vocabulary, or are no text: an attacker does not choose them. */
const FIXED = new Set([
  'kind',
  'createdAt',
  'updatedAt',
  'framework',
  'status',
  'state',
  'strategy',
  'metric',
  'data',
  'target',
  'weights',
  'normalisation',
  'acc',
  'pooling',
]);
/** Objects whose keys are names that a user chose. */
const NAMED = new Set(['variables', 'regions', 'latest', 'versions', 'deviation', 'limits', 'shape', 'tropics']);

/** The record with `attack` before every free text, in values and in user-chosen keys alike, so that names still refer to each other. */
export function poison<R extends TradewindRecord>(record: R, attack: string): R {
  const walk = (value: unknown, field: string): unknown => {
    if (typeof value === 'string') return FIXED.has(field) || value === 'global' ? value : attack + value;
    if (Array.isArray(value)) return value.map((item) => walk(item, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [NAMED.has(field) ? attack + key : key, walk(item, key)]));
  };
  return walk(record, '') as R;
}
