/** `evaluate`: scores forecasts against a truth, keeps the sums as a score store, and shows RMSE and ACC by lead, region and grid point. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Digest } from '../evaluate/digest.ts';
import { TradewindError } from '../records/errors.ts';
import { METRIC_NAMES, type MetricName } from '../records/metrics.ts';
import { didYouMean } from '../records/nearest.ts';
import { REGIONS, type Region } from '../records/regions.ts';
import type { Normalisation, Weights } from '../records/scores.ts';
import { mapPictures, type SkillRecord } from '../records/skill.ts';
import { baseRecord } from './base.ts';
import type { Command, CommandContext, Option } from './command.ts';

/** How sums become scores: `evaluate`, `compare` and `merge` take the same words. */
export const SCORE_OPTIONS: readonly Option[] = [
  { name: 'regions', value: { name: 'NAMES', kind: 'text' }, description: 'regions, separated by commas (all that hold a cell)' },
  {
    name: 'normalisation',
    value: { name: 'HOW', kind: 'text', choices: ['masked', 'paper'], default: 'masked' },
    description: "masked: weights renormalised over valid cells; paper: 1/|G|, land counted, as in the paper's formula",
  },
  {
    name: 'weights',
    value: { name: 'BY', kind: 'text', choices: ['cos', 'area'], default: 'cos' },
    description: "latitude weights: cos φ as in the paper, or the cell's exact area",
  },
];

export const evaluate: Command<SkillRecord> = {
  name: 'evaluate',
  summary: 'score forecasts against a truth: RMSE and ACC by lead and grid point',
  details:
    'Forecasts and truth are Zarr (version 2 or 3; a folder, or an address: http, https, s3), NetCDF3, NetCDF4 or HDF5 with CF names, or several files as one ' +
    "('years/*.nc'); they are aligned by their coordinates: time by valid time, latitude either way up, " +
    'longitude from 0 or from −180, depth by value (T0 is a variable T0, or temperature at 0 m). A cell counts where forecast, truth and climatology are all valid. ' +
    'RMSE and ACC follow the appendix of the paper; over several initial times the sums are added before the root and the quotient are taken. ' +
    'Without --climatology the mean of the truth over its times stands in, and the record says so. The sums are kept in SCORE: compare and merge read them.',
  examples: [
    'evaluate runs/first/forecast.zarr --truth ocean.zarr --climatology climatology.zarr -o score.zarr',
    'evaluate ms-910b pt-a100 --truth hycom.zarr --variables T0,S0,U0',
  ],
  positionals: [
    { name: 'FORECAST', kind: 'path', description: "a store, file or address, or a run's name or folder (its forecast.zarr)", many: true },
  ],
  options: [
    { name: 'truth', value: { name: 'TRUTH', kind: 'path' }, required: true, description: 'the store, file or address to score against' },
    { name: 'climatology', value: { name: 'CLIM', kind: 'path' }, description: 'a store by dayofyear, by month, or fixed' },
    { name: 'variables', value: { name: 'NAMES', kind: 'text', default: 'T0,S0,U0' }, description: 'variables, separated by commas' },
    {
      name: 'metrics',
      value: { name: 'NAMES', kind: 'text', default: 'rmse,acc' },
      description: `metrics, separated by commas: ${METRIC_NAMES.join(', ')}`,
    },
    {
      name: 'threshold',
      value: { name: 'STORE', kind: 'path' },
      description: 'thresholds for hits and false alarms, laid out like a climatology',
    },
    {
      name: 'part',
      value: { name: 'I/N', kind: 'text' },
      description: 'only this part of the initial times, as in 3/16; merge puts parts together',
    },
    {
      name: 'dask',
      value: { name: 'ADDRESS', kind: 'text' },
      description: 'score the parts on this Dask cluster (tcp://HOST:8786), which sees the same files',
    },
    { name: 'parts', value: { name: 'N', kind: 'integer' }, description: 'with --dask: how many parts (8)' },
    { name: 'output', short: 'o', value: { name: 'SCORE', kind: 'path' }, description: 'the score store to write (scores/FORECASTS.zarr)' },
    ...SCORE_OPTIONS,
    { name: 'threads', value: { name: 'N', kind: 'integer' }, description: 'threads (as many as the machine has)' },
    { name: 'memory', value: { name: 'SIZE', kind: 'text', default: '1GB' }, description: 'memory that it may use: 500MB, 4GB' },
  ],
  async run(input, context) {
    const forecasts = named([input.positionals.FORECAST].flat().map((path) => forecastStore(String(path), context.cwd)));
    const regions = chosenRegions(input.options.regions as string | undefined);
    const output = String(input.options.output ?? join(context.cwd, 'scores', `${forecasts.map(({ name }) => name).join('+')}.zarr`));
    const dask = input.options.dask as string | undefined;
    if (dask !== undefined) {
      if (input.options.part !== undefined)
        throw new TradewindError({
          code: 'usage',
          message: '--part and --dask exclude each other',
          remedy: '--parts says into how many the cluster cuts it.',
        });
      const { evaluateOnCluster } = await import('./evaluate-dask.ts');
      const names = ['truth', 'climatology', 'variables', 'metrics', 'threshold', 'memory'];
      const options = Object.fromEntries(names.map((name) => [name, input.options[name] as string | undefined]));
      const threads = String(input.options.threads ?? 1);
      const parts = Number(input.options.parts ?? 8);
      const stores = forecasts.map(({ path }) => path);
      await evaluateOnCluster({ address: dask, parts, forecasts: stores, options: { ...options, threads }, output }, context);
      return summary(output, regions, input.options, context);
    }
    const { evaluateForecasts } = await import('../evaluate/evaluate.ts');
    const digests = new Map<string, Digest>();
    await evaluateForecasts({
      forecasts,
      truth: String(input.options.truth),
      climatology: input.options.climatology as string | undefined,
      variables: listed(String(input.options.variables)),
      metrics: chosenMetrics(String(input.options.metrics)),
      threshold: input.options.threshold as string | undefined,
      part: chosenPart(input.options.part as string | undefined),
      output,
      threads: input.options.threads === undefined ? undefined : Math.max(1, Number(input.options.threads)),
      memory: byteSize(String(input.options.memory)),
      signal: context.signal,
      digest: {
        options: { weights: input.options.weights as Weights, regions },
        take: (group, variable, lead, digest) => digests.set(`${group}/${variable}/${lead}`, digest),
      },
      progress: (done, total) => context.progress({ label: 'scoring', done, total, unit: 'fields' }),
    });
    return summary(output, regions, input.options, context, digests);
  },
};

/** The record of a whole score store. */
export async function summary(
  path: string,
  regions: readonly Region[],
  options: Record<string, unknown>,
  context: CommandContext,
  digests?: ReadonlyMap<string, Digest>,
): Promise<SkillRecord> {
  const { openScore } = await import('../evaluate/scoreStore.ts');
  const { summarise } = await import('../evaluate/summarise.ts');
  const score = await openScore(path);
  return summarise(
    score.facts.forecasts.map((forecast) => ({ score, forecast, name: forecast.name })),
    {
      ...summaryOptions(regions, options, context),
      digests: (pick, variable, lead) => digests?.get(`${pick.forecast.group}/${variable}/${lead}`),
    },
  );
}

/** What an output weighs in a notebook at most, a little kept back; a small picture of a map without its pixels. */
const [OUTPUT_BYTES, PICTURE_BYTES] = [284e3, 11e3];

/** What is left for a record (which has no maps yet) beside its text and its page. */
async function roomInOutput(record: SkillRecord): Promise<number> {
  const { displayOf } = await import('../display/bundle.ts');
  const { text, html } = await displayOf(record);
  const pictures = mapPictures(Object.keys(record.variables).length, record.forecasts.length);
  return OUTPUT_BYTES - JSON.stringify(text).length - JSON.stringify(html).length - pictures * PICTURE_BYTES;
}

export function summaryOptions(regions: readonly Region[], options: Record<string, unknown>, context: CommandContext) {
  return {
    weights: options.weights as Weights,
    normalisation: options.normalisation as Normalisation,
    regions,
    environment: baseRecord('skill', context).environment,
    signal: context.signal,
    progress: (done: number, total: number) => context.progress({ label: 'summing up', done, total, unit: 'leads' }),
    bytes: roomInOutput,
  };
}

function chosenMetrics(words: string): MetricName[] {
  return listed(words).map((word) => {
    const name = METRIC_NAMES.find((one) => one === word.toLowerCase());
    if (name) return name;
    throw new TradewindError({
      code: 'usage',
      message: `there is no metric ${word}${didYouMean(word, METRIC_NAMES)}`,
      remedy: `Metrics: ${METRIC_NAMES.join(', ')}.`,
    });
  });
}

/** `3/16`: the third of sixteen parts. */
function chosenPart(words: string | undefined): [number, number] | undefined {
  if (words === undefined) return undefined;
  const [, number, of] = (/^(\d+)\/(\d+)$/.exec(words.trim()) ?? []).map(Number);
  if (number && of && number <= of) return [number, of];
  throw new TradewindError({ code: 'usage', message: `--part ${words} is no part`, remedy: 'Write 1/16, 2/16 … 16/16.' });
}

/** `500MB`, `4 GB`, `2GiB`: bytes. */
function byteSize(words: string): number {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([kMGT]?)(i?)B?\s*$/i.exec(words);
  if (!parts) throw new TradewindError({ code: 'usage', message: `--memory ${words} is no size`, remedy: 'Write it as 500MB or 4GB.' });
  const power = ['', 'K', 'M', 'G', 'T'].indexOf(parts[2]!.toUpperCase());
  return Number(parts[1]) * (parts[3] ? 1024 : 1000) ** power;
}

function listed(words: string): string[] {
  return words
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

/** Regions of the table by name; all of them when none is named. */
export function chosenRegions(words: string | undefined): readonly Region[] {
  if (words === undefined) return REGIONS;
  return listed(words).map((name) => {
    const region = REGIONS.find((one) => one.name === name.toLowerCase());
    if (region) return region;
    const names = REGIONS.map((one) => one.name);
    throw new TradewindError({
      code: 'usage',
      message: `there is no region ${name}${didYouMean(name, names)}`,
      remedy: `Regions: ${names.join(', ')}.`,
    });
  });
}

/** A store as given; a run's folder or name stands for its forecast.zarr. */
function forecastStore(path: string, cwd: string): { name: string; path: string } {
  const run = [path, join(cwd, 'runs', relative(cwd, path))].find(
    (folder) => existsSync(join(folder, 'config.yaml')) || existsSync(join(folder, 'forecast.zarr')),
  );
  if (!run) {
    // Several files as one are known by their folder.
    const name = (/[*?[]/.test(basename(path)) ? basename(dirname(path)) : basename(path)).replace(/\.(zarr|nc4?|h5|hdf5?|txt)$/, '');
    // A run's forecast.zarr is known by the run.
    const known = name === 'forecast' && existsSync(join(dirname(path), 'config.yaml')) ? basename(dirname(path)) : name;
    return { name: known, path };
  }
  const forecast = join(run, 'forecast.zarr');
  if (existsSync(forecast)) return { name: basename(run), path: forecast };
  throw new TradewindError({
    code: 'input',
    message: `the run ${basename(run)} has no forecast.zarr`,
    where: resolve(run),
    remedy: 'Give its configuration a forecast: section and train on, or wait until the run has ended: the forecast is written last.',
  });
}

/** Forecasts of one name get their folder's name before it, or a number behind it. */
function named(forecasts: { name: string; path: string }[]): { name: string; path: string }[] {
  const count = (name: string) => forecasts.filter((one) => one.name === name).length;
  const wide = forecasts.map((one) => (count(one.name) > 1 ? { ...one, name: `${basename(dirname(one.path))}-${one.name}` } : one));
  return wide.map((one, index) =>
    wide.findIndex((other) => other.name === one.name) === index ? one : { ...one, name: `${one.name}-${index + 1}` },
  );
}
