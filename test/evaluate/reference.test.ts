/** Scores against an independent NumPy computation, on stores that xarray and zarr-python wrote. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Score } from '../../kernel/src/evaluate/scoreStore.ts';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { accField, rmseField } from '../../kernel/src/records/scores.ts';
import { record, score, temporaryFolder } from './stores.ts';

type Expected = { rmse: number[]; acc: number[]; count: number[] };
type Case = Record<string, Expected> & { maps: Omit<Expected, 'count'>; leads: number[] };

const CASES = {
  plain: 'float32, one field a chunk, climatology by day of year over a leap day',
  wb: "version 2, blosc and gzip, WeatherBench's names, kelvin, north first, 0 to 360, timedeltas, transposed",
  packed: 'packed integers with a fill value, depth by value, a forecast of fewer rows, fixed climatology',
  shards: 'shards, float64, a calendar without leap days, the mean of the truth as climatology',
};

describe('scores agree with NumPy to 1e-6', () => {
  let folder: string;
  let cases: Record<string, Case>;
  before(async () => {
    folder = await temporaryFolder();
    const script = join(import.meta.dirname, 'reference.py');
    cases = JSON.parse(execFileSync(defaultPython(), [script, folder], { encoding: 'utf8', maxBuffer: 64e6 }));
  });

  for (const [name, what] of Object.entries(CASES)) {
    test(what, async () => {
      const path = (part: string) => join(folder, `${name}-${part}.zarr`);
      const climatology = existsSync(path('climatology')) ? path('climatology') : undefined;
      const scored: Score = await score({ forecasts: [path('forecast')], truth: path('truth'), climatology, output: path('score') });
      assert.deepEqual(scored.facts.leadTimes, cases[name]!.leads);
      for (const weights of ['cos', 'area'] as const) {
        for (const normalisation of ['masked', 'paper'] as const) {
          const wanted = cases[name]![`${weights} ${normalisation}`]!;
          const own = (await record(scored, weights, normalisation)).variables.T0!;
          close(own.rmse, wanted.rmse, `RMSE, ${weights}, ${normalisation}`);
          close(own.acc, wanted.acc, `ACC, ${weights}, ${normalisation}`);
          assert.deepEqual(own.count, wanted.count);
        }
      }
      const sums = await scored.sums(scored.facts.forecasts[0]!, 'T0', 0);
      const filled = (field: Float32Array, filler: number) => Array.from(field, (value) => (Number.isFinite(value) ? value : filler));
      close(filled(rmseField(sums), -1), cases[name]!.maps.rmse, 'RMSE by cell', 1e-5);
      close(filled(accField(sums), -9), cases[name]!.maps.acc, 'ACC by cell', 1e-5);
    });
  }
});

function close(own: (number | null)[], wanted: number[], what: string, tolerance = 1e-6): void {
  assert.equal(own.length, wanted.length, what);
  wanted.forEach((value, at) => {
    const error = Math.abs((own[at] ?? Number.NaN) - value);
    assert.ok(error <= tolerance * Math.abs(value), `${what}, number ${at}: ${own[at]} against ${value}`);
  });
}
