/**
 * The comm target `tradewind.loss`: sends runs' metrics from where the widget is, then follows their files while the widget is open.
 *
 * In: `{type: "watch", folder, from}` (a run, from line number `from` on; a second one replaces the first), `{type: "leave", folder}`,
 * `{type: "runs", folder}` (which runs lie beside this one?).
 * Out: `{type: "lines", folder, from, count, columns}` with buffers as in `metricsBatch.ts` (from 0: begin anew), `{type: "status", folder, status}`,
 * `{type: "runs", runs}`, `{type: "error", folder, message}`.
 */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { packLines } from '../records/metricsBatch.ts';
import type { MetricsLine, RunSummary } from '../records/training.ts';
import type { CommTarget } from './comm.ts';

/** Lines a message. */
const BATCH = 20_000;
/** Where the system does not tell of changes, files are looked at this often, in milliseconds. */
const POLL = 1000;
/** Changes are gathered for this long: 50 messages a second at most. */
const GATHER = 20;
/** Runs that the widget may choose from. */
const LISTED = 200;

type Send = (message: object, buffers?: ArrayBufferView[]) => void;

export const target: CommTarget = {
  name: 'tradewind.loss',
  open(channel) {
    const watched = new Map<string, () => void>();
    const send: Send = (message, buffers) => channel.send(message, buffers);
    const leave = (folder: string) => {
      watched.get(folder)?.();
      watched.delete(folder);
    };
    return {
      async message(data) {
        const { type, folder, from } = data;
        if (typeof folder !== 'string') return;
        if (type === 'leave') leave(folder);
        else if (type === 'runs') send({ type: 'runs', runs: await neighbours(folder) });
        else if (type === 'watch') {
          leave(folder);
          if (existsSync(join(folder, 'config.yaml'))) watched.set(folder, watchRun(folder, Math.max(0, Number(from) || 0), send));
          else send({ type: 'error', folder, message: `there is no run in ${folder}: it was moved or removed` });
        }
      },
      closed() {
        for (const folder of [...watched.keys()]) leave(folder);
      },
    };
  },
};

/** The runs that lie beside a run, and itself. */
async function neighbours(folder: string): Promise<Pick<RunSummary, 'name' | 'folder' | 'framework' | 'chip' | 'precision' | 'ways'>[]> {
  const { readEnvironment, readWays, runNames } = await import('../train/folder.ts');
  const runs = dirname(folder);
  const names = (await runNames(dirname(runs))).slice(0, LISTED);
  return Promise.all(
    names.map(async (name) => {
      const [{ framework = '?', chip = '?', precision }, ways] = await Promise.all([
        readEnvironment(join(runs, name)),
        readWays(join(runs, name)),
      ]);
      return { name, folder: join(runs, name), framework, chip, ...(precision !== undefined && { precision }), ...ways };
    }),
  );
}

/** Sends lines from number `from` on, and every change after, until the function that it gives is called. */
function watchRun(folder: string, from: number, send: Send): () => void {
  /** Number of the next line; lines before `known` are counted and not sent. */
  let number = 0;
  let known = from;
  let told = '';
  let over = false;
  let poll: NodeJS.Timeout | undefined;
  let gather: NodeJS.Timeout | undefined;
  let busy: Promise<void> = Promise.resolve();
  let first = true;

  function sendLines(at: number, lines: readonly MetricsLine[]): void {
    const { batch, buffers } = packLines(lines);
    send({ type: 'lines', folder, from: at, ...batch }, buffers);
  }
  function deliver(lines: readonly MetricsLine[]): void {
    const fresh = lines.slice(Math.max(0, known - number));
    number += lines.length - fresh.length;
    for (let at = 0; at < fresh.length; at += BATCH) {
      const part = fresh.slice(at, at + BATCH);
      sendLines(number, part);
      number += part.length;
    }
  }
  function beginAnew(): void {
    number = 0;
    known = 0;
    sendLines(0, []);
  }
  const opening = Promise.all([import('../train/metrics.ts'), import('../train/status.ts')]).then(
    ([{ metricsReader }, { hasEnded, readStatus }]) => ({ reader: metricsReader(folder), metricsReader, hasEnded, readStatus }),
  );
  async function look(): Promise<void> {
    const rooms = await opening;
    const { metricsReader, hasEnded, readStatus } = rooms;
    if (over) return;
    // The status is read first: lines that were written before the last word are then read after it.
    const status = await readStatus(folder);
    await rooms.reader.each((lines, restarted) => {
      if (over) return;
      if (restarted) beginAnew();
      deliver(lines);
    });
    if (over) return;
    if (first && number < from) {
      // The widget knows more lines than there are: a resume cut the file while nobody looked.
      beginAnew();
      rooms.reader = metricsReader(folder);
      await rooms.reader.each((lines) => deliver(lines));
    }
    first = false;
    if (!status) return;
    const { processStart, error, ...shown } = status;
    const text = JSON.stringify(shown);
    if (text !== told) send({ type: 'status', folder, status: shown });
    told = text;
    // A run that has ended may be resumed: its folder is still watched, but not polled.
    if (!hasEnded(status)) poll = setTimeout(again, POLL);
  }
  function again(): void {
    clearTimeout(poll);
    clearTimeout(gather);
    gather = undefined;
    if (over) return;
    busy = busy
      .then(look)
      .catch((error) => send({ type: 'error', folder, message: `${basename(folder)}: ${error instanceof Error ? error.message : error}` }));
  }
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, () => {
      gather ??= setTimeout(again, GATHER);
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // No watching on this file system: the poll is enough.
  }
  again();
  return () => {
    over = true;
    clearTimeout(poll);
    clearTimeout(gather);
    watcher?.close();
  };
}
