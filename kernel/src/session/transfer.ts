/** Moves variables from one engine to another: arrays as bytes through a memory-mapped file, never through pickle. */
import { randomUUID } from 'node:crypto';
import { accessSync, constants, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineName } from '../engines/spec.ts';
import { TradewindError } from '../records/errors.ts';
import type { TransferRecord, TransferredVariable } from '../records/transfer.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import { quietly } from './engine-use.ts';
import type { PooledEngine } from './pool.ts';
import type { SessionState } from './state.ts';

/** Shared memory where there is some, else the temporary folder. */
function transferFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

/** Copies the variables; what can't be moved is in the record with its reason, and the others go. */
export async function transfer(
  state: SessionState,
  variables: readonly string[],
  from: PooledEngine,
  to: PooledEngine,
  signal?: AbortSignal,
): Promise<TransferRecord> {
  if (from === to) {
    throw new TradewindError({
      code: 'usage',
      message: `both ends are the engine ${engineName(from.spec)}`,
      remedy: 'Name another engine; %chip lists them.',
    });
  }
  await Promise.all([state.pool.ready(from), state.pool.ready(to)]);
  const file = join(transferFolder(), `tradewind-${randomUUID()}`);
  try {
    const packed = await callEngine<TransferredVariable[]>(state, from, 'pack', [file, variables]);
    signal?.throwIfAborted();
    const moved = await callEngine<TransferredVariable[]>(state, to, 'unpack', [file]);
    const arrived = new Map(moved.map((one) => [one.name, one]));
    return {
      kind: 'transfer',
      version: 1,
      createdAt: new Date().toISOString(),
      tradewind: TRADEWIND_VERSION,
      environment: {
        chip: to.spec.chip,
        framework: to.spec.framework,
        platform: `${process.platform} ${process.arch}`,
        versions: { ...(to.hello && { python: to.hello.python, ipykernel: to.hello.ipykernel }), node: process.versions.node },
      },
      from: engineName(from.spec),
      to: engineName(to.spec),
      variables: packed.map((one) => {
        const there = arrived.get(one.name);
        return there ? { ...there, bytes: one.bytes, seconds: one.seconds + there.seconds } : one;
      }),
    };
  } finally {
    rmSync(file, { force: true });
  }
}

/** Calls a function of `tradewind.engine.transfer` and reads the JSON that it gives. */
async function callEngine<T>(state: SessionState, pooled: PooledEngine, name: string, words: unknown[]): Promise<T> {
  const argument = JSON.stringify(JSON.stringify(words));
  const expression = `__import__('tradewind.engine.transfer').engine.transfer.${name}(${argument})`;
  const reply = await quietly(state, pooled, '', { answer: expression });
  const answer = (reply.user_expressions as { answer?: { status: string; data?: Record<string, string>; evalue?: string; ename?: string } })
    ?.answer;
  if (answer?.status !== 'ok') {
    throw new TradewindError({
      code: 'process',
      message:
        `${engineName(pooled.spec)} could not ${name} the variables: ${answer?.ename ?? 'no answer'} ${answer?.evalue ?? String(reply.evalue ?? '')}`.trim(),
    });
  }
  return JSON.parse(answer.data?.['application/json'] ?? answer.data?.['text/plain'] ?? 'null') as T;
}
