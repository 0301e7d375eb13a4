/** The series behind the maps' tests, from sums alone, against the same series written out. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocksOf, cellMoments, correlationDifferences, squareDifferences } from '../../kernel/src/evaluate/cellMoments.ts';
import { seeded } from '../../kernel/src/records/bootstrap.ts';
import { momentsOf, pairedTest } from '../../kernel/src/records/significance.ts';

const [ROWS, COLUMNS, TIMES, FACTOR] = [12, 40, 40, 2];
const CELLS = ROWS * COLUMNS;
const random = seeded(3);
/** Nearly Gaussian. */
const noise = () => random() + random() + random() + random() - 2;
const field = (of: (cell: number) => number) => Float64Array.from({ length: CELLS }, (_, cell) => of(cell));
const row = Float64Array.from({ length: ROWS }, (_, i) => 1 + 0.1 * i);
const column = new Float64Array(COLUMNS).fill(1);
const blocks = blocksOf({ row, column }, FACTOR);
const climatology = field((cell) => 10 + Math.sin(cell));
/** A block of two cells by two without a truth, one cell without at some times. */
const land = (cell: number, time: number) => (cell % COLUMNS < 2 && cell < 2 * COLUMNS) || (cell === 90 && time % 3 === 0);
const times = Array.from({ length: TIMES }, (_, time) => {
  const truth = field((cell) => (land(cell, time) ? Number.NaN : climatology[cell]! + noise()));
  // Two that are equally good; in the last columns the second is worse.
  const forecast = (worse: number) => field((cell) => truth[cell]! + 0.7 * noise() * (cell % COLUMNS >= COLUMNS - 4 ? worse : 1));
  return [forecast(1), forecast(3), truth, climatology] as const;
});
const positions = times.map((_, time) => (time < 20 ? time : time + 5));

function sumsOf(which: 0 | 1) {
  const sums = { ab: new Float64Array(CELLS), aa: new Float64Array(CELLS), bb: new Float64Array(CELLS), count: new Float64Array(CELLS) };
  for (const fields of times) {
    for (let cell = 0; cell < CELLS; cell++) {
      const [a, b] = [fields[which][cell]! - climatology[cell]!, fields[2][cell]! - climatology[cell]!];
      if (Number.isNaN(a + b)) continue;
      sums.ab[cell]! += a * b;
      sums.aa[cell]! += a * a;
      sums.bb[cell]! += b * b;
      sums.count[cell]!++;
    }
  }
  return sums;
}
const [one, two] = [sumsOf(0), sumsOf(1)];
const cellsOf = (block: number) => {
  const [i, j] = [Math.floor(block / (COLUMNS / FACTOR)), block % (COLUMNS / FACTOR)];
  return [0, 1, 2, 3].map((at) => (FACTOR * i + (at >> 1)) * COLUMNS + FACTOR * j + (at & 1));
};
const weightOf = (cell: number) => row[Math.floor(cell / COLUMNS)]!;
const whole = (sums: Float64Array, block: number) => cellsOf(block).reduce((sum, cell) => sum + weightOf(cell) * sums[cell]!, 0);

describe('a test at every cell of a small map', () => {
  test('of the correlations: the pooled difference, with what each initial time adds to it', () => {
    const correlations = correlationDifferences(blocks, one, two);
    const moments = cellMoments(blocks.cells);
    times.forEach((fields, time) => {
      moments.add(positions[time]!, correlations.at(fields, one.count));
    });
    const found = moments.tests(correlations.affine);
    const wanted = Array.from(found, (_, block) => {
      const parts = [one, two].map((sums, which) => {
        const [ab, aa, bb] = [whole(sums.ab, block) / TIMES, whole(sums.aa, block) / TIMES, whole(sums.bb, block) / TIMES];
        const r = ab / Math.sqrt(aa * bb);
        return times.map((fields) => {
          let [x, y, z] = [0, 0, 0];
          for (const cell of cellsOf(block)) {
            const [a, b] = [fields[which as 0]![cell]! - climatology[cell]!, fields[2]![cell]! - climatology[cell]!];
            if (Number.isNaN(a + b)) continue;
            x += weightOf(cell) * a * b;
            y += weightOf(cell) * a * a;
            z += weightOf(cell) * b * b;
          }
          return r + x / Math.sqrt(aa * bb) - (r / 2) * (y / aa + z / bb);
        });
      });
      return (
        pairedTest(
          momentsOf(
            Float64Array.from(times, (_, time) => parts[0]![time]! - parts[1]![time]!),
            positions,
          ),
        )?.p ?? Number.NaN
      );
    });
    assert.ok(Number.isNaN(found[0]!), 'land has no test');
    found.forEach((p, block) => {
      if (block > 0) assert.ok(Math.abs(p - wanted[block]!) <= 1e-8 * wanted[block]! + 1e-14, `${block}: ${p} against ${wanted[block]}`);
    });
  });

  test('finds what is worse, and of what is alike about as many as its level', () => {
    const correlations = correlationDifferences(blocks, one, two);
    const [squared, correlated] = [cellMoments(blocks.cells), cellMoments(blocks.cells)];
    times.forEach((fields, time) => {
      squared.add(positions[time]!, squareDifferences(blocks, fields, one.count));
      correlated.add(positions[time]!, correlations.at(fields, one.count));
    });
    for (const p of [squared.tests(), correlated.tests(correlations.affine)]) {
      const small = (worse: boolean) => {
        const chosen = [...p].filter(
          (value, block) => !Number.isNaN(value) && block % (COLUMNS / FACTOR) >= COLUMNS / FACTOR - 2 === worse,
        );
        return chosen.filter((value) => value < 0.05).length / chosen.length;
      };
      assert.ok(small(true) > 0.95, `${small(true)}`);
      assert.ok(small(false) > 0.005 && small(false) < 0.15, `${small(false)}`);
    }
  });
});
