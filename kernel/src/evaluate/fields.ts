/** Reads horizontal fields of a variable chunk by chunk: decoded chunks are kept up to a budget, neighbours in time and lead share them. */
import { TradewindError } from '../records/errors.ts';
import { type Decoding, decodeChunk, decodingOf, type Floats } from './decode.ts';
import type { Variable } from './store.ts';
import type { Conversion } from './units.ts';

export interface FieldReader {
  /**
   * The field at `place` (an index along every dimension; those of latitude and longitude are not looked at),
   * its `rows` and `columns` in the order given. The array may be shared with the cache: read only.
   */
  read(place: readonly number[], rows: Int32Array, columns: Int32Array): Promise<Floats>;
}

interface Chunk {
  data: Floats;
  stride: number[];
}

/** A reader of `variable`, whose dimensions `latitude` and `longitude` (places) are the horizontal ones. `budget`: bytes of decoded chunks kept. */
export function fieldReader(variable: Variable, latitude: number, longitude: number, units: Conversion, budget: number): FieldReader {
  const decoding = decodingOf(variable, units);
  const [rowsPerChunk, columnsPerChunk] = [variable.chunks[latitude]!, variable.chunks[longitude]!];
  const bytes = variable.chunks.reduce((size, side) => size * side, 1) * (variable.array.dtype === 'float32' ? 4 : 8);
  const kept = Math.max(1, Math.floor(budget / bytes));
  const cache = new Map<string, Promise<Chunk>>();

  function chunkAt(coordinates: number[]): Promise<Chunk> {
    const key = coordinates.join('/');
    const hit = cache.get(key);
    const chunk = hit ?? load(variable, coordinates, decoding);
    // Inserted again at the end: the first key is the one that was used longest ago.
    cache.delete(key);
    cache.set(key, chunk);
    if (!hit) {
      chunk.catch(() => cache.delete(key));
      if (cache.size > kept) cache.delete(cache.keys().next().value!);
    }
    return chunk;
  }

  async function read(place: readonly number[], rows: Int32Array, columns: Int32Array): Promise<Floats> {
    const base = place.map((index, dimension) => Math.floor(index / variable.chunks[dimension]!));
    const inner = place.map((index, dimension) => index % variable.chunks[dimension]!);
    const rowBlocks = blocksOf(rows, rowsPerChunk);
    const columnBlocks = blocksOf(columns, columnsPerChunk);
    const chunks = await Promise.all(
      rowBlocks.flatMap((row) =>
        columnBlocks.map((column) => {
          const coordinates = [...base];
          coordinates[latitude] = row;
          coordinates[longitude] = column;
          return chunkAt(coordinates);
        }),
      ),
    );
    const start = ({ stride }: Chunk) =>
      inner.reduce(
        (sum, index, dimension) => (dimension === latitude || dimension === longitude ? sum : sum + index * stride[dimension]!),
        0,
      );

    // The usual case, a field that lies whole and in order in one chunk: no copy.
    const first = chunks[0]!;
    if (
      chunks.length === 1 &&
      first.stride[longitude] === 1 &&
      first.stride[latitude] === columnsPerChunk &&
      columns.length === columnsPerChunk &&
      ascending(columns) &&
      ascending(rows) &&
      columns[0]! % columnsPerChunk === 0
    ) {
      const from = start(first) + (rows[0]! % rowsPerChunk) * columnsPerChunk;
      return first.data.subarray(from, from + rows.length * columns.length);
    }
    const field = chunks.every((chunk) => chunk.data instanceof Float32Array)
      ? new Float32Array(rows.length * columns.length)
      : new Float64Array(rows.length * columns.length);
    const starts = chunks.map(start);
    const columnBlock = Int32Array.from(columns, (column) => columnBlocks.indexOf(Math.floor(column / columnsPerChunk)));
    const columnInside = Int32Array.from(columns, (column) => column % columnsPerChunk);
    for (let i = 0; i < rows.length; i++) {
      const rowBlock = rowBlocks.indexOf(Math.floor(rows[i]! / rowsPerChunk)) * columnBlocks.length;
      const rowInside = rows[i]! % rowsPerChunk;
      for (let j = 0; j < columns.length; j++) {
        const at = rowBlock + columnBlock[j]!;
        const { data, stride } = chunks[at]!;
        field[i * columns.length + j] = data[starts[at]! + rowInside * stride[latitude]! + columnInside[j]! * stride[longitude]!]!;
      }
    }
    return field;
  }
  return { read };
}

function blocksOf(indices: Int32Array, side: number): number[] {
  return [...new Set(Array.from(indices, (index) => Math.floor(index / side)))];
}

function ascending(indices: Int32Array): boolean {
  for (let i = 1; i < indices.length; i++) if (indices[i] !== indices[i - 1]! + 1) return false;
  return true;
}

async function load(variable: Variable, coordinates: number[], decoding: Decoding): Promise<Chunk> {
  try {
    const { data, stride } = await variable.array.getChunk(coordinates);
    return { data: decodeChunk(data as ArrayLike<number | bigint>, decoding), stride };
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error
        ? `${error.message} (${error.cause.message})`
        : String(error instanceof Error ? error.message : error);
    throw new TradewindError({
      code: 'input',
      message: `chunk ${coordinates.join('/')} of ${variable.name} can't be read: ${cause}`,
      where: variable.store,
      remedy: 'The file of that chunk is damaged: write the store again, or leave the variable out with --variables.',
    });
  }
}
