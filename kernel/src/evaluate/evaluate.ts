/**
 * Scores forecasts against a truth: one pass over the chunks in bounded memory, sums by (variable, lead, cell), a score store at the end.
 *
 * Work goes variable by variable, then by as many leads as the sums' budget holds, then by horizontal tile of the forecast's chunks, then by
 * its chunks in time and lead, so that every chunk of the forecast is unpacked once and the truth's are met again while they are still kept.
 */
import { setImmediate } from 'node:timers/promises';
import { TradewindError } from '../records/errors.ts';
import { type CellSums, emptySums, SUM_NAMES } from '../records/scores.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import { accumulate, type Tally } from './accumulate.ts';
import { canonicalOrder } from './align.ts';
import { isoTime } from './calendar.ts';
import { type Climatology, type Forecast, openClimatology, openForecast, openTruth, type Reference } from './inputs.ts';
import { meanClimatology } from './meanClimatology.ts';
import { alignedPairs, inChunkOrder, leadsInBudget, type Pair, type Tile, tilesOf } from './plan.ts';
import { type ForecastFacts, type ScoreFacts, type ScoreWriter, type VariableFacts, writeScore } from './scoreStore.ts';
import { openStore, type Store } from './store.ts';
import { findVariable } from './variables.ts';

/** How many fields are being read while one is added up. */
const AHEAD = 3;

export interface EvaluateRequest {
  forecasts: { name: string; path: string }[];
  truth: string;
  climatology?: string;
  variables: string[];
  output: string;
  signal: AbortSignal;
  /** Fields scored so far. */
  progress(done: number, total: number): void;
}

/** Makes the score store `output`; returns its facts. Nothing is left behind when it fails or is interrupted. */
export async function evaluateForecasts(request: EvaluateRequest): Promise<ScoreFacts> {
  const begun = performance.now();
  const truth = await openStore(request.truth);
  const climatology = request.climatology ? await openStore(request.climatology) : undefined;
  const stores = await Promise.all(request.forecasts.map(({ path }) => openStore(path)));
  const notes = new Set<string>();
  const first = await openForecast(stores[0]!, request.variables[0]!);
  const order = canonicalOrder(first.grid);
  const facts: ScoreFacts = {
    version: 1,
    tradewind: TRADEWIND_VERSION,
    createdAt: new Date().toISOString(),
    truth: request.truth,
    climatology: '',
    leadTimes: [...first.leadTimes],
    forecasts: [],
    notes: [],
    seconds: 0,
  };
  const writer = await writeScore(request.output, order, first.leadTimes);
  try {
    const fields = first.leadTimes.length * first.initial.seconds.length * request.variables.length * stores.length;
    let done = 0;
    for (const [index, store] of stores.entries()) {
      const { name, path } = request.forecasts[index]!;
      const entry: ForecastFacts = {
        name,
        path,
        group: groupName(name, index),
        calendar: first.initial.calendar,
        initialTimes: [...first.initial.seconds],
        variables: {},
      };
      await writer.begin(entry.group, request.variables, entry.initialTimes, entry.calendar);
      for (const variable of request.variables) {
        const inputs = await openAll(store, truth, climatology, variable, notes, request);
        refuseUnlike(first, inputs.forecast, name);
        facts.climatology = inputs.climatology.described;
        entry.variables[variable] = await scoreVariable(inputs, variable, entry, writer, notes, request.signal, (share) =>
          request.progress(Math.round(done + share), fields),
        );
        done += first.leadTimes.length * first.initial.seconds.length;
      }
      facts.forecasts.push(entry);
    }
    facts.notes = [...notes];
    facts.seconds = (performance.now() - begun) / 1000;
    await writer.finish(facts);
    return facts;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** A name of letters, digits, `-`, `_` and `.` that no other forecast has. */
function groupName(name: string, index: number): string {
  return `${index}-${name.replace(/[^A-Za-z0-9_.-]+/g, '_')}`;
}

interface Inputs {
  forecast: Forecast;
  truth: Reference;
  climatology: Climatology;
}

async function openAll(
  store: Store,
  truthStore: Store,
  climatologyStore: Store | undefined,
  variable: string,
  notes: Set<string>,
  request: EvaluateRequest,
): Promise<Inputs> {
  const { units } = (await findVariable(truthStore, variable)).variable.attributes as { units?: string };
  const forecast = await openForecast(store, variable, units);
  const against = { grid: forecast.grid, calendar: forecast.initial.calendar };
  const truth = await openTruth(truthStore, variable, against);
  const climatology = climatologyStore
    ? await openClimatology(climatologyStore, variable, against, truth.units)
    : await meanClimatology(truth, forecast.grid, truthStore.path, request.signal);
  if (units === undefined) notes.add(`${variable} has no units in the truth: values are taken as they stand`);
  if (forecast.described !== variable) notes.add(`${variable} is ${forecast.described} in ${store.path}`);
  return { forecast, truth, climatology };
}

/** Forecasts scored in one call are there to be compared: same cells, leads and initial times. */
function refuseUnlike(first: Forecast, other: Forecast, name: string): void {
  const differing = (what: string, a: ArrayLike<number>, b: ArrayLike<number>, show: (value: number) => string) => {
    const at = Array.from({ length: Math.max(a.length, b.length) }).findIndex(
      (_, i) => a[i] === undefined || b[i] === undefined || Math.abs(a[i]! - b[i]!) > 1e-3,
    );
    if (at < 0) return;
    const [one, two] = [a[at], b[at]].map((value) => (value === undefined ? 'none' : show(value)));
    throw new TradewindError({
      code: 'refused',
      message: `the ${what} of ${name} differ from the first forecast's: ${b.length} against ${a.length}, number ${at + 1} is ${two} against ${one}`,
      where: other.store.path,
      remedy: 'Evaluate them one by one, or give all of them the same ones.',
    });
  };
  const [a, b] = [canonicalOrder(first.grid), canonicalOrder(other.grid)];
  differing('latitudes', a.latitude, b.latitude, String);
  differing('longitudes', a.longitude, b.longitude, String);
  differing('lead times', first.leadTimes, other.leadTimes, (hours) => `${hours} h`);
  differing('initial times', first.initial.seconds, other.initial.seconds, (seconds) => isoTime(seconds, first.initial.calendar));
}

/** Sums one variable of one forecast and writes them lead by lead. `progress` gets the number of fields done. */
async function scoreVariable(
  inputs: Inputs,
  variable: string,
  entry: ForecastFacts,
  writer: ScoreWriter,
  notes: Set<string>,
  signal: AbortSignal,
  progress: (fields: number) => void,
): Promise<VariableFacts> {
  const { forecast, truth } = inputs;
  const cells = forecast.grid.latitude.length * forecast.grid.longitude.length;
  const { leadTimes } = forecast;
  const pairs = alignedPairs(forecast, truth, notes, variable);
  const facts: VariableFacts = {
    units: truth.units,
    longName: truth.longName,
    samples: Array.from(leadTimes, (_, lead) => pairs.filter((pair) => pair.lead === lead).length),
    lost: [],
    truthSum: [],
  };
  const leadsPerChunk = forecast.roles.leadTime === undefined ? 1 : forecast.chunks[forecast.roles.leadTime]!;
  const order = canonicalOrder(forecast.grid);
  const tiles = tilesOf(forecast);
  const block = leadsInBudget(cells, leadsPerChunk);
  const tallies = Array.from(leadTimes, (): Tally => ({ lost: 0, truth: 0 }));
  const total = pairs.length * tiles.length;
  let done = 0;
  let rested = performance.now();
  for (let from = 0; from < leadTimes.length; from += block) {
    const leads = Math.min(block, leadTimes.length - from);
    const sums = Array.from({ length: leads }, () => emptySums(cells));
    const jobs = tiles.flatMap((tile) => inChunkOrder(pairs, forecast, from, from + leads).map((pair) => ({ ...pair, ...tile })));
    for await (const { job, fields } of readAhead(jobs, inputs)) {
      if (signal.aborted)
        throw new TradewindError({
          code: 'interrupted',
          message: `evaluation was interrupted at ${entry.name}, ${variable}`,
          where: forecast.store.path,
        });
      addTile(fields, sums[job.lead - from]!, job, forecast.grid.longitude.length, tallies[job.lead]!);
      done++;
      if (performance.now() - rested < 50) continue;
      progress((done / total) * forecast.leadTimes.length * forecast.initial.seconds.length);
      // Chunks that are kept already give nothing to wait for: timers and signals get their turn here.
      await setImmediate();
      rested = performance.now();
    }
    for (let lead = 0; lead < leads; lead++) await writer.write(entry.group, variable, from + lead, reordered(sums[lead]!, order));
  }
  facts.lost = tallies.map((tally) => tally.lost);
  facts.truthSum = tallies.map((tally) => tally.truth);
  const lost = facts.lost.reduce((sum, one) => sum + one, 0);
  if (lost > 0)
    notes.add(`${entry.name}, ${variable}: ${lost} values of the forecast aren't finite where the truth is; they aren't scored`);
  return facts;
}

type Job = Pair & Tile;
type Fields = Awaited<ReturnType<typeof readFields>>;

function readFields(job: Job, { forecast, truth, climatology }: Inputs) {
  return Promise.all([
    forecast.read(job.initial, job.lead, job.rows, job.columns),
    truth.read(job.valid, job.rows, job.columns),
    climatology.read(job.valid, job.rows, job.columns),
  ]);
}

/** Reads the fields of the next few jobs while this one is worked on, and yields them in order. */
async function* readAhead(jobs: Job[], inputs: Inputs): AsyncGenerator<{ job: Job; fields: Fields }> {
  const waiting: { job: Job; fields: Promise<Fields> }[] = [];
  for (let next = 0; next < jobs.length || waiting.length > 0; ) {
    while (next < jobs.length && waiting.length < AHEAD) {
      const job = jobs[next++]!;
      const fields = readFields(job, inputs);
      // Its error is met when its turn comes; until then nobody waits for it.
      fields.catch(() => {});
      waiting.push({ job, fields });
    }
    const { job, fields } = waiting.shift()!;
    yield { job, fields: await fields };
  }
}

/** Adds a tile's fields to the sums of the whole grid: in one run where the tile spans it, else row by row. */
function addTile([forecast, truth, climatology]: Fields, sums: CellSums, { rows, columns }: Tile, gridColumns: number, tally: Tally): void {
  const start = rows[0]! * gridColumns + columns[0]!;
  // A tile as wide as the grid is one run.
  const [runs, length] = columns.length === gridColumns ? [1, rows.length * columns.length] : [rows.length, columns.length];
  for (let run = 0; run < runs; run++)
    accumulate(forecast, truth, climatology, run * length, sums, start + run * gridColumns, length, tally);
}

/** Sums from the forecast's order of cells to the score's; the same arrays where the two are one. */
function reordered(sums: CellSums, { rows, columns }: { rows: Int32Array; columns: Int32Array }): CellSums {
  if (rows.every((row, i) => row === i) && columns.every((column, j) => column === j)) return sums;
  const out = emptySums(rows.length * columns.length);
  for (const name of SUM_NAMES) {
    for (const [i, row] of rows.entries()) {
      const [from, into] = [row * columns.length, i * columns.length];
      for (let j = 0; j < columns.length; j++) out[name][into + j] = sums[name][from + columns[j]!]!;
    }
  }
  return out;
}
