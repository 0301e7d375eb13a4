// Whether a process lives: this one does, one that never was doesn't, and one that was killed doesn't from that moment on.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { isAlive } from '../../kernel/src/processes/alive.ts';

/** A process with so much memory that the system needs a while to take it back. */
async function large(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'const kept = Buffer.alloc(3e8, 1); console.log("up"); setInterval(() => kept.fill(2), 1)']);
  await once(child.stdout!, 'data');
  return child;
}

test('a process that is here is alive, one that never was is not', () => {
  assert.equal(isAlive(process.pid), true);
  assert.equal(isAlive(1 << 30), false);
});

test('its start time tells a process from a later one with the same pid', () => {
  assert.equal(isAlive(process.pid, 1), false);
});

test('a process that was killed is not alive from then on: while it is taken down, as a zombie, and when it has been waited for', async () => {
  for (let round = 0; round < 3; round++) {
    const child = await large();
    assert.equal(isAlive(child.pid!), true);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    // Node waits for it when this turn is over: until then it is there.
    const until = Date.now() + 100;
    do {
      process.kill(child.pid!, 0);
      assert.equal(isAlive(child.pid!), false);
    } while (Date.now() < until);
    await ended;
    assert.equal(isAlive(child.pid!), false);
  }
});
