/** The comm target `tradewind.loss`: sends a run's metrics from where the widget is, then follows its files while the widget is open. */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import type { MetricsLine } from '../records/training.ts';
import type { CommTarget } from './comm.ts';

/** Lines a message. */
const BATCH = 5000;
/** Where the system does not tell of changes, files are looked at this often, in milliseconds. */
const POLL = 1000;
/** Changes are gathered for this long. */
const GATHER = 50;

export const target: CommTarget = {
  name: 'tradewind.loss',
  open(channel) {
    let end: (() => void) | undefined;
    return {
      async message(data) {
        if (data.type !== 'watch') return;
        const { folder, from } = data;
        if (typeof folder !== 'string' || !existsSync(join(folder, 'config.yaml'))) {
          channel.send({ type: 'error', message: `there is no run in ${String(folder)}: it was moved or removed` });
          return;
        }
        end?.();
        end = await watchRun(folder, Math.max(0, Number(from) || 0), (message) => channel.send(message));
      },
      closed: () => end?.(),
    };
  },
};

/** Sends lines from number `from` on, and every change after, until the function that it gives is called. */
async function watchRun(folder: string, from: number, send: (message: object) => void): Promise<() => void> {
  const [{ metricsReader }, { hasEnded, readStatus }] = await Promise.all([import('../train/metrics.ts'), import('../train/status.ts')]);
  const reader = metricsReader(folder);
  /** Number of the next line; lines before `from` are counted and not sent. */
  let number = 0;
  let told = '';
  let over = false;
  let poll: NodeJS.Timeout | undefined;
  let gather: NodeJS.Timeout | undefined;
  let busy: Promise<void> | undefined;

  function deliver(lines: MetricsLine[], known: number): void {
    const fresh = lines.slice(Math.max(0, known - number));
    number += lines.length - fresh.length;
    for (let at = 0; at < fresh.length; at += BATCH) {
      const part = fresh.slice(at, at + BATCH);
      send({ type: 'lines', folder, from: number, lines: part });
      number += part.length;
    }
  }
  async function look(first: boolean): Promise<void> {
    // The status is read first: lines that were written before the last word are then read after it.
    const status = await readStatus(folder);
    const { lines, restarted } = await reader.next();
    if (over) return;
    if (restarted || (first && lines.length < from)) {
      // A resume cut the file at its checkpoint: the widget begins anew.
      number = 0;
      send({ type: 'lines', folder, from: 0, lines: [] });
      deliver(lines, 0);
    } else deliver(lines, first ? from : 0);
    if (!status) return;
    const { processStart, error, ...shown } = status;
    const text = JSON.stringify(shown);
    if (text !== told) send({ type: 'status', folder, status: shown });
    told = text;
    // A run that has ended may be resumed: its folder is still watched, but not polled.
    if (!hasEnded(status)) poll = setTimeout(() => again(), POLL);
  }
  function again(first = false): void {
    clearTimeout(poll);
    clearTimeout(gather);
    gather = undefined;
    if (over) return;
    busy = (busy ?? Promise.resolve())
      .then(() => look(first))
      .catch((error) => send({ type: 'error', message: `${basename(folder)}: ${error instanceof Error ? error.message : error}` }));
  }
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, () => {
      gather ??= setTimeout(() => again(), GATHER);
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // No watching on this file system: the poll is enough.
  }
  again(true);
  await busy;
  return () => {
    over = true;
    clearTimeout(poll);
    clearTimeout(gather);
    watcher?.close();
  };
}
