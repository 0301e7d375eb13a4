/** Sums by blocks give the scores of the cells; bands from groups are those of textbooks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jackknifeBand, pairedBand, student95 } from '../../kernel/src/records/bands.ts';
import { blockSums, blocksOf, coverOf, groupBlocks } from '../../kernel/src/records/blocks.ts';
import { metricField } from '../../kernel/src/records/cellFields.ts';
import { metricOf } from '../../kernel/src/records/metrics.ts';
import { dequantiseScreen, quantiseScreen } from '../../kernel/src/records/quantise.ts';
import { acc, type CellSums, cellWeights, rmse, type WeightedSums, weigh } from '../../kernel/src/records/scores.ts';
import { momentsOf, pairedTest } from '../../kernel/src/records/significance.ts';
import { emptySums } from './sums.ts';

const grid = {
  latitude: Array.from({ length: 21 }, (_, row) => -84 + row * 8),
  longitude: Array.from({ length: 40 }, (_, column) => -176 + column * 9),
};
const weights = cellWeights(grid, 'cos');

/** Seeded noise, a third of it land. */
function someSums(): CellSums {
  let state = 7;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const sums = emptySums(21 * 40, ['count', 'dd', 'ab', 'aa', 'bb', 'd', 'ad']);
  for (let cell = 0; cell < 21 * 40; cell++) {
    if (random() < 0.33) continue;
    sums.count[cell] = 5;
    for (let n = 0; n < 5; n++) {
      const [a, b] = [random() - 0.5, random() - 0.4];
      sums.dd[cell]! += (a - b) ** 2;
      sums.d![cell]! += a - b;
      sums.ad![cell]! += Math.abs(a - b);
      sums.ab[cell]! += a * b;
      sums.aa[cell]! += a * a;
      sums.bb[cell]! += b * b;
    }
  }
  return sums;
}

const sums = someSums();
const close = (one: number, two: number, share = 1e-6) => assert.ok(Math.abs(one - two) <= share * Math.abs(two), `${one} against ${two}`);

describe('blocks', () => {
  for (const factor of [1, 3, 4]) {
    test(`${factor} × ${factor}: the whole map, and a mask of whole blocks, score as their cells do`, () => {
      const blocks = blocksOf(grid, weights, factor);
      const lead = blockSums(sums, weights, factor);
      const columns = Math.ceil(40 / factor);
      const mask = new Uint8Array(21 * 40);
      for (let i = 0; i < 21; i++)
        for (let j = 0; j < 40; j++) if (Math.floor(i / factor) % 2 === 0 && Math.floor(j / factor) % 3 === 1) mask[i * 40 + j] = 1;
      for (const one of [undefined, mask]) {
        const cover = coverOf(one, weights, factor);
        const rows = groupBlocks(blocks, lead, cover, (block) => Math.floor(block / columns), Math.ceil(21 / factor));
        const total = { ...rows[0]! };
        for (const row of rows.slice(1)) for (const name of Object.keys(row) as (keyof WeightedSums)[]) total[name]! += row[name]!;
        const wanted = weigh(sums, weights, one);
        close(total.count, wanted.count);
        close(total.cells, wanted.cells);
        for (const normalisation of ['masked', 'paper'] as const) close(rmse(total, normalisation, 5)!, rmse(wanted, normalisation, 5)!);
        close(acc(total)!, acc(wanted)!);
        close(metricOf('bias')!.value(total, 'masked', 5)!, metricOf('bias')!.value(wanted, 'masked', 5)!, 1e-5);
      }
    });
  }

  test('a block on the edge of an area counts by the share of its weight', () => {
    const half = Uint8Array.from({ length: 21 * 40 }, (_, cell) => (cell % 40 < 2 ? 1 : 0));
    const cover = coverOf(half, weights, 4);
    close(cover[0]!, 0.5);
    assert.equal(cover[1], 0);
  });
});

describe('bands', () => {
  test('Student’s t that 95 of 100 lie within, as tables have it', () => {
    for (const [freedom, wanted] of [
      [7, 2.3646],
      [10, 2.2281],
      [30, 2.0423],
      [1000, 1.9623],
    ] as const)
      close(student95(freedom), wanted, 1e-3);
  });

  test('of a mean over even groups the jackknife is the standard error', () => {
    const values = [3, 5, 4, 8, 6, 7, 2, 9, 5, 6];
    const groups = values.map(
      (value) => ({ cells: 1, weight: 1, count: 1, validWeight: 1, dd: value, ab: 0, aa: 0, bb: 0, d: value }) as WeightedSums,
    );
    const [low, high] = jackknifeBand(groups, (one) => one.d! / one.validWeight, 'plain')!;
    const mean = values.reduce((sum, one) => sum + one) / 10;
    const error = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 9 / 10);
    close((low + high) / 2, mean);
    close((high - low) / 2, student95(9) * error);
  });

  test('over initial times the band is wider where neighbours are alike, and none where there are too few', () => {
    // A slow wave: neighbours are alike.
    const groups = Array.from({ length: 40 }, (_, at) => {
      const value = 3 + Math.sin(at / 2.5) + 0.3 * Math.sin(at * 2.399);
      return { cells: 1, weight: 1, count: 1, validWeight: 1, dd: value, ab: 0, aa: 0, bb: 0 } as WeightedSums;
    });
    const score = (one: WeightedSums) => one.dd / one.validWeight;
    const positions = groups.map((_, at) => at);
    const [low, high] = jackknifeBand(groups, score, 'plain', positions)!;
    const [from, to] = jackknifeBand(groups, score, 'plain')!;
    const wanted = pairedTest(
      momentsOf(
        groups.map(({ dd }) => dd),
        positions,
      ),
    )!;
    close((high - low) / 2, student95(39) * wanted.standardError);
    assert.ok(high - low > 1.2 * (to - from), `${high - low} against ${to - from}`);
    assert.equal(jackknifeBand(groups.slice(0, 9), score, 'plain', positions.slice(0, 9)), undefined);
  });

  test('of a difference: what is hard for both forecasts does not widen it', () => {
    const hard = [3, 5, 4, 8, 6, 7, 2, 9, 5, 6];
    const group = (d: number) => ({ cells: 1, weight: 1, count: 1, validWeight: 1, dd: d, ab: 0, aa: 0, bb: 0 }) as WeightedSums;
    const score = (one: WeightedSums) => one.dd / one.validWeight;
    const a = hard.map((value, at) => group(value + 1 + 0.1 * (at % 2)));
    const b = hard.map(group);
    const [low, high] = pairedBand(a, b, score)!;
    close((low + high) / 2, 1.05);
    close((high - low) / 2, student95(9) * Math.sqrt((0.05 ** 2 * 10) / 9 / 10));
    assert.equal(pairedBand(a, b.slice(1), score), undefined);
  });

  test('few groups, or no value without one of them, have no band', () => {
    const group = { cells: 1, weight: 1, count: 1, validWeight: 1, dd: 1, ab: 0, aa: 0, bb: 0 } as WeightedSums;
    assert.equal(
      jackknifeBand(Array(7).fill(group), (one) => one.dd, 'log'),
      undefined,
    );
    assert.equal(jackknifeBand(Array(9).fill(group), acc, 'fisher'), undefined);
  });
});

describe('fields by cell', () => {
  test('every metric that the sums allow, land as NaN', () => {
    const bias = metricField('bias', sums);
    sums.count.forEach((count, cell) => {
      if (count === 0) assert.ok(Number.isNaN(bias[cell]!));
      else close(bias[cell]!, sums.d![cell]! / count, 1e-5);
    });
  });

  test('quantised for the screen they come back within half of 65,534 steps', () => {
    const field = metricField('mae', sums);
    const { levels, minimum, maximum } = quantiseScreen(field);
    const back = dequantiseScreen(levels, minimum, maximum);
    const step = (maximum - minimum) / 65534;
    field.forEach((value, cell) => {
      if (Number.isNaN(value)) assert.ok(Number.isNaN(back[cell]!));
      else assert.ok(Math.abs(back[cell]! - value) <= step * 0.51 + 1e-7);
    });
  });
});
