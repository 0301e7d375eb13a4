/** Does tasks of an evaluation, in the main thread where there is little to do, else in threads: sums leads and writes them into the score store. */
import type { RowSumName } from '../records/rowSums.ts';
import { type CellSums, namesOf, type SumName } from '../records/scores.ts';
import { type Absent, absentIn } from './absent.ts';
import { canonicalOrder } from './align.ts';
import { type ChunkCache, chunkCache } from './chunkCache.ts';
import { type Digest, type DigestOptions, digester } from './digest.ts';
import { type Domains, domainsOf } from './domains.ts';
import type { Inputs } from './inputs.ts';
import { opener, type Paths } from './opened.ts';
import { alignedPairs, boundsOf, type Pair } from './plan.ts';
import { reorderedRows } from './rowAdder.ts';
import { type ScorePlace, writeLead } from './scoreStore.ts';
import { adoptIndices, type FileIndex } from './stores/gridFile.ts';
import { interrupted, sumLeads } from './task.ts';
import { createMachine } from './wasm/machine.ts';
import type { Tally } from './wasm/sums.ts';

/** What every task of an evaluation shares; it crosses to the threads. */
export interface Setup {
  paths: Paths;
  names: readonly SumName[];
  /** Sums by row. */
  rows: readonly RowSumName[];
  /** Which of the initial times. */
  part?: readonly [number, number];
  /** Where leads are digested as they are summed. */
  digest?: DigestOptions;
  score: ScorePlace;
  /** Of NetCDF and HDF5 files, which were indexed once. */
  indices: [string, FileIndex][];
  /** Bytes that this thread may use. */
  memory: number;
}

export interface Task {
  forecast: number;
  /** The forecast's subgroup in the score. */
  group: string;
  variable: string;
  /** Leads [from, to). */
  from: number;
  to: number;
  fields: number;
  /** The mean of the truth, where it stands for the climatology; shared memory. */
  mean?: Float64Array;
}

export interface Scorer {
  /** Resolves when the leads are written. Tasks may overlap: one is written while the next is summed. */
  run(task: Task, progress: (fields: number) => void): Promise<Result[]>;
}

interface Opened {
  inputs: Inputs;
  /** Of cells in the score. */
  order: ReturnType<typeof canonicalOrder>;
  pairs: Pair[];
}

/** Of one lead. */
export interface Result {
  tally: Tally;
  digest?: Digest;
  /** Of the whole task, with its first lead. */
  absent?: Absent[];
}

export function scorer({ paths, names, rows, part, digest, score, memory, indices }: Setup, signal: AbortSignal): Scorer {
  adoptIndices(indices);
  let made: ChunkCache | undefined;
  const cache = () => (made ??= chunkCache(createMachine(memory)));
  const { open } = opener(paths, cache, signal);
  const inputs = new Map<string, Promise<Opened>>();
  let digestOf: ReturnType<typeof digester> | undefined;
  /** One grid for all forecasts, in one order or another. */
  const domains = new Map<string, Domains>();
  /** Sums are made one task after the other; so is the writing. */
  let summing: Promise<unknown> = Promise.resolve();
  let writing: Promise<unknown> = Promise.resolve();

  const inputsOf = ({ forecast, variable, mean }: Task) => {
    const key = `${forecast}/${variable}`;
    const known = inputs.get(key);
    if (known) return known;
    // Of one variable at a time: another's readers hold on to what they have read.
    inputs.clear();
    const opened = open(forecast, variable, async () => mean!).then((one) => ({
      inputs: one,
      order: canonicalOrder(one.forecast.grid),
      pairs: alignedPairs(one.forecast, one.truth, part, new Set(), variable),
    }));
    inputs.set(key, opened);
    return opened;
  };

  async function summed(task: Task, progress: (fields: number) => void) {
    const { inputs: own, order, pairs } = await inputsOf(task);
    // One grid for all forecasts and variables.
    if (digest) digestOf ??= digester(order, digest);
    const { grid, initial } = own.forecast;
    const key = `${grid.latitude} ${grid.longitude} ${grid.latitudeEdges}`;
    const regional = domains.get(key) ?? domainsOf(grid);
    domains.set(key, regional);
    const { from, to, fields } = task;
    const { machine } = cache();
    const initials = boundsOf(initial.seconds.length, part);
    const request = { inputs: own, machine, names, rows, domains: regional, initials, pairs, from, to, fields, signal, progress };
    const summed = await sumLeads(request);
    return { order, ...summed, absent: absentIn(own) };
  }

  return {
    async run(task, progress) {
      const sums = summing.then(() => summed(task, progress));
      summing = sums.catch(() => {});
      const { order, leads, free, absent } = await sums;
      const results: Result[] = [];
      const written = writing.then(async () => {
        try {
          for (const { lead, sums: one, tally, domains: regional, rows: byRow } of leads) {
            if (signal.aborted) throw interrupted(score.path);
            const ordered = reordered(one, order);
            const circles = reorderedRows(byRow, order.rows);
            const first = results.length === 0 && absent.length > 0;
            results.push({ tally, digest: digestOf?.(ordered, circles), ...(first && { absent }) });
            await writeLead(score, task.group, task.variable, lead, ordered, regional, circles);
          }
        } finally {
          free();
        }
      });
      writing = written.catch(() => {});
      await written;
      return results;
    },
  };
}

/** Sums from the forecast's order of cells to the score's; the same arrays where the two are one. */
function reordered(sums: CellSums, { rows, columns }: { rows: Int32Array; columns: Int32Array }): CellSums {
  if (rows.every((row, i) => row === i) && columns.every((column, j) => column === j)) return sums;
  const ordered = (values: Float64Array) => {
    const out = new Float64Array(values.length);
    for (const [i, row] of rows.entries()) {
      const [from, into] = [row * columns.length, i * columns.length];
      for (let j = 0; j < columns.length; j++) out[into + j] = values[from + columns[j]!]!;
    }
    return out;
  };
  return Object.fromEntries(namesOf(sums).map((name) => [name, ordered(sums[name]!)])) as CellSums;
}
