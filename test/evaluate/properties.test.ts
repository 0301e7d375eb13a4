/** Properties that hold for every score: merging, chunking and order don't matter, and odd fields give what they must. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { mergeScores } from '../../kernel/src/evaluate/merge.ts';
import type { Score } from '../../kernel/src/evaluate/scoreStore.ts';
import { dequantise } from '../../kernel/src/records/quantise.ts';
import { rmseField, SUM_NAMES } from '../../kernel/src/records/scores.ts';
import { days, hours, LATITUDE, LONGITUDE, record, score, temporaryFolder, writeField } from './stores.ts';

const folder = await temporaryFolder();
let serial = 0;
const fresh = (name: string) => join(folder, `${++serial}-${name}.zarr`);

/** The same number for the same place, so that stores in other chunks or orders hold the same field. */
function noise(...place: number[]): number {
  let sum = 2166136261;
  for (const part of place) sum = Math.imul(sum ^ (Math.round(part * 1000) + 7919), 16777619) ^ (sum >>> 13);
  return ((sum >>> 0) / 2 ** 32) * 2 - 1;
}

const LEADS = hours([24, 48, 96]);
const [rows, columns] = [LATITUDE.values.length, LONGITUDE.values.length];

/** A truth of thirty days with a column of land. */
const truthStore = await writeField(
  fresh('truth'),
  'T0',
  [days(Array.from({ length: 30 }, (_, day) => day)), LATITUDE, LONGITUDE],
  (day, i, j) => (j === 2 ? Number.NaN : 10 + 3 * noise(day, i, j)),
);
const climatology = await writeField(fresh('climatology'), 'T0', [LATITUDE, LONGITUDE], () => 10);

type Value = (start: number, lead: number, i: number, j: number) => number;
const usual: Value = (start, lead, i, j) =>
  j === 2 ? Number.NaN : 10 + 3 * noise(start + lead / 24, i, j) + 0.2 * noise(start, lead, i, j, 5);

async function scored(starts: number[], value: Value = usual, chunks?: number[]): Promise<Score> {
  const forecast = await writeField(
    fresh('forecast'),
    'T0',
    [days(starts), LEADS, LATITUDE, LONGITUDE],
    (s, l, i, j) => value(starts[s]!, LEADS.values[l]!, i, j),
    { chunks },
  );
  return score({ forecasts: [forecast], truth: truthStore, climatology, output: fresh('score') });
}

async function sameSums(one: Score, two: Score, tolerance: number): Promise<void> {
  for (let lead = 0; lead < LEADS.values.length; lead++) {
    const [a, b] = await Promise.all([one, two].map((each) => each.sums(each.facts.forecasts[0]!, 'T0', lead)));
    for (const name of SUM_NAMES) {
      a![name].forEach((value, cell) => {
        const other = b![name][cell]!;
        assert.ok(
          Math.abs(value - other) <= tolerance * Math.max(1, Math.abs(value)),
          `${name} of cell ${cell}: ${value} against ${other}`,
        );
      });
    }
  }
}

const startsArbitrary = fc.uniqueArray(fc.integer({ min: 0, max: 25 }), { minLength: 2, maxLength: 6 });

describe('sums', () => {
  test('do not depend on how the forecast is chunked', async () => {
    const whole = await scored([0, 4, 9, 11]);
    const side = (length: number) => fc.integer({ min: 1, max: length + 1 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(side(4), side(3), side(rows), side(columns)), async (chunks) =>
        sameSums(whole, await scored([0, 4, 9, 11], usual, chunks), 1e-12),
      ),
      { numRuns: 12 },
    );
  });

  test('do not depend on the order of the initial times', async () => {
    await fc.assert(
      fc.asyncProperty(startsArbitrary, async (starts) => {
        const sorted = starts.toSorted((a, b) => a - b);
        await sameSums(await scored(sorted), await scored(starts), 1e-12);
      }),
      { numRuns: 8 },
    );
  });

  test('of parts, merged in any order, are those of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(startsArbitrary, fc.nat(), async (starts, cut) => {
        const at = 1 + (cut % (starts.length - 1));
        const parts = await Promise.all([scored(starts.slice(0, at)), scored(starts.slice(at))]);
        const output = fresh('merged');
        const order = cut % 2 === 0 ? parts : parts.toReversed();
        const signal = new AbortController().signal;
        await mergeScores({ parts: order.map((part) => part.path), output, signal, progress: () => {} });
        const { openScore } = await import('../../kernel/src/evaluate/scoreStore.ts');
        const merged = await openScore(output);
        await sameSums(await scored(starts), merged, 1e-12);
        assert.deepEqual(
          merged.facts.forecasts[0]!.variables.T0!.samples,
          LEADS.values.map(() => starts.length),
        );
      }),
      { numRuns: 6 },
    );
  });

  test('parts that share an initial time are refused: it would count twice', async () => {
    const parts = await Promise.all([scored([0, 3]), scored([3, 5])]);
    const merging = mergeScores({
      parts: parts.map((part) => part.path),
      output: fresh('merged'),
      signal: new AbortController().signal,
      progress: () => {},
    });
    await assert.rejects(merging, /2003-01-04T00:00 of f0 is in .* as well and would count twice/);
  });
});

describe('odd fields', () => {
  const only = async (value: Value, starts = [0, 5, 9]) => (await record(await scored(starts, value))).variables.T0!;

  test('a forecast off by a constant has that constant as RMSE', async () => {
    const { rmse } = await only((start, lead, i, j) => (j === 2 ? Number.NaN : 10 + 3 * noise(start + lead / 24, i, j) - 0.25));
    for (const value of rmse) assert.ok(Math.abs(value! - 0.25) < 1e-9);
  });

  test('a forecast of the climatology has no ACC', async () => {
    const { acc, rmse } = await only(() => 10);
    assert.deepEqual(acc, [null, null, null]);
    assert.ok(rmse.every((value) => value! > 0));
  });

  test('a perfect forecast has RMSE 0 and ACC 1', async () => {
    const { acc, rmse } = await only((start, lead, i, j) => 10 + 3 * noise(start + lead / 24, i, j));
    assert.deepEqual(rmse, [0, 0, 0]);
    assert.deepEqual(acc, [1, 1, 1]);
  });

  test('all land gives no score, in the maps as well', async () => {
    const summary = await record(await scored([0, 5], () => Number.NaN));
    assert.deepEqual(summary.variables.T0!.rmse, [null, null, null]);
    assert.deepEqual(summary.variables.T0!.count, [0, 0, 0]);
    assert.deepEqual(summary.regions, ['global']);
  });

  test('the map of a small difference shows the difference, not the steps of the two maps', async () => {
    const near: Value = (start, lead, i, j) => usual(start, lead, i, j) + 1e-4 * noise(start, lead, i, j, 9);
    const stores = await Promise.all(
      [usual, near].map((value) =>
        writeField(fresh('near'), 'T0', [days([0, 5]), LEADS, LATITUDE, LONGITUDE], (s, l, i, j) =>
          value([0, 5][s]!, LEADS.values[l]!, i, j),
        ),
      ),
    );
    const both = await score({ forecasts: stores, truth: truthStore, climatology, output: fresh('score') });
    const { differences, forecasts } = await record(both);
    assert.deepEqual(
      forecasts.map(({ maps }) => maps.length),
      [differences.length, 0],
    );
    const map = differences.find(({ metric, lead }) => metric === 'rmse' && lead === 1)!;
    const shown = dequantise({ ...map, bytes: inflateSync(Buffer.from(map.data, 'base64')) });
    const [a, b] = await Promise.all(both.facts.forecasts.map(async (facts) => rmseField(await both.sums(facts, 'T0', 1))));
    const step = (map.maximum - map.minimum) / 254;
    assert.ok(map.maximum > 0 && map.maximum < 2e-4 && map.minimum < 0);
    shown.forEach((value, cell) => {
      const exact = a![cell]! - b![cell]!;
      assert.equal(Number.isNaN(value), Number.isNaN(exact));
      if (!Number.isNaN(exact)) assert.ok(Math.abs(value - exact) <= 0.51 * step + 1e-8, `${value} for ${exact}`);
    });
  });

  test('one valid cell is the score, whatever its weight', async () => {
    const { rmse, count } = await only((start, lead, i, j) =>
      i === 3 && j === 4 ? 10 + 3 * noise(start + lead / 24, i, j) + 2 : Number.NaN,
    );
    assert.deepEqual(count, [3, 3, 3]);
    for (const value of rmse) assert.ok(Math.abs(value! - 2) < 1e-9);
  });

  test('infinities and NaN where the truth is are not scored, and said to be lost', async () => {
    const bad = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    const blown = await scored([0, 5], (start, lead, i, j) => (i === 0 && j < 3 ? bad[j]! : usual(start, lead, i, j)));
    const { count, rmse } = (await record(blown)).variables.T0!;
    const sea = rows * (columns - 1);
    assert.deepEqual(
      count,
      [2, 2, 2].map((samples) => samples * (sea - 2)),
    );
    assert.ok(rmse.every(Number.isFinite));
    // Two of the three columns are sea: two cells, two initial times, three leads.
    assert.match(blown.facts.notes.join(), /f0, T0: 12 values of the forecast aren't finite where the truth is/);
  });

  test('a lead without truth is left out and said so; the others stay', async () => {
    const late = await scored([0, 27]);
    assert.deepEqual(late.facts.forecasts[0]!.variables.T0!.samples, [2, 2, 1]);
    assert.match(late.facts.notes.join(), /1 of 6 \(initial time, lead\) pairs have no truth .* valid at 2003-02-01T00:00/);
  });
});
