/** What commands may ask of the session: which engine is active, which there are, to switch, to move variables. */
import type { SessionAccess } from '../commands/command.ts';
import { engineName } from '../engines/spec.ts';
import { type EngineState, FRAMEWORKS, type Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import { awaitReady } from './engine-use.ts';
import type { PooledEngine } from './pool.ts';
import { proveDevices } from './prove.ts';
import type { SessionState } from './state.ts';
import { transfer } from './transfer.ts';

/** The access of one command; an aborted `signal` ends its waits, `progress` hears what they are for. */
export function sessionAccess(
  state: SessionState,
  signal?: AbortSignal,
  progress: (progress: { label: string; done: number }) => void = () => {},
): SessionAccess {
  return {
    active: () => ({ chip: state.active.chip, framework: state.active.framework }),
    async switchTo(chip, framework, forCell = false) {
      const spec = await heeding(signal, state.resolve(chip, framework, state.active.framework, signal ?? new AbortController().signal));
      const pooled = state.pool.get(spec);
      await awaitReady(state, pooled, signal, progress);
      if (forCell) state.forCell = spec;
      else state.active = spec;
      state.changed();
    },
    engines: () =>
      state.pool.engines.map((pooled) => ({
        chip: pooled.spec.chip,
        framework: pooled.spec.framework,
        state: stateOf(state, pooled),
        reason: pooled.death?.message,
      })),
    prove: (chipOf) => heeding(signal, proveDevices(state, chipOf)),
    async transfer(variables, from, to) {
      return transfer(state, variables, await findEngine(state, from, signal), await findEngine(state, to, signal), signal);
    },
  };
}

function stateOf(state: SessionState, pooled: PooledEngine): Extract<EngineState, 'starting' | 'idle' | 'busy' | 'dead'> {
  if (pooled.state !== 'running') return pooled.state;
  return state.switchboard.busy(pooled.engine) ? 'busy' : 'idle';
}

/** The engine that a user names: `chip/framework`, or either part where that is enough. One that was not started yet is. */
export async function findEngine(state: SessionState, name: string, signal?: AbortSignal): Promise<PooledEngine> {
  const wanted = name.toLowerCase();
  const found = state.pool.engines.filter(
    ({ spec }) => engineName(spec).toLowerCase() === wanted || spec.chip.toLowerCase() === wanted || spec.framework === wanted,
  );
  if (found.length === 1) return state.pool.get(found[0]!.spec);
  const [chip, framework] = isFramework(wanted) ? [state.active.chip, wanted] : wanted.split('/');
  if (found.length === 0 && chip && (framework === undefined || isFramework(framework))) {
    return state.pool.get(await state.resolve(chip, framework, state.active.framework, signal ?? new AbortController().signal));
  }
  const names = state.pool.engines.map(({ spec }) => engineName(spec)).join(', ');
  throw new TradewindError({
    code: 'input',
    message: found.length === 0 ? `no engine is called ${name}` : `${name} names ${found.length} engines`,
    remedy: `Engines that were started: ${names}. %chip NAME --framework FRAMEWORK starts another.`,
  });
}

function isFramework(word: string): word is Framework {
  return (FRAMEWORKS as readonly string[]).includes(word);
}

/** The promise, or an error as soon as the user interrupts. */
function heeding<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise;
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => {
      const stop = () => reject(new TradewindError({ code: 'interrupted', message: 'interrupted while an engine was starting' }));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
    }),
  ]);
}
