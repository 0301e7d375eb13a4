/** The engines of a session: at most one a spec, started when needed, told apart by chip and framework, missed when they end. */
import { obituary } from '../engines/death.ts';
import type { Engine } from '../engines/engine.ts';
import type { EngineHello, Exit } from '../engines/process.ts';
import { type EngineSpec, engineKey } from '../engines/spec.ts';
import { type ErrorData, TradewindError } from '../records/errors.ts';

export interface PooledEngine {
  spec: EngineSpec;
  engine: Engine;
  state: 'starting' | 'running' | 'dead';
  hello?: EngineHello;
  /** Its next execution count, as far as we know. */
  count: number;
  /** Why it ended. */
  death?: ErrorData;
  /** It ended between cells, and nobody has been told yet. */
  unmourned: boolean;
}

export interface Pool {
  readonly engines: readonly PooledEngine[];
  /** The engine of this spec, started if it isn't there or has ended; usable at once (requests wait in its socket). */
  get(spec: EngineSpec): PooledEngine;
  find(spec: EngineSpec): PooledEngine | undefined;
  of(engine: Engine): PooledEngine | undefined;
  /** Resolves when it takes requests; a TradewindError says why it didn't start. */
  ready(pooled: PooledEngine): Promise<EngineHello>;
}

/** `start` runs the process; `ended` hears of every end, `changed` of every change of state. */
export function createPool(
  start: (spec: EngineSpec) => Engine,
  ended: (pooled: PooledEngine, exit: Exit) => void,
  changed: () => void,
): Pool {
  const engines = new Map<string, PooledEngine>();

  function launch(spec: EngineSpec, key: string): PooledEngine {
    const engine = start(spec);
    const pooled: PooledEngine = { spec, engine, state: 'starting', count: 1, unmourned: false };
    engines.set(key, pooled);
    engine.ready.then(
      (hello) => {
        pooled.hello = hello;
        if (pooled.state === 'starting') pooled.state = 'running';
        changed();
      },
      () => {},
    );
    engine.exited.then((exit) => {
      pooled.state = 'dead';
      pooled.death = obituary(spec, engine.pid, exit);
      engine.dispose();
      ended(pooled, exit);
      changed();
    });
    changed();
    return pooled;
  }

  return {
    get engines() {
      return [...engines.values()];
    },
    get(spec) {
      const key = engineKey(spec);
      const known = engines.get(key);
      return known && known.state !== 'dead' ? known : launch(spec, key);
    },
    find: (spec) => engines.get(engineKey(spec)),
    of(engine) {
      for (const pooled of engines.values()) if (pooled.engine === engine) return pooled;
      return undefined;
    },
    async ready(pooled) {
      try {
        return await pooled.engine.ready;
      } catch {
        await pooled.engine.exited;
        pooled.unmourned = false;
        throw new TradewindError(pooled.death!);
      }
    },
  };
}
