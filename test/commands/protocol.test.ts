// The protocol for real on small models: both frameworks, full and mixed, until the loss is stable; read again, refused, and its arithmetic.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { displayOf } from '../../kernel/src/display/bundle.ts';
import { deviations, type ProtocolRecord, type ProtocolTraining } from '../../kernel/src/records/protocol.ts';
import { middle, outcomeOf } from '../../kernel/src/train/outcome.ts';
import { temporaryFolder, writeTiny } from '../train/place.ts';
import { pretendedContext, toldBy } from './pretend.ts';

const place = temporaryFolder();
after(() => place[Symbol.dispose]());

const context = pretendedContext({ cwd: place.path, environment: { ...process.env, OMP_NUM_THREADS: '1' } });
async function tradewind(words: string) {
  const { record, ...told } = await toldBy(words, context);
  return { ...told, record: record as ProtocolRecord | undefined };
}

before(async () => {
  const made = await tradewind('data ocean --days 100 --grid 6');
  assert.equal(made.exitCode, 0, made.error);
  writeTiny(place.path, { migrated: true }, 'training: {epochs: 12, batch: 17}', 'convergence: {window: 1, tolerance: 0.2}');
});

test('every engine here is trained in full and mixed precision and set beside the paper', async () => {
  const { exitCode, record, error } = await tradewind('protocol tiny.yaml --chip cpu --forecast-steps 4');
  assert.ok(record, error);
  assert.deepEqual(
    record.trainings.map((one) => one.run),
    ['pytorch-full', 'pytorch-fp16', 'mindspore-full', 'mindspore-fp16'].map((name) => `tiny-cpu-${name}`),
  );
  for (const one of record.trainings) {
    assert.ok(one.converged && one.epochs > 1 && one.epochs < 12, JSON.stringify(one));
    assert.ok(one.epochSeconds > 0 && one.totalSeconds >= one.firstEpochSeconds && one.samplesPerSecond > 0);
    assert.ok(one.memoryPeak! > 1e8 && one.forecast!.steps === 4 && one.forecast!.low <= one.forecast!.median);
    assert.deepEqual(Object.keys(one.rmse), ['T0', 'S0', 'U0', 'V0']);
    assert.equal(one.device.toLowerCase(), 'cpu');
  }
  // Three comparisons: each framework's mixed precision, and MindSpore against PyTorch from the same weights.
  assert.equal(record.deviations.length, 3);
  assert.ok(Object.values(record.deviations[2]!.rmsePct).every((pct) => Math.abs(pct) < 0.1));
  assert.equal(exitCode, record.deviations.every((one) => one.passed) ? 0 : 1);
  assert.equal(record.published, false);
  const { text } = await displayOf(record);
  for (const word of [/Table 2’s shape/, /Table 3’s shape/, /Table 4’s shape/, /● measured here/, /○ paper/, /they do not compare/])
    assert.match(text, word);

  // The same call reads what is there.
  const metrics = readFileSync(join(place.path, 'runs', 'tiny-cpu-pytorch-full', 'metrics.jsonl'), 'utf8');
  const again = await tradewind('protocol tiny.yaml --chip cpu --framework pytorch --mixed none --forecast-steps 1');
  assert.equal(readFileSync(join(place.path, 'runs', 'tiny-cpu-pytorch-full', 'metrics.jsonl'), 'utf8'), metrics);
  assert.deepEqual(again.record!.trainings[0]!.rmse, record.trainings[0]!.rmse);
  const other = await tradewind('protocol tiny.yaml --chip cpu --framework pytorch --mixed none --set seed=9');
  assert.notEqual(other.exitCode, 0);
  assert.match(other.error, /no engine could be trained[\s\S]*has another configuration/);
});

test('an engine that cannot train is told beside the others; with none it is an error', async () => {
  const { exitCode, record, error } = await tradewind(
    'protocol tiny.yaml --chip cpu --framework pytorch --mixed none --set model.class=Absent --force',
  );
  assert.equal(record, undefined);
  assert.notEqual(exitCode, 0);
  assert.match(error, /no engine could be trained[\s\S]*there is no class Absent/);
  const partly = await tradewind('protocol tiny.yaml --chip cpu --framework mindspore --mixed bf16 --forecast-steps 1');
  assert.equal(partly.exitCode, 3, partly.error);
  assert.match(
    partly.record!.without.map(({ name, reason }) => `${name} ${reason}`).join(),
    /cpu\/mindspore\/bf16 MindSpore has no bfloat16/,
  );
});

const training = (framework: 'pytorch' | 'mindspore', precision: string, rmse: Record<string, number>) =>
  ({ run: `${framework}-${precision}`, chip: 'cpu', framework, precision, rmse }) as unknown as ProtocolTraining;

test('deviations are per cent of the other run, and more than five worse fails', () => {
  const found = deviations([
    training('pytorch', 'full', { T0: 2, U0: 1 }),
    training('pytorch', 'bf16', { T0: 2.08, U0: 0.5 }),
    training('mindspore', 'full', { T0: 2.12, U0: 1 }),
  ]);
  assert.deepEqual(
    found.map(({ what, run, against, passed }) => [what, run, against, passed]),
    [
      ['mixed against full', 'pytorch-bf16', 'pytorch-full', true],
      ['engine against engine', 'mindspore-full', 'pytorch-full', false],
    ],
  );
  assert.ok(Math.abs(found[0]!.rmsePct.T0! - 4) < 1e-9 && found[0]!.rmsePct.U0 === -50);
});

/** A run without metrics. */
function madeFolder(name: string): string {
  const folder = join(place.path, name);
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'config.yaml'),
    'chip: cpu\nframework: mindspore\nprecision: full\ntraining: {batch: 8}\nworkers: {count: 2}\n',
  );
  writeFileSync(
    join(folder, 'environment.json'),
    JSON.stringify({ versions: { mindspore: '2.10.0' }, device: 'CPU', memory: { peak: 7 } }),
  );
  return folder;
}

test('seconds an epoch are the median after the first, epochs those that were validated', async () => {
  const folder = madeFolder('made');
  const line = (step: number, epoch: number, time: number, more = {}) => `${JSON.stringify({ step, epoch, time, loss: 1, ...more })}\n`;
  const ends = [10, 12, 15, 17].map((time, epoch) =>
    [
      line(2 * epoch + 1, epoch, time - 1),
      line(2 * epoch + 2, epoch, time, { validation_loss: 4 - epoch, validation_rmse_T0: epoch }),
    ].join(''),
  );
  writeFileSync(join(folder, 'metrics.jsonl'), ends.join(''));
  const found = await outcomeOf(folder, 'made');
  assert.deepEqual(
    [found.epochSeconds, found.firstEpochSeconds, found.totalSeconds, found.epochs, found.samplesPerSecond, found.converged],
    [2, 10, 17, 4, 8, false],
  );
  assert.deepEqual([found.rmse, found.validationLoss, found.memoryPeak, found.workers], [{ T0: 3 }, 1, 7, 2]);
  assert.equal(middle([4, 1, 3, 2]), 2.5);
});

test('the losses keep two hundred points, of however many steps', async () => {
  const folder = madeFolder('long');
  const lines = Array.from({ length: 3000 }, (_, at) => {
    const end = at % 100 === 99 ? { validation_loss: 1 / at } : {};
    return JSON.stringify({ step: at + 1, epoch: Math.floor(at / 100), time: at, loss: Math.sin(at), ...end });
  });
  writeFileSync(join(folder, 'metrics.jsonl'), `${lines.join('\n')}\n`);
  const { series } = await outcomeOf(folder, 'long');
  assert.deepEqual(
    series.map(({ name, step }) => [name, step.length > 150 && step.length <= 200 ? 'about 200' : step.length]),
    [
      ['loss', 'about 200'],
      ['validation_loss', 30],
    ],
  );
});
