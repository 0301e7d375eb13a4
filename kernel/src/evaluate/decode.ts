/** One decompressed chunk to floating point: CF packing, fill and missing values to NaN, units converted. */
import type { Variable } from './store.ts';
import type { Conversion } from './units.ts';

export type Floats = Float32Array | Float64Array;

/** What a variable's attributes ask of its stored values. */
export interface Decoding {
  missing: number[];
  scale: number;
  offset: number;
}

/** Packing and unit conversion folded into one scale and offset; missing values as they are stored. */
export function decodingOf(variable: Variable, units: Conversion): Decoding {
  const { scale_factor: scale = 1, add_offset: offset = 0, _FillValue, missing_value } = variable.attributes as Record<string, unknown>;
  const missing = [...listed(_FillValue), ...listed(missing_value)];
  // In version 2 the array's own fill value is what CF calls _FillValue; in version 3 it is only what absent chunks hold.
  if (variable.format === 2 && variable.array.fillValue !== null) missing.push(...listed(variable.array.fillValue));
  return {
    missing: missing.filter((value) => !Number.isNaN(value)),
    scale: Number(scale) * units.scale,
    offset: Number(offset) * units.scale + units.offset,
  };
}

/** A number, a list of them, a bigint, "NaN", or (xarray in version 3) base64 of a little-endian float64. */
function listed(value: unknown): number[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(listed);
  if (typeof value === 'number' || typeof value === 'bigint') return [Number(value)];
  if (typeof value !== 'string') return [];
  const bytes = Buffer.from(value, 'base64');
  if (/^[A-Za-z0-9+/]{11}=$/.test(value) && bytes.length === 8) return [bytes.readDoubleLE(0)];
  return value.trim() === '' || Number.isNaN(Number(value)) ? [] : [Number(value)];
}

/** float32 and float16 stay (or become) float32; integers, packed values and float64 become float64. May return `data` itself. */
export function decodeChunk(data: ArrayLike<number | bigint>, decoding: Decoding): Floats {
  const { scale, offset } = decoding;
  const single = data instanceof Float32Array || (typeof Float16Array !== 'undefined' && data instanceof Float16Array);
  const missing = new Set(single ? decoding.missing.map(Math.fround) : decoding.missing);
  const untouched = scale === 1 && offset === 0 && missing.size === 0;
  if (untouched && (data instanceof Float32Array || data instanceof Float64Array)) return data;
  const plain = single && scale === 1 && offset === 0;
  const decoded = plain ? new Float32Array(data.length) : new Float64Array(data.length);
  for (let i = 0; i < decoded.length; i++) {
    const value = Number(data[i]);
    decoded[i] = missing.size > 0 && missing.has(value) ? Number.NaN : value * scale + offset;
  }
  return decoded;
}
