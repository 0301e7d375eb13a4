/** Sums over regions by initial time: those of the cells, weighed; of each initial time alone; and of parts that are merged. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mergeScores } from '../../kernel/src/evaluate/merge.ts';
import { openScore, type Score } from '../../kernel/src/evaluate/scoreStore.ts';
import { REGIONS, regionMask } from '../../kernel/src/records/regions.ts';
import { cellWeights, weigh } from '../../kernel/src/records/scores.ts';
import { days, hours, score, temporaryFolder, writeField } from './stores.ts';

const folder = await temporaryFolder();
/** North to south, from Greenwich, unevenly wide: nothing lies as the score has it. */
const latitude = { name: 'latitude', values: Array.from({ length: 31 }, (_, i) => 90 - 6 * i), units: 'degrees_north' };
const longitude = { name: 'longitude', values: [0, 7, 15, ...Array.from({ length: 42 }, (_, j) => 20 + 8 * j)], units: 'degrees_east' };
const LEADS = hours([24, 48]);
const STARTS = [0, 2, 3, 7, 11];
const noise = (...index: number[]) => Math.sin(index.reduce((sum, one, at) => sum * 3.1 + one * (at + 1.7), 0.3));
const land = (i: number, j: number) => (i * 3 + j) % 7 === 0;
const truth = await writeField(
  join(folder, 'truth.zarr'),
  'T0',
  [days([1, 2, 3, 4, 5, 7, 8, 9, 12, 13]), latitude, longitude],
  (day, i, j) => (land(i, j) ? Number.NaN : 10 + noise(day, i, j)),
);

async function scored(starts: number[], chunks?: number[]): Promise<Score> {
  const name = `${starts.join('-')}-${chunks?.join('-') ?? 'whole'}`;
  const forecast = await writeField(
    join(folder, `${name}.zarr`),
    'T0',
    [days(starts), LEADS, latitude, longitude],
    (start, lead, i, j) => 10 + noise(starts[start]!, lead, i, j),
    { chunks },
  );
  const climatology = await writeField(join(folder, 'clim.zarr'), 'T0', [latitude, longitude], () => 10);
  return score({ forecasts: [forecast], truth, climatology, output: join(folder, `${name}-score.zarr`) });
}

const close = (found: number, wanted: number, what: string) =>
  assert.ok(Math.abs(found - wanted) <= 1e-11 * Math.max(1e-3, Math.abs(wanted)), `${what}: ${found} against ${wanted}`);

describe('sums by initial time', async () => {
  const whole = await scored(STARTS);
  const { weights, sums, regions } = whole.facts.domains!;
  const size = weights.length * sums.length * regions.length;

  test('of each are those of its score alone, cell by cell, by both weights, in every region', async () => {
    assert.ok(regions.length > 15);
    for (const [at, start] of STARTS.entries()) {
      const alone = await scored([start]);
      for (const lead of LEADS.values.keys()) {
        const found = (await whole.domains(whole.facts.forecasts[0]!, 'T0', lead))!.subarray(at * size, (at + 1) * size);
        const cells = await alone.sums(alone.facts.forecasts[0]!, 'T0', lead);
        weights.forEach((kind, w) => {
          regions.forEach(({ name }, r) => {
            const mask = regionMask(REGIONS.find((region) => region.name === name)!, alone.grid);
            const wanted = weigh(cells, cellWeights(alone.grid, kind), mask);
            sums.forEach((sum, s) => {
              const value = sum === 'count' ? wanted.validWeight : wanted[sum];
              close(found[(w * sums.length + s) * regions.length + r]!, value, `${start}, ${lead}, ${kind}, ${name}, ${sum}`);
            });
          });
        });
      }
    }
  });

  test('a pair without a truth has none', async () => {
    const odd = await scored([5, 7]);
    const first = (await odd.domains(odd.facts.forecasts[0]!, 'T0', 0))!;
    assert.ok(
      first.subarray(0, size).every((value) => value === 0),
      'day 6 is not in the truth',
    );
    assert.ok(first.subarray(size).some((value) => value !== 0));
  });

  test('do not depend on chunks beyond rounding', async () => {
    const other = await scored(STARTS, [2, 1, 10, 11]);
    for (const lead of LEADS.values.keys()) {
      const [a, b] = await Promise.all([whole, other].map((one) => one.domains(one.facts.forecasts[0]!, 'T0', lead)));
      a!.forEach((value, at) => {
        close(b![at]!, value, `number ${at}`);
      });
    }
  });

  test('of parts, merged in any order, are the whole’s', async () => {
    const parts = await Promise.all([scored([3, 7, 11]), scored([0, 2])]);
    const output = join(folder, 'merged.zarr');
    await mergeScores({ parts: parts.map(({ path }) => path), output, signal: new AbortController().signal, progress: () => {} });
    const merged = await openScore(output);
    assert.deepEqual(merged.facts.domains, whole.facts.domains);
    for (const lead of LEADS.values.keys()) {
      const [a, b] = await Promise.all([whole, merged].map((one) => one.domains(one.facts.forecasts[0]!, 'T0', lead)));
      assert.deepEqual(b, a);
    }
  });
});
