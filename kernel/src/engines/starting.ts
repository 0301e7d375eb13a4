/** What an engine that starts is waiting for: the latest word, and who wants to hear of it. */

export type Watch = (listener: (what: string) => void) => () => void;

export interface Progress {
  tell(what: string): void;
  /** Calls the listener with the latest word and each new one; gives what ends that. */
  watch: Watch;
}

export function createProgress(): Progress {
  const listeners = new Set<(what: string) => void>();
  let last: string | undefined;
  return {
    tell(what) {
      if (what === last) return;
      last = what;
      for (const one of listeners) one(what);
    },
    watch(listener) {
      listeners.add(listener);
      if (last !== undefined) listener(last);
      return () => listeners.delete(listener);
    },
  };
}
