/**
 * Scores forecasts against a truth in bounded memory: sums by (variable, lead, cell), a score store at the end.
 *
 * This thread plans: what is aligned with what, which leads make a task, how much memory each thread gets. Threads do the tasks and write what comes out.
 */
import { availableParallelism } from 'node:os';
import { TradewindError } from '../records/errors.ts';
import { type MetricName, rowSumsFor, sumsFor } from '../records/metrics.ts';
import type { RowSumName } from '../records/rowSums.ts';
import { SUM_NAMES, type SumName } from '../records/scores.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import { absences, absentIn } from './absent.ts';
import { canonicalOrder } from './align.ts';
import { isoTime } from './calendar.ts';
import { type ChunkCache, chunkCache } from './chunkCache.ts';
import { coverageNotes } from './coverage.ts';
import { type Digest, type DigestOptions, finestFactor } from './digest.ts';
import { domainFacts } from './domainStore.ts';
import { domainsOf } from './domains.ts';
import type { Forecast, Inputs } from './inputs.ts';
import { callName, type Journal, openJournal } from './journal.ts';
import { meanOf } from './meanClimatology.ts';
import { opener, type Paths } from './opened.ts';
import { alignedPairs, type Cut, cutOf, type Pair, partOf } from './plan.ts';
import { runTasks } from './pool.ts';
import { refuseWithoutCircles } from './rowAdder.ts';
import type { Task } from './scorer.ts';
import { type ForecastFacts, type ScoreFacts, type ScorePlace, type VariableFacts, writeScore } from './scoreStore.ts';
import { knownIndices } from './stores/gridFile.ts';
import { createMachine } from './wasm/machine.ts';
import type { Tally } from './wasm/sums.ts';

/** What an evaluation may use where nothing else is said. */
export const MEMORY = 1e9;
/** The process without the threads' arrays, and each thread's own. */
const [PROCESS_BYTES, THREAD_BYTES] = [130e6, 35e6];
const DIGEST_BYTES = 150e6;
/** Below it a thread takes longer to start than to work. */
const SMALL = 100e6;

export interface EvaluateRequest extends Paths {
  variables: string[];
  /** Beyond RMSE and ACC; each brings the sums that it needs. */
  metrics?: readonly MetricName[];
  /** Only this share of the initial times, as [number, of]: [3, 16] is the third of sixteen parts. */
  part?: readonly [number, number];
  output: string;
  /** At most so many threads; where absent, as many as the machine has, and one where there is little to do. */
  threads?: number;
  /** Bytes that it may use; a grid that needs more in one thread gets what it needs. */
  memory?: number;
  /** What the record will need, made while the sums are at hand; `take` may not be called, where there is too much of it. */
  digest?: { options: DigestOptions; take(group: string, variable: string, lead: number, digest: Digest): void };
  signal: AbortSignal;
  /** Fields scored so far. */
  progress(done: number, total: number): void;
}

/** One variable of one forecast, planned. */
interface Planned {
  index: number;
  variable: string;
  inputs: Inputs;
  pairs: Pair[];
  mean?: Float64Array;
}

/**
 * Makes the score store `output`; returns its facts. Nothing is left behind when it fails. When it is interrupted (or killed) after some leads were done, they are
 * kept beside `output`, and the same call goes on from there.
 */
export async function evaluateForecasts(request: EvaluateRequest): Promise<ScoreFacts> {
  const begun = performance.now();
  const notes = new Set<string>();
  const names = [...SUM_NAMES, ...sumsFor(request.metrics ?? [])];
  const rows = rowSumsFor(request.metrics ?? []);
  const plans = await planned(request, notes);
  const first = plans[0]!.inputs.forecast;
  const order = canonicalOrder(first.grid);
  const writer = await writeScore(request.output, order, first.leadTimes, nameOf(request, [...names, ...rows]));
  const journal = openJournal(writer.folder);
  try {
    const entries = request.forecasts.map(
      ({ name, path }, index): ForecastFacts => ({
        name,
        path,
        group: groupName(name, index),
        calendar: first.initial.calendar,
        initialTimes: partOf(first.initial.seconds, request.part),
        variables: Object.fromEntries(plans.filter((plan) => plan.index === index).map((plan) => [plan.variable, variableFacts(plan)])),
      }),
    );
    if (journal.earlier.length > 0) notes.add(`${journal.earlier.length} leads were kept from an interrupted call`);
    const domains = domainFacts(domainsOf(first.grid));
    for (const entry of entries) await writer.begin(entry, names, rows, domains);
    const absent = absences();
    for (const { absent: earlier } of journal.earlier) absent.add(earlier ?? []);
    await score(request, { names, rows }, plans, entries, { folder: writer.folder, path: writer.path }, journal, absent);
    // Of the truth whose mean was the climatology.
    for (const { inputs } of plans) absent.add(absentIn(inputs));
    for (const note of absent.notes()) notes.add(note);
    for (const { name, variables } of entries) {
      for (const [variable, { lost }] of Object.entries(variables)) {
        const all = lost.reduce((sum, one) => sum + one, 0);
        if (all > 0) notes.add(`${name}, ${variable}: ${all} values of the forecast aren't finite where the truth is; they aren't scored`);
      }
    }
    for (const [index, entry] of entries.entries()) {
      const own = plans.filter((plan) => plan.index === index);
      for (const note of await coverageNotes(writer.folder, entry, own, domains)) notes.add(note);
    }
    const facts: ScoreFacts = {
      version: 1,
      tradewind: TRADEWIND_VERSION,
      createdAt: new Date().toISOString(),
      truth: request.truth,
      climatology: plans[0]!.inputs.climatology.described,
      climatologyStore: request.climatology,
      threshold: plans[0]!.inputs.threshold?.described,
      thresholdStore: request.threshold,
      metrics: ['rmse', 'acc', ...(request.metrics ?? []).filter((name) => name !== 'rmse' && name !== 'acc')],
      sums: names,
      ...(rows.length > 0 && { rows }),
      domains,
      leadTimes: [...first.leadTimes],
      forecasts: entries,
      notes: [...notes],
      seconds: (performance.now() - begun) / 1000,
    };
    await writer.finish(facts);
    return facts;
  } catch (error) {
    const stopped = error instanceof TradewindError && error.data.code === 'interrupted';
    if (!stopped || journal.done() === 0) {
      await writer.abandon();
      throw error;
    }
    throw new TradewindError({ ...error.data, remedy: `${journal.done()} leads are kept: the same call goes on from there.` });
  } finally {
    journal.close();
  }
}

function nameOf({ forecasts, truth, climatology, threshold, variables, part, output }: EvaluateRequest, names: string[]): string {
  const stores = [...forecasts.map(({ path }) => path), truth, climatology, threshold].filter((path) => path !== undefined);
  return callName({ forecasts, variables, part, output, names, domains: true }, stores);
}

/** Opens everything, refuses what doesn't go together, and computes the climatology where none was given. */
async function planned(request: EvaluateRequest, notes: Set<string>): Promise<Planned[]> {
  if (!request.threshold && sumsFor(request.metrics ?? []).includes('hits'))
    throw new TradewindError({
      code: 'usage',
      message: `${request.metrics!.join(', ')}: exceedance is scored against a threshold, and none is given`,
      remedy: 'Give --threshold STORE, laid out like a climatology: the 90th percentile by day of year for marine heatwaves.',
    });
  let made: ChunkCache | undefined;
  const { open } = opener(request, () => (made ??= chunkCache(createMachine(request.memory ?? MEMORY))), request.signal);
  const means = new Map<string, Float64Array>();
  const names = sumsFor(request.metrics ?? []);
  const rows = rowSumsFor(request.metrics ?? []);
  const plans: Planned[] = [];
  for (const [index, { name }] of request.forecasts.entries()) {
    for (const variable of request.variables) {
      const mean = async ({ forecast, truth }: Pick<Inputs, 'forecast' | 'truth'>) => {
        // Forecasts of one call have one grid (refused below if not), in one order or another.
        const key = `${variable} ${forecast.grid.latitude} ${forecast.grid.longitude}`;
        const known = means.get(key) ?? (await meanOf(truth, forecast.grid, request.signal));
        means.set(key, known);
        computed = known;
        return known;
      };
      let computed: Float64Array | undefined;
      const inputs = await open(index, variable, mean);
      const { forecast, truth } = inputs;
      if (plans.length > 0) refuseUnlike(plans[0]!.inputs.forecast, forecast, name);
      if (truth.units === '') notes.add(`${variable} has no units in the truth: values are taken as they stand`);
      if (forecast.described !== variable) notes.add(`${variable} is ${forecast.described} in ${forecast.store.path}`);
      if (rows.includes('power_rows')) refuseWithoutCircles(forecast);
      if (forecast.members < 2 && (names.includes('cr') || names.includes('ev') || rows.includes('ranks')))
        throw needsMembers(forecast, variable);
      if (forecast.members > 1) notes.add(`${name}, ${variable}: the forecast is the mean of ${forecast.members} members`);
      plans.push({ index, variable, inputs, pairs: alignedPairs(forecast, truth, request.part, notes, variable), mean: computed });
    }
  }
  return plans;
}

function needsMembers(forecast: Forecast, variable: string): TradewindError {
  return new TradewindError({
    code: 'refused',
    message: `${variable} is no ensemble: it has no dimension of members (number, member, realization, ensemble) with two or more of them`,
    where: forecast.store.path,
    remedy: 'Leave crps, spread, spread-skill and rank-deviation out of --metrics.',
  });
}

function variableFacts({ inputs: { forecast, truth }, pairs }: Planned): VariableFacts {
  const nothing = Array.from(forecast.leadTimes, () => 0);
  return {
    units: truth.units,
    longName: truth.longName,
    samples: nothing.map((_, lead) => pairs.filter((pair) => pair.lead === lead).length),
    lost: [...nothing],
    truthSum: [...nothing],
    ...(forecast.members > 1 && { members: forecast.members }),
  };
}

/** What is kept: sums by cell, and by row. */
interface Kept {
  names: SumName[];
  rows: RowSumName[];
}

/** Cuts the work into tasks, does them, and enters their tallies. */
async function score(
  request: EvaluateRequest,
  { names, rows }: Kept,
  plans: Planned[],
  entries: ForecastFacts[],
  place: ScorePlace,
  journal: Journal,
  absent: ReturnType<typeof absences>,
): Promise<void> {
  const { cuts, threads, memory } = divide(plans, { names, rows }, request);
  const tasks = plans.flatMap(({ index, variable, inputs, mean }, at) => {
    const { leads, fields } = cuts[at]!;
    const all = inputs.forecast.leadTimes.length;
    return Array.from({ length: Math.ceil(all / leads) }, (_, piece): Task => {
      const from = piece * leads;
      return { forecast: index, group: entries[index]!.group, variable, from, to: Math.min(all, from + leads), fields, mean };
    });
  });
  const enter = (group: string, variable: string, lead: number, { lost, truth }: Tally) => {
    const facts = entries.find((entry) => entry.group === group)!.variables[variable]!;
    [facts.lost[lead], facts.truthSum[lead]] = [lost, truth];
  };
  for (const { group, variable, lead, tally } of journal.earlier) enter(group, variable, lead, tally);
  const known = new Set(journal.earlier.map(({ group, variable, lead }) => `${group}/${variable}/${lead}`));
  const isDone = ({ group, variable, from, to }: Task) =>
    Array.from({ length: to - from }, (_, at) => known.has(`${group}/${variable}/${from + at}`)).every(Boolean);
  const [left, kept] = [tasks.filter((task) => !isDone(task)), tasks.filter(isDone)];
  const fieldsOf = (task: Task) =>
    plans
      .find((plan) => plan.index === task.forecast && plan.variable === task.variable)!
      .pairs.filter(({ lead }) => lead >= task.from && lead < task.to).length;
  const total = plans.reduce((sum, { pairs }) => sum + pairs.length, 0);
  let done = kept.reduce((sum, task) => sum + fieldsOf(task), 0);
  const digest = fits(plans, names) ? request.digest?.options : undefined;
  const { truth, climatology, threshold, forecasts, part } = request;
  await runTasks(
    { paths: { truth, climatology, threshold, forecasts }, names, rows, part, digest, score: place, memory, indices: await knownIndices() },
    left,
    threads,
    request.signal,
    (fields) => {
      done += fields;
      request.progress(Math.min(total, Math.round(done)), total);
    },
    async (task, results) => {
      results.forEach(({ tally, digest: own, absent: more }, at) => {
        absent.add(more ?? []);
        const lead = task.from + at;
        enter(task.group, task.variable, lead, tally);
        journal.add({ group: task.group, variable: task.variable, lead, tally, absent: more });
        if (own) request.digest!.take(task.group, task.variable, lead, own);
      });
    },
  );
}

/** Digests of all leads are held until the record is made: where they would be many, the record reads the sums again. */
function fits(plans: Planned[], names: SumName[]): boolean {
  const { grid, leadTimes } = plans[0]!.inputs.forecast;
  const cells = (grid.latitude.length * grid.longitude.length) / finestFactor(grid) ** 2;
  return plans.length * leadTimes.length * cells * names.length * 8 < DIGEST_BYTES;
}

/** How many threads, with how much memory each: fewer where the grid is large, one where there is little to do. */
function divide(
  plans: Planned[],
  { names, rows }: Kept,
  { threads: wanted, memory: all = MEMORY }: EvaluateRequest,
): { cuts: Cut[]; threads: number; memory: number } {
  const work = plans.reduce(
    (sum, { inputs: { forecast }, pairs }) => sum + 12 * pairs.length * forecast.grid.latitude.length * forecast.grid.longitude.length,
    0,
  );
  const most = wanted ?? (work < SMALL ? 1 : availableParallelism());
  const ways = Array.from({ length: most }, (_, fewer) => {
    const threads = most - fewer;
    const each = (all - PROCESS_BYTES - THREAD_BYTES * threads) / threads;
    const cuts = plans.map(({ inputs, pairs }) => cutOf(inputs, pairs, names, rows, each));
    const needed = Math.max(...cuts.map(({ bytes }) => bytes));
    const repeats = Math.max(...cuts.map((cut) => cut.repeats));
    return { cuts, threads, needed, memory: Math.max(needed, Math.min(each, 2 * needed)), cost: repeats / threads, fits: needed <= each };
  });
  const fitting = ways.filter(({ fits }) => fits);
  // One thread gets what it needs. Among those that fit: chunks that more threads must unpack more often save nothing.
  return fitting.length === 0 ? ways.at(-1)! : fitting.reduce((best, way) => (way.cost < best.cost ? way : best));
}

/** A name of letters, digits, `-`, `_` and `.` that no other forecast has. */
function groupName(name: string, index: number): string {
  return `${index}-${name.replace(/[^A-Za-z0-9_.-]+/g, '_')}`;
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
