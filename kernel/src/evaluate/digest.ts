/** What the record needs of one lead's sums: weighted totals over the globe and the regions, and the sums on the coarse grid of the small maps. */
import type { MetricSums } from '../records/metrics.ts';
import { type Region, regionMask } from '../records/regions.ts';
import { type RowSums, weighRows } from '../records/rowSums.ts';
import {
  type CellSums,
  type CellWeights,
  cellWeights,
  coarsenSums,
  type Grid,
  namesOf,
  type SumName,
  type Weights,
  weigh,
} from '../records/scores.ts';

export interface Digest {
  globe: MetricSums;
  /** By name; without `global`. */
  regions: Record<string, MetricSums>;
  /** See `coarserSums`. */
  coarse: CellSums;
}

export interface DigestOptions {
  weights: Weights;
  regions: readonly Region[];
}

/** The finest grid of the small maps. */
const FINEST_CELLS = 16_200;

/** By how many cells each of the small maps' cells averages at least. */
export function finestFactor({ latitude, longitude }: Grid): number {
  return Math.max(1, Math.ceil(Math.sqrt((latitude.length * longitude.length) / FINEST_CELLS)));
}

/** Does a region go round the globe? */
export function isBand({ boxes }: Region): boolean {
  return boxes.every(([west, east]) => east - west >= 360);
}

/** Makes digests of sums over `grid`. They share no memory with the sums. */
export function digester(grid: Grid, options: DigestOptions): (sums: CellSums, rows: RowSums) => Digest {
  const weights = cellWeights(grid, options.weights);
  const masks = options.regions.filter(({ name }) => name !== 'global').map((region) => [region.name, regionMask(region, grid)] as const);
  // Sums by row have no longitudes: a region of them is one that goes round the globe.
  const bands = options.regions
    .filter((region) => region.name !== 'global' && isBand(region))
    .map(({ name, boxes }) => {
      const inside = (latitude: number) => boxes.some(([, , south, north]) => latitude >= south && latitude <= north);
      return [name, weights.row.map((weight, row) => (inside(grid.latitude[row]!) ? weight : 0))] as const;
    });
  const factor = finestFactor(grid);
  const whole = { cells: grid.latitude.length * grid.longitude.length, weight: total(weights.row) * total(weights.column) };
  return (sums, rows) => {
    const coarse = factor > 1 ? coarsenSums(sums, weights, factor) : copied(sums);
    // On the coarse grid the weights are in the sums already: the globe is their total.
    const globe: MetricSums =
      factor > 1
        ? ({ ...totals(coarse), ...whole, count: total(sums.count), validWeight: total(coarse.count) } as MetricSums)
        : weigh(sums, weights);
    const regions: Record<string, MetricSums> = Object.fromEntries(masks.map(([name, mask]) => [name, weigh(sums, weights, mask)]));
    if (Object.keys(rows).length > 0) {
      globe.rows = weighRows(rows, weights.row);
      for (const [name, own] of bands) regions[name]!.rows = weighRows(rows, own);
    }
    return { globe, regions, coarse };
  };
}

function totals(sums: CellSums): Partial<Record<SumName, number>> {
  return Object.fromEntries(namesOf(sums).map((name) => [name, total(sums[name]!)]));
}

/** In parts, so that rounding stays that of a part. */
function total(values: Float64Array): number {
  let sum = 0;
  for (let from = 0; from < values.length; from += PART) {
    const to = Math.min(values.length, from + PART);
    let part = 0;
    for (let at = from; at < to; at++) part += values[at]!;
    sum += part;
  }
  return sum;
}

const PART = 1024;

/** A digest's coarse sums on a grid coarser still. Sums on a coarse grid carry their weights already. */
export function coarserSums({ coarse }: Digest, grid: Grid, weights: CellWeights, times: number): CellSums {
  const factor = finestFactor(grid);
  if (factor === 1) return coarsenSums(coarse, weights, times);
  const ones = (length: number) => new Float64Array(Math.ceil(length / factor)).fill(1);
  return coarsenSums(coarse, { row: ones(grid.latitude.length), column: ones(grid.longitude.length) }, times);
}

function copied(sums: CellSums): CellSums {
  return Object.fromEntries(namesOf(sums).map((name) => [name, sums[name]!.slice()])) as CellSums;
}
