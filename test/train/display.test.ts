// Displays of runs and data sets: what they say, and that nothing in them can run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleOf } from '../../kernel/src/display/bundle.ts';
import { display as dataset } from '../../kernel/src/display/dataset.ts';
import { lossFigure } from '../../kernel/src/display/lossFigure.ts';
import { display as runs } from '../../kernel/src/display/runs.ts';
import { display as training } from '../../kernel/src/display/training.ts';
import { logarithmicTicks } from '../../kernel/src/records/ticks.ts';
import type { RunSummary, TrainingRecord } from '../../kernel/src/records/training.ts';
import { createSeries } from '../../kernel/src/train/series.ts';
import { picturesOf } from '../display/markup.ts';
import { NOW } from './place.ts';

const base = {
  version: 1,
  createdAt: NOW,
  tradewind: '0.1.0',
  environment: { chip: 'cpu', platform: 'linux', versions: { torch: '2.13.0' } },
} as const;
const run: RunSummary = {
  name: '<b>ocean</b>',
  folder: '/tmp/runs/ocean',
  framework: 'pytorch',
  chip: 'cpu',
  model: 'FourCastNet',
  parameters: 107_136,
  ways: ['fp16', 'batch in 2 parts'],
  status: { state: 'running', step: 120, steps: 500, epoch: 1, epochs: 5, rate: 14.04, secondsLeft: 27, updatedAt: NOW },
  latest: { loss: 0.4321, validation_loss: 0.5, learning_rate: 0.0002 },
};
const record: TrainingRecord = {
  kind: 'training',
  ...base,
  run,
  series: [
    { name: 'validation_loss', step: [60, 120], value: [0.9, 0.5] },
    { name: 'loss', step: [1, 60, 61, 120], value: [1.2, 0.8, Number.NaN, 0.4321] },
    { name: 'learning_rate', step: [1], value: [0.1] },
  ],
};

test('a running training says how far it is and draws its losses', () => {
  const { text, html } = training(record);
  assert.match(text, /107 136 parameters, pytorch on cpu/);
  assert.match(text, /step 120 of 500, epoch 2 of 5, 14 steps\/s, 27 s left/);
  assert.match(text, /Ways +fp16, batch in 2 parts/);
  assert.match(text, /validation loss +0\.5/);
  assert.ok(text.split('\n').every((one) => one.length <= 80));
  assert.match(html, /<img [^>]*alt="Loss: training 0\.432 at step 120, validation loss 0\.5 at step 120"/);
  const [picture] = picturesOf(html);
  assert.ok(!html.includes('<b>ocean') && html.includes('&lt;b&gt;ocean') && !picture!.includes('NaN') && !html.includes('<script'));
  // Two pieces of the training line around the value that is not finite.
  assert.equal(picture!.match(/d="M[^"]*M[^"]*" fill="none"/g)?.length, 1);
});

test('runs that are drawn over it are named, with their losses in the one picture', () => {
  const other = { run: { ...run, name: 'other' }, series: [{ name: 'loss', step: [1, 120], value: [1, 0.3] }] };
  const { text, html } = training({ ...record, others: [other] });
  assert.match(text, /Over it: other +pytorch on cpu, fp16, batch in 2 parts, running, step 120 of\s+500/);
  const [picture] = picturesOf(html);
  assert.match(picture!, />other, training</);
  assert.match(picture!, /&lt;b&gt;ocean&lt;\/b&gt;, validation loss</);
});

test('a run that logs scores of a hundred channels, compared with its like, stays below 300 kB with its pictures', async () => {
  const channels = Array.from({ length: 130 }, (_, at) => `validation_rmse_channel${at}`);
  const series = createSeries();
  for (let step = 1; step <= 3000; step++) {
    const scores = step % 10 === 0 ? Object.fromEntries(channels.map((name) => [name, Math.sin(step) + 2])) : {};
    series.add([{ step, epoch: 0, time: step * 0.123, loss: Math.random(), gradient_norm: Math.random(), learning_rate: 1e-3, ...scores }]);
  }
  const curves = series.decimated(4);
  const whole = { ...record, run: { ...run, latest: series.latest() }, series: curves, others: Array(3).fill({ run, series: curves }) };
  const size = JSON.stringify(await bundleOf(whole)).length;
  assert.ok(size < 300_000, `${size} bytes`);
  assert.ok(size > 50_000, `${size} bytes: the curves are in it`);
});

test('a fault is said once', () => {
  const status = { ...run.status, state: 'failed' as const, message: 'the loss became nan at step 3' };
  const { text } = training({ ...record, run: { ...run, status }, fault: 'the loss became nan at step 3 — Lower optimizer.lr.' });
  assert.equal(text.replace(/\s+/g, ' ').match(/the loss became nan/g)?.length, 1);
  assert.match(text, /✗ failed/);
});

test('a run without losses has no picture, one that reaches nought a linear axis', () => {
  assert.equal(lossFigure({ runs: [], steps: 10, title: 'Loss' }).html, '');
  const flat = lossFigure({ runs: [{ name: 'a', series: [{ name: 'loss', step: [1, 2], value: [1, 0] }] }], steps: 2, title: 'Loss' }).html;
  const [picture] = picturesOf(flat);
  assert.ok(picture!.includes('<path') && !picture!.includes('logarithmic') && !picture!.includes('NaN'));
});

test('logarithmic ticks are round', () => {
  assert.deepEqual(logarithmicTicks(0.04, 3), [0.05, 0.1, 0.2, 0.5, 1, 2]);
  assert.deepEqual(logarithmicTicks(1e-5, 10), [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10]);
  assert.ok(logarithmicTicks(0.31, 0.34).length >= 2);
});

test('runs are listed with their states; without any the command that makes one is named', () => {
  const { text, html } = runs({ kind: 'runs', ...base, folder: '/tmp/runs', runs: [run] });
  assert.match(text, /– running +FourCastNet +pytorch on +120\/500 +0\.4321 +0\.5/);
  assert.ok(html.includes('scope="row"') && !html.includes('<b>'));
  assert.match(runs({ kind: 'runs', ...base, folder: '/tmp/runs', runs: [] }).text, /tradewind train FILE\.yaml/);
});

test('a data set shows its digest', () => {
  const facts = { store: 'o.zarr', source: 'simulated', variables: ['T0'], shape: { time: 3 }, bytes: 2e6, seconds: 2, digest: 'ab12' };
  const { text, html } = dataset({ kind: 'dataset', ...base, ...facts, period: ['2001-01-01', '2001-01-03'] });
  assert.match(text, /SHA-256 of the values +ab12/);
  assert.match(text, /time 3/);
  assert.ok(html.includes('2.0 MB'));
});
