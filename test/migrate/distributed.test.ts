// Data parallel training: a script that torchrun starts on two processes gives, migrated, the same losses and weights when msrun starts it on two.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { python } from '../../setup/places.mjs';
import { migrateFolder, temporaryFolder } from './migration.ts';

const scripts = join(import.meta.dirname, 'distributed');
const run = promisify(execFile);
const PROCESSES = 2;

interface Outcome {
  losses: number[];
  weights: number[];
  world: number;
}

test('torchrun and msrun on two processes train alike, gradients added up under no_sync', { timeout: 240_000 }, async () => {
  const source = temporaryFolder();
  copyFileSync(join(scripts, 'train.py'), join(source, 'train.py'));
  const migrated = await migrateFolder(source);
  assert.equal(migrated.summary.unsupported + migrated.summary.maybe, 0);
  copyFileSync(join(scripts, 'launched.py'), join(source, 'launched.py')); // after the migration: PyTorch's side alone
  const options = ['--accumulate', '2'];
  const torchrun = ['-m', 'torch.distributed.run', '--nproc_per_node', `${PROCESSES}`, '--master_addr', '127.0.0.1'];
  await started([...torchrun, '--master_port', `${await freePort()}`, 'launched.py', ...options], source);
  const msrun = ['-m', 'mindspore.parallel.cluster.run', `--worker_num=${PROCESSES}`, `--local_worker_num=${PROCESSES}`];
  await started(
    [...msrun, '--master_addr=127.0.0.1', `--master_port=${await freePort()}`, '--join=True', '--log_dir=log', 'train.py', ...options],
    migrated.root,
  );

  const before = outcomes(source);
  const after = outcomes(migrated.root);
  assert.equal(before[0]!.losses.length, 12);
  for (const [rank, outcome] of after.entries()) {
    assert.equal(outcome.world, PROCESSES);
    close(outcome.losses, before[rank]!.losses, 'losses');
    close(outcome.weights, before[rank]!.weights, 'weights');
  }
  assert.deepEqual(after[0]!.weights, after[1]!.weights);
});

async function started(args: string[], cwd: string): Promise<void> {
  const environment = { ...process.env, OMP_NUM_THREADS: '1', PATH: `${dirname(python)}:${process.env.PATH}` };
  await run(python, args, { cwd, env: environment, timeout: 200_000, maxBuffer: 1e8 });
}

function outcomes(folder: string): Outcome[] {
  return Array.from({ length: PROCESSES }, (_, rank) => JSON.parse(readFileSync(join(folder, `losses-${rank}.json`), 'utf8')) as Outcome);
}

function close(found: number[], expected: number[], what: string): void {
  assert.equal(found.length, expected.length);
  for (const [at, value] of found.entries())
    assert.ok(Math.abs(value - expected[at]!) <= 1e-5 * Math.abs(expected[at]!), `${what} ${at}: ${value}, PyTorch ${expected[at]}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
