/**
 * What an evaluation has done so far, beside the score that it makes: a call that was interrupted or killed goes on from there when it is made again.
 * The unfinished score lies in a folder named by the call, so another call never meets it.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { TRADEWIND_VERSION } from '../records/version.ts';
import type { Absent } from './absent.ts';
import { sourcesOf } from './stores/joined.ts';
import { ROOT_FILES } from './stores/zarr.ts';
import type { Tally } from './wasm/sums.ts';

const [FILE, OWNER] = ['done.jsonl', 'owner'];

/** One lead that is summed and written. */
export interface Done {
  group: string;
  variable: string;
  lead: number;
  tally: Tally;
  absent?: Absent[];
}

export interface Journal {
  /** What an earlier call did. */
  earlier: readonly Done[];
  add(done: Done): void;
  /** How many leads are done by now. */
  done(): number;
}

/** A name for a call: the same for the same words over the same stores. A store that was written anew has another time of its metadata. */
export function callName(words: object, stores: readonly string[]): string {
  const times = stores.flatMap((path) =>
    (sourcesOf(path) ?? [path]).flatMap((store) => {
      const found = statSync(store, { throwIfNoEntry: false });
      return found?.isFile() ? [found.mtimeMs] : ROOT_FILES.map((file) => timeOf(join(store, file)));
    }),
  );
  return createHash('sha256')
    .update(JSON.stringify([TRADEWIND_VERSION, words, stores, times]))
    .digest('hex')
    .slice(0, 12);
}

const timeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Is a process that still runs at work in that folder? Of another machine's it is believed for a while after its last lead. */
export function isTaken(folder: string): boolean {
  const file = join(folder, OWNER);
  if (!existsSync(file)) return false;
  const [host, owner] = readFileSync(file, 'utf8').split(' ');
  if (host !== hostname()) return Date.now() - Math.max(timeOf(file), timeOf(join(folder, FILE))) < BELIEVED;
  if (Number(owner) === process.pid) return running.has(folder);
  try {
    process.kill(Number(owner), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const BELIEVED = 15 * 60_000;

/** Folders that this process works in. */
const running = new Set<string>();

/** Opens the journal of a folder and takes the folder; `close` gives it up. */
export function openJournal(folder: string): Journal & { close(): void } {
  const file = join(folder, FILE);
  running.add(folder);
  writeFileSync(join(folder, OWNER), `${hostname()} ${process.pid}`);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  // A last line that was cut off by the end of its process is no line.
  if (existsSync(file)) writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  let done = lines.length;
  return {
    done: () => done,
    earlier: lines.map((line) => JSON.parse(line) as Done),
    add(one) {
      appendFileSync(file, `${JSON.stringify(one)}\n`);
      done++;
    },
    close: () => running.delete(folder),
  };
}

/** Files of the journal, which a finished score has no need of. */
export const JOURNAL_FILES = [FILE, OWNER] as const;
