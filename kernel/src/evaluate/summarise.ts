/** From a score's sums to the record that is shown: scores by lead and region, and maps small enough for a notebook. */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { metricField } from '../records/cellFields.ts';
import { TradewindError } from '../records/errors.ts';
import { evenlySpread } from '../records/evenlySpread.ts';
import { type MetricName, type MetricSums, metricOf, vectorRmse } from '../records/metrics.ts';
import { rankHistogramOf, spectrumOf } from '../records/profiles.ts';
import { niceCeiling, quantile, quantise } from '../records/quantise.ts';
import type { Environment } from '../records/record.ts';
import type { Region } from '../records/regions.ts';
import type { RowTotals } from '../records/rowSums.ts';
import { acc, type CellWeights, cellWeights, coarsenGrid, type Normalisation, rmse, type Weights } from '../records/scores.ts';
import {
  type MappedMetric,
  type Metric,
  mapPictures,
  type ScoredForecast,
  SKILL_METRICS,
  type SkillRecord,
  type SmallMap,
  type VariableScores,
} from '../records/skill.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import { isoTime } from './calendar.ts';
import { coarserSums, type Digest, digester, finestFactor, isBand } from './digest.ts';
import type { ForecastFacts, Score } from './scoreStore.ts';
import { storeName } from './store.ts';

/** What a record may weigh as JSON where nothing is said. */
const RECORD_BYTES = 190e3;
/** Pixels of a picture are in base64 twice: the image in its page, and its pixels in the image. */
const TWICE = 4 / 3;
/** Its small maps have so much in any case. */
const LEAST_BYTES = 24e3;
/** Cells of a mask that a byte holds, packed and in base64, where they are noise. */
const MASK_CELLS = 5;
/** How many times coarser than the finest maps may be; and by how many fields their bytes are told beforehand. */
const COARSENINGS = [1, 2, 3, 4, 5, 6] as const;
const SAMPLES = 8;
const pack = promisify(deflate);

/** One forecast of one score. */
export interface Pick {
  score: Score;
  forecast: ForecastFacts;
  /** The name to show it by. */
  name: string;
}

export interface SummaryOptions {
  weights: Weights;
  normalisation: Normalisation;
  regions: readonly Region[];
  environment: Environment;
  /** What the record may weigh as JSON, once all but its small maps is known. */
  bytes?(record: SkillRecord): Promise<number>;
  progress(done: number, total: number): void;
  signal: AbortSignal;
  /** Digests that were made with the sums; where there is none the sums are read. */
  digests?(pick: Pick, variable: string, lead: number): Digest | undefined;
  /** Masks of significance will be added to it. */
  stippled?: boolean;
}

type DigestOf = (pick: Pick, variable: string, lead: number) => Promise<Digest>;

/** The forecasts in `picks` (one grid, one set of leads) as a record. */
export async function summarise(picks: Pick[], options: SummaryOptions): Promise<SkillRecord> {
  const { score, forecast: facts } = picks[0]!;
  const weights = cellWeights(score.grid, options.weights);
  const variables = Object.keys(facts.variables);
  const finest = finestFactor(score.grid);
  const names = options.regions.map(({ name }) => name).filter((name) => name !== 'global');
  const bands = new Set(options.regions.filter(isBand).map(({ name }) => name));
  const digest = digester(score.grid, options);
  const digestOf: DigestOf = async (pick, variable, lead) =>
    options.digests?.(pick, variable, lead) ??
    digest(await pick.score.sums(pick.forecast, variable, lead), await pick.score.rows(pick.forecast, variable, lead));
  const fields = new Map<string, Float32Array>();
  const mapped: MappedMetric[] = [...SKILL_METRICS, ...(score.facts.metrics?.includes('bias') ? (['bias'] as const) : [])];
  const forecasts: ScoredForecast[] = [];
  let done = 0;
  const total = picks.length * variables.length * score.facts.leadTimes.length;
  for (const [index, pick] of picks.entries()) {
    const scored: ScoredForecast = {
      name: pick.name,
      forecast: pick.forecast.path,
      score: `${pick.score.path}#${pick.forecast.name}`,
      variables: {},
      regions: {},
      maps: [],
    };
    for (const variable of variables) {
      const known = pick.forecast.variables[variable]!;
      const others = (pick.score.facts.metrics ?? []).filter((name) => name !== 'rmse' && name !== 'acc');
      const blank = (more: readonly MetricName[]): VariableScores => ({
        units: known.units,
        longName: known.longName,
        rmse: [],
        acc: [],
        count: [],
        ...(more.length > 0 && { more: Object.fromEntries(more.map((name) => [name, []])) }),
      });
      scored.variables[variable] = blank(others);
      const byRow: (RowTotals | undefined)[] = [];
      for (const name of names) {
        scored.regions[name] ??= {};
        scored.regions[name]![variable] = blank(bands.has(name) ? others : others.filter((one) => !metricOf(one)!.rows));
      }
      for (let lead = 0; lead < score.facts.leadTimes.length; lead++) {
        if (options.signal.aborted)
          throw new TradewindError({ code: 'interrupted', message: 'interrupted while the scores were summed up' });
        const { globe, regions, coarse } = await digestOf(pick, variable, lead);
        addScores(scored.variables[variable]!, globe, options.normalisation, known.samples[lead]!, 9);
        byRow.push(globe.rows);
        for (const name of names)
          addScores(scored.regions[name]![variable]!, regions[name]!, options.normalisation, known.samples[lead]!, 7);
        for (const metric of mapped) fields.set(`${index}/${variable}/${metric}/${lead}`, metricField(metric, coarse));
        options.progress(++done, total);
      }
      addProfiles(scored, variable, byRow);
    }
    for (const variablesThere of [scored.variables, ...Object.values(scored.regions)]) addVectors(variablesThere);
    dropEmptyRegions(scored);
    forecasts.push(scored);
  }
  const regions = ['global', ...names.filter((name) => forecasts.some((one) => one.regions[name]))];
  const record: SkillRecord = {
    kind: 'skill',
    version: 1,
    createdAt: new Date().toISOString(),
    tradewind: TRADEWIND_VERSION,
    environment: options.environment,
    variables: forecasts[0]!.variables,
    leadTimes: score.facts.leadTimes,
    regions,
    conventions: {
      weights: options.weights,
      normalisation: options.normalisation,
      acc: 'uncentred',
      pooling: 'sums over initial times',
      climatology: score.facts.climatology,
    },
    truth: score.facts.truth,
    initialTimes: facts.initialTimes.length,
    grid: { latitude: [], longitude: [], full: [score.grid.latitude.length, score.grid.longitude.length], coarsening: finest },
    limits: Object.fromEntries(variables.map((variable) => [variable, limitsOf(variable, fields)])),
    forecasts,
    differences: [],
    notes: [...new Set([...picks.flatMap((pick) => pick.score.facts.notes), ...forecasts.flatMap(circleNotes)])],
    seconds: score.facts.seconds,
    provenance: provenanceOf(score, facts, variables, options),
  };
  await addMaps(record, picks, weights, mapped, fields, digestOf, options);
  return record;
}

function addProfiles(scored: ScoredForecast, variable: string, byRow: readonly (RowTotals | undefined)[]): void {
  const [spectrum, ranks] = [spectrumOf(byRow), rankHistogramOf(byRow)];
  if (spectrum) scored.spectra = { ...scored.spectra, [variable]: spectrum };
  if (ranks) scored.ranks = { ...scored.ranks, [variable]: ranks };
}

/** Rows that meet land have no spectrum: how many had one. */
function circleNotes({ name, variables, spectra = {} }: ScoredForecast): string[] {
  return Object.entries(variables).flatMap(([variable, { more }]) => {
    if (!more?.['small-scale-power']) return [];
    const circles = spectra[variable]?.circles;
    const what = circles
      ? `power spectra are of ${circles[0]} rows without a missing cell (over the initial times, at the first lead)`
      : 'every row has a missing cell, so there is no power spectrum';
    return [`${name}, ${variable}: ${what}`];
  });
}

function addScores(scores: VariableScores, sums: MetricSums, normalisation: Normalisation, samples: number, digits: number): void {
  const short = (value: number | null) => (value === null ? null : Number(value.toPrecision(digits)));
  scores.rmse.push(short(rmse(sums, normalisation, samples)));
  scores.acc.push(short(acc(sums)));
  scores.count.push(sums.count);
  for (const [name, values] of Object.entries(scores.more ?? {})) values.push(short(metricOf(name)!.value(sums, normalisation, samples)));
}

function dropEmptyRegions(scored: ScoredForecast): void {
  for (const [name, byVariable] of Object.entries(scored.regions)) {
    if (Object.values(byVariable).every(({ count }) => count.every((one) => one === 0))) delete scored.regions[name];
  }
}

/** RMSE from 0, ACC up to 1; two cells in a hundred may lie beyond, so that a few bad ones don't take all the colours. */
function limitsOf(variable: string, fields: Map<string, Float32Array>): Record<Metric, [number, number]> {
  const all = (metric: Metric) => joined([...fields].filter(([key]) => key.includes(`/${variable}/${metric}/`)).map(([, field]) => field));
  const lowest = quantile(all('acc'), 0.02) ?? 0;
  return {
    rmse: [0, niceCeiling(quantile(all('rmse'), 0.98) ?? 1)],
    acc: [Math.max(-1, Math.min(0.9, Math.floor(lowest * 10) / 10)), 1],
  };
}

function joined(fields: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(fields.reduce((length, field) => length + field.length, 0));
  let at = 0;
  for (const field of fields) {
    all.set(field, at);
    at += field.length;
  }
  return all;
}

/** Currents: U0 and V0 (or U100 and V100 …) together have a vector error, kept with the eastward part. */
function addVectors(variables: Record<string, VariableScores>): void {
  for (const [name, u] of Object.entries(variables)) {
    const v = variables[name.replace(/^([Uu])/, (letter) => (letter === 'U' ? 'V' : 'v'))];
    if (!/^u/i.test(name) || !v || v === u || u.units !== v.units) continue;
    u.more = { ...u.more, 'vector-rmse': u.rmse.map((value, lead) => vectorRmse(value, v.rmse[lead])) };
  }
}

/** The line under every picture. */
function provenanceOf(
  score: Score,
  facts: ForecastFacts,
  variables: string[],
  { weights, normalisation, environment }: SummaryOptions,
): string {
  const { latitude, longitude } = score.grid;
  const day = (seconds: number) => isoTime(seconds, facts.calendar).slice(0, 10);
  const [first, last] = [Math.min(...facts.initialTimes), Math.max(...facts.initialTimes)];
  return [
    `${variables.join(', ')} on ${latitude.length} × ${longitude.length} cells`,
    facts.initialTimes.length === 1
      ? `1 initial time, ${day(first)}`
      : `${facts.initialTimes.length} initial times, ${day(first)} to ${day(last)}`,
    `weights ${weights === 'cos' ? 'cos φ' : 'cell area'}, ${normalisation === 'masked' ? 'renormalised over valid cells' : '1/|G| as in the paper'}`,
    'ACC uncentred, sums pooled over initial times',
    `climatology ${score.facts.climatology}`,
    `truth ${storeName(score.facts.truth)}`,
    `Tradewind ${TRADEWIND_VERSION}, Node ${environment.versions.node ?? process.versions.node}`,
  ].join(' · ');
}

/** Adds maps of as many leads, as fine, as the record's size allows. */
async function addMaps(
  record: SkillRecord,
  picks: Pick[],
  weights: CellWeights,
  mapped: readonly MappedMetric[],
  fields: Map<string, Float32Array>,
  digestOf: DigestOf,
  { bytes = async () => RECORD_BYTES, stippled = false }: SummaryOptions,
): Promise<void> {
  const { score } = picks[0]!;
  const finest = record.grid.coarsening;
  const variables = Object.keys(record.variables);
  const room = Math.max(LEAST_BYTES, (await bytes(record)) - JSON.stringify(record).length);
  const pictures = mapPictures(variables.length, picks.length);
  const all = record.leadTimes.length;
  const columns = coarsenGrid(score.grid, finest).longitude.length;
  const every = [...fields.values()];
  const samples = evenlySpread(every.length, SAMPLES).map((at) => every[at]!);
  const packed = await Promise.all(COARSENINGS.map((factor) => bytesOfCell(samples, columns, factor)));
  const { coarsening, leads } = choose(all, (factor, count) => {
    const { latitude, longitude } = coarsenGrid(score.grid, finest * factor);
    const grid = 8 * (latitude.length + longitude.length);
    const perCell = packed[factor - 1]!;
    return (
      grid +
        pictures * TWICE * perCell * latitude.length * longitude.length +
        count *
          variables.length *
          (mapped.length * picks.length * (perCell * latitude.length * longitude.length + 115) +
            (stippled ? SKILL_METRICS.length * ((latitude.length * longitude.length) / MASK_CELLS + 90) : 0)) <=
      room
    );
  });
  const factor = finest * coarsening;
  const coarse = coarsenGrid(score.grid, factor);
  const short = (values: number[]) => values.map((value) => Number(value.toFixed(4)));
  record.grid = { ...record.grid, latitude: short(coarse.latitude), longitude: short(coarse.longitude), coarsening: factor };
  for (const variable of variables) {
    for (const lead of leads) {
      const sums = coarsening === 1 ? undefined : await Promise.all(picks.map((pick) => coarseSums(pick, variable, lead)));
      for (const metric of mapped) {
        const shown = picks.map((_, index) =>
          sums ? metricField(metric, sums[index]!) : fields.get(`${index}/${variable}/${metric}/${lead}`)!,
        );
        const [a, b] = shown;
        for (const [index, field] of shown.entries()) {
          if (index !== 1) record.forecasts[index]!.maps.push({ variable, metric, lead, ...(await encode(field)) });
        }
        if (b) record.differences.push({ variable, metric, lead, ...(await encode(a!.map((value, cell) => value - b[cell]!))) });
      }
    }
  }

  async function coarseSums(pick: Pick, variable: string, lead: number) {
    return coarserSums(await digestOf(pick, variable, lead), score.grid, weights, coarsening);
  }
}

async function encode(field: Float32Array): Promise<Encoded> {
  const { minimum, maximum, bytes } = quantise(field);
  const data = ((await pack(bytes, { level: 9 })) as Buffer).toString('base64');
  return { minimum: Number(minimum.toPrecision(7)), maximum: Number(maximum.toPrecision(7)), data };
}

/** What a cell of the worst of the fields takes in base64, `factor` times coarser: the farther apart cells are, the less they resemble each other, and the worse they pack. */
async function bytesOfCell(fields: readonly Float32Array[], columns: number, factor: number): Promise<number> {
  const sizes = fields.map(async (field) => {
    const apart = field.filter((_, cell) => Math.floor(cell / columns) % factor === 0 && (cell % columns) % factor === 0);
    return (await encode(apart)).data.length / apart.length;
  });
  return Math.max(...(await Promise.all(sizes)));
}

type Encoded = Omit<SmallMap, 'variable' | 'metric' | 'lead'>;

/** How many times coarser than the finest, and which leads: first fewer leads down to eight, then coarser, then fewer still. */
function choose(all: number, fits: (coarsening: number, leads: number) => boolean): { coarsening: number; leads: number[] } {
  const counts = (limits: number[]) => [...new Set(limits.map((limit) => Math.min(limit, all)))];
  const plans = COARSENINGS.flatMap((coarsening) =>
    counts(coarsening === 1 ? [all, 20, 12, 8, 5] : coarsening < 4 ? [12, 8, 5] : [5, 3]).map((leads) => ({ coarsening, leads })),
  );
  const plan = plans.find(({ coarsening, leads }) => fits(coarsening, leads)) ?? {
    coarsening: COARSENINGS.at(-1)!,
    leads: Math.min(3, all),
  };
  return { coarsening: plan.coarsening, leads: evenlySpread(all, plan.leads) };
}
