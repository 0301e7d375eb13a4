/** A store of gridded fields, opened: its variables with their dimensions and attributes, wherever and in whatever format they lie. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import { openDescribed, sidecarOf } from './stores/described.ts';
import { isGridFile, openGridFile } from './stores/gridFile.ts';
import { isAddress, openZarrAt } from './stores/http.ts';
import { openJoined, sourcesOf } from './stores/joined.ts';
import { openZarr } from './stores/zarr.ts';

export type Attributes = Record<string, unknown>;

/** Numbers in chunks: what readers of fields need of an array, in whatever format it is kept. */
export interface ChunkedArray {
  /** `float32`, `int16` … as stored. */
  dtype: string;
  /** What absent chunks hold. */
  fillValue: unknown;
  /** A whole chunk (one at the edge is filled up), its numbers as stored; `stride` in numbers along every dimension. */
  getChunk(coordinates: number[]): Promise<{ data: ArrayLike<number | bigint>; stride: number[] }>;
  /** Keys of chunks (or shards) that were asked for since the last call and that the store doesn't have; absent where that can't be. */
  takeAbsent?(): string[];
}

export interface Variable {
  name: string;
  /** The path of the store it lies in. */
  store: string;
  array: ChunkedArray;
  dimensions: string[];
  shape: number[];
  chunks: number[];
  attributes: Attributes;
  format: 2 | 3;
  /** Where a dimension's indices don't follow each other in the array (several files as one): the place of each, by dimension. */
  places?: Record<number, Int32Array>;
}

export interface Store {
  path: string;
  attributes: Attributes;
  variables: Map<string, Variable>;
}

/**
 * Opens a store: a Zarr folder (or a group inside one), a Zarr address (http, https, s3), a NetCDF or HDF5 file, or several of them as one
 * (`'folder/*.nc'`, or a `.txt` file that lists them). `signal` ends the indexing of NetCDF and HDF5 files.
 */
export async function openStore(path: string, signal = new AbortController().signal): Promise<Store> {
  const sources = sourcesOf(path);
  if (sources) return openJoined(path, sources, (one) => openOne(one, signal));
  return openOne(path, signal);
}

async function openOne(path: string, signal: AbortSignal): Promise<Store> {
  if (isAddress(path)) return openZarrAt(path);
  if (!existsSync(path)) {
    throw new TradewindError({
      code: 'input',
      message: 'there is no such store',
      where: path,
      remedy: "Give the path or address of a Zarr store, a NetCDF or HDF5 file, 'folder/*.nc' for several, or the name of a run in ./runs.",
    });
  }
  if (statSync(path).isDirectory()) return openZarr(path);
  if (!(await isGridFile(path))) throw isNoStore(path);
  const sidecar = sidecarOf(path);
  return sidecar ? openDescribed(await openGridFile(path, signal), sidecar) : openGridFile(path, signal);
}

/** What a store is called in a line of words: its name, of several files as one with their folder's; an address whole. */
export function storeName(path: string): string {
  if (isAddress(path)) return path;
  return /[*?[]/.test(basename(path)) ? join(basename(dirname(path)), basename(path)) : basename(path);
}

function isNoStore(path: string): TradewindError {
  const grib = /\.(grib2?|grb2?)$/i.test(path);
  return new TradewindError({
    code: 'input',
    message: grib ? 'GRIB is not read' : 'the file is neither NetCDF nor HDF5',
    where: path,
    remedy: grib
      ? `Convert it once: import xarray as xr; xr.open_dataset("${path}", engine="cfgrib").to_zarr("${path.replace(/\.[^./]+$/, '')}.zarr")`
      : 'Give a Zarr store, a NetCDF or an HDF5 file.',
  });
}

/** All values of a small array (a coordinate) as float64. int64 is exact up to 2⁵³. */
export async function readCoordinate(variable: Variable): Promise<Float64Array> {
  const length = variable.shape[0] ?? 1;
  const side = Math.max(1, variable.chunks[0] ?? 1);
  const numbers = new Float64Array(length);
  for (let from = 0; from < length; from += side) {
    const { data } = await guarded(variable.store, variable.name, () =>
      variable.array.getChunk(variable.shape.length ? [from / side] : []),
    );
    for (let i = 0; i < Math.min(side, length - from); i++) numbers[from + i] = Number(data[i]);
  }
  const { scale_factor: scale, add_offset: offset } = variable.attributes as { scale_factor?: number; add_offset?: number };
  return scale === undefined && offset === undefined ? numbers : numbers.map((value) => value * (scale ?? 1) + (offset ?? 0));
}

/** Runs a reading; what isn't named yet is, with the store and what was read of it. */
export async function guarded<T>(path: string, what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TradewindError) throw error;
    throw new TradewindError({
      code: 'input',
      message: `${what} can't be read: ${error instanceof Error ? error.message : String(error)}`,
      where: path,
      remedy: 'Check that the store is whole: xarray.open_zarr (or open_dataset) opens what is read here.',
    });
  }
}
