// The comm of the loss widget: catches up from the file, follows it, begins anew after a resume.
import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { target } from '../../kernel/src/commands/comm-loss.ts';
import type { MetricsLine, RunStatus } from '../../kernel/src/records/training.ts';
import { line, madeRun, temporaryFolder, writeStatus } from './place.ts';

interface Message {
  type: string;
  from: number;
  lines: MetricsLine[];
  status: RunStatus;
  message: string;
}

function opened() {
  const sent: Message[] = [];
  const handler = target.open({ id: 'c', send: (data) => void sent.push(data as Message), close() {} }, {}, {} as never);
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
  const text = Array.from({ length: 12_000 }, (_, at) => line(at + 1)).join('');
  const folder = madeRun(place.path, 'a', { state: 'running', pid: process.pid, step: 12_000 }, text);
  const comm = opened();
  await comm.handler.message({ type: 'watch', folder, from: 1000 }, []);
  await comm.until(() => comm.states().length > 0);
  assert.deepEqual(
    comm.lines().map((one) => [one.from, one.lines.length, one.lines[0]?.step]),
    [
      [1000, 5000, 1001],
      [6000, 5000, 6001],
      [11_000, 1000, 11_001],
    ],
  );
  appendFileSync(join(folder, 'metrics.jsonl'), line(12_001) + line(12_002).slice(0, 9));
  await comm.until(() => comm.lines().length === 4);
  assert.deepEqual([comm.lines()[3]!.from, comm.lines()[3]!.lines.map((one) => one.step)], [12_000, [12_001]]);
  appendFileSync(join(folder, 'metrics.jsonl'), line(12_002).slice(9));
  writeStatus(folder, { state: 'finished' });
  await comm.until(() => comm.states().includes('finished'));
  assert.deepEqual(
    [
      comm.lines().at(-1)!.from,
      comm
        .lines()
        .at(-1)!
        .lines.map((one) => one.step),
    ],
    [12_001, [12_002]],
  );
  comm.handler.closed();
  const count = comm.sent.length;
  appendFileSync(join(folder, 'metrics.jsonl'), line(12_003));
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
    comm.lines().map((one) => [one.from, one.lines.map((each) => each.step)]),
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
  assert.equal(comm.lines()[0]!.lines.length, 0);
  await comm.handler.message({ type: 'watch', folder: join(place.path, 'gone'), from: 0 }, []);
  assert.match(comm.sent.at(-1)!.message, /no run/);
  comm.handler.closed();
});
