/** A wait that the user's interrupt ends. */
import { TradewindError } from '../records/errors.ts';

/** The promise, or an error as soon as the signal is aborted: "interrupted while …". `giveUp` is called first then. */
export async function heeding<T>(
  signal: AbortSignal | undefined,
  promise: Promise<T>,
  meanwhile = 'an engine was starting',
  giveUp?: () => void,
): Promise<T> {
  if (!signal) return promise;
  const interrupted = Promise.withResolvers<never>();
  const stop = () => {
    giveUp?.();
    interrupted.reject(new TradewindError({ code: 'interrupted', message: `interrupted while ${meanwhile}` }));
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([interrupted.promise, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
