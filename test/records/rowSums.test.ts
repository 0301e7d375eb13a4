/** Histograms of |error|: bins, quantiles within the stated error, merging; and what is shown of spectra and ranks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bandsOf, rankHistogramOf, spectrumOf } from '../../kernel/src/records/profiles.ts';
import {
  addRowSums,
  ERROR_BINS,
  errorBin,
  errorEdges,
  errorQuantile,
  QUANTILE_ERROR,
  weighRows,
} from '../../kernel/src/records/rowSums.ts';

const edges = errorEdges();

function counted(values: readonly number[], weights?: readonly number[]): Float64Array {
  const counts = new Float64Array(ERROR_BINS);
  values.forEach((value, at) => {
    counts[errorBin(value)]! += weights?.[at] ?? 1;
  });
  return counts;
}

describe('the histogram of |error|', () => {
  test('a number lies between the edges of its bin', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 24 * 0.999, noNaN: true }), (value) => {
        const bin = errorBin(value);
        assert.ok(edges[bin]! <= value && value < edges[bin + 1]!, `${value} in bin ${bin}`);
      }),
    );
    for (const bin of [1, 63, 64, 65, 2559, ERROR_BINS - 1]) assert.equal(errorBin(edges[bin]!), bin);
  });

  test('nought, denormals and what is tiny are in the first bin, what is huge and endless in the last', () => {
    for (const tiny of [0, 5e-324, 1e-300, 2 ** -41]) assert.equal(errorBin(tiny), 0);
    for (const huge of [2 ** 24, 1e300, Number.POSITIVE_INFINITY]) assert.equal(errorBin(huge), ERROR_BINS - 1);
  });

  test('quantiles lie within the stated relative error of the exact ones, with any weights', () => {
    const one = fc.tuple(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 60 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (pairs, q) => {
        const sorted = pairs.toSorted((a, b) => a[0] - b[0]);
        const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
        let below = 0;
        const exact = sorted.find(([, weight]) => {
          below += weight;
          return below >= q * total * (1 - 1e-9);
        })![0];
        const found = errorQuantile(counted(pairs.map(([value]) => value), pairs.map(([, weight]) => weight)), q)!; // biome-ignore format: one call
        // Where the share falls on a jump to within rounding, the next value is as right.
        const near = sorted.some(([value]) => Math.abs(found - value) <= QUANTILE_ERROR * value * (1 + 1e-12));
        assert.ok(near && (Math.abs(found - exact) <= QUANTILE_ERROR * exact * (1 + 1e-12) || Math.abs(below - q * total) < 1e-6 * total));
      }),
    );
  });

  test('nothing has no quantile; errors of nought have nought', () => {
    assert.equal(errorQuantile(new Float64Array(ERROR_BINS), 0.5), null);
    assert.equal(errorQuantile(counted([0, 0, 0]), 0.99), 0);
  });
});

test('row sums are merged by addition, and weighted row by row', () => {
  const total = { errors: Int32Array.of(1, 2, 3, 4), power_rows: Int32Array.of(1, 0) };
  addRowSums(total, { errors: Int32Array.of(10, 20, 30, 40), power_rows: Int32Array.of(2, 5) });
  const { errors, circles } = weighRows(total, [0.5, 2]);
  assert.deepEqual([...errors!], [0.5 * 11 + 2 * 33, 0.5 * 22 + 2 * 44]);
  assert.equal(circles, 8);
});

describe('what is shown', () => {
  test('bands hold every wavenumber once, one by one at first', () => {
    for (const highest of [1, 7, 18, 90, 720]) {
      const bands = bandsOf(highest);
      assert.deepEqual(
        bands.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at)),
        Array.from({ length: highest }, (_, at) => at + 1),
      );
    }
    assert.ok(bandsOf(720).length < 85);
  });

  test('a spectrum is the mean power of a band, of at most six leads, those without a whole row left out', () => {
    const totals = Array.from({ length: 30 }, (_, lead) => ({
      power_forecast: Float64Array.from({ length: 41 }, (_, k) => 2 * k),
      power_truth: Float64Array.from({ length: 41 }, () => 4),
      power_rows: Float64Array.of(lead === 0 ? 0 : 2),
      circles: 5,
    }));
    const { leads, wavenumbers, forecast, truth } = spectrumOf(totals)!;
    assert.deepEqual([leads[0], leads.at(-1), leads.length], [1, 29, 6]);
    for (const [band, power] of forecast[0]!.entries()) assert.ok(Math.abs(power - wavenumbers[band]!) < 1e-3);
    assert.ok(truth.flat().every((one) => one === 2));
    assert.equal(spectrumOf([undefined, {}]), undefined);
  });

  test('ranks of large ensembles stand together; alike ranks are 1', () => {
    const ranks = Float64Array.from({ length: 131 }, () => 0.3);
    const { relative, together, members } = rankHistogramOf([{ ranks }])!;
    assert.deepEqual([members, together, relative[0]!.length], [130, 3, 44]);
    assert.ok(relative[0]!.every((one) => Math.abs(one - 1) < 1e-4));
  });
});
