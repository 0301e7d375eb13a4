/**
 * The inner loop: one forecast field against one truth field. It stands alone, so that a compiled one can take its place.
 *
 * Inputs are float32 or float64, sums float64. A cell counts where forecast, truth and climatology are all finite.
 */
import type { CellSums } from '../records/scores.ts';
import type { Floats } from './decode.ts';

/** What is counted over all cells beside the sums by cell. */
export interface Tally {
  /** Cells with a finite truth and climatology and no finite forecast: a forecast that blew up must not pass for land. */
  lost: number;
  /** Sum of the truth over the cells that count: two scores over the same truth agree in it. */
  truth: number;
}

/** Adds a run of `length` cells, inputs from `from`, sums from `into`, of one (initial time, lead) to the sums and the tally. */
export function accumulate(
  forecast: Floats,
  truth: Floats,
  climatology: Floats,
  from: number,
  sums: CellSums,
  into: number,
  length: number,
  tally: Tally,
): void {
  const { count, d, dd, ab, aa, bb } = sums;
  let lost = 0;
  let total = 0;
  for (let k = 0; k < length; k++) {
    const f = forecast[from + k]!;
    const t = truth[from + k]!;
    const c = climatology[from + k]!;
    const a = f - c;
    const b = t - c;
    const sum = a + b;
    // NaN or infinity in any of the three makes sum − sum NaN.
    if (sum - sum === 0) {
      const cell = into + k;
      const difference = f - t;
      count[cell]! += 1;
      d[cell]! += difference;
      dd[cell]! += difference * difference;
      ab[cell]! += a * b;
      aa[cell]! += a * a;
      bb[cell]! += b * b;
      total += t;
    } else if (b - b === 0) lost++;
  }
  tally.lost += lost;
  tally.truth += total;
}
