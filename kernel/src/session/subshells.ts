/**
 * Subshells (JEP 91): a client creates one in the kernel; each engine gets one of the same name when the first message for it arrives,
 * so that a client's subshell works whichever engine is active and whichever engine its comms belong to.
 */
import { randomUUID } from 'node:crypto';
import type { PooledEngine } from './pool.ts';
import type { SessionState } from './state.ts';

export interface Subshells {
  create(): string;
  delete(id: string): boolean;
  list(): string[];
  has(id: string): boolean;
  /** Resolves when the engine has the subshell. */
  ensure(pooled: PooledEngine, id: string): Promise<void>;
}

export function createSubshells(state: () => SessionState): Subshells {
  const ids = new Map<string, Map<string, Promise<void>>>();
  return {
    create() {
      const id = randomUUID();
      ids.set(id, new Map());
      return id;
    },
    delete(id) {
      const there = ids.get(id);
      if (!there) return false;
      ids.delete(id);
      const { pool, switchboard, queues } = state();
      queues.delete(id);
      for (const { engine } of pool.engines) {
        if (there.has(engine.id)) switchboard.ask(engine, 'control', 'delete_subshell_request', { subshell_id: id }).catch(() => {});
      }
      return true;
    },
    list: () => [...ids.keys()],
    has: (id) => ids.has(id),
    ensure({ engine }, id) {
      const there = ids.get(id);
      if (!there) return Promise.resolve();
      let made = there.get(engine.id);
      if (!made) {
        made = state()
          .switchboard.ask(engine, 'control', 'create_subshell_request', { subshell_id: id })
          .then(() => {});
        there.set(engine.id, made);
      }
      return made;
    },
  };
}
