/**
 * Parses many files at once on the machine's other cores, before the project is read. A worker hands over numbers and text (parse.ts),
 * not objects, so that nothing is copied node by node; what it could not read is read again, and reported, where the project is read.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Breathe, breathing } from './breath.ts';
import { readSource } from './files.ts';
import { TOGETHER } from './groups.ts';
import { saveMemory } from './memory.ts';
import { DEEPEST, type Digest, digest } from './modules.ts';
import { type FlatTree, type ImportLine, loadFlattener, parsed } from './parse.ts';

/** A worker's start costs as much as parsing this many bytes. */
const WORTH_A_WORKER = 1_500_000;
const MOST_WORKERS = 3;

/** A file that parses: its imports, and text and tree where they are kept. */
interface Found {
  at: number;
  imports: ImportLine[];
  mentions: boolean;
  kept?: { source: string; flat: FlatTree };
}

export interface Batch {
  files: Found[];
}

export interface WorkerData {
  paths: readonly string[];
  /** Are text and tree kept? Of a source that is taken in groups (groups.ts) they are made again, group by group. */
  keep: boolean;
  /** Table.mentioned. */
  mentioned: RegExp;
  /** The next file to take, shared by all. */
  next: Int32Array;
}

export interface Ahead {
  keep: boolean;
  /** What was parsed already; handed out once, so that it is not kept twice. */
  take(path: string): Digest | undefined;
}

/** Takes files from the shared list until it is empty. */
export async function takeFiles(
  { paths, keep, mentioned, next }: WorkerData,
  done: (file: Found) => void,
  breathe: Breathe = () => undefined,
): Promise<void> {
  const flatten = await loadFlattener();
  for (let at = Atomics.add(next, 0, 1); at < paths.length; at = Atomics.add(next, 0, 1)) {
    const read = readSource(paths[at]!);
    if ('source' in read) {
      const flat = flatten(read.source);
      if (flat.errorRow === undefined && flat.depth <= DEEPEST) {
        const digested = digest(read.source, flat, mentioned);
        done({ at, ...digested, ...(keep && digested.mentions ? { kept: { source: read.source, flat } } : {}) });
      }
    }
    await breathe();
  }
}

/** Parses the Python files among `files`. */
export async function parseAhead(
  files: readonly string[],
  mentioned: RegExp,
  { signal, onFile }: { signal?: AbortSignal; onFile?: (done: number, total: number) => void } = {},
): Promise<Ahead> {
  const paths = files.filter((path) => path.endsWith('.py'));
  const total = paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
  const keep = total <= TOGETHER;
  if (!keep) saveMemory();
  const count = Math.min(availableParallelism() - 1, MOST_WORKERS, Math.floor(total / WORTH_A_WORKER));
  if (count < 1) return { keep, take: () => undefined };
  const data: WorkerData = { paths, keep, mentioned, next: new Int32Array(new SharedArrayBuffer(4)) };
  const found = new Map<string, Found>();
  const arrived = (one: Found) => {
    found.set(paths[one.at]!, one);
    onFile?.(found.size, paths.length);
  };
  const workers = Array.from({ length: count }, () => inWorker(data, arrived));
  try {
    await takeFiles(data, arrived, breathing(signal));
  } finally {
    // Interrupted: the workers find no more files.
    Atomics.store(data.next, 0, paths.length);
    await Promise.all(workers);
  }
  return {
    keep,
    take(path) {
      const one = found.get(path);
      found.delete(path);
      if (!one) return undefined;
      const { imports, mentions, kept } = one;
      return { imports, mentions, ...(kept ? { kept: { source: kept.source, parsed: parsed(kept.source, kept.flat) } } : {}) };
    },
  };
}

/** A worker that dies (no memory) has done what it has done: the rest is parsed where it is asked for. */
function inWorker(workerData: WorkerData, arrived: (file: Found) => void): Promise<void> {
  return new Promise((resolve) => {
    const ending = import.meta.filename.endsWith('.ts') ? 'parse-worker.ts' : 'parse-worker.mjs';
    const worker = new Worker(new URL(`./${ending}`, import.meta.url), { workerData });
    worker.on('message', (batch: Batch) => batch.files.forEach(arrived));
    worker.on('error', () => resolve());
    worker.on('exit', () => resolve());
  });
}
