/**
 * Sums by row of latitude: what some metrics need that no sum by cell can hold, distributions and spectra. A row has a number for each bin (of |error|, of rank,
 * of zonal wavenumber); rows get their weights afterwards, so that two parts are merged by addition as sums by cell are.
 */

export interface RowSumDefinition {
  /** What the bins are along, in the score store. */
  dimension: 'error_bin' | 'rank' | 'wavenumber' | 'circle';
  title: string;
  /** Whole numbers. */
  counts: boolean;
}

export const ROW_SUMS = {
  errors: { dimension: 'error_bin', title: 'number of cells by |forecast − truth|, from the lower edges in error_bin', counts: true },
  ranks: { dimension: 'rank', title: 'number of cells by how many members lie below the truth; ties are shared out', counts: false },
  power_forecast: { dimension: 'wavenumber', title: 'sum of the power of the forecast by zonal wavenumber', counts: false },
  power_truth: { dimension: 'wavenumber', title: 'sum of the power of the truth by zonal wavenumber', counts: false },
  power_rows: { dimension: 'circle', title: 'number of initial times whose row has no missing cell', counts: true },
} as const satisfies Record<string, RowSumDefinition>;

export type RowSumName = keyof typeof ROW_SUMS;

/** One lead's: number of row i and bin k at i · bins + k. */
export type RowSums = Partial<Record<RowSumName, Float64Array | Int32Array>>;
/** Rows added up, each with its weight: a number for each bin. */
export interface RowTotals extends Partial<Record<RowSumName, Float64Array>> {
  /** How many rows (over the initial times) had no missing cell, where spectra are made. */
  circles?: number;
}

/** How many bins a row has, on a grid of so many columns and for so many members. */
export function binsOf(name: RowSumName, columns: number, members: number): number {
  return { error_bin: ERROR_BINS, rank: members + 1, wavenumber: Math.floor(columns / 2) + 1, circle: 1 }[ROW_SUMS[name].dimension];
}

/** Adds `other` to `total`. */
export function addRowSums(total: RowSums, other: RowSums): void {
  for (const [name, values] of Object.entries(total)) {
    const more = other[name as RowSumName]!;
    for (let at = 0; at < values.length; at++) values[at]! += more[at]!;
  }
}

/** Adds rows up with their weights; `rows` has the weight of each. */
export function weighRows(sums: RowSums, rows: ArrayLike<number>): RowTotals {
  const weighed = (values: ArrayLike<number>) => {
    const bins = values.length / rows.length;
    const total = new Float64Array(bins);
    for (let row = 0; row < rows.length; row++) {
      const weight = rows[row]!;
      for (let bin = 0, at = row * bins; bin < bins; bin++, at++) total[bin]! += weight * values[at]!;
    }
    return total;
  };
  const circles = sums.power_rows && Array.from(sums.power_rows).reduce((total, one) => total + one, 0);
  return {
    ...Object.fromEntries(Object.entries(sums).map(([name, values]) => [name, weighed(values)])),
    ...(circles !== undefined && { circles }),
  };
}

/**
 * |error| falls into bins whose edges are floating-point numbers of six bits behind the point: 64 in every octave, from 2⁻⁴⁰ to 2²⁴. The bin is read off the number's
 * bits, so the histogram is exact: merging loses nothing. What is smaller counts as the first bin, from 0; what is larger as the last.
 */
const [LOWEST_EXPONENT, OCTAVES, PER_OCTAVE] = [-40, 64, 64];
export const ERROR_BINS = OCTAVES * PER_OCTAVE;
/** A quantile lies within this share of the truth: half a bin's width over its middle. */
export const QUANTILE_ERROR = 1 / (2 * PER_OCTAVE + 1);

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
/** The word that holds sign, exponent and the first twenty bits behind the point. */
const HIGH = new Uint8Array(Float64Array.of(1).buffer)[7] === 0x3f ? 1 : 0;
const FIRST = (LOWEST_EXPONENT + 1023) * PER_OCTAVE;

/** The bin of a number that isn't negative. */
export function errorBin(value: number): number {
  double[0] = value;
  return Math.min(ERROR_BINS - 1, Math.max(0, (words[HIGH]! >> 14) - FIRST));
}

/** The lower edges of the bins, and the last one's upper edge. */
export function errorEdges(): Float64Array {
  const edges = Float64Array.from(
    { length: ERROR_BINS + 1 },
    (_, bin) => 2 ** (LOWEST_EXPONENT + Math.floor(bin / PER_OCTAVE)) * (1 + (bin % PER_OCTAVE) / PER_OCTAVE),
  );
  edges[0] = 0;
  return edges;
}

let edges: Float64Array | undefined;

/**
 * The smallest |error| that the share `q` of the weight doesn't exceed, from weighted counts by bin: within `QUANTILE_ERROR` of it, relatively. Null of nothing.
 * The answer is the number whose relative distance from both edges is the same: 2 l u / (l + u) (as in DDSketch: Masson et al. 2019, PVLDB 12, 2195–2205).
 */
export function errorQuantile(counts: Float64Array, q: number): number | null {
  const total = counts.reduce((sum, one) => sum + one, 0);
  if (!(total > 0)) return null;
  edges ??= errorEdges();
  let [below, last] = [0, 0];
  for (let bin = 0; bin < counts.length; bin++) {
    if (counts[bin] === 0) continue;
    below += counts[bin]!;
    last = bin;
    // Rounding of the sum is no reason to go on.
    if (below >= q * total * (1 - 1e-12)) break;
  }
  const [lower, upper] = [edges[last]!, edges[last + 1]!];
  return lower === 0 ? 0 : (2 * lower * upper) / (lower + upper);
}

/** The share of the weight that each rank has; null of nothing. */
export function rankShares(ranks: Float64Array): number[] | null {
  const total = ranks.reduce((sum, one) => sum + one, 0);
  return total > 0 ? Array.from(ranks, (one) => one / total) : null;
}

/** Power by zonal wavenumber (from 0), the weighted mean over the rows that counted; null where none did. */
export function meanPower(power: Float64Array, rows: Float64Array): number[] | null {
  return rows[0]! > 0 ? Array.from(power, (one) => one / rows[0]!) : null;
}
