/**
 * Sums on a coarse grid of blocks, small enough to be sent to the browser for every lead, from which it scores any area: blocks that lie inside
 * count whole, those on its edge by the share of their weight that lies inside.
 */
import {
  blockTotals,
  type CellSums,
  type CellWeights,
  coarsenGrid,
  type Grid,
  namesOf,
  type SumName,
  type WeightedSums,
} from './scores.ts';

/** `count` is the plain number of valid (cell, initial time) pairs, `valid` the sum of their weights, the rest Σ w·sum. */
export type BlockSums = { count: Float32Array; valid: Float32Array } & Partial<Record<Exclude<SumName, 'count'>, Float32Array>>;

export interface Blocks {
  latitude: number[];
  longitude: number[];
  /** A block is `factor` × `factor` cells, less at the last row and column. */
  factor: number;
  /** Cells of each block, land too, and the sum of their weights. */
  cells: Float32Array;
  weight: Float32Array;
}

const plain = ({ row, column }: CellWeights): CellWeights => ({
  row: new Float64Array(row.length).fill(1),
  column: new Float64Array(column.length).fill(1),
});

export function blocksOf(grid: Grid, weights: CellWeights, factor: number): Blocks {
  const ones = new Uint8Array(grid.latitude.length * grid.longitude.length).fill(1);
  return {
    ...coarsenGrid(grid, factor),
    factor,
    cells: Float32Array.from(blockTotals(ones, plain(weights), factor)),
    weight: Float32Array.from(blockTotals(ones, weights, factor)),
  };
}

/** One lead's sums by blocks. */
export function blockSums(sums: CellSums, weights: CellWeights, factor: number): BlockSums {
  const total = (name: SumName, by: CellWeights) => Float32Array.from(blockTotals(sums[name]!, by, factor));
  const others = namesOf(sums).filter((name) => name !== 'count');
  return {
    count: total('count', plain(weights)),
    valid: total('count', weights),
    ...Object.fromEntries(others.map((name) => [name, total(name, weights)])),
  };
}

/** The share of each block's weight that a mask of the cells covers, 0 … 1; without a mask 1. */
export function coverOf(mask: Uint8Array | undefined, weights: CellWeights, factor: number): Float32Array {
  const ones = new Uint8Array(weights.row.length * weights.column.length).fill(1);
  const whole = blockTotals(ones, weights, factor);
  if (!mask) return new Float32Array(whole.length).fill(1);
  return Float32Array.from(blockTotals(mask, weights, factor), (inside, block) => (whole[block]! > 0 ? inside / whole[block]! : 0));
}

/**
 * Sums of the covered blocks, group by group. `groupOf`: the group of each block, −1 for none.
 * The totals are float64; a block's own sums came as float32, so that a score is good to about 1e-7.
 */
export function groupBlocks(
  blocks: Blocks,
  sums: BlockSums,
  cover: Float32Array,
  groupOf: (block: number) => number,
  groups: number,
): WeightedSums[] {
  const names = (Object.keys(sums) as (keyof BlockSums)[]).filter((name) => name !== 'count' && name !== 'valid') as SumName[];
  const totals = Array.from(
    { length: groups },
    () => ({ cells: 0, weight: 0, count: 0, validWeight: 0, ...Object.fromEntries(names.map((name) => [name, 0])) }) as WeightedSums,
  );
  for (let block = 0; block < cover.length; block++) {
    const share = cover[block]!;
    const group = share > 0 ? groupOf(block) : -1;
    if (group < 0) continue;
    const total = totals[group]!;
    total.cells += share * blocks.cells[block]!;
    total.weight += share * blocks.weight[block]!;
    total.count += share * sums.count[block]!;
    total.validWeight += share * sums.valid[block]!;
    for (const name of names) total[name]! += share * (sums as Record<SumName, Float32Array>)[name][block]!;
  }
  return totals;
}
