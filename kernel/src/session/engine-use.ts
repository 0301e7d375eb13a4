/** Gets an engine ready for a cell: started, awaited (and an interrupt heeded), the cell told when the last one had died, its count aligned. */
import { randomUUID } from 'node:crypto';
import { type EngineSpec, engineName } from '../engines/spec.ts';
import { describe, TradewindError } from '../records/errors.ts';
import type { Message } from '../wire/message.ts';
import { drawn } from './drawn.ts';
import { heeding } from './heeding.ts';
import type { Job } from './jobs.ts';
import type { PooledEngine } from './pool.ts';
import type { SessionState } from './state.ts';

/** The engine of the spec, ready. Throws a TradewindError when it can't be started or the wait is interrupted. */
export async function readyEngine(state: SessionState, spec: EngineSpec, message: Message, signal: AbortSignal): Promise<PooledEngine> {
  const before = state.pool.find(spec);
  if (before?.unmourned && before.death) {
    before.unmourned = false;
    const text = `${describe(new TradewindError({ ...before.death, remedy: `The engine ${engineName(spec)} is started again; its variables are gone.` }))}\n`;
    state.voice.publish('stream', { name: 'stderr', text }, message.header);
  }
  const pooled = state.pool.get(spec);
  if (pooled.state === 'running') return pooled;
  if (!pooled.engine.starting) {
    await awaitReady(state, pooled, signal, () => {});
    return pooled;
  }
  const display = await state.commands.progress(drawn(state, message.header)(randomUUID()));
  try {
    await awaitReady(state, pooled, signal, display.update);
  } finally {
    display.end();
  }
  return pooled;
}

/** The time that a wait has taken is told anew so often. */
const AGAIN_MS = 1000;

/** Waits until the engine takes requests, and tells what it waits for. An interrupt gives up one that starts elsewhere: a job in a queue would cost its owner. */
export async function awaitReady(
  state: SessionState,
  pooled: PooledEngine,
  signal: AbortSignal | undefined,
  progress: (progress: { label: string; done: number }) => void,
): Promise<void> {
  const name = engineName(pooled.spec);
  let label = '';
  const tell = () => label && progress({ label, done: 0 });
  const unwatch = pooled.engine.starting?.((what) => {
    label = `${name}: ${what}`;
    tell();
  });
  const again = setInterval(tell, AGAIN_MS);
  const giveUp = () => {
    if (pooled.state === 'starting' && pooled.spec.place !== 'local') pooled.engine.interrupt();
  };
  try {
    await heeding(signal, state.pool.ready(pooled), `the engine ${name} was starting`, giveUp);
  } finally {
    unwatch?.();
    clearInterval(again);
  }
}

/**
 * A wait until the background cells before this one have left the engine, which says so; nothing where there is none, for a cell that waits
 * for nothing is overtaken by what was sent behind it. `job` is the background cell that waits. An interrupt ends the wait with a TradewindError.
 */
export function untilFree(
  state: SessionState,
  spec: EngineSpec,
  message: Message,
  signal: AbortSignal,
  job?: Job,
): Promise<unknown> | undefined {
  const ahead = state.jobs.ahead(spec, job);
  if (ahead.length === 0 && !signal.aborted) return undefined;
  if (!job && !signal.aborted) {
    const whom = ahead.length === 1 ? `background cell ${ahead[0]!.id}` : `${ahead.length} background cells`;
    const text = `waiting for ${whom} on ${engineName(spec)} (an interrupt ends the wait; %chip --stop ${ahead[0]!.id} ends that cell)\n`;
    state.voice.publish('stream', { name: 'stderr', text }, message.header);
  }
  return heeding(signal, Promise.all(ahead.map((one) => one.over)), `waiting for the engine ${engineName(spec)}`);
}

/** Tells the engine the number of the next cell, where it differs: cells are counted by the kernel, whichever engine they run on. */
export function alignCount(state: SessionState, pooled: PooledEngine): void {
  if (pooled.count === state.count) return;
  pooled.count = state.count;
  quietly(state, pooled, `__import__('tradewind.engine.history').engine.history.align(${state.count})`);
}

/** Runs a line in the engine that leaves no trace; the engine keeps its order, so what is sent next comes after it. */
export function quietly(
  state: SessionState,
  pooled: PooledEngine,
  code: string,
  expressions: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const answer = state.switchboard.ask(pooled.engine, 'shell', 'execute_request', {
    code,
    silent: true,
    store_history: false,
    user_expressions: expressions,
    allow_stdin: false,
    stop_on_error: false,
  });
  answer.catch(() => {}); // who ends is told elsewhere
  return answer;
}
