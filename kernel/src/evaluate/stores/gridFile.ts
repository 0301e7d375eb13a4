/**
 * NetCDF3, NetCDF4 and HDF5 files. The library that owns the format says once where every chunk lies and what packed it (`tradewind.data.file_index`);
 * chunks are then read in place and unpacked by the codecs that Zarr's are unpacked by.
 */
import { open } from 'node:fs/promises';
import { defaultPython } from '../../processes/places.ts';
import { runPython } from '../../processes/python.ts';
import { TradewindError } from '../../records/errors.ts';
import { placeInMachine } from '../codecs/place.ts';
import type { Attributes, ChunkedArray, Store, Variable } from '../store.ts';
import { readAt, reading } from './disk.ts';
import { arrayOf, type NumberType, unfilter } from './filters.ts';

/** What `file_index.py` says of a variable. */
interface IndexedVariable {
  dtype: NumberType;
  big: boolean;
  dimensions: string[];
  shape: number[];
  attributes: Attributes;
  fill: number | null;
  /** All its numbers, where they are few. */
  values?: number[];
  chunks?: number[];
  filters?: { name: string }[];
  /** By chunk, row by row; −1 for one that was never written. */
  offsets?: number[];
  sizes?: number[];
  /** Filters that a chunk went without, as bits. */
  masks?: Record<string, number>;
}

export interface FileIndex {
  attributes: Attributes;
  variables: Record<string, IndexedVariable>;
}

const known = new Map<string, Promise<FileIndex>>();
interface Waiting {
  path: string;
  signal: AbortSignal;
  resolve(index: FileIndex): void;
  reject(error: unknown): void;
}
let waiting: Waiting[] = [];

/** Indices of the files that were opened, for threads that open them again. */
export async function knownIndices(): Promise<[string, FileIndex][]> {
  return Promise.all([...known].map(async ([path, index]) => [path, await index] as [string, FileIndex]));
}

export function adoptIndices(indices: readonly [string, FileIndex][]): void {
  for (const [path, index] of indices) known.set(path, Promise.resolve(index));
}

/** Is it NetCDF or HDF5, by its first bytes? (HDF5 may have a block of the user's before them.) */
export async function isGridFile(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const magic = buffer.toString('latin1', 0, bytesRead);
    return magic.startsWith('CDF') || magic === '\x89HDF\r\n\x1a\n' || /\.(nc4?|h5|hdf5?|he5|cdf)$/i.test(path);
  } finally {
    await file.close();
  }
}

/** Files that are asked for at the same time are indexed by one process; `signal` ends it. */
function indexOf(path: string, signal: AbortSignal): Promise<FileIndex> {
  const before = known.get(path);
  if (before) return before;
  const index = new Promise<FileIndex>((resolve, reject) => {
    waiting.push({ path, signal, resolve, reject });
    if (waiting.length === 1) setImmediate(indexAll);
  });
  known.set(path, index);
  index.catch(() => known.delete(path));
  return index;
}

const AT_A_TIME = 500;

async function indexAll(): Promise<void> {
  const all = Map.groupBy(waiting, ({ signal }) => signal);
  waiting = [];
  await Promise.all([...all].map(([signal, own]) => indexThese(own, signal)));
}

async function indexThese(all: Waiting[], signal: AbortSignal): Promise<void> {
  for (let from = 0; from < all.length; from += AT_A_TIME) {
    const some = all.slice(from, from + AT_A_TIME);
    try {
      const found = await runPython<FileIndex[]>({
        python: defaultPython(),
        module: 'tradewind.data.file_index',
        arguments: some.map(({ path }) => path),
        cwd: process.cwd(),
        signal,
      });
      for (const [at, { resolve }] of some.entries()) resolve(found[at]!);
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  }
}

export async function openGridFile(path: string, signal: AbortSignal): Promise<Store> {
  const { attributes, variables } = await indexOf(path, signal);
  const opened = Object.entries(variables).map(([name, one]): [string, Variable] => [
    name,
    {
      name,
      store: path,
      array: one.values ? inline(one) : chunked(path, one),
      dimensions: one.dimensions,
      shape: one.shape,
      chunks: one.chunks ?? one.shape.map((side) => Math.max(1, side)),
      attributes: one.attributes,
      format: 3,
    },
  ]);
  return { path, attributes, variables: new Map(opened) };
}

function inline({ dtype, fill, values, shape }: IndexedVariable): ChunkedArray {
  return { dtype, fillValue: fill, getChunk: async () => ({ data: values!, stride: stridesOf(shape) }) };
}

function stridesOf(sides: readonly number[]): number[] {
  return sides.map((_, at) => sides.slice(at + 1).reduce((size, side) => size * side, 1));
}

function chunked(path: string, variable: IndexedVariable): ChunkedArray {
  const { dtype, big, fill, shape } = variable;
  const [chunks, filters, offsets, sizes] = [variable.chunks!, variable.filters!, variable.offsets!, variable.sizes!];
  const counts = stridesOf(shape.map((side, at) => Math.ceil(side / chunks[at]!)));
  const stride = stridesOf(chunks);
  const length = chunks.reduce((size, side) => size * side, 1);
  return {
    dtype,
    fillValue: fill,
    async getChunk(coordinates) {
      const at = coordinates.reduce((sum, place, dimension) => sum + place * counts[dimension]!, 0);
      const [offset, size] = [offsets[at]!, sizes[at]!];
      const whole = arrayOf(dtype, length, placeInMachine);
      if (offset < 0) {
        whole.fill(typeof whole[0] === 'bigint' ? (BigInt(fill ?? 0) as never) : ((fill ?? Number.NaN) as never));
        return { data: whole, stride };
      }
      const packed = await reading(path, (file) => readAt(file, placeInMachine(size) ?? new Uint8Array(size), offset));
      if (!packed)
        throw new TradewindError({
          code: 'input',
          message: 'the file has vanished',
          where: path,
          remedy: 'Put it back, and make the same call again.',
        });
      const into = new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
      const skipped = variable.masks?.[at] ?? 0;
      await unfilter(
        packed,
        into,
        whole.BYTES_PER_ELEMENT,
        filters.map(({ name }) => name).filter((_, bit) => !(skipped & (1 << bit))),
      );
      if (big) swap(into, whole.BYTES_PER_ELEMENT);
      return { data: whole, stride };
    },
  };
}

/** Big-endian numbers, in place. */
function swap(bytes: Uint8Array<ArrayBuffer>, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
}
