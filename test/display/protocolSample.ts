// One record of the protocol: two frameworks on the CPU, full and mixed, one of them beyond the paper's deviation.
import { deviations, type ProtocolRecord, type ProtocolTraining } from '../../kernel/src/records/protocol.ts';
import { base } from './costSamples.ts';

const training = (framework: ProtocolTraining['framework'], precision: string, more: Partial<ProtocolTraining> = {}): ProtocolTraining => ({
  run: `ocean-cpu-${framework}-${precision}`,
  chip: 'cpu',
  framework,
  precision,
  device: 'cpu',
  version: framework === 'pytorch' ? '2.13.0' : '2.10.0',
  workers: 1,
  batch: 8,
  epochs: 14,
  converged: true,
  epochSeconds: 3.25,
  firstEpochSeconds: 11.5,
  totalSeconds: 54.1,
  samplesPerSecond: 96.4,
  memoryPeak: 1.5e9,
  validationLoss: 0.213,
  rmse: { T0: 0.201, U0: 0.0151 },
  acc: { T0: 0.973 },
  forecast: { median: 0.0041, low: 0.0039, high: 0.0044, steps: 20, first: 0.9 },
  series: [
    { name: 'loss', step: [1, 20, 40], value: [1.1, 0.5, 0.3] },
    { name: 'validation_loss', step: [20, 40], value: [0.4, 0.213] },
  ],
  ...more,
});

const trainings = [
  training('pytorch', 'full'),
  training('pytorch', 'fp16', { rmse: { T0: 0.202, U0: 0.0152 }, converged: false, watts: 61, meter: 'rapl' }),
  training('mindspore', 'full', { rmse: { T0: 0.2, U0: 0.0165 }, forecast: undefined, memoryPeak: undefined }),
];

export const PROTOCOL_SAMPLE: ProtocolRecord = {
  ...base,
  kind: 'protocol',
  file: 'ocean.yaml',
  model: 'FourCastNet',
  parameters: 123456,
  seed: 1,
  settings: { batch: '8', loss: 'l2' },
  published: false,
  trainings,
  without: [{ name: 'cpu/mindspore/fp16', reason: 'it was too cold' }],
  deviations: deviations(trainings),
};
