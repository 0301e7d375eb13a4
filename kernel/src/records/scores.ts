/**
 * The mathematics of scores, shared by kernel and browser: from sums over initial times to RMSE and ACC.
 *
 * For every cell and lead the sums are taken over initial times, unweighted: with d = forecast − truth, a = forecast − climatology,
 * b = truth − climatology they are the count, Σd², Σab, Σa², Σb², and more where a metric asks for them. Latitude weights, regions and coarser grids
 * come afterwards, so one pass over the data serves them all, and two parts are merged by addition.
 */

/** The sums that every score has; RMSE and ACC need no others. */
export const SUM_NAMES = ['count', 'dd', 'ab', 'aa', 'bb'] as const;
/**
 * Sums that are made where a metric asks for them. f, t: forecast and truth; p: the truth at the initial time (persistence), its own count `pn` and the
 * forecast's Σd² over the same cells `pd`; hits, misses, alarms: whether forecast and truth lie above a threshold;
 * of an ensemble cr: its CRPS, ev: its variance (the forecast is its mean).
 */
export const MORE_SUMS = [
  'd',
  'ad',
  'a',
  'b',
  'f',
  't',
  'ff',
  'tt',
  'ft',
  'pn',
  'pd',
  'pp',
  'hits',
  'misses',
  'alarms',
  'cr',
  'ev',
] as const;
export type BaseSum = (typeof SUM_NAMES)[number];
export type SumName = BaseSum | (typeof MORE_SUMS)[number];

/** One lead's sums: every array is row by row over (latitude, longitude). */
export type CellSums = Record<BaseSum, Float64Array> & Partial<Record<SumName, Float64Array>>;

/** The sums that are there, in their order. */
export function namesOf(sums: Partial<Record<SumName, unknown>>): SumName[] {
  return [...SUM_NAMES, ...MORE_SUMS].filter((name) => sums[name] !== undefined);
}

export type Weights = 'area' | 'cos';
export type Normalisation = 'masked' | 'paper';

/** A rectilinear grid by its cell centres, in degrees. */
export interface Grid {
  latitude: ArrayLike<number>;
  longitude: ArrayLike<number>;
  /** Edges between the rows (one more than rows), where the file gives them; else they lie midway. */
  latitudeEdges?: ArrayLike<number>;
}

/** A cell's weight is row[i] · column[j]. */
export interface CellWeights {
  row: Float64Array;
  column: Float64Array;
}

const RADIANS = Math.PI / 180;

/**
 * Edges between cell centres (degrees): midpoints inside, extrapolated by half a step at the ends.
 * A single centre gets edges half a degree away, since its width cancels in every score.
 */
export function cellEdges(centres: ArrayLike<number>): Float64Array {
  const n = centres.length;
  const edges = new Float64Array(n + 1);
  if (n === 1) return Float64Array.of(centres[0]! - 0.5, centres[0]! + 0.5);
  for (let i = 1; i < n; i++) edges[i] = (centres[i - 1]! + centres[i]!) / 2;
  edges[0] = centres[0]! - (centres[1]! - centres[0]!) / 2;
  edges[n] = centres[n - 1]! + (centres[n - 1]! - centres[n - 2]!) / 2;
  return edges;
}

/**
 * Weights of the grid's cells.
 * `cos`: cos φ of the cell's centre, as in the paper's appendix (its division by the mean is done where it matters, in `rmse`).
 * `area`: the exact area between the cell's edges on the sphere, (sin φₙ − sin φₛ)·Δλ, in square degrees; edges end at the poles.
 */
export function cellWeights(grid: Grid, kind: Weights): CellWeights {
  const rows = grid.latitude.length;
  const columns = grid.longitude.length;
  const row = new Float64Array(rows);
  const column = new Float64Array(columns).fill(1);
  if (kind === 'cos') {
    for (let i = 0; i < rows; i++) row[i] = Math.max(0, Math.cos(grid.latitude[i]! * RADIANS));
    return { row, column };
  }
  const sine = Float64Array.from(grid.latitudeEdges ?? cellEdges(grid.latitude)).map((edge) =>
    Math.sin(Math.min(90, Math.max(-90, edge)) * RADIANS),
  );
  for (let i = 0; i < rows; i++) row[i] = Math.abs(sine[i + 1]! - sine[i]!) / RADIANS;
  const edges = cellEdges(grid.longitude);
  for (let j = 0; j < columns; j++) column[j] = Math.abs(edges[j + 1]! - edges[j]!);
  return { row, column };
}

/** Weighted totals of one lead over a set of cells: Σ w·sum of every sum that is there. */
export type WeightedSums = Record<Exclude<BaseSum, 'count'>, number> &
  Partial<Record<SumName, number>> & {
    /** |G|, the number of cells in the set, land too, and the sum of their weights. */
    cells: number;
    weight: number;
    /** How many (cell, initial time) pairs were valid, and the sum of their weights. */
    count: number;
    validWeight: number;
  };

/**
 * Adds the sums of a set of cells up, each with its weight. `inside` marks the set (1 = in it); absent means every cell.
 * Rows are added first, then the rows' totals: the rounding error stays that of a row.
 */
export function weigh(sums: CellSums, weights: CellWeights, inside?: Uint8Array): WeightedSums {
  const names = namesOf(sums).filter((name) => name !== 'count');
  const total = { cells: 0, weight: 0, count: 0, validWeight: 0, ...Object.fromEntries(names.map((name) => [name, 0])) } as WeightedSums;
  const { row, column } = weights;
  const columns = column.length;
  for (let i = 0; i < row.length; i++) {
    for (const [from, to] of runsOf(inside, i * columns, columns)) {
      let [weight, count, validWeight] = [0, 0, 0];
      for (let j = from; j < to; j++) {
        const n = sums.count[i * columns + j]!;
        weight += column[j]!;
        count += n;
        validWeight += column[j]! * n;
      }
      total.cells += to - from;
      total.weight += row[i]! * weight;
      total.count += count;
      total.validWeight += row[i]! * validWeight;
      for (const name of names) {
        const values = sums[name]!;
        let part = 0;
        for (let j = from, cell = i * columns + from; j < to; j++, cell++) part += column[j]! * values[cell]!;
        total[name]! += row[i]! * part;
      }
    }
  }
  return total;
}

/** The stretches of a row that a mask marks, as columns [from, to). */
function runsOf(inside: Uint8Array | undefined, start: number, columns: number): [number, number][] {
  if (!inside) return [[0, columns]];
  const row = inside.subarray(start, start + columns);
  const runs: [number, number][] = [];
  for (let from = row.indexOf(1); from >= 0; ) {
    const end = row.indexOf(0, from);
    const to = end < 0 ? columns : end;
    runs.push([from, to]);
    from = row.indexOf(1, to);
  }
  return runs;
}

/**
 * Root-mean-square error of one lead, in the variable's units; null where nothing is valid.
 *
 * `paper`: RMSE = √(1/(N·|G|) Σₙ Σᵢⱼ L(i) d²), L(i) = w(i) / mean w over the cells G, land counted in |G| as the paper's formula has it, N initial times.
 * `masked`: the weights are renormalised over the valid cells, RMSE = √(Σ w d² / Σ w).
 * Both pool the initial times under one root (mean of squares first, then the root).
 */
export function rmse(sums: WeightedSums, normalisation: Normalisation, initialTimes: number): number | null {
  if (sums.count === 0) return null;
  const denominator = normalisation === 'masked' ? sums.validWeight : sums.weight * initialTimes;
  return denominator > 0 ? Math.sqrt(sums.dd / denominator) : null;
}

/**
 * Anomaly correlation of one lead, uncentred and pooled over initial times, as in the paper's appendix:
 * ACC = Σ w a b / √(Σ w a² · Σ w b²). No units; null where an anomaly vanishes everywhere. It doesn't depend on the normalisation.
 */
export function acc(sums: WeightedSums): number | null {
  const denominator = Math.sqrt(sums.aa) * Math.sqrt(sums.bb);
  return denominator > 0 ? Math.max(-1, Math.min(1, sums.ab / denominator)) : null;
}

/** RMSE at every cell over initial times, √(Σd²/n); NaN where nothing is valid. */
export function rmseField(sums: CellSums): Float32Array {
  const field = new Float32Array(sums.count.length);
  for (let cell = 0; cell < field.length; cell++) field[cell] = Math.sqrt(sums.dd[cell]! / sums.count[cell]!);
  return field;
}

/** ACC at every cell over initial times; NaN where fewer than two are valid (one sample's correlation is always ±1) or an anomaly vanishes. */
export function accField(sums: CellSums): Float32Array {
  const field = new Float32Array(sums.count.length);
  for (let cell = 0; cell < field.length; cell++) {
    const denominator = Math.sqrt(sums.aa[cell]!) * Math.sqrt(sums.bb[cell]!);
    field[cell] = sums.count[cell]! >= 2 && denominator > 0 ? Math.max(-1, Math.min(1, sums.ab[cell]! / denominator)) : Number.NaN;
  }
  return field;
}

/** Adds `part` to `total` in place; both have the same sums. */
export function addSums(total: CellSums, part: CellSums): void {
  for (const name of namesOf(total)) {
    const [into, from] = [total[name]!, part[name]!];
    for (let cell = 0; cell < into.length; cell++) into[cell]! += from[cell]!;
  }
}

/** A coarser grid: blocks of `factor` × `factor` cells (smaller at the last row and column), placed at their mean centre. */
export function coarsenGrid(grid: Grid, factor: number): { latitude: number[]; longitude: number[] } {
  const blocks = (centres: ArrayLike<number>) =>
    Array.from({ length: Math.ceil(centres.length / factor) }, (_, block) => {
      const from = block * factor;
      const to = Math.min(centres.length, from + factor);
      return (centres[from]! + centres[to - 1]!) / 2;
    });
  return { latitude: blocks(grid.latitude), longitude: blocks(grid.longitude) };
}

/** Σ w·value over each block of `coarsenGrid`, row by row. Columns are added up first: no sum waits for the one before. */
export function blockTotals(values: ArrayLike<number>, { row, column }: CellWeights, factor: number): Float64Array {
  const [rows, columns] = [row.length, column.length];
  const wide = Math.ceil(columns / factor);
  const into = new Float64Array(Math.ceil(rows / factor) * wide);
  const line = new Float64Array(columns);
  for (let from = 0, start = 0; from < rows; from += factor, start += wide) {
    line.fill(0);
    const end = Math.min(rows, from + factor);
    let i = from;
    // Four rows at a time: the line is read and written once for them.
    for (; i + 4 <= end; i += 4) {
      const [a, b, c, d] = [row[i]!, row[i + 1]!, row[i + 2]!, row[i + 3]!];
      const [first, second, third, fourth] = [i * columns, (i + 1) * columns, (i + 2) * columns, (i + 3) * columns];
      for (let j = 0; j < columns; j++)
        line[j] = line[j]! + a * values[first + j]! + b * values[second + j]! + c * values[third + j]! + d * values[fourth + j]!;
    }
    for (; i < end; i++) {
      const [weight, at] = [row[i]!, i * columns];
      for (let j = 0; j < columns; j++) line[j]! += weight * values[at + j]!;
    }
    for (let j = 0, block = start; j < columns; block++) {
      for (const to = Math.min(columns, j + factor); j < to; j++) into[block]! += column[j]! * line[j]!;
    }
  }
  return into;
}

/** Sums of the blocks of `coarsenGrid`, each cell with its weight: a block's score is the pooled score of its valid cells. */
export function coarsenSums(sums: CellSums, weights: CellWeights, factor: number): CellSums {
  if (factor === 1) return sums;
  return Object.fromEntries(namesOf(sums).map((name) => [name, blockTotals(sums[name]!, weights, factor)])) as CellSums;
}
