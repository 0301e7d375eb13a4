/** `data`: prepares or examines a data set. Each set is a row of SETS: what it takes and which options are its own; the work is done by the Python side. */

import { join } from 'node:path';
import { defaultPython } from '../processes/places.ts';
import { runPython } from '../processes/python.ts';
import type { DatasetRecord } from '../records/dataset.ts';
import { TradewindError } from '../records/errors.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { tellProgress } from './python-side.ts';

type Facts = Omit<DatasetRecord, 'kind' | 'version' | 'createdAt' | 'tradewind' | 'environment'> & { versions: Record<string, string> };

interface DataSet {
  /** What stands after the set's name. */
  takes: 'nothing' | 'files' | 'store';
  /** Whether it writes a store. */
  writes: boolean;
  options: readonly string[];
}

const PERIOD = ['from', 'to', 'restart'] as const;

export const SETS: Record<string, DataSet> = {
  ocean: { takes: 'nothing', writes: true, options: ['climatology', 'days', 'seed', 'grid'] },
  hycom: { takes: 'files', writes: true, options: ['grid', 'method', 'depths', 'variables', 'least-snapshots', ...PERIOD] },
  era5: { takes: 'files', writes: true, options: ['grid', 'method', 'channels', 'hours', 'daily', ...PERIOD] },
  fields: { takes: 'files', writes: true, options: ['channels', 'land-mask', 'hours', 'train', 'until', ...PERIOD] },
  stats: { takes: 'store', writes: false, options: ['train', 'until', 'lead-days'] },
  check: { takes: 'store', writes: false, options: [] },
  climatology: { takes: 'store', writes: true, options: ['by', 'variables', 'window', 'quantile', 'smooth', 'from', 'to'] },
};

export const data: Command<DatasetRecord> = {
  name: 'data',
  summary: 'prepare a data set',
  details: [
    'hycom makes daily means at 0.25° from GOFS 3.1 files as they come: temperature, salinity and currents at the 15 depths of AI-GOMS (T0 … V500) and the ' +
      'sea-surface height (SSH), regridded over the sea of the data alone.',
    'era5 takes NetCDF of the Climate Data Store (new, old, or made from GRIB) and Zarr of ARCO or WeatherBench, to the twenty channels of FourCastNet.',
    "fields reads the paper's HDF5 files (fields [time, channel, row, column], a file a year), or, given a prepared store, writes them with global_means.npy, " +
      'global_stds.npy and time_means.npy of the training part.',
    'stats measures what normalises a store, over the training part and the sea alone; check says what is in a store and what is wrong with it.',
    'climatology computes one of a series: by day of the year (365 days, each date in its place, leap years too; over a window of 11 days), by month, or fixed. ' +
      'With --quantile 0.9 it is the threshold of marine heatwaves, smoothed over 31 days (Hobday et al. 2016), for evaluate --threshold.',
    'ocean simulates a small ocean with the real coastline, seasons and storms, and writes daily means of temperature (T0), salinity (S0), ' +
      'currents (U0, V0) and sea-surface height (SSH) with the wind stress that drove them (TAUX, TAUY). ' +
      'The same seed gives the same values on every machine: the digest says so. With --climatology it also writes the daily climatology of the first 70 % of the days.',
    'Stores are Zarr v3 in CF form; land is NaN. Steps that are missing or bad are masked and reported, never filled in (exit code 3). ' +
      'An interrupted preparation goes on where it was when the same command is given again.',
  ].join('\n\n'),
  examples: [
    'data ocean -o ocean.zarr --climatology climatology.zarr',
    "data hycom 'gofs/*.nc' -o hycom.zarr",
    'data era5 era5/ -o era5.zarr --from 1979-01-01 --to 2018-12-31',
    'data fields hycom.zarr -o hdf5/ --until 2012',
    'data stats hycom.zarr --until 2012',
    'data climatology hycom.zarr -o p90.zarr --quantile 0.9 --to 2012-12-31',
  ],
  positionals: [
    { name: 'SET', kind: 'text', description: `the data set, or what to do with a store: ${Object.keys(SETS).join(', ')}` },
    { name: 'INPUT', kind: 'path', many: true, optional: true, description: 'files, folders or patterns; for stats and check a store' },
  ],
  options: [
    { name: 'output', short: 'o', value: { name: 'STORE', kind: 'path' }, description: 'the Zarr store to write (SET.zarr)' },
    { name: 'from', value: { name: 'DATE', kind: 'text' }, description: 'first day (default: the first of the files)' },
    { name: 'to', value: { name: 'DATE', kind: 'text' }, description: 'last day' },
    { name: 'restart', description: 'begin anew where an interrupted preparation would go on' },
    { name: 'grid', value: { name: 'DEGREES', kind: 'number' }, description: 'width of a cell (hycom 0.25; era5 as it is; ocean 4)' },
    {
      name: 'method',
      value: { name: 'METHOD', kind: 'text', choices: ['conservative', 'bilinear'] },
      description: 'of regridding (conservative)',
    },
    { name: 'depths', value: { name: 'METRES', kind: 'text' }, description: "hycom: with commas (the paper's 15)" },
    { name: 'variables', value: { name: 'NAMES', kind: 'text' }, description: 'hycom: of T,S,U,V,SSH; climatology: names (all)' },
    {
      name: 'least-snapshots',
      value: { name: 'N', kind: 'integer' },
      description: 'hycom: a day with fewer snapshots is masked (as many as most days have)',
    },
    {
      name: 'channels',
      value: { name: 'NAMES', kind: 'text' },
      description: "era5: such as t2m,z500 (FourCastNet's); fields: era5, ocean or names",
    },
    { name: 'hours', value: { name: 'N', kind: 'integer' }, description: 'era5, fields: hours between steps (6)' },
    { name: 'daily', description: 'era5: means of the day' },
    { name: 'land-mask', value: { name: 'FILE', kind: 'path' }, description: 'fields: HDF5 with `fields`, 1 at sea' },
    { name: 'train', value: { name: 'SHARE', kind: 'number' }, description: 'stats, fields: the training part, from the first step (0.7)' },
    { name: 'until', value: { name: 'DATE', kind: 'text' }, description: 'stats, fields: last year or day of the training part' },
    { name: 'lead-days', value: { name: 'N', kind: 'integer' }, description: 'stats: of the changes (1)' },
    {
      name: 'by',
      value: { name: 'AXIS', kind: 'text', choices: ['dayofyear', 'month', 'fixed'] },
      description: 'climatology: by what (dayofyear)',
    },
    { name: 'window', value: { name: 'DAYS', kind: 'integer' }, description: 'climatology: days about each day of the year (11)' },
    { name: 'quantile', value: { name: 'Q', kind: 'number' }, description: 'climatology: this quantile instead of the mean' },
    { name: 'smooth', value: { name: 'DAYS', kind: 'integer' }, description: 'climatology: running mean (31 of a quantile, else 1)' },
    { name: 'climatology', value: { name: 'STORE', kind: 'path' }, description: 'ocean: also write the climatology of the training part' },
    { name: 'days', value: { name: 'N', kind: 'integer' }, description: 'ocean: days to simulate, from 1 January 2001 (1461)' },
    { name: 'seed', value: { name: 'S', kind: 'integer' }, description: "ocean: the weather's seed (1)" },
  ],
  async run(input, context) {
    const set = input.positionals.SET as string;
    const { versions, ...facts } = await runPython<Facts>({
      python: defaultPython(),
      module: 'tradewind.data',
      arguments: [set, ...wordsOf(set, input, context)],
      cwd: context.cwd,
      environment: context.environment,
      signal: context.signal,
      onEvent: (event) => {
        if (event.event === 'note') context.note(String(event.text));
        tellProgress(context)(event);
      },
    });
    return { ...baseRecord('dataset', {}, versions), ...facts };
  },
  exitCode({ masked, problemCount, statistics, files }) {
    if (problemCount !== undefined) return problemCount > 0 ? 1 : 0;
    return masked && !statistics && !files ? 3 : 0;
  },
};

/** The Python side's words. Refuses what the set does not take, so that no option is without effect. */
function wordsOf(set: string, { positionals, options }: Arguments, context: CommandContext): string[] {
  const usage = (message: string, remedy: string) => new TradewindError({ code: 'usage', message, remedy });
  const row = Object.hasOwn(SETS, set) ? SETS[set] : undefined;
  if (!row) throw usage(`there is no data set ${set}`, `Choose one of: ${Object.keys(SETS).join(', ')}.`);
  const inputs = (positionals.INPUT ?? []) as string[];
  if (row.takes === 'nothing' && inputs.length > 0)
    throw usage(`data ${set} takes no files`, `Leave ${inputs[0]} out; -o names the store.`);
  if (row.takes === 'files' && inputs.length === 0)
    throw usage(`data ${set} needs the files to read`, `tradewind data ${set} FILES -o STORE`);
  if (row.takes === 'store' && inputs.length !== 1) throw usage(`data ${set} needs one store`, `tradewind data ${set} STORE`);
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== false);
  const known = ['json', 'html', ...row.options, ...(row.writes ? ['output'] : [])];
  const foreign = given.find(([name]) => data.options.some((one) => one.name === name) && !known.includes(name));
  if (foreign)
    throw usage(
      `data ${set} has no option --${foreign[0]}`,
      row.options.length > 0 ? `It has --${row.options.join(', --')}.` : 'It has none.',
    );
  return [
    ...given
      .filter(([name]) => row.options.includes(name))
      .flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}=${value}`])),
    ...(row.writes ? [`--output=${options.output ?? join(context.cwd, set === 'fields' ? 'fields' : `${set}.zarr`)}`] : []),
    ...(inputs.length > 0 ? ['--', ...inputs] : []),
  ];
}
