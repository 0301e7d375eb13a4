/** `metrics.jsonl`, read as it grows: whole lines only, a torn or foreign line is passed over, a file that was cut (a resume) is read anew. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricsLine } from '../records/training.ts';

export interface MetricsReader {
  /** The lines since the last call. `restarted`: the file became shorter, and `lines` begin at its start again. */
  next(): Promise<{ lines: MetricsLine[]; restarted: boolean }>;
}

const BLOCK = 1 << 20;

export function metricsReader(folder: string): MetricsReader {
  const file = join(folder, 'metrics.jsonl');
  let offset = 0;
  let inode: number | undefined;
  return {
    async next() {
      const lines: MetricsLine[] = [];
      let restarted = false;
      const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (!handle) return { lines, restarted };
      try {
        const { size, ino } = await handle.stat();
        // A resume replaces the file by one that is cut at the checkpoint.
        if (size < offset || (inode !== undefined && ino !== inode)) {
          restarted = offset > 0;
          offset = 0;
        }
        inode = ino;
        let buffer = Buffer.alloc(0);
        let at = offset;
        while (at < size) {
          const { bytesRead, buffer: block } = await handle.read(Buffer.alloc(Math.min(BLOCK, size - at)), 0, undefined, at);
          if (bytesRead === 0) break;
          at += bytesRead;
          buffer = Buffer.concat([buffer, block.subarray(0, bytesRead)]);
          const end = buffer.lastIndexOf(10);
          if (end < 0) continue;
          for (const text of buffer.subarray(0, end).toString('utf8').split('\n')) {
            const line = metricsLine(text);
            if (line) lines.push(line);
          }
          offset += end + 1;
          buffer = buffer.subarray(end + 1);
        }
      } finally {
        await handle.close();
      }
      return { lines, restarted };
    },
  };
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
