/** Follows a run: its status and metrics as they change, until it ends or the caller stops looking. The run does not notice. */
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive } from '../processes/alive.ts';
import { insistOnStop } from './launch.ts';
import { metricsReader } from './metrics.ts';
import { createSeries, type Series } from './series.ts';
import { hasEnded, readStatus, type StatusFile } from './status.ts';

export interface Watched {
  status: StatusFile | undefined;
  series: Series;
}

export interface FollowOptions {
  /** Milliseconds between two looks. */
  interval?: number;
  /** Ends the following, not the run. */
  signal?: AbortSignal;
  /** The process that was just started: when it dies before its first word the run is lost at once. */
  pid?: number;
  each?(watched: Watched): void | Promise<void>;
}

/** Calls `each` after every look; resolves with the last one when the run has ended or `signal` is aborted. */
export async function follow(folder: string, { interval = 300, signal, pid, each }: FollowOptions = {}): Promise<Watched> {
  const reader = metricsReader(folder);
  const series = createSeries();
  for (;;) {
    // Alive is asked before the status is read: a process that ends in between has left its last word.
    const born = pid === undefined || isAlive(pid);
    let status = await readStatus(folder);
    if (!born && status?.state === 'starting' && status.pid === undefined && status.job === undefined) {
      status = { ...status, state: 'lost', message: 'its process ended before it could say why' };
    }
    const ended = status === undefined || hasEnded(status);
    await reader.each((lines, restarted) => {
      if (restarted) series.clear();
      series.add(lines);
    });
    const watched = { status, series };
    await each?.(watched);
    if (ended || signal?.aborted) return watched;
    await wait(interval, undefined, { signal }).catch(() => {});
  }
}

/**
 * Follows a run to its end. Once `signal` is aborted the run is asked to stop after the step that it is in, which `stopping` is told; its end is
 * still waited for.
 */
export async function followToEnd(
  folder: string,
  { signal, stopping, each, ...options }: FollowOptions & { signal: AbortSignal; stopping?(): void },
): Promise<Watched> {
  let asked = false;
  return follow(folder, {
    ...options,
    async each(watched) {
      if (signal.aborted && !asked) {
        asked = true;
        stopping?.();
        void insistOnStop(folder, options.pid);
      }
      await each?.(watched);
    },
  });
}
