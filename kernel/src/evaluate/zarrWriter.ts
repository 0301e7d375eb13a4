/** Writes Zarr version 3: what a score store needs (groups, arrays of float64 and int32, chunks packed with zstd), readable by xarray. */
import { mkdir, writeFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';

const compress = promisify(zstdCompress);

export async function writeGroup(folder: string, attributes: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'zarr.json'), JSON.stringify({ zarr_format: 3, node_type: 'group', attributes }, null, 1));
}

export interface ArrayLayout {
  shape: number[];
  chunks: number[];
  dtype: 'float64' | 'int32';
  dimensions: string[];
  attributes: object;
}

/** Writes an array's metadata; its chunks follow one by one. */
export async function writeArray(folder: string, layout: ArrayLayout): Promise<void> {
  await mkdir(folder, { recursive: true });
  const metadata = {
    zarr_format: 3,
    node_type: 'array',
    shape: layout.shape,
    data_type: layout.dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: layout.chunks } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs: [
      { name: 'bytes', configuration: { endian: endianness() === 'LE' ? 'little' : 'big' } },
      { name: 'zstd', configuration: { level: 1, checksum: false } },
    ],
    dimension_names: layout.dimensions,
    attributes: layout.attributes,
  };
  await writeFile(join(folder, 'zarr.json'), JSON.stringify(metadata, null, 1));
}

export async function writeChunk(folder: string, place: number[], values: Float64Array | Int32Array): Promise<void> {
  const file = join(folder, 'c', ...place.map(String));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await compress(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
}

/** A coordinate or another small array, in one chunk. */
export async function writeVector(folder: string, dimension: string, values: Float64Array, attributes: object): Promise<void> {
  await writeArray(folder, {
    shape: [values.length],
    chunks: [Math.max(1, values.length)],
    dtype: 'float64',
    dimensions: [dimension],
    attributes,
  });
  await writeChunk(folder, [0], values);
}
