// Records as the commands give them, for tests that need an output without running anything; typed by the kernel's own records.
import { deflateSync } from 'node:zlib';
import type { ChipEntry, ChipsRecord } from '../../kernel/src/records/chips.ts';
import type { Environment } from '../../kernel/src/records/record.ts';
import type { ReportRecord, Strategy, Use, UseStatus } from '../../kernel/src/records/report.ts';
import type { SkillRecord } from '../../kernel/src/records/skill.ts';
import type { MetricsLine, TrainingRecord } from '../../kernel/src/records/training.ts';
import { TRADEWIND_VERSION } from '../../kernel/src/records/version.ts';
import { poison, SAMPLES } from '../display/samples.ts';

const environment: Environment = {
  chip: 'cpu',
  platform: 'linux x64',
  versions: { python: '3.11.7', torch: '2.13.0', mindspore: '2.10.0', numpy: '1.26.4' },
};
const base = { version: 1, createdAt: '2026-11-24T03:28:00.000Z', tradewind: TRADEWIND_VERSION, environment } as const;

/** Repeatable pseudo-random numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const measured = (forward: number, gradient: number | undefined, samples: number) => ({
  samples,
  passed: samples,
  forward,
  gradient,
  dtypes: ['float32', 'float64'],
  torch: '2.13.0',
  mindspore: '2.10.0',
});
const everywhere = ['Ascend', 'GPU', 'CPU'];

type Template = Pick<Use, 'api' | 'strategy' | 'from' | 'to'> & Partial<Use>;

/** What a FourCastNet uses, and what becomes of it. */
const TEMPLATES: Template[] = [
  {
    api: 'torch.fft.rfft2',
    strategy: 'equivalent',
    from: "x = torch.fft.rfft2(x, dim=(1, 2), norm='ortho')",
    to: "x = ops.rfft2(x, dim=(1, 2), norm='ortho')",
    measured: measured(1.3, 2.1, 24),
    documented: ['Ascend', 'CPU'],
    shapes: ['float32[2, 90, 180, 256]'],
  },
  {
    api: 'torch.view_as_complex',
    strategy: 'custom',
    from: 'x = torch.view_as_complex(x)',
    to: 'x = tradewind_compat.view_as_complex(x)',
    measured: measured(0, 0, 12),
    documented: everywhere,
    reason: 'MindSpore has no view_as_complex: the real and imaginary parts are taken apart and joined by ops.Complex',
    shapes: ['float32[2, 90, 91, 8, 32, 2]'],
  },
  {
    api: 'torch.einsum',
    strategy: 'custom',
    from: "o1_real = torch.einsum('...bi,bio->...bo', x.real, self.w1[0])",
    to: 'o1_real = tradewind_compat.block_product(x.real(), self.w1[0])',
    measured: measured(2.4, 3.8, 18),
    documented: everywhere,
    reason: 'block-diagonal products are 8 × faster as reshape and bmm',
    shapes: ['float32[2, 90, 91, 8, 32]', 'float32[8, 32, 32]'],
  },
  {
    api: 'torch.nn.functional.softshrink',
    strategy: 'equivalent',
    from: 'x = F.softshrink(x, lambd=self.sparsity_threshold)',
    to: 'x = ops.softshrink(x, lambd=self.sparsity_threshold)',
    measured: measured(0, 0.5, 9),
    documented: everywhere,
  },
  {
    api: 'torch.nn.LayerNorm',
    strategy: 'equivalent',
    from: 'self.norm1 = nn.LayerNorm(dim, eps=1e-6)',
    to: 'self.norm1 = nn.LayerNorm((dim,), epsilon=1e-6)',
    measured: measured(1.9, 4.2, 16),
    documented: everywhere,
  },
  {
    api: 'torch.nn.Module',
    strategy: 'restructured',
    from: 'class AFNO2D(nn.Module):',
    to: 'class AFNO2D(nn.Cell):',
    documented: everywhere,
  },
  {
    api: 'torch.Tensor.__setitem__',
    strategy: 'restructured',
    from: 'out_ft[:, :, :keep] = torch.stack([o2_real, o2_imag], dim=-1)',
    to: 'out_ft = ops.cat((ops.stack([o2_real, o2_imag], axis=-1), out_ft[:, :, keep:]), axis=2)',
    measured: measured(0, 0, 14),
    documented: everywhere,
    reason: 'in-place slice writes have no gradient under graph mode',
  },
  {
    api: 'torch.nn.init.trunc_normal_',
    strategy: 'custom',
    from: 'nn.init.trunc_normal_(m.weight, std=0.02)',
    to: 'tradewind_compat.trunc_normal_(m.weight, std=0.02)',
    documented: ['Ascend', 'GPU', 'CPU'],
  },
  {
    api: 'torch.Tensor.to',
    strategy: 'equivalent',
    status: 'maybe',
    from: 'bias = bias.to(self.output_device, non_blocking=True)',
    to: 'bias = bias  # device moves are not needed',
    reason: 'the type of `bias` is not known here: no trace passed this line',
    remedy: 'give --entry FILE so that the line runs once, or annotate the argument as torch.Tensor',
  },
  {
    api: 'torch.nn.functional.grid_sample',
    strategy: 'unsupported',
    status: 'unsupported',
    from: "warped = F.grid_sample(field, grid, mode='bicubic', padding_mode='border', align_corners=False)",
    to: "raise NotImplementedError('torch.nn.functional.grid_sample(mode=bicubic) at model/semi_lagrangian.py:88')",
    documented: ['Ascend'],
    reason: "ops.grid_sample has no mode='bicubic' on the CPU and GPU",
    remedy: "use mode='bilinear' where second-order accuracy is enough, or split the sampling into gather and weights",
    shapes: ['float32[2, 20, 90, 180]', 'float32[2, 90, 180, 2]'],
  },
];
const FILES = ['model/afno.py', 'model/fourcastnet.py', 'model/semi_lagrangian.py', 'train.py'];

/** A report of `uses` uses in FourCastNet's manner: most migrated, a few to look at, a few unsupported. */
export function reportRecord(uses: number, seed = 1): ReportRecord {
  const next = random(seed);
  const all: Use[] = Array.from({ length: uses }, (_, at) => {
    const kinds = TEMPLATES.length;
    // The two last templates need a hand: each stands for about one use in thirty.
    const template = TEMPLATES[at % 29 === 13 ? kinds - 2 : at % 31 === 17 ? kinds - 1 : Math.floor(next() * (kinds - 2))]!;
    return {
      file: FILES[Math.floor(next() * FILES.length)]!,
      line: 12 + Math.floor((at * 900) / uses),
      column: 8,
      status: 'migrated',
      toLine: 15 + Math.floor((at * 930) / uses),
      ...template,
    };
  });
  const statuses = (status: UseStatus) => all.filter((use) => use.status === status).length;
  const strategies = (strategy: Strategy) => all.filter((use) => use.strategy === strategy).length;
  return {
    ...base,
    kind: 'report',
    source: 'fourcastnet/',
    output: 'fourcastnet_ms/',
    target: 'portable',
    traced: true,
    summary: {
      files: FILES.length,
      uses: all.length,
      migrated: statuses('migrated'),
      maybe: statuses('maybe'),
      unsupported: statuses('unsupported'),
      byStrategy: {
        equivalent: strategies('equivalent'),
        custom: strategies('custom'),
        restructured: strategies('restructured'),
        unsupported: strategies('unsupported'),
      },
      seconds: 0.42,
    },
    uses: all,
    audit: [
      {
        file: 'train.py',
        line: 96,
        rule: 'last batch’s loss logged',
        message: 'The epoch’s loss that is printed is the last batch’s alone: `loss` is read after the loop.',
        remedy: 'Sum the losses in the loop and divide by the number of batches.',
      },
      {
        file: 'train.py',
        line: 71,
        rule: 'scheduler never stepped',
        message: '`CosineAnnealingLR` is made but `scheduler.step()` is never called: the learning rate stays 5e-4.',
        remedy: 'Call `scheduler.step()` after each epoch.',
      },
    ],
    skipped: [],
  };
}

const SCRIPT = '<script>window.hostile = 1</script><img src=x onerror="window.hostile = 1">';

/** A report in which every string tries to become markup. */
export function hostileReport(): ReportRecord {
  const record = reportRecord(40, 7);
  return {
    ...record,
    source: SCRIPT,
    output: SCRIPT,
    uses: record.uses.map((use) => ({
      ...use,
      file: `${SCRIPT}.py`,
      api: SCRIPT,
      from: SCRIPT,
      to: `${SCRIPT}!`,
      reason: SCRIPT,
      remedy: SCRIPT,
    })),
    audit: [{ file: SCRIPT, line: 1, rule: SCRIPT, message: SCRIPT, remedy: SCRIPT }],
    skipped: [{ file: SCRIPT, reason: SCRIPT }],
    environment: { ...environment, versions: { [SCRIPT]: SCRIPT } },
  };
}

const unusable = (framework: 'pytorch' | 'mindspore', reason: string, remedy?: string) =>
  ({ framework, usable: false, state: 'absent', reason, remedy }) as const;

function absentChip(name: string, title: string, memory: [number, string][], tool: string, engines: ChipEntry['engines']): ChipEntry {
  return {
    name,
    title,
    present: false,
    cards: [],
    lookedFor: [
      { what: tool, found: false, detail: 'no such program on the path' },
      { what: 'the framework’s own count of devices', found: false, detail: '0 devices' },
    ],
    remedy: `Run on a machine with the card and its driver, where \`${tool}\` lists it.`,
    figures: {
      memoryGB: memory.map(([value, source]) => ({ value, source })),
      fp16Tflops: [],
      fp32Tflops: [],
      bandwidthGBs: [],
    },
    engines,
  };
}

export function chipsRecord(): ChipsRecord {
  return {
    ...base,
    kind: 'chips',
    catalogue: true,
    active: { chip: 'cpu', framework: 'pytorch' },
    chips: [
      {
        name: 'cpu',
        title: 'the processor of this machine',
        present: true,
        cards: [{ index: 0, name: 'Intel Xeon, 2 cores', memoryTotalMB: 24576, memoryUsedMB: 6215 }],
        lookedFor: [],
        engines: [
          { framework: 'pytorch', usable: true, state: 'idle', version: '2.13.0' },
          { framework: 'mindspore', usable: true, state: 'stopped', version: '2.10.0' },
        ],
      },
      absentChip(
        'a100',
        'NVIDIA A100',
        [
          [40, 'paper, Table 1'],
          [80, 'paper, section 3.1'],
        ],
        'nvidia-smi',
        [
          unusable('pytorch', 'torch was built without CUDA', 'pip install a CUDA build of torch'),
          unusable('mindspore', 'MindSpore’s device targets here are CPU'),
        ],
      ),
      absentChip('910b', 'Huawei Ascend 910B', [[64, 'paper, Table 1']], 'npu-smi', [
        unusable('pytorch', 'torch_npu is not installed'),
        unusable('mindspore', 'MindSpore’s device targets here are CPU'),
      ]),
      absentChip(
        'dcu',
        'Hygon DCU Z100L',
        [
          [16, 'paper, Table 1'],
          [32, 'paper, supplement'],
        ],
        'hy-smi',
        [
          unusable('pytorch', 'torch.version.hip is not set'),
          unusable('mindspore', 'MindSpore has no build for the DCU', 'use PyTorch on this chip'),
        ],
      ),
    ],
  };
}

/** The lines of `metrics.jsonl` of a run of `steps` steps: a falling noisy loss, validation every epoch, warm-up and cosine. */
export function metricsLines(steps: number, stepsPerEpoch = 100, seed = 3): MetricsLine[] {
  const next = random(seed);
  const lines: MetricsLine[] = [];
  for (let step = 1; step <= steps; step++) {
    const noise = next() + next() + next() - 1.5;
    const trend = 0.018 + 0.92 * Math.exp(-step / 220) + 0.2 / (1 + step / 60);
    const spike = step === Math.round(steps * 0.62) ? 0.45 : 0;
    const epoch = Math.floor((step - 1) / stepsPerEpoch);
    const time = step * 0.11;
    lines.push({
      step,
      epoch,
      time,
      loss: trend * (1 + 0.16 * noise) + spike,
      lr: step < 60 ? (5e-4 * step) / 60 : 2.5e-4 * (1 + Math.cos((Math.PI * (step - 60)) / steps)),
      gradient_norm: 0.3 + 2.4 * trend * (1 + 0.3 * noise) + 8 * spike,
    });
    if (step % stepsPerEpoch === 0) lines.push({ step, epoch, time: time + 0.05, validation_loss: trend * 1.18 + 0.01 });
  }
  return lines;
}

/** The training record that such lines give. */
export function trainingRecord(steps: number, folder: string, done = steps): TrainingRecord {
  const lines = metricsLines(steps).filter(({ step }) => step <= done);
  const names = [...new Set(lines.flatMap((line) => Object.keys(line)))].filter((name) => !['step', 'epoch', 'time'].includes(name));
  const series = names.map((name) => {
    const having = lines.filter((line) => name in line);
    return { name, step: having.map((line) => line.step), value: having.map((line) => line[name]!) };
  });
  return {
    ...base,
    kind: 'training',
    environment: { ...environment, framework: 'pytorch' },
    run: {
      name: 'fourcastnet-tiny',
      folder,
      framework: 'pytorch',
      chip: 'cpu',
      model: 'FourCastNet',
      parameters: 2_614_272,
      status: {
        state: done === steps ? 'finished' : 'running',
        step: done,
        steps,
        epoch: Math.floor((done - 1) / 100),
        epochs: Math.ceil(steps / 100),
        rate: 9.1,
        secondsLeft: (steps - done) / 9.1,
        updatedAt: '2026-11-24T03:28:00.000Z',
      },
      latest: Object.fromEntries(series.map(({ name, value }) => [name, value.at(-1)!])),
    },
    series,
  };
}

/** The same of a table of chips, and below of a run: every string tries to become markup. */
export function hostileChips(): ChipsRecord {
  const record = chipsRecord();
  return {
    ...record,
    environment: { ...environment, platform: SCRIPT },
    chips: record.chips.map((chip) => ({
      ...chip,
      name: `${chip.name}${SCRIPT}`,
      title: SCRIPT,
      cards: [{ index: 0, name: SCRIPT }],
      lookedFor: [{ what: SCRIPT, found: false, detail: SCRIPT }],
      remedy: SCRIPT,
      figures: chip.figures && { ...chip.figures, memoryGB: [{ value: 1, source: SCRIPT }] },
      engines: chip.engines.map((engine) => ({ ...engine, version: SCRIPT, reason: SCRIPT, remedy: SCRIPT })),
    })),
  };
}

export function hostileTraining(): TrainingRecord {
  const record = trainingRecord(200, SCRIPT);
  const words = { name: SCRIPT, model: SCRIPT, framework: SCRIPT, chip: SCRIPT, ways: [SCRIPT] };
  return {
    ...record,
    fault: SCRIPT,
    run: { ...record.run, ...words, status: { ...record.run.status, message: SCRIPT } },
    // Metric names reach the picture: its switches, axes and hover labels.
    series: record.series.map((series) => ({ ...series, name: series.name === 'loss' ? `${SCRIPT}loss` : series.name })),
  };
}

/** Of a skill map: names of forecasts, variables and regions, units, notes, the verdict, the test behind the dots. */
export function hostileSkill(): SkillRecord {
  const { skill } = SAMPLES;
  const mask = deflateSync(Uint8Array.from({ length: skill.grid.latitude.length * skill.grid.longitude.length }, () => 1)).toString(
    'base64',
  );
  return poison(
    {
      ...skill,
      verdict: { good: false, words: 'they part' },
      significance: { test: 'a test', masks: [{ variable: 'T0', metric: 'rmse', lead: 0, data: mask }] },
    },
    SCRIPT,
  );
}
