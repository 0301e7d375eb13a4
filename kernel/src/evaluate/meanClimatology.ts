/** Where no climatology is given: a fixed one, the mean of the truth over all its times at every cell. */
import { TradewindError } from '../records/errors.ts';
import type { HorizontalGrid } from './align.ts';
import type { Climatology, Reference } from './inputs.ts';

/** Reads the whole truth once. A cell without any valid time has no climatology. */
export async function meanClimatology(truth: Reference, grid: HorizontalGrid, path: string, signal: AbortSignal): Promise<Climatology> {
  const [rows, columns] = [grid.latitude, grid.longitude].map((axis) => Int32Array.from(axis.keys())) as [Int32Array, Int32Array];
  const sum = new Float64Array(rows.length * columns.length);
  const count = new Int32Array(sum.length);
  for (let index = 0; index < truth.times.seconds.length; index++) {
    if (signal.aborted)
      throw new TradewindError({ code: 'interrupted', message: 'interrupted while the climatology was computed', where: path });
    const field = await truth.readIndex(index, rows, columns);
    for (let cell = 0; cell < sum.length; cell++) {
      const value = field[cell]!;
      if (value - value !== 0) continue;
      sum[cell]! += value;
      count[cell]!++;
    }
  }
  const mean = sum.map((total, cell) => total / count[cell]!);
  return {
    described: `fixed, the mean of the truth over its ${truth.times.seconds.length} times (none was given)`,
    // Tiles are picked out of the whole field; a tile that is the whole field is the field.
    read: async (_, tileRows, tileColumns) => {
      if (tileRows.length === rows.length && tileColumns.length === columns.length) return mean;
      const tile = new Float64Array(tileRows.length * tileColumns.length);
      for (let i = 0; i < tileRows.length; i++) {
        for (let j = 0; j < tileColumns.length; j++)
          tile[i * tileColumns.length + j] = mean[tileRows[i]! * columns.length + tileColumns[j]!]!;
      }
      return tile;
    },
  };
}
