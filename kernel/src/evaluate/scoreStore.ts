/**
 * A score on disk: a Zarr group with one subgroup a forecast, in it `T0_count`, `T0_dd` … over (lead_time, latitude, longitude), one chunk a lead.
 * It is made beside its place and renamed when whole. xarray opens each subgroup as a data set.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import type { MetricName } from '../records/metrics.ts';
import type { RowSumName, RowSums } from '../records/rowSums.ts';
import { type CellSums, type Grid, namesOf, type SumName } from '../records/scores.ts';
import type { Calendar } from './calendar.ts';
import { beginDomains, type DomainFacts, readDomains, writeDomains } from './domainStore.ts';
import { isTaken, JOURNAL_FILES } from './journal.ts';
import { beginRows, readRows, writeRows } from './rowStore.ts';
import { openStore, readCoordinate, type Store } from './store.ts';
import { writeArray, writeChunk, writeGroup, writeVector } from './zarrWriter.ts';

/** What is known of one variable's scores beyond the sums. */
export interface VariableFacts {
  units: string;
  longName: string;
  /** How many initial times each lead has. */
  samples: number[];
  /** How many cells (over the initial times) had a truth and no finite forecast, by lead. */
  lost: number[];
  /** Sum of the truth over all that counted, by lead. */
  truthSum: number[];
  /** Of an ensemble how many there are. */
  members?: number;
}

export interface ForecastFacts {
  name: string;
  /** The forecast's store. */
  path: string;
  /** The subgroup that its sums lie in. */
  group: string;
  calendar: Calendar;
  /** Seconds since 1970-01-01 of the calendar. */
  initialTimes: number[];
  variables: Record<string, VariableFacts>;
}

/** The attributes of a score store. */
export interface ScoreFacts {
  version: 1;
  tradewind: string;
  createdAt: string;
  truth: string;
  /** In words, and where it lies; scores made before it was told apart have its path in the words. */
  climatology: string;
  climatologyStore?: string;
  /** The same where exceedance is scored. */
  threshold?: string;
  thresholdStore?: string;
  /** What was asked for. Scores made before there was a choice have neither. */
  metrics?: MetricName[];
  sums?: SumName[];
  /** Sums by row; absent where there are none. */
  rows?: RowSumName[];
  /** Sums over regions by initial time, which tests of significance need. Scores made before they were kept have none. */
  domains?: DomainFacts;
  /** Hours. */
  leadTimes: number[];
  forecasts: ForecastFacts[];
  /** Sentences that a reader of the scores must know: what was left out, what was assumed. */
  notes: string[];
  seconds: number;
}

/** An open score: its facts, its grid (south to north, west to east from −180°), and its sums by lead. */
export interface Score {
  path: string;
  facts: ScoreFacts;
  grid: Grid;
  sums(forecast: ForecastFacts, variable: string, lead: number): Promise<CellSums>;
  /** Sums by row; empty where none were kept. */
  rows(forecast: ForecastFacts, variable: string, lead: number): Promise<RowSums>;
  /** Sums over regions, `[initial time, weights, sum, region]` as `facts.domains` lists them; absent where they were not kept. */
  domains(forecast: ForecastFacts, variable: string, lead: number): Promise<Float64Array | undefined>;
}

/** A score that is being made. */
export interface ScorePlace {
  /** Where it is made. */
  folder: string;
  /** Where it will be: by that it is named. */
  path: string;
}

export interface ScoreWriter extends ScorePlace {
  /** Declares a forecast's arrays. */
  begin(forecast: ForecastFacts, sums: readonly SumName[], byRow: readonly RowSumName[], domains?: DomainFacts): Promise<void>;
  /** Puts the store in its place. */
  finish(facts: ScoreFacts): Promise<void>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/** What scores held before they said so. */
export const EARLIER_SUMS: readonly SumName[] = ['count', 'dd', 'ab', 'aa', 'bb', 'd'];
const ATTRIBUTE = 'tradewind_score';

/** Begins a score at `path`; an existing score there is replaced at the end, anything else is refused now. `call`: a name for what makes it, so that it can go on there (see journal.ts). */
export async function writeScore(path: string, grid: Grid, leadTimes: ArrayLike<number>, call?: string): Promise<ScoreWriter> {
  if (existsSync(path) && !(await isScore(path))) {
    throw new TradewindError({
      code: 'refused',
      message: 'something that is no score stands there already',
      where: path,
      remedy: 'Give another -o, or move it away.',
    });
  }
  const named = (word: string) => join(dirname(path), `.${basename(path)}.${word}.part`);
  const temporary = call !== undefined && !isTaken(named(call)) ? named(call) : named(randomUUID().slice(0, 8));
  const [rows, columns] = [grid.latitude.length, grid.longitude.length];
  await writable(path, () => mkdir(temporary, { recursive: true }));
  return {
    folder: temporary,
    path,
    async begin({ group, variables, initialTimes, calendar }, sums, byRow, domains) {
      const folder = join(temporary, group);
      await writable(path, async () => {
        await writeGroup(folder, {});
        await writeVector(join(folder, 'latitude'), 'latitude', Float64Array.from(grid.latitude), {
          units: 'degrees_north',
          standard_name: 'latitude',
        });
        await writeVector(join(folder, 'longitude'), 'longitude', Float64Array.from(grid.longitude), {
          units: 'degrees_east',
          standard_name: 'longitude',
        });
        if (grid.latitudeEdges)
          await writeVector(join(folder, 'latitude_edges'), 'latitude_edge', Float64Array.from(grid.latitudeEdges), {
            units: 'degrees_north',
            long_name: 'edges between the rows, as the forecast gives them',
          });
        await writeVector(join(folder, 'lead_time'), 'lead_time', Float64Array.from(leadTimes), { long_name: 'lead time in hours' });
        const seconds = { units: 'seconds since 1970-01-01', calendar, long_name: 'initial times that went into the sums' };
        await writeVector(join(folder, 'initial_time'), 'initial_time', Float64Array.from(initialTimes), seconds);
        for (const variable of Object.keys(variables)) {
          if (domains) await beginDomains(folder, variable, [leadTimes.length, initialTimes.length], domains);
          const { members = 1 } = variables[variable]!;
          await beginRows(folder, variable, byRow, { leads: leadTimes.length, rows, columns, members });
          for (const sum of sums) {
            await writeArray(join(folder, `${variable}_${sum}`), {
              shape: [leadTimes.length, rows, columns],
              chunks: [1, rows, columns],
              dtype: COUNTS.has(sum) ? 'int32' : 'float64',
              dimensions: ['lead_time', 'latitude', 'longitude'],
              attributes: { long_name: SUM_TITLES[sum] },
            });
          }
        }
      });
    },
    async finish(facts) {
      await writable(path, async () => {
        await writeGroup(temporary, { [ATTRIBUTE]: facts });
        for (const file of JOURNAL_FILES) await rm(join(temporary, file), { force: true });
        const old = `${temporary}.old`;
        if (existsSync(path)) await rename(path, old);
        await rename(temporary, path);
        await rm(old, { recursive: true, force: true });
      });
    },
    abandon: () => rm(temporary, { recursive: true, force: true }),
  };
}

/** Writes one lead's sums, cells and rows in the score's order, and its sums by initial time, where they are kept. */
export async function writeLead(
  { folder, path }: ScorePlace,
  group: string,
  variable: string,
  lead: number,
  sums: CellSums,
  domains: Float64Array | undefined,
  byRow: RowSums,
): Promise<void> {
  await writable(path, async () => {
    // One is packed while the one before is written.
    let before: Promise<void> = Promise.resolve();
    for (const sum of namesOf(sums)) {
      const own = sums[sum]!;
      const values = COUNTS.has(sum) ? wholeNumbers(own) : own;
      const written = writeChunk(join(folder, group, `${variable}_${sum}`), [lead, 0, 0], values);
      written.catch(() => {});
      await before;
      before = written;
    }
    await before;
    await writeRows(join(folder, group), variable, lead, byRow);
    if (domains) await writeDomains(join(folder, group), variable, lead, domains);
  });
}

/** As integers, until the next call. */
function wholeNumbers(values: Float64Array): Int32Array {
  if (integers.length !== values.length) integers = new Int32Array(values.length);
  integers.set(values);
  return integers;
}

let integers = new Int32Array(0);

const SUM_TITLES = {
  count: 'number of initial times where forecast, truth and climatology are valid',
  d: 'sum of forecast − truth',
  dd: 'sum of (forecast − truth)²',
  ab: 'sum of (forecast − climatology)(truth − climatology)',
  aa: 'sum of (forecast − climatology)²',
  bb: 'sum of (truth − climatology)²',
  ad: 'sum of |forecast − truth|',
  a: 'sum of forecast − climatology',
  b: 'sum of truth − climatology',
  f: 'sum of the forecast',
  t: 'sum of the truth',
  ff: 'sum of forecast²',
  tt: 'sum of truth²',
  ft: 'sum of forecast · truth',
  pn: 'number of initial times where the truth at the initial time is valid too',
  pd: 'sum of (forecast − truth)² over those',
  pp: 'sum of (truth at the initial time − truth)² over those',
  hits: 'number of initial times with forecast and truth above the threshold',
  misses: 'number of initial times with the truth alone above the threshold',
  alarms: 'number of initial times with the forecast alone above the threshold',
  cr: 'sum of the fair CRPS of the ensemble',
  ev: 'sum of the unbiased variance of the members, times (M + 1)/M',
} as const satisfies Record<SumName, string>;

/** Whole numbers. */
const COUNTS: ReadonlySet<SumName> = new Set(['count', 'pn', 'hits', 'misses', 'alarms']);

async function writable<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TradewindError({
      code: 'input',
      message: code === 'ENOSPC' ? 'the disk is full' : `the score can't be written: ${message}`,
      where: path,
      remedy: 'Give -o a place with room that you may write to; nothing half-written is left.',
    });
  }
}

async function isScore(path: string): Promise<boolean> {
  try {
    await openScore(path);
    return true;
  } catch {
    return false;
  }
}

/** Opens a score store. */
export async function openScore(path: string): Promise<Score> {
  const attributes = await groupAttributes(path);
  const facts = attributes?.[ATTRIBUTE] as ScoreFacts | undefined;
  if (!facts)
    throw new TradewindError({
      code: 'input',
      message: 'that is no score',
      where: path,
      remedy: 'Make one with tradewind evaluate FORECAST --truth TRUTH -o SCORE.zarr.',
    });
  if (facts.version !== 1) {
    throw new TradewindError({
      code: 'input',
      message: `the score has layout ${facts.version}; this Tradewind reads 1`,
      where: path,
      remedy: 'Use the Tradewind that made it, or evaluate again.',
    });
  }
  const stores = new Map<string, Promise<Store>>();
  const open = (group: string) => {
    const opened = stores.get(group) ?? openStore(join(path, group));
    stores.set(group, opened);
    return opened;
  };
  const first = await open(facts.forecasts[0]!.group);
  const edges = first.variables.get('latitude_edges');
  return {
    path,
    facts,
    grid: {
      latitude: await readCoordinate(first.variables.get('latitude')!),
      longitude: await readCoordinate(first.variables.get('longitude')!),
      ...(edges && { latitudeEdges: await readCoordinate(edges) }),
    },
    async sums(forecast, variable, lead) {
      const store = await open(forecast.group);
      const read = async (sum: string) => {
        const array = store.variables.get(`${variable}_${sum}`);
        if (!array)
          throw new TradewindError({
            code: 'input',
            message: `${variable}_${sum} of ${forecast.name} is missing`,
            where: path,
            remedy: 'Evaluate again.',
          });
        const { data } = await array.array.getChunk([lead, 0, 0]);
        if (data instanceof Float64Array) return data;
        const values = new Float64Array((data as ArrayLike<number>).length);
        values.set(data as ArrayLike<number>);
        return values;
      };
      const names = facts.sums ?? EARLIER_SUMS;
      const values = await Promise.all(names.map(read));
      return Object.fromEntries(names.map((sum, index) => [sum, values[index]])) as CellSums;
    },
    rows: async (forecast, variable, lead) =>
      facts.rows ? readRows(await open(forecast.group), forecast.name, variable, lead, facts.rows) : {},
    domains: async (forecast, variable, lead) =>
      facts.domains ? readDomains(await open(forecast.group), forecast.name, variable, lead) : undefined,
  };
}

async function groupAttributes(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(join(path, 'zarr.json'), 'utf8')).attributes;
  } catch (error) {
    const missing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!missing)
      throw new TradewindError({
        code: 'input',
        message: `the score can't be read: ${(error as Error).message}`,
        where: path,
        remedy: 'Evaluate again.',
      });
    if (existsSync(path)) return undefined;
    throw new TradewindError({
      code: 'input',
      message: 'there is no such score',
      where: path,
      remedy: `Make it with tradewind evaluate … -o ${relative(process.cwd(), path) || path}.`,
    });
  }
}
