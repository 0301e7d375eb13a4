/** The mathematics of scores on numbers worked out by hand. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  acc,
  accField,
  cellEdges,
  cellWeights,
  coarsenGrid,
  coarsenSums,
  rmse,
  rmseField,
  weigh,
} from '../../kernel/src/records/scores.ts';
import { emptySums } from './sums.ts';

const near = (own: number | null | undefined, wanted: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(own! - wanted) <= tolerance, `${own} against ${wanted}`);

describe('weights', () => {
  test('cell areas add up to the sphere, whichever way the latitudes run', () => {
    const latitude = [90, 45, 0, -45, -90];
    const longitude = [0, 90, 180, 270];
    const { row, column } = cellWeights({ latitude, longitude }, 'area');
    const total = row.reduce((sum, one) => sum + one, 0) * column.reduce((sum, one) => sum + one, 0);
    near(total, 4 * Math.PI * (180 / Math.PI) ** 2, 1e-6);
    assert.ok(row[0]! > 0, 'the pole has an area');
  });

  test('cos φ is nought at the poles, never below', () => {
    const { row } = cellWeights({ latitude: [-90, 0, 60, 90], longitude: [0] }, 'cos');
    near(row[0], 0, 1e-15);
    near(row[2], 0.5);
    assert.ok(row.every((weight) => weight >= 0));
  });

  test('edges of uneven centres lie half way', () => {
    assert.deepEqual([...cellEdges([0, 2, 6])], [-1, 1, 4, 8]);
  });
});

describe('scores', () => {
  const grid = { latitude: [0, 60], longitude: [0, 1] };
  const weights = cellWeights(grid, 'cos');
  // One initial time; the last cell is land: d = 1, 2, 4.
  const sums = emptySums(4);
  sums.count.set([1, 1, 1, 0]);
  sums.dd.set([1, 4, 16, 0]);
  sums.ab.set([2, 0, 1, 0]);
  sums.aa.set([1, 1, 1, 0]);
  sums.bb.set([4, 1, 1, 0]);

  test('masked and paper normalisation', () => {
    const total = weigh(sums, weights);
    near(rmse(total, 'masked', 1), Math.sqrt((1 + 4 + 0.5 * 16) / 2.5));
    // L = cos φ / mean cos φ = 4/3, 4/3, 2/3, 2/3; divided by all four cells.
    near(rmse(total, 'paper', 1), Math.sqrt(((4 / 3) * 5 + (2 / 3) * 16) / 4));
  });

  test('ACC is weighted and uncentred', () => near(acc(weigh(sums, weights)), (2 + 0.5) / Math.sqrt((1 + 1 + 0.5) * (4 + 1 + 0.5))));

  test('a region is its cells alone', () => {
    const total = weigh(sums, weights, Uint8Array.of(0, 1, 0, 1));
    assert.equal(total.cells, 2);
    near(rmse(total, 'masked', 1), 2);
  });

  test('nothing valid has no score', () => {
    const nothing = weigh(emptySums(4), weights);
    assert.equal(rmse(nothing, 'masked', 1), null);
    assert.equal(rmse(nothing, 'paper', 1), null);
    assert.equal(acc(nothing), null);
  });

  test('by cell: land is NaN, and one sample has no correlation', () => {
    assert.deepEqual([...rmseField(sums)], [1, 2, 4, Number.NaN]);
    assert.ok(accField(sums).every(Number.isNaN));
  });

  test('coarser cells hold the pooled score of their valid cells', () => {
    const coarse = coarsenSums(sums, weights, 2);
    near(rmseField(coarse)[0], rmse(weigh(sums, weights), 'masked', 1)!, 1e-6);
    assert.deepEqual(coarsenGrid({ latitude: [0, 2, 4], longitude: [0, 1] }, 2), { latitude: [1, 4], longitude: [0.5] });
  });
});
