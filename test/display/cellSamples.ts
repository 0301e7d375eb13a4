// Records of cells that run beside each other: in columns, and in the background.
import type { JobsRecord } from '../../kernel/src/records/jobs.ts';
import type { TogetherRecord } from '../../kernel/src/records/together.ts';
import { base } from './costSamples.ts';

/** A red dot. */
export const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==';

const startedAt = '2026-11-24T03:20:11.000Z';

export const CELL_SAMPLES: { jobs: JobsRecord; together: TogetherRecord } = {
  jobs: {
    ...base,
    kind: 'jobs',
    cells: [
      { id: 1, cell: 4, engines: ['cpu/mindspore'], code: 'train(net)', state: 'done', startedAt, seconds: 12.5 },
      { id: 2, cell: 5, engines: ['cpu/mindspore', 'cpu/pytorch'], code: 'x = forecast(net)', state: 'running', startedAt, seconds: 3 },
      { id: 3, cell: 6, engines: ['cpu/mindspore'], code: 'y', state: 'waiting', startedAt, seconds: 0 },
      { id: 4, cell: 7, engines: ['cpu/pytorch'], code: '1 / 0', state: 'failed', startedAt, seconds: 0.1, reason: 'ZeroDivisionError' },
      { id: 5, cell: 8, engines: ['cpu/pytorch'], code: 'while True: pass', state: 'stopped', startedAt, seconds: 0 },
    ],
  },
  together: {
    ...base,
    kind: 'together',
    columns: [
      {
        engine: 'cpu/pytorch',
        title: 'CPU · PyTorch',
        state: 'done',
        seconds: 1.5,
        outputs: [
          { type: 'stream', name: 'stdout', text: 'epoch 1\nepoch 2\n' },
          { type: 'display', data: { 'image/png': DOT, 'text/plain': '<Figure>' }, metadata: {} },
          { type: 'display', data: { 'image/svg+xml': '<svg xmlns="http://www.w3.org/2000/svg"/>' }, metadata: {} },
          { type: 'display', data: { 'text/html': '<b>0.5</b>', 'text/plain': '0.5' }, metadata: {}, count: 4 },
        ],
      },
      {
        engine: 'cpu/mindspore',
        title: 'CPU · MindSpore',
        state: 'failed',
        seconds: 0.2,
        outputs: [{ type: 'error', ename: 'ValueError', evalue: 'no', traceback: ['\u001b[31mValueError\u001b[0m: no'] }],
      },
    ],
  },
};
