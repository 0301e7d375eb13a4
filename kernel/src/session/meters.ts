/** What engines tell on their control channel, also while a cell runs: their machine's meters, and the memory that they have held. */
import { setTimeout as wait } from 'node:timers/promises';
import type { SessionAccess } from '../commands/command.ts';
import { type EngineSpec, engineName } from '../engines/spec.ts';
import type { Json } from '../wire/message.ts';
import type { PooledEngine } from './pool.ts';
import type { SessionState } from './state.ts';

/** A line that is cut must not hold up the others' looks. */
const PATIENCE_MS = 4000;

async function ask(state: SessionState, pooled: PooledEngine, what: string, content: object): Promise<Json | undefined> {
  const reply = state.switchboard.ask(pooled.engine, 'control', `tradewind_${what}_request`, content).catch(() => undefined);
  const answer = await Promise.race([reply, wait(PATIENCE_MS, undefined, { ref: false })]);
  return answer?.status === 'ok' ? answer : undefined;
}

/** Asks the running engines on other machines, side by side. */
export function metersElsewhere(state: SessionState): NonNullable<SessionAccess['meters']> {
  return async (request) => {
    const far = state.pool.engines.filter(({ spec, state: its }) => spec.place !== 'local' && its === 'running');
    const answers = await Promise.all(
      far.map(async (pooled) => {
        const engine = engineName(pooled.spec);
        const answer = await ask(state, pooled, 'meters', request(engine));
        return answer ? [{ engine, look: answer.look as never, age: Number(answer.age) }] : [];
      }),
    );
    return answers.flat();
  };
}

/** Begins to count the memory of that engine; what comes back gives its peak in MiB. */
export async function peakMemory(state: SessionState, spec: EngineSpec): Promise<() => Promise<number | undefined>> {
  const pooled = state.pool.get(spec);
  await state.pool.ready(pooled);
  await ask(state, pooled, 'memory', { begin: true });
  return async () => {
    const peak = (await ask(state, pooled, 'memory', { begin: false }))?.peakMB;
    return typeof peak === 'number' ? peak : undefined;
  };
}
