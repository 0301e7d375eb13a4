import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueue, type Verdict } from '../../kernel/src/session/queue.ts';

/** Cells whose end the test decides, and a log of what happened. */
function bench() {
  const log: string[] = [];
  const queue = createQueue();
  const ends = new Map<string, (verdict: Verdict) => void>();
  const add = (name: string, cell = true) =>
    queue.add({
      cell,
      run() {
        log.push(`run ${name}`);
        return cell ? new Promise((resolve) => ends.set(name, resolve)) : Promise.resolve('go on');
      },
      abort: () => log.push(`abort ${name}`),
    });
  const end = async (name: string, verdict: Verdict = 'go on', onDoom = () => {}) => {
    if (verdict === 'abort the rest') await queue.doom();
    onDoom();
    ends.get(name)!(verdict);
    for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
  };
  return { log, queue, add, end };
}

test('one cell at a time, in order', async () => {
  const { log, add, end, queue } = bench();
  for (const name of ['a', 'b', 'c']) add(name);
  assert.deepEqual(log, ['run a']);
  await end('a');
  await end('b');
  assert.deepEqual(log, ['run a', 'run b', 'run c']);
  assert.ok(queue.running);
  await end('c');
  assert.ok(!queue.running);
});

test('a failure aborts the cells that wait, and those that arrive at that moment, not later ones', async () => {
  const { log, add, end } = bench();
  add('a');
  add('b');
  // c is in the socket already; d is sent by a client that has seen the failure.
  setImmediate(() => add('c'));
  await end('a', 'abort the rest', () => add('d'));
  assert.deepEqual(log, ['run a', 'abort b', 'abort c', 'run d']);
});

test('other requests pass a running cell, keep their place behind a waiting one, and are never aborted', async () => {
  const { log, add, end } = bench();
  add('a');
  add('complete 1', false);
  add('b');
  add('complete 2', false);
  assert.deepEqual(log, ['run a', 'run complete 1']);
  await end('a', 'abort the rest');
  assert.deepEqual(log, ['run a', 'run complete 1', 'abort b', 'run complete 2']);
});
