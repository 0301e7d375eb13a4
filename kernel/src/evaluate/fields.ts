/** Reads horizontal fields of a variable chunk by chunk into a machine's memory; a field that lies whole and in order in one chunk is used where it is. */
import type { Chunk, ChunkCache } from './chunkCache.ts';
import { decodingOf, type Floats } from './decode.ts';
import type { Variable } from './store.ts';
import type { Conversion } from './units.ts';

/** A field in the machine's memory, row by row: read only, and only until `release`. */
export interface Field {
  values: Floats;
  /** `last`: it won't be asked for again, its chunk may go. */
  release(last: boolean): void;
}

export interface FieldReader {
  /**
   * The field at `place` (an index along every dimension; those of latitude and longitude are not looked at),
   * its `rows` and `columns` in the order given.
   */
  read(place: readonly number[], rows: Int32Array, columns: Int32Array): Promise<Field>;
}

interface Layout {
  /** The chunks that they lie in, along their axis. */
  blocks: number[];
  ascending: boolean;
}

let readers = 0;

/** A reader of `variable`, whose dimensions `latitude` and `longitude` (places) are the horizontal ones. */
export function fieldReader(
  open: () => ChunkCache,
  variable: Variable,
  latitude: number,
  longitude: number,
  units: Conversion,
): FieldReader {
  const reader = readers++;
  const decoding = decodingOf(variable, units);
  const [rowsPerChunk, columnsPerChunk] = [variable.chunks[latitude]!, variable.chunks[longitude]!];
  // A chunk of one field is done with when the field is.
  const single = variable.chunks.every((side, at) => side === 1 || at === latitude || at === longitude);

  /** Tiles are read again and again: what is known of their rows and columns is kept. */
  const layouts = new WeakMap<Int32Array, Layout>();
  function layoutOf(indices: Int32Array, side: number): Layout {
    const known = layouts.get(indices) ?? { blocks: blocksOf(indices, side), ascending: ascending(indices) };
    layouts.set(indices, known);
    return known;
  }

  async function read(wantedPlace: readonly number[], rows: Int32Array, columns: Int32Array): Promise<Field> {
    const cache = open();
    const place = wantedPlace.map((index, dimension) => variable.places?.[dimension]?.[index] ?? index);
    const base = place.map((index, dimension) => Math.floor(index / variable.chunks[dimension]!));
    const inner = place.map((index, dimension) => index % variable.chunks[dimension]!);
    const [rowLayout, columnLayout] = [layoutOf(rows, rowsPerChunk), layoutOf(columns, columnsPerChunk)];
    const [rowBlocks, columnBlocks] = [rowLayout.blocks, columnLayout.blocks];
    const wanted = rowBlocks.flatMap((row) =>
      columnBlocks.map((column) => {
        const coordinates = [...base];
        coordinates[latitude] = row;
        coordinates[longitude] = column;
        return coordinates;
      }),
    );
    const taken = await Promise.allSettled(wanted.map((coordinates) => cache.take(reader, variable, coordinates, decoding)));
    const release = (last: boolean) => {
      for (const coordinates of wanted) cache.release(reader, coordinates, last && single);
    };
    const failed = taken.find((one) => one.status === 'rejected');
    if (failed) {
      release(false);
      throw failed.reason;
    }
    const chunks = taken.map((one) => (one as PromiseFulfilledResult<Chunk>).value);
    const start = ({ stride }: Chunk) =>
      inner.reduce(
        (sum, index, dimension) => (dimension === latitude || dimension === longitude ? sum : sum + index * stride[dimension]!),
        0,
      );
    const first = chunks[0]!;
    const inOrder =
      chunks.length === 1 &&
      first.stride[longitude] === 1 &&
      first.stride[latitude] === columnsPerChunk &&
      columns.length === columnsPerChunk &&
      columnLayout.ascending &&
      rowLayout.ascending &&
      columns[0]! % columnsPerChunk === 0;
    if (inOrder) {
      const from = start(first) + (rows[0]! % rowsPerChunk) * columnsPerChunk;
      return { values: first.data.subarray(from, from + rows.length * columns.length), release };
    }
    const { machine } = cache;
    const whole = chunks.every((chunk) => chunk.data instanceof Float32Array) ? Float32Array : Float64Array;
    const pointer = machine.allocate(rows.length * columns.length * whole.BYTES_PER_ELEMENT);
    const field = new whole(machine.memory.buffer, pointer, rows.length * columns.length);
    gather(field, rows, columns, chunks.map(start));
    release(true);
    return { values: field, release: () => machine.free(pointer) };

    /** Row by row, in runs of neighbouring columns that lie side by side in a chunk. */
    function gather(out: Floats, rows: Int32Array, columns: Int32Array, starts: number[]): void {
      const runs = runsOf(columns, columnsPerChunk).map(({ at, length }) => ({
        at,
        length,
        block: columnBlocks.indexOf(Math.floor(columns[at]! / columnsPerChunk)),
        inside: columns[at]! % columnsPerChunk,
      }));
      for (let i = 0; i < rows.length; i++) {
        const rowBlock = rowBlocks.indexOf(Math.floor(rows[i]! / rowsPerChunk)) * columnBlocks.length;
        const rowInside = rows[i]! % rowsPerChunk;
        for (const { at, length, block, inside } of runs) {
          const { data, stride } = chunks[rowBlock + block]!;
          const step = stride[longitude]!;
          const from = starts[rowBlock + block]! + rowInside * stride[latitude]! + inside * step;
          const into = i * columns.length + at;
          if (step === 1) out.set(data.subarray(from, from + length), into);
          else for (let j = 0; j < length; j++) out[into + j] = data[from + j * step]!;
        }
      }
    }
  }
  return { read };
}

function blocksOf(indices: Int32Array, side: number): number[] {
  return [...new Set(Array.from(indices, (index) => Math.floor(index / side)))];
}

/** Stretches of ascending neighbours that one chunk holds. */
function runsOf(columns: Int32Array, side: number): { at: number; length: number }[] {
  const runs: { at: number; length: number }[] = [];
  for (let at = 0; at < columns.length; at++) {
    const run = runs.at(-1);
    if (run && columns[at] === columns[at - 1]! + 1 && columns[at]! % side !== 0) run.length++;
    else runs.push({ at, length: 1 });
  }
  return runs;
}

function ascending(indices: Int32Array): boolean {
  for (let i = 1; i < indices.length; i++) if (indices[i] !== indices[i - 1]! + 1) return false;
  return true;
}
