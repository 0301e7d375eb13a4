/**
 * `metrics.jsonl`, read as it grows: whole lines only, a torn or foreign line is passed over. A file that was replaced or cut (a resume) is
 * read anew; one that was rotated away (`metrics.jsonl.1`, the newest, `.2` …) is read to its end and its successor after it.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricsLine } from '../records/training.ts';

export interface MetricsReader {
  /** The lines since the last call. `restarted`: the file was begun anew, and `lines` begin at its start again. */
  next(): Promise<{ lines: MetricsLine[]; restarted: boolean }>;
  /** The same block by block, so that a long file never lies in memory whole; resolves with `restarted`, which `take` is told as well. */
  each(take: (lines: MetricsLine[], restarted: boolean) => void): Promise<boolean>;
}

const NAME = 'metrics.jsonl';
const BLOCK = 1 << 20;
/** This many bytes before the place that was read to are looked at again: a file that was written anew under the same number differs there. */
const PROOF = 64;

/** What was read of one file. */
interface Place {
  inode: number;
  offset: number;
  proof: Buffer;
}

export function metricsReader(folder: string): MetricsReader {
  let place: Place | undefined;

  async function each(take: (lines: MetricsLine[], restarted: boolean) => void): Promise<boolean> {
    let restarted = false;
    const handle = await opened(join(folder, NAME));
    if (!handle) return false;
    try {
      const { size, ino } = await handle.stat();
      const known = place;
      const rotated = known && known.inode !== ino ? await rotatedAway(folder, known.inode) : undefined;
      if (known && rotated === undefined && !(ino === known.inode && size >= known.offset && (await agrees(handle, known)))) {
        restarted = known.offset > 0;
        place = undefined;
        if (restarted) take([], true);
      }
      // What was rotated away comes first: all of it at first, the rest of it when it happened meanwhile.
      if (place === undefined || rotated !== undefined) {
        const numbers = (await rotations(folder)).filter((number) => rotated === undefined || number <= rotated);
        for (const number of numbers) await drained(join(folder, `${NAME}.${number}`), number === rotated ? place : undefined, take);
        place = { inode: ino, offset: 0, proof: Buffer.alloc(0) };
      }
      await read(handle, size, place!, take);
    } finally {
      await handle.close();
    }
    return restarted;
  }

  return {
    each,
    async next() {
      let lines: MetricsLine[] = [];
      const restarted = await each((more, anew) => {
        lines = anew ? more : lines.concat(more);
      });
      return { lines, restarted };
    },
  };
}

async function drained(file: string, from: Place | undefined, take: (lines: MetricsLine[], restarted: boolean) => void): Promise<void> {
  const handle = await opened(file);
  if (!handle) return;
  try {
    const { size, ino } = await handle.stat();
    await read(handle, size, from ?? { inode: ino, offset: 0, proof: Buffer.alloc(0) }, take);
  } finally {
    await handle.close();
  }
}

/** Reads from the place to `size`, and moves the place behind the last whole line. */
async function read(
  handle: FileHandle,
  size: number,
  place: Place,
  take: (lines: MetricsLine[], restarted: boolean) => void,
): Promise<void> {
  let rest = Buffer.alloc(0);
  let at = place.offset;
  while (at < size) {
    const { bytesRead, buffer: block } = await handle.read(Buffer.alloc(Math.min(BLOCK, size - at)), 0, undefined, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const buffer = Buffer.concat([rest, block.subarray(0, bytesRead)]);
    const end = buffer.lastIndexOf(10);
    rest = buffer.subarray(end + 1);
    if (end < 0) continue;
    const lines: MetricsLine[] = [];
    for (const text of buffer.subarray(0, end).toString('utf8').split('\n')) {
      const line = metricsLine(text);
      if (line) lines.push(line);
    }
    place.offset = at - rest.length;
    place.proof = Buffer.from(buffer.subarray(Math.max(0, end + 1 - PROOF), end + 1));
    if (lines.length > 0) take(lines, false);
  }
}

async function agrees(handle: FileHandle, { offset, proof }: Place): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(proof.length), 0, proof.length, offset - proof.length);
  return proof.equals(buffer.subarray(0, bytesRead));
}

async function opened(file: string): Promise<FileHandle | undefined> {
  return open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** The numbers of the files that were rotated away, oldest (largest) first. */
async function rotations(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => /^metrics\.jsonl\.(\d+)$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => b - a);
}

/** The number under which a file was rotated away. */
async function rotatedAway(folder: string, inode: number): Promise<number | undefined> {
  for (const number of await rotations(folder)) {
    const found = await stat(join(folder, `${NAME}.${number}`)).catch(() => undefined);
    if (found?.ino === inode) return number;
  }
  return undefined;
}

/** A line of metrics; undefined where it is not one. */
export function metricsLine(text: string): MetricsLine | undefined {
  try {
    const line = JSON.parse(text);
    return typeof line === 'object' && line !== null && typeof line.step === 'number' ? line : undefined;
  } catch {
    return undefined;
  }
}
