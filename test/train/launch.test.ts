// Asking a trainer's process to stop, whatever it is just about to do itself.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, mock, test } from 'node:test';
import { requestStop } from '../../kernel/src/train/launch.ts';
import { madeRun, temporaryFolder } from './place.ts';

const place = temporaryFolder();
const parents: ChildProcess[] = [];
after(() => {
  for (const parent of parents) parent.kill('SIGKILL');
  place[Symbol.dispose]();
});

/** A process whose parent, a shell, waits for it: once it is killed its pid is gone, and no zombie keeps it. */
async function waitedFor(): Promise<number> {
  const parent = spawn('/bin/sh', ['-c', 'sleep 300 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  parents.push(parent);
  const [text] = await once(parent.stdout!.setEncoding('utf8'), 'data');
  return Number(text);
}

const kill = process.kill.bind(process);

function isGone(pid: number): boolean {
  try {
    kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Ends it, and comes back when nothing has its pid. */
function end(pid: number): void {
  kill(pid, 'SIGKILL');
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; !isGone(pid); tries++) {
    assert.ok(tries < 500, `${pid} does not go`);
    Atomics.wait(clock, 0, 0, 10);
  }
}

test('a process that lives hears it', async () => {
  const pid = await waitedFor();
  assert.equal(await requestStop(madeRun(place.path, 'lives', { state: 'running', pid })), true);
  end(pid);
});

test('a process that ends between the look at it and the signal is no fault: nothing was there to stop', async () => {
  const pid = await waitedFor();
  const folder = madeRun(place.path, 'ends', { state: 'running', pid });
  const sent: unknown[] = [];
  const late = mock.method(process, 'kill', (to: number, signal?: string | number) => {
    sent.push([to, signal]);
    end(to);
    return kill(to, signal);
  });
  try {
    assert.equal(await requestStop(folder), false);
  } finally {
    late.mock.restore();
  }
  assert.deepEqual(sent, [[pid, 'SIGINT']]);
});
