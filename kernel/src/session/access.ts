/** What commands may ask of the session: which engine is active, which there are, to switch, to move variables. */
import type { SessionAccess } from '../commands/command.ts';
import { type EngineSpec, engineKey, engineName } from '../engines/spec.ts';
import { type EngineState, type Framework, isFramework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import { stopJob } from './background.ts';
import { awaitReady } from './engine-use.ts';
import { heeding } from './heeding.ts';
import { metersElsewhere, peakMemory } from './meters.ts';
import type { PooledEngine } from './pool.ts';
import { proveDevices } from './prove.ts';
import type { CellPlace, SessionState } from './state.ts';
import { transfer } from './transfer.ts';

/** The access of one command; an aborted `signal` ends its waits, `progress` hears what they are for, `place` is where its cell runs. */
export function sessionAccess(
  state: SessionState,
  signal?: AbortSignal,
  progress: (progress: { label: string; done: number }) => void = () => {},
  place: CellPlace = {},
): SessionAccess {
  return {
    active() {
      const { chip, framework } = place.spec ?? state.active;
      return { chip, framework };
    },
    async switchTo(chip, framework, forCell = false) {
      if (place.beside) throw besideOthers();
      const spec = await heeding(signal, resolve(state, chip, framework, signal));
      const pooled = state.pool.get(spec);
      await awaitReady(state, pooled, signal, progress);
      if (forCell) place.spec = spec;
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
    async spread(names, background) {
      if (place.beside) throw besideOthers();
      if (place.spreads === false) {
        throw new TradewindError({
          code: 'usage',
          message: '--together and --background are for a %%chip at the top of a cell',
          remedy: 'Put the code into a cell of its own.',
        });
      }
      const specs: EngineSpec[] = [];
      for (const name of names) specs.push(await heeding(signal, specOf(state, name, signal)));
      const twice = specs.find((one, at) => specs.findIndex((other) => engineKey(other) === engineKey(one)) !== at);
      if (twice) {
        throw new TradewindError({
          code: 'usage',
          message: `${engineName(twice)} is named twice`,
          remedy: 'Name different engines, for example %%chip cpu/pytorch,cpu/mindspore --together.',
        });
      }
      place.spread = { specs, background };
    },
    meters: metersElsewhere(state),
    peakMemory: () => peakMemory(state, place.spec ?? state.active),
    jobs: () => state.jobs.list(),
    stopJob: (id) => stopJob(state, id),
    waitForJobs: async () => {
      await heeding(signal, Promise.all(state.jobs.alive.map((job) => job.over)), 'cells ran in the background');
    },
    prove: (chipOf) => heeding(signal, proveDevices(state, chipOf)),
    async transfer(variables, from, to) {
      return transfer(state, variables, await findEngine(state, from, signal), await findEngine(state, to, signal), signal);
    },
  };
}

function besideOthers(): TradewindError {
  return new TradewindError({
    code: 'usage',
    message: 'a cell that runs beside others does not choose where cells run',
    remedy: 'Put %chip into a cell of its own.',
  });
}

/** The engine that a word names as `%chip` takes it (a chip, an engine of engines.yaml), as `chip/framework`, or by its framework alone. */
function specOf(state: SessionState, name: string, signal?: AbortSignal): Promise<EngineSpec> {
  const [chip, framework] = partsOf(state, name);
  return resolve(state, chip, framework as Framework | undefined, signal);
}

/** The chip and the framework that a word names; a framework alone is that of the active chip. */
function partsOf(state: SessionState, name: string): [string, string?] {
  return isFramework(name) ? [state.active.chip, name] : (name.split('/') as [string, string?]);
}

function resolve(state: SessionState, chip: string, framework: Framework | undefined, signal?: AbortSignal): Promise<EngineSpec> {
  return state.resolve(chip, framework, state.active.framework, signal ?? new AbortController().signal);
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
  const [chip, framework] = partsOf(state, wanted);
  if (found.length === 0 && chip && (framework === undefined || isFramework(framework))) {
    return state.pool.get(await resolve(state, chip, framework, signal));
  }
  const names = state.pool.engines.map(({ spec }) => engineName(spec)).join(', ');
  throw new TradewindError({
    code: 'input',
    message: found.length === 0 ? `no engine is called ${name}` : `${name} names ${found.length} engines`,
    remedy: `Engines that were started: ${names}. %chip NAME --framework FRAMEWORK starts another.`,
  });
}
