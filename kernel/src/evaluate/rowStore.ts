/** Sums by row on disk: an array a sum beside those by cell, over (lead time, latitude, bin), one chunk a lead. */
import { join } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import { binsOf, errorEdges, ROW_SUMS, type RowSumName, type RowSums } from '../records/rowSums.ts';
import type { Store } from './store.ts';
import { writeArray, writeChunk, writeVector } from './zarrWriter.ts';

/** Declares a variable's arrays in a forecast's folder, and what their bins stand for. */
export async function beginRows(
  folder: string,
  variable: string,
  names: readonly RowSumName[],
  { leads, rows, columns, members }: { leads: number; rows: number; columns: number; members: number },
): Promise<void> {
  for (const name of names) {
    const { dimension, title, counts } = ROW_SUMS[name];
    const bins = binsOf(name, columns, members);
    // Ensembles of one score may differ in size.
    const along = dimension === 'rank' ? `${variable}_rank` : dimension;
    const values = dimension === 'error_bin' ? errorEdges().slice(0, -1) : Float64Array.from({ length: bins }, (_, bin) => bin);
    await writeVector(join(folder, along), along, values, {});
    await writeArray(join(folder, `${variable}_${name}`), {
      shape: [leads, rows, bins],
      chunks: [1, rows, bins],
      dtype: counts ? 'int32' : 'float64',
      dimensions: ['lead_time', 'latitude', along],
      attributes: { long_name: title },
    });
  }
}

/** Writes one lead's, rows in the score's order. */
export async function writeRows(folder: string, variable: string, lead: number, sums: RowSums): Promise<void> {
  for (const [name, values] of Object.entries(sums)) await writeChunk(join(folder, `${variable}_${name}`), [lead, 0, 0], values);
}

export async function readRows(
  store: Store,
  forecast: string,
  variable: string,
  lead: number,
  names: readonly RowSumName[],
): Promise<RowSums> {
  const read = async (name: RowSumName) => {
    const array = store.variables.get(`${variable}_${name}`);
    if (!array)
      throw new TradewindError({
        code: 'input',
        message: `${variable}_${name} of ${forecast} is missing`,
        where: store.path,
        remedy: 'Evaluate again.',
      });
    return [name, (await array.array.getChunk([lead, 0, 0])).data as Float64Array | Int32Array] as const;
  };
  return Object.fromEntries(await Promise.all(names.map(read)));
}
