/** Long work gives way to the event loop now and then, so that ctrl-C is heard and progress is drawn. */

/** `await` what it gives: nothing, most of the time. Throws the signal's reason once it is aborted. */
export type Breathe = () => Promise<void> | undefined;

/** Told how many modules are done, and of how many. */
export type OnModule = (done: number, total: number) => void;

const EVERY_MS = 60;

export function breathing(signal?: AbortSignal): Breathe {
  let last = performance.now();
  return () => {
    if (performance.now() - last < EVERY_MS) return undefined;
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        last = performance.now();
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      });
    });
  };
}
