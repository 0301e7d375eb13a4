// What records of every kind begin with, and one record of each kind that is about cost: fit, benchmark, energy.
import type { RecordOf } from '../../kernel/src/display/bundle.ts';

export const base = {
  version: 1,
  createdAt: '2026-11-24T03:28:00.000Z',
  tradewind: '0.1.0',
  environment: { chip: 'cpu', framework: 'mindspore', platform: 'linux 6.1 x64', versions: { python: '3.11.7', mindspore: '2.10.0' } },
} as const;

const use = { joules: 12_000, seconds: 60, watts: 200, cards: 1, meter: 'npu-smi', samples: 61 };
const times = { first: 3, seconds: [1, 1.2, 1.1], median: 1.1, low: 1.05, high: 1.15 };
const leftOut = [{ row: 'aigoms pytorch a100', paper: 0.675, projected: 0.4, error: -0.4 }];

type Cost = 'advice' | 'benchmark' | 'energy' | 'fit' | 'monitor';

export const COST_SAMPLES: { [K in Cost]: RecordOf<K> } = {
  advice: {
    ...base,
    kind: 'advice',
    chip: '910b',
    title: 'Huawei Ascend 910b',
    framework: 'mindspore',
    file: 'ocean.yaml',
    optimisations: [
      {
        name: 'graph',
        title: 'Graph mode',
        what: 'The whole step is compiled.',
        advised: true,
        reason: 'PyNative mode launches each operator from Python',
        source: 'paper',
        provenance: 'documented',
        sets: { train: ['graph=true'], migrate: [], environment: [] },
        effect: {
          steps: 12,
          seconds: { on: 0.2, off: 0.9 },
          firstSeconds: { on: 8, off: 1.5 },
          memory: { on: 9e8, off: 8e8 },
          loss: { on: 0.51, off: 0.5 },
          measuredAt: '2026-11-24T03:28:00.000Z',
          device: 'CPU',
        },
      },
      {
        name: 'bf16',
        title: 'Mixed precision, BF16',
        what: 'Matrix products in bfloat16.',
        advised: false,
        reason: 'no bfloat16 there',
        source: 'paper',
        provenance: 'documented',
        sets: { train: ['precision=bf16'], migrate: [], environment: [] },
        unmeasured: 'MindSpore has no kernel',
      },
      {
        name: 'fused-operators',
        title: 'Built-in fused operators',
        what: 'Operators that are fused.',
        advised: true,
        reason: 'they are its own',
        source: 'paper',
        provenance: 'documented',
        sets: { train: [], migrate: ['--target=ascend'], environment: ['A_VARIABLE'] },
      },
    ],
  },
  benchmark: {
    ...base,
    kind: 'benchmark',
    measured: [
      {
        ...{
          model: 'aigoms',
          framework: 'pytorch',
          chip: 'cpu',
          device: 'cpu',
          version: '2.13.0',
          size: 'reduced',
          settings: {},
          batch: 1,
        },
        ...{ forecast: times, training: times, watts: 65, meter: 'rapl' },
      },
    ],
    without: [{ name: '910b/pytorch', reason: 'no such card' }],
    hardware: [
      {
        chip: '910b',
        title: 'Huawei Ascend 910b',
        figures: {
          memoryGB: [{ value: 40, source: 'Table 1' }],
          fp16Tflops: [
            { value: 376, source: 'Table 1' },
            { value: 256, source: 'text' },
          ],
          fp32Tflops: [{ value: 94, source: 'Table 1' }],
          bandwidthGBs: [{ value: 392, source: 'Table 1' }],
        },
      },
    ],
    forecasts: [
      { paper: { table: 'Table 4', model: 'aigoms', framework: 'pytorch', chip: 'a100', seconds: 0.675 }, projected: 0.5, measured: 0.7 },
    ],
    trainings: [
      {
        paper: {
          ...{ table: 'Table 2', framework: 'pytorch', chip: '910b', workers: 16, batch: 2 },
          ...{ epochSeconds: 5580, epochs: 75, totalSeconds: 418500 },
        },
        projected: 5600,
      },
    ],
    energy: [{ table: 'Table S1', chip: 'a100', trainingWatts: 235, trainingEfficiency: 100, forecastWatts: 100, forecastEfficiency: 100 }],
    forecastFactor: 2,
    trainingFactor: 1.1,
  },
  energy: {
    ...base,
    kind: 'energy',
    base: 'ms',
    paperBase: 'a100',
    measured: [
      {
        ...{ name: 'ms', what: 'training', chip: '910b', framework: 'mindspore', use },
        ...{ throughput: 4, unit: 'samples', perWatt: 0.02, relative: 100 },
      },
    ],
    paper: [{ table: 'Table S1', chip: 'dcu', trainingWatts: 180, trainingEfficiency: 91, forecastWatts: 70, forecastEfficiency: 137 }],
    without: [{ name: 'old', reason: 'it was not metered' }],
    cell: { seconds: 60, peaks: [{ name: '910B4 5', memoryMB: 2922 }] },
  },
  fit: {
    ...base,
    kind: 'fit',
    provenance: 'projected',
    model: 'AIGOMS',
    chip: '910b',
    title: 'Huawei Ascend 910b',
    framework: 'mindspore',
    workers: 16,
    parameters: 105_000_000,
    variants: [
      {
        ...{ precision: 'fp32', recompute: false, recomputedBlocks: 0, batch: 2, weights: 4e8, buffers: 1e8, gradients: 4e8 },
        ...{ optimizerStates: 8e8, inputs: 5e8, activations: 3e10, exchange: 4e8, peak: 3.5e10, peakPhase: 'backward' },
        ...{ mindsporePyNative: 8e10, mindsporeCpu: 1.2e11, operations: 2e13, bytes: 1e12 },
        memories: [
          { source: 'Table 1', gib: 40, fits: true, left: 7e9, largestBatch: 2 },
          { source: 'text', gib: 32, fits: false, left: -1e9, largestBatch: 1 },
        ],
        seconds: [{ source: 'Table 1', tflops: 94, seconds: 5, asThePaper: 19 }],
      },
    ],
    ways: [
      {
        ...{ name: 'fp16-weights', precision: 'fp16', recompute: false, cards: 1, weights: 2e8, gradients: 2e8, optimizerStates: 8e8 },
        ...{ activations: 1.5e10, exchange: 2e8, peak: 1.8e10 },
        memories: [{ source: 'Table 1', gib: 40, fits: true, left: 2.4e10, largestBatch: 4 }],
      },
      {
        ...{ name: 'model-parallel', precision: 'fp32', recompute: false, cards: 8, weights: 5e7, gradients: 5e7, optimizerStates: 1e8 },
        ...{ activations: 3e10, exchange: 5e7, peak: 3.4e10 },
        memories: [{ source: 'Table 1', gib: 40, fits: true, left: 8e9, largestBatch: 2 }],
      },
    ],
    uncounted: [{ name: 'fp16-weights', reason: 'it looks at values' }],
    forecast: {
      batch: 2,
      precision: 'fp32',
      peak: 2e9,
      operations: 7e12,
      bytes: 2e11,
      seconds: [{ source: 'Table 1', tflops: 94, seconds: 0.9 }],
    },
    roofline: {
      ...{ efficiency: 0.65, efficiencyFrom: 'its own rows of Table 4', stepOverhead: 14, growth: 0.2, samples: 8000 },
      ...{ forecastFactor: 2.3, trainingFactor: 1.1, leftOut: { forecast: leftOut, training: leftOut } },
    },
  },
  monitor: {
    ...base,
    kind: 'monitor',
    cards: [
      {
        ...{ meter: 'npu-smi', card: 0, name: '910B4' },
        now: {
          time: 60,
          meter: 'npu-smi',
          card: 0,
          name: '910B4',
          watts: 90,
          utilisationPct: 80,
          memoryUsedMB: 2922,
          memoryTotalMB: 32768,
        },
        history: { time: [0, 30, 60], utilisationPct: [0, null, 80], memoryUsedMB: [2000, null, 2922] },
      },
    ],
  },
};
