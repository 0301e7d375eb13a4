/** Where no climatology is given: a fixed one, the mean of the truth over all its times at every cell. */
import { TradewindError } from '../records/errors.ts';
import type { HorizontalGrid } from './align.ts';
import type { ChunkCache } from './chunkCache.ts';
import type { Climatology, Reference } from './inputs.ts';

/** The mean at every cell of the forecast's grid; NaN for a cell without any valid time. Reads the whole truth once. Memory is shared: threads get it as it is. */
export async function meanOf(truth: Reference, grid: HorizontalGrid, signal: AbortSignal): Promise<Float64Array> {
  const [rows, columns] = [grid.latitude, grid.longitude].map((axis) => Int32Array.from(axis.keys())) as [Int32Array, Int32Array];
  const cells = rows.length * columns.length;
  const mean = new Float64Array(new SharedArrayBuffer(8 * cells));
  const count = new Int32Array(cells);
  for (let index = 0; index < truth.times.seconds.length; index++) {
    if (signal.aborted)
      throw new TradewindError({
        code: 'interrupted',
        message: 'interrupted while the climatology was computed',
        where: truth.input.store.path,
      });
    const { values, release } = await truth.readIndex(index, rows, columns);
    for (let cell = 0; cell < cells; cell++) {
      const value = values[cell]!;
      if (value - value !== 0) continue;
      mean[cell]! += value;
      count[cell]!++;
    }
    release(true);
  }
  for (let cell = 0; cell < cells; cell++) mean[cell]! /= count[cell]!;
  return mean;
}

/** A fixed climatology that was computed. */
export function fixedClimatology(mean: Float64Array, times: number, grid: HorizontalGrid, open: () => ChunkCache): Climatology {
  const gridColumns = grid.longitude.length;
  let whole: Float64Array | undefined;
  return {
    described: `fixed, the mean of the truth over its ${times} times (none was given)`,
    key: () => 'fixed',
    async read(_, rows, columns) {
      const { machine } = open();
      const place = (length: number) => new Float64Array(machine.memory.buffer, machine.allocate(8 * length), length);
      // In the grid's own order it is kept: tiles that span the grid are.
      if (rows.length * columns.length === mean.length && inPlace(rows) && inPlace(columns)) {
        if (!whole) {
          whole = place(mean.length);
          whole.set(mean);
        }
        return { values: whole, release: () => {} };
      }
      const tile = place(rows.length * columns.length);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]! * gridColumns;
        for (let j = 0; j < columns.length; j++) tile[i * columns.length + j] = mean[row + columns[j]!]!;
      }
      return { values: tile, release: () => machine.free(tile.byteOffset) };
    },
  };
}

const inPlace = (indices: Int32Array): boolean => indices.every((index, at) => index === at);
