// One record of each kind that is about training: runs, training, run-comparison, protocol.
import type { RecordOf } from '../../kernel/src/display/bundle.ts';
import type { RunSummary } from '../../kernel/src/records/training.ts';
import { base } from './costSamples.ts';
import { PROTOCOL_SAMPLE } from './protocolSample.ts';

const run: RunSummary = {
  name: 'first',
  folder: 'runs/first',
  framework: 'mindspore',
  chip: 'cpu',
  model: 'FourCastNet',
  parameters: 123456,
  ways: ['bf16', 'recompute', '16 workers'],
  status: {
    state: 'failed',
    pid: 4242,
    step: 20,
    steps: 200,
    epoch: 1,
    epochs: 10,
    rate: 3.2,
    secondsLeft: 56,
    message: 'the loss is not finite',
    updatedAt: base.createdAt,
  },
  latest: { loss: 0.12, lr: 0.0005 },
};

type Training = 'protocol' | 'run-comparison' | 'runs' | 'training';

export const TRAINING_SAMPLES: { [K in Training]: RecordOf<K> } = {
  protocol: PROTOCOL_SAMPLE,
  runs: {
    ...base,
    kind: 'runs',
    folder: 'runs',
    runs: [run, { ...run, name: 'second', status: { ...run.status, state: 'running', message: undefined } }],
  },
  'run-comparison': {
    ...base,
    kind: 'run-comparison',
    a: 'first',
    b: 'second',
    configuration: [{ key: 'framework', a: 'mindspore', b: 'pytorch' }],
    metrics: [{ name: 'loss', a: 0.12, b: 0.1, relative: 0.2 }],
    parting: { step: 14, difference: 0.02, tolerance: 0.0005 },
    compared: { steps: 20, judged: true, largest: 0.02, epsilon: 2 ** -23 },
    speed: { a: 3.2, b: 6.4, ratio: 0.5 },
    training: {
      ...base,
      kind: 'training',
      run,
      series: [{ name: 'loss', step: [1, 14, 20], value: [1, 0.3, 0.12] }],
      others: [{ run: { ...run, name: 'second' }, series: [{ name: 'loss', step: [1, 14, 20], value: [1, 0.29, 0.1] }] }],
    },
  },
  training: {
    ...base,
    kind: 'training',
    run,
    series: [
      { name: 'loss', step: [1, 2, 3, 4], value: [1, 0.5, 0.3, 0.2] },
      { name: 'validation_loss', step: [2, 4], value: [0.6, 0.4] },
    ],
    fault: 'step 20: the loss is not finite',
  },
};
