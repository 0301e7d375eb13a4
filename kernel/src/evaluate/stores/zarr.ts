/** Zarr (version 2 or 3): from a disk, or from wherever else a reader by key brings it. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AbsolutePath, RangeQuery, Readable } from 'zarrita';
import * as zarr from 'zarrita';
import { TradewindError } from '../../records/errors.ts';
import { placeInMachine } from '../codecs/place.ts';
import { registerNativeCodecs } from '../codecs/registry.ts';
import { type ChunkedArray, guarded, type Store, type Variable } from '../store.ts';
import { readAt, reading } from './disk.ts';

/** A folder that holds one of these is a store. */
export const ROOT_FILES = ['zarr.json', '.zmetadata', '.zgroup'] as const;

const METADATA = /(zarr\.json|\.zarray|\.zattrs|\.zgroup|\.zmetadata)$/;

/** JSON gets its bare NaN and Infinity quoted: some writers leave them, and JSON has no such words. */
export function quoted(text: string): string {
  return text.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, '$1"$2"');
}

/** What zarrita reads a store on the disk through. */
export class DiskStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async get(key: AbsolutePath): Promise<Uint8Array | undefined> {
    // A chunk that is read for scoring goes straight to where it is unpacked.
    const bytes = await reading(join(this.root, key), (file, size) => readAt(file, placeInMachine(size) ?? new Uint8Array(size), 0));
    if (!bytes || !METADATA.test(key)) return bytes;
    return new TextEncoder().encode(quoted(Buffer.from(bytes).toString('utf8')));
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

/** Opens a folder on the disk. */
export async function openZarr(path: string): Promise<Store> {
  if (!ROOT_FILES.some((file) => existsSync(join(path, file)))) {
    throw new TradewindError({
      code: 'input',
      message: 'the folder is no Zarr store: it holds neither zarr.json nor .zgroup',
      where: path,
      remedy: "Give the folder that xarray.open_zarr opens, or 'folder/*.nc' for the files in it.",
    });
  }
  const arrays: [string, 2 | 3][] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const format = existsSync(join(path, entry.name, '.zarray')) ? 2 : 3;
    if (format === 3 && !(await isArray(join(path, entry.name, 'zarr.json')))) continue;
    arrays.push([entry.name, format]);
  }
  return openArrays(path, new DiskStore(path) as Readable, arrays);
}

async function isArray(file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  return /"node_type"\s*:\s*"array"/.test(await readFile(file, 'utf8'));
}

/** Opens the named arrays of a group; `path` is its name in messages. */
export async function openArrays(path: string, store: Readable, arrays: [name: string, format: 2 | 3][]): Promise<Store> {
  registerNativeCodecs();
  const attributes = await guarded(path, 'the group', async () => (await zarr.open(store, { kind: 'group' })).attrs);
  const opened = await Promise.all(arrays.map(([name, format]) => openVariable(store, path, name, format)));
  if (opened.length === 0) {
    throw new TradewindError({
      code: 'input',
      message: 'the store holds no arrays',
      where: path,
      remedy: 'Give the folder that xarray.open_zarr opens.',
    });
  }
  return { path, attributes, variables: new Map(opened.map((variable) => [variable.name, variable])) };
}

/** The store, and the chunks that it was asked for and doesn't have. */
function notingAbsent(store: Readable): { noting: Readable; takeAbsent(): string[] } {
  const absent = new Set<string>();
  const noted = async (key: AbsolutePath, bytes: ReturnType<Readable['get']>) => {
    const found = await bytes;
    if (!found && !METADATA.test(key)) absent.add(key.slice(1));
    return found;
  };
  return {
    noting: {
      get: (key, options) => noted(key, store.get(key, options)),
      ...(store.getRange && { getRange: (key, range, options) => noted(key, store.getRange!(key, range, options)) }),
    },
    takeAbsent() {
      const keys = [...absent];
      absent.clear();
      return keys;
    },
  };
}

async function openVariable(store: Readable, path: string, name: string, format: 2 | 3): Promise<Variable> {
  return guarded(path, name, async () => {
    const { noting, takeAbsent } = notingAbsent(store);
    const array = await zarr.open(zarr.root(noting).resolve(name), { kind: 'array' });
    const dimensions = array.dimensionNames ?? (array.attrs._ARRAY_DIMENSIONS as string[] | undefined);
    if (!dimensions && array.shape.length > 0) throw new Error('its dimensions have no names');
    return {
      name,
      store: path,
      array: {
        dtype: array.dtype,
        fillValue: array.fillValue,
        getChunk: (coordinates) => array.getChunk(coordinates) as ReturnType<ChunkedArray['getChunk']>,
        takeAbsent,
      },
      dimensions: dimensions ?? [],
      shape: array.shape,
      chunks: array.chunks,
      attributes: array.attrs,
      format,
    };
  });
}
