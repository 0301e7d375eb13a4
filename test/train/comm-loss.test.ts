// The comm of the loss widget: catches up from the file, follows it, begins anew after a resume.
import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { target } from '../../kernel/src/commands/comm-loss.ts';
import { type MetricsBatch, unpackColumns } from '../../kernel/src/records/metricsBatch.ts';
import type { RunStatus } from '../../kernel/src/records/training.ts';
import { line, madeRun, temporaryFolder, writeStatus } from './place.ts';

interface Message {
  type: string;
  folder: string;
  from: number;
  /** Of the batch's buffers: the steps of its lines. */
  steps: number[];
  status: RunStatus;
  message: string;
  runs: { name: string; framework: string }[];
}

/** A message as the widget reads it. */
function received(data: object, buffers: ArrayBufferView[] = []): Message {
  const message = data as Message & MetricsBatch;
  if (message.type !== 'lines') return message;
  const steps = unpackColumns(message, buffers).find(({ name }) => name === 'step')!.values;
  assert.equal(steps.length, message.count);
  return { ...message, steps: [...steps] };
}

function opened() {
  const sent: Message[] = [];
  const handler = target.open({ id: 'c', send: (data, buffers) => void sent.push(received(data, buffers)), close() {} }, {}, {} as never);
  const until = async (happened: () => boolean) => {
    for (let tries = 0; !happened(); tries++) {
      assert.ok(tries < 400, JSON.stringify(sent.at(-1)));
      await wait(10);
    }
  };
  return {
    sent,
    until,
    handler,
    lines: () => sent.filter((one) => one.type === 'lines'),
    states: () => sent.filter((one) => one.type === 'status').map((one) => one.status.state),
  };
}

test('it sends what the widget has not, in batches, then what comes', async () => {
  using place = temporaryFolder();
  const text = Array.from({ length: 45_000 }, (_, at) => line(at + 1)).join('');
  const folder = madeRun(place.path, 'a', { state: 'running', pid: process.pid, step: 45_000 }, text);
  const comm = opened();
  await comm.handler.message({ type: 'watch', folder, from: 1000 }, []);
  await comm.until(() => comm.states().length > 0);
  assert.deepEqual(
    comm.lines().flatMap((one) => one.steps),
    Array.from({ length: 44_000 }, (_, at) => at + 1001),
  );
  appendFileSync(join(folder, 'metrics.jsonl'), line(45_001) + line(45_002).slice(0, 9));
  const last = () => comm.lines().at(-1)!;
  await comm.until(() => last().steps.includes(45_001));
  assert.deepEqual([last().from, last().steps], [45_000, [45_001]]);
  appendFileSync(join(folder, 'metrics.jsonl'), line(45_002).slice(9));
  writeStatus(folder, { state: 'finished' });
  await comm.until(() => comm.states().includes('finished'));
  assert.deepEqual([last().from, last().steps], [45_001, [45_002]]);
  comm.handler.closed();
  const count = comm.sent.length;
  appendFileSync(join(folder, 'metrics.jsonl'), line(45_003));
  await wait(150);
  assert.equal(comm.sent.length, count);
});

test('a file that a resume cut is sent from its start', async () => {
  using place = temporaryFolder();
  const folder = madeRun(place.path, 'a', { state: 'interrupted' }, line(1) + line(2) + line(3));
  const comm = opened();
  await comm.handler.message({ type: 'watch', folder, from: 3 }, []);
  await comm.until(() => comm.states().length === 1);
  assert.equal(comm.lines().length, 0);
  writeFileSync(join(folder, 'new'), line(1));
  renameSync(join(folder, 'new'), join(folder, 'metrics.jsonl'));
  writeStatus(folder, { state: 'running', pid: process.pid });
  await comm.until(() => comm.lines().length >= 2);
  assert.deepEqual(
    comm.lines().map((one) => [one.from, one.steps]),
    [
      [0, []],
      [0, [1]],
    ],
  );
  comm.handler.closed();
});

test('a widget that knows more lines than there are begins anew; a run that is gone is an error', async () => {
  using place = temporaryFolder();
  const folder = madeRun(place.path, 'a', {}, line(1));
  const comm = opened();
  await comm.handler.message({ type: 'watch', folder, from: 9 }, []);
  await comm.until(() => comm.lines().length === 2);
  assert.equal(comm.lines()[0]!.steps.length, 0);
  await comm.handler.message({ type: 'watch', folder: join(place.path, 'gone'), from: 0 }, []);
  assert.match(comm.sent.at(-1)!.message, /no run/);
  comm.handler.closed();
});

test('several runs are followed at once, one is left, and those that lie beside them are named', async () => {
  using place = temporaryFolder();
  const a = madeRun(place.path, 'a', { state: 'running', pid: process.pid }, line(1));
  const b = madeRun(place.path, 'b', { state: 'running', pid: process.pid }, line(1) + line(2));
  const comm = opened();
  await comm.handler.message({ type: 'watch', folder: a, from: 0 }, []);
  await comm.handler.message({ type: 'watch', folder: b, from: 0 }, []);
  await comm.handler.message({ type: 'runs', folder: a }, []);
  await comm.until(() => comm.states().length === 2 && comm.sent.some((one) => one.type === 'runs'));
  const of = (folder: string) => comm.lines().filter((one) => one.folder === folder);
  assert.deepEqual(
    [of(a), of(b)].map((all) => all.flatMap((one) => one.steps)),
    [[1], [1, 2]],
  );
  assert.deepEqual(
    comm.sent.find((one) => one.type === 'runs')!.runs.map(({ name, framework }) => [name, framework]),
    [
      ['a', 'pytorch'],
      ['b', 'pytorch'],
    ],
  );
  await comm.handler.message({ type: 'leave', folder: a }, []);
  appendFileSync(join(a, 'metrics.jsonl'), line(2));
  appendFileSync(join(b, 'metrics.jsonl'), line(3));
  await comm.until(() => of(b).length === 2);
  assert.equal(of(a).length, 1);
  comm.handler.closed();
});
