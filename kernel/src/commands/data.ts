/** `data`: prepares a data set. So far the simulated ocean; each set is a row of SETS with the Python side's own arguments. */

import { join } from 'node:path';
import { defaultPython } from '../processes/places.ts';
import { runPython } from '../processes/python.ts';
import type { DatasetRecord } from '../records/dataset.ts';
import { TradewindError } from '../records/errors.ts';
import { baseRecord } from './base.ts';
import type { Command } from './command.ts';
import { tellProgress } from './python-side.ts';

type Facts = Pick<DatasetRecord, 'store' | 'source' | 'variables' | 'shape' | 'period' | 'bytes' | 'seconds' | 'digest'> & {
  versions: Record<string, string>;
};

const SETS = ['ocean'] as const;

export const data: Command<DatasetRecord> = {
  name: 'data',
  summary: 'prepare a data set',
  details:
    'ocean simulates a small ocean with the real coastline, seasons and storms, and writes daily means of temperature (T0), salinity (S0), ' +
    'currents (U0, V0) and sea-surface height (SSH) with the wind stress that drove them (TAUX, TAUY), as Zarr v3 in CF form; land is NaN. ' +
    'The same seed gives the same values on every machine: the digest says so. With --climatology it also writes the daily climatology of the first 70 % of the days.',
  examples: ['data ocean -o ocean.zarr --climatology climatology.zarr', 'data ocean -o small.zarr --days 400 --grid 6 --seed 2'],
  positionals: [{ name: 'SET', kind: 'text', description: `the data set: ${SETS.join(', ')}` }],
  options: [
    { name: 'output', short: 'o', value: { name: 'STORE', kind: 'path' }, description: 'the Zarr store to write (SET.zarr)' },
    { name: 'climatology', value: { name: 'STORE', kind: 'path' }, description: 'also write the daily climatology of the training part' },
    { name: 'days', value: { name: 'N', kind: 'integer', default: '1461' }, description: 'days to simulate, from 1 January 2001' },
    { name: 'seed', value: { name: 'S', kind: 'integer', default: '1' }, description: "the weather's seed" },
    {
      name: 'grid',
      value: { name: 'DEGREES', kind: 'number', choices: ['1', '2', '3', '4', '6'], default: '4' },
      description: 'width of a cell',
    },
  ],
  async run(input, context) {
    const set = input.positionals.SET as string;
    if (!(SETS as readonly string[]).includes(set)) {
      throw new TradewindError({ code: 'usage', message: `there is no data set ${set}`, remedy: `Choose one of: ${SETS.join(', ')}.` });
    }
    const { output, climatology, days, seed, grid } = input.options;
    const { versions, ...facts } = await runPython<Facts>({
      python: defaultPython(),
      module: 'tradewind.data',
      arguments: [
        set,
        ...['--output', String(output ?? join(context.cwd, `${set}.zarr`))],
        ...(climatology ? ['--climatology', String(climatology)] : []),
        ...['--days', String(days), '--seed', String(seed), '--grid', String(grid)],
      ],
      cwd: context.cwd,
      environment: context.environment,
      signal: context.signal,
      onEvent: tellProgress(context),
    });
    return { ...baseRecord('dataset', {}, versions), ...facts };
  },
};
