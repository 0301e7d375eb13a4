/** A Zarr store (version 2 or 3) on this machine's disk, opened: its variables with their dimensions and attributes. */
import { closeSync, existsSync, fstatSync, openSync, read as readFileAt } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AbsolutePath, DataType, RangeQuery, Readable, Array as ZarrArray } from 'zarrita';
import * as zarr from 'zarrita';
import { TradewindError } from '../records/errors.ts';
import { placeInMachine } from './codecs/place.ts';
import { registerNativeCodecs } from './codecs/registry.ts';

export type Attributes = Record<string, unknown>;

export interface Variable {
  name: string;
  /** The path of the store it lies in. */
  store: string;
  array: ZarrArray<DataType, Readable>;
  dimensions: string[];
  shape: number[];
  chunks: number[];
  attributes: Attributes;
  format: 2 | 3;
}

export interface Store {
  path: string;
  attributes: Attributes;
  variables: Map<string, Variable>;
}

/** What zarrita reads a store through. JSON gets its bare NaN and Infinity quoted: some writers leave them, and JSON has no such words. */
export class DiskStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async get(key: AbsolutePath): Promise<Uint8Array | undefined> {
    // A chunk that is read for scoring goes straight to where it is unpacked.
    const bytes = await reading(join(this.root, key), (file, size) => readAt(file, placeInMachine(size) ?? new Uint8Array(size), 0));
    if (!bytes || !/(zarr\.json|\.zarray|\.zattrs|\.zgroup|\.zmetadata)$/.test(key)) return bytes;
    const text = Buffer.from(bytes)
      .toString('utf8')
      .replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, '$1"$2"');
    return new TextEncoder().encode(text);
  }

  async getRange(key: AbsolutePath, range: RangeQuery): Promise<Uint8Array | undefined> {
    return reading(join(this.root, key), (file, size) => {
      const offset = 'suffixLength' in range ? Math.max(0, size - range.suffixLength) : range.offset;
      const wanted = 'suffixLength' in range ? Math.min(size, range.suffixLength) : range.length;
      // A shard's index is kept by zarrita and outlives the chunk it was read for: ranges stay out of the machine.
      return readAt(file, new Uint8Array(wanted), offset);
    });
  }
}

/**
 * Opens, reads and closes; undefined where there is no such file. Only the reading itself is left to another thread: a thread that unpacks chunks comes back to
 * its events late, and each of them that a read waits for would let it idle.
 */
async function reading(path: string, read: (file: number, size: number) => Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return await read(file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

const readSome: (file: number, into: Uint8Array, at: number, length: number, position: number) => Promise<{ bytesRead: number }> =
  promisify(readFileAt);

async function readAt(file: number, into: Uint8Array, offset: number): Promise<Uint8Array> {
  const { length } = into;
  for (let done = 0; done < length; ) {
    const { bytesRead } = await readSome(file, into, done, length - done, offset + done);
    if (bytesRead === 0) throw new Error(`the file ends ${length - done} bytes early`);
    done += bytesRead;
  }
  return into;
}

async function present<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Opens a store, or a group inside one (`SCORE.zarr/group`). */
export async function openStore(path: string): Promise<Store> {
  await refuseWhatIsNoZarr(path);
  registerNativeCodecs();
  const store = new DiskStore(path);
  const attributes = await guarded(path, 'the group', async () => (await zarr.open(store as Readable, { kind: 'group' })).attrs);
  const variables = new Map<string, Variable>();
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const format = existsSync(join(path, entry.name, '.zarray')) ? 2 : 3;
    if (format === 3 && !(await isArray(join(path, entry.name, 'zarr.json')))) continue;
    variables.set(entry.name, await openVariable(store, path, entry.name, format));
  }
  if (variables.size === 0) {
    throw new TradewindError({
      code: 'input',
      message: 'the store holds no arrays',
      where: path,
      remedy: 'Give the folder that xarray.open_zarr opens.',
    });
  }
  return { path, attributes, variables };
}

async function isArray(file: string): Promise<boolean> {
  const text = await present(readFile(file, 'utf8'));
  return text !== undefined && /"node_type"\s*:\s*"array"/.test(text);
}

async function openVariable(store: DiskStore, path: string, name: string, format: 2 | 3): Promise<Variable> {
  return guarded(path, name, async () => {
    const array = await zarr.open(zarr.root(store as Readable).resolve(name), { kind: 'array' });
    const dimensions = array.dimensionNames ?? (array.attrs._ARRAY_DIMENSIONS as string[] | undefined);
    if (!dimensions && array.shape.length > 0) throw new Error('its dimensions have no names');
    return {
      name,
      store: path,
      array,
      dimensions: dimensions ?? [],
      shape: array.shape,
      chunks: array.chunks,
      attributes: array.attrs,
      format,
    };
  });
}

async function guarded<T>(path: string, what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TradewindError) throw error;
    throw new TradewindError({
      code: 'input',
      message: `${what} can't be read: ${error instanceof Error ? error.message : String(error)}`,
      where: path,
      remedy: 'Check that the store is a whole Zarr store (version 2 or 3) that xarray.open_zarr opens.',
    });
  }
}

async function refuseWhatIsNoZarr(path: string): Promise<void> {
  const found = await present(stat(path));
  if (!found) {
    throw new TradewindError({
      code: 'input',
      message: 'there is no such store',
      where: path,
      remedy: 'Give the path of a Zarr store, or the name of a run in ./runs.',
    });
  }
  if (found.isDirectory()) {
    if (['zarr.json', '.zgroup', '.zmetadata'].some((file) => existsSync(join(path, file)))) return;
    throw new TradewindError({
      code: 'input',
      message: 'the folder is no Zarr store: it holds neither zarr.json nor .zgroup',
      where: path,
      remedy: 'Give the folder that xarray.open_zarr opens.',
    });
  }
  const convert = /\.(grib2?|grb2?)$/i.test(path) ? 'xr.open_dataset(SOURCE, engine="cfgrib")' : 'xr.open_dataset(SOURCE)';
  throw new TradewindError({
    code: 'input',
    message: `Zarr stores are read so far, and this is a file (${found.size} bytes)`,
    where: path,
    remedy: `Convert it once: import xarray as xr; ${convert}.to_zarr("${path.replace(/\.[^./]+$/, '')}.zarr")`,
  });
}

/** All values of a small array (a coordinate) as float64. int64 is exact up to 2⁵³. */
export async function readCoordinate(variable: Variable): Promise<Float64Array> {
  const values = await guarded(variable.store, variable.name, () => zarr.get(variable.array));
  const data = typeof values === 'object' && values !== null && 'data' in values ? (values as { data: ArrayLike<unknown> }).data : [values];
  const numbers = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const { scale_factor: scale, add_offset: offset } = variable.attributes as { scale_factor?: number; add_offset?: number };
  return scale === undefined && offset === undefined ? numbers : numbers.map((value) => value * (scale ?? 1) + (offset ?? 0));
}
