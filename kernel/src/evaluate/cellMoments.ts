/** Of a series by initial time at each cell of a small map only the sums that its test needs are kept, and the two values before: memory doesn't grow with the initial times. */
import { type CellWeights, coarsenSums } from '../records/scores.ts';
import { pairedTest, stepsBetween } from '../records/significance.ts';
import type { Floats } from './decode.ts';

/** A series x = scale · v + shift of the values v that were added. */
export interface Affine {
  scale: number;
  shift: number;
}

export interface CellMoments {
  /** One value a cell, NaN where there is none; `position`: see `inOrder`, ascending. */
  add(position: number, values: Float64Array): void;
  /** p by cell, NaN where there is no test; `affine` says of a cell, by how many values it has, what is tested instead of the values. */
  tests(affine?: (cell: number, samples: number) => Affine): Float64Array;
}

export function cellMoments(cells: number): CellMoments {
  const make = () => new Float64Array(cells);
  const [samples, sum, squares] = [make(), make(), make()];
  const lags = [1, 2].map(() => ({ pairs: make(), products: make(), sums: make() }));
  let before: { position: number; values: Float64Array }[] = [];
  return {
    add(position, values) {
      const earlier = before.flatMap(({ position: then, values: old }) => {
        const lag = lags[stepsBetween(then, position) - 1];
        return lag ? [{ lag, old }] : [];
      });
      for (let cell = 0; cell < cells; cell++) {
        const x = values[cell]!;
        if (Number.isNaN(x)) continue;
        samples[cell]!++;
        sum[cell]! += x;
        squares[cell]! += x * x;
        for (const { lag, old } of earlier) {
          const y = old[cell]!;
          if (Number.isNaN(y)) continue;
          lag.pairs[cell]!++;
          lag.products[cell]! += x * y;
          lag.sums[cell]! += x + y;
        }
      }
      before = [...before.slice(-1), { position, values }];
    },
    tests: (affine = () => ({ scale: 1, shift: 0 })) =>
      Float64Array.from({ length: cells }, (_, cell) => {
        const n = samples[cell]!;
        const { scale, shift } = affine(cell, n);
        const lag = (at: 0 | 1) => {
          const [pairs, products, sums] = [lags[at]!.pairs[cell]!, lags[at]!.products[cell]!, lags[at]!.sums[cell]!];
          return {
            pairs,
            products: scale * scale * products + scale * shift * sums + pairs * shift * shift,
            sums: scale * sums + 2 * pairs * shift,
          };
        };
        const moments = {
          samples: n,
          sum: scale * sum[cell]! + n * shift,
          squares: scale * scale * squares[cell]! + 2 * scale * shift * sum[cell]! + n * shift * shift,
          lags: [lag(0), lag(1)] as const,
        };
        return pairedTest(moments)?.p ?? Number.NaN;
      }),
  };
}

/** Cells where all is finite: both forecasts and the truth, in the score's order; where ACC is tested, the climatology too. */
export type Fields = readonly [one: Floats, two: Floats, truth: Floats, climatology?: Floats];

/** How a grid is cut into the cells of a small map. */
export interface Blocks {
  weights: CellWeights;
  factor: number;
  cells: number;
}

export function blocksOf({ row, column }: CellWeights, factor: number): Blocks {
  return { weights: { row, column }, factor, cells: Math.ceil(row.length / factor) * Math.ceil(column.length / factor) };
}

/** Adds each cell that counts, by its block and with its weight. */
function eachCell(
  { weights: { row, column }, factor }: Blocks,
  count: ArrayLike<number>,
  add: (block: number, cell: number, weight: number) => void,
): void {
  const wide = Math.ceil(column.length / factor);
  for (let i = 0, cell = 0; i < row.length; i++) {
    const line = Math.floor(i / factor) * wide;
    for (let j = 0; j < column.length; j++, cell++) {
      if (count[cell] !== 0) add(line + Math.floor(j / factor), cell, row[i]! * column[j]!);
    }
  }
}

/** The mean difference of the squared errors of one initial time, by block. */
export function squareDifferences(blocks: Blocks, [one, two, truth]: Fields, count: ArrayLike<number>): Float64Array {
  const [values, weights] = [new Float64Array(blocks.cells), new Float64Array(blocks.cells)];
  eachCell(blocks, count, (block, cell, weight) => {
    const [a, b] = [one[cell]! - truth[cell]!, two[cell]! - truth[cell]!];
    const difference = a * a - b * b;
    if (difference - difference !== 0) return;
    values[block]! += weight * difference;
    weights[block]! += weight;
  });
  return values.map((value, block) => value / weights[block]!);
}

/** Σ over all initial times, by cell of the grid. */
export interface AnomalySums {
  ab: Float64Array;
  aa: Float64Array;
  bb: Float64Array;
  count: Float64Array;
}

/**
 * What each initial time adds to the difference of two pooled correlations, by block. The correlation r = Σab / √(Σaa Σbb) is a function of three means over
 * initial times; to first order (delta method: Wasserman 2004, All of Statistics, 9.9) an initial time moves it by ab/√(Σaa Σbb) − r/2 (aa/Σaa + bb/Σbb), and n times that,
 * with the difference added, is a series whose mean is the difference itself and whose spread is that of its error. The pooled sums are known from the score.
 */
export function correlationDifferences(blocks: Blocks, a: AnomalySums, b: AnomalySums) {
  const [one, two] = [a, b].map((sums) => pooled(coarsenSums({ ...sums, dd: sums.aa }, blocks.weights, blocks.factor)));
  return {
    at([first, second, truth, climatology]: Fields, count: ArrayLike<number>): Float64Array {
      const values = new Float64Array(blocks.cells);
      const valid = new Uint8Array(blocks.cells);
      eachCell(blocks, count, (block, cell, weight) => {
        const c = climatology![cell]!;
        const [f, g, t] = [first[cell]! - c, second[cell]! - c, truth[cell]! - c];
        if (f + g + t - (f + g + t) !== 0) return;
        valid[block] = 1;
        values[block]! += weight * (one!.moved(block, f, t) - two!.moved(block, g, t));
      });
      return values.map((value, block) => (valid[block] ? value : Number.NaN));
    },
    affine: (block: number, samples: number): Affine => ({ scale: samples, shift: one!.r[block]! - two!.r[block]! }),
  };
}

function pooled({ ab, aa, bb }: Record<'ab' | 'aa' | 'bb', Float64Array>) {
  const scale = aa.map((forecast, block) => Math.sqrt(forecast) * Math.sqrt(bb[block]!));
  const r = ab.map((product, block) => product / scale[block]!);
  return {
    r,
    moved: (block: number, forecast: number, truth: number) =>
      (forecast * truth) / scale[block]! - (r[block]! / 2) * ((forecast * forecast) / aa[block]! + (truth * truth) / bb[block]!),
  };
}
