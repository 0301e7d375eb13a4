/** One decompressed chunk to floating point: CF packing, fill and missing values to NaN, units converted. */
import type { Variable } from './store.ts';
import type { Conversion } from './units.ts';

export type Floats = Float32Array | Float64Array;

/** What a variable's attributes ask of its stored values. */
export interface Decoding {
  missing: number[];
  scale: number;
  offset: number;
  /** Stored values outside are missing (valid_min, valid_max, valid_range). */
  lowest: number;
  highest: number;
  /** Added to stored values below nought: integers that their attributes call unsigned (NetCDF3 has no others). */
  wrap: number;
}

/** Packing and unit conversion folded into one scale and offset; missing values as they are stored. */
export function decodingOf(variable: Variable, units: Conversion): Decoding {
  const { scale_factor: scale = 1, add_offset: offset = 0, _FillValue, missing_value } = variable.attributes as Record<string, unknown>;
  const missing = [...listed(_FillValue), ...listed(missing_value)];
  // In version 2 the array's own fill value is what CF calls _FillValue; in version 3 it is only what absent chunks hold.
  if (variable.format === 2 && variable.array.fillValue !== null) missing.push(...listed(variable.array.fillValue));
  const [lowest, highest] = validRange(variable, Number(scale), Number(offset));
  const bits = /^int(8|16|32)$/.exec(variable.array.dtype)?.[1];
  return {
    lowest,
    highest,
    wrap: bits && String(variable.attributes._Unsigned).toLowerCase() === 'true' ? 2 ** Number(bits) : 0,
    missing: missing.filter((value) => !Number.isNaN(value)),
    scale: Number(scale) * units.scale,
    offset: Number(offset) * units.scale + units.offset,
  };
}

/** CF's valid range, which is of the stored values; of packed integers a range that holds fractions can only be meant of the unpacked ones. */
function validRange({ attributes, array }: Variable, scale: number, offset: number): [number, number] {
  const [low, high] = listed(attributes.valid_range);
  const lowest = low ?? listed(attributes.valid_min)[0] ?? Number.NEGATIVE_INFINITY;
  const highest = high ?? listed(attributes.valid_max)[0] ?? Number.POSITIVE_INFINITY;
  const whole = (value: number) => Number.isInteger(value) || !Number.isFinite(value);
  if (!/int/.test(array.dtype) || (whole(lowest) && whole(highest))) return [lowest, highest];
  const stored = [lowest, highest].map((value) => (value - offset) / scale);
  return [Math.min(...stored), Math.max(...stored)];
}

/** Bytes of a decoded number: float32 where nothing is scaled, else float64. */
export function elementBytesOf(variable: Variable, units: Conversion): 4 | 8 {
  const { scale, offset } = decodingOf(variable, units);
  return /^float(16|32)$/.test(variable.array.dtype) && scale === 1 && offset === 0 ? 4 : 8;
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

/** Makes the array that a chunk is decoded into. */
export type MakeFloats = (type: 'float32' | 'float64', length: number) => Floats;

const onHeap: MakeFloats = (type, length) => (type === 'float32' ? new Float32Array(length) : new Float64Array(length));

/** float32 and float16 stay (or become) float32; integers, packed values and float64 become float64. May return `data` itself. */
export function decodeChunk(data: ArrayLike<number | bigint>, decoding: Decoding, make: MakeFloats = onHeap): Floats {
  const { scale, offset, wrap } = decoding;
  const bounded = decoding.lowest > Number.NEGATIVE_INFINITY || decoding.highest < Number.POSITIVE_INFINITY;
  const single = data instanceof Float32Array || (typeof Float16Array !== 'undefined' && data instanceof Float16Array);
  const [lowest, highest] = single ? [Math.fround(decoding.lowest), Math.fround(decoding.highest)] : [decoding.lowest, decoding.highest];
  const missing = single ? decoding.missing.map(Math.fround) : decoding.missing;
  const unscaled = scale === 1 && offset === 0;
  if (unscaled && missing.length === 0 && !bounded && (data instanceof Float32Array || data instanceof Float64Array)) return data;
  const decoded = make(single && unscaled ? 'float32' : 'float64', data.length);
  if (typeof data[0] === 'bigint') for (let i = 0; i < decoded.length; i++) decoded[i] = Number(data[i]);
  else decoded.set(data as ArrayLike<number>);
  for (let i = 0; i < decoded.length; i++) {
    const stored = decoded[i]!;
    const value = wrap > 0 && stored < 0 ? stored + wrap : stored;
    if (missing.includes(stored) || missing.includes(value) || value < lowest || value > highest) decoded[i] = Number.NaN;
    else decoded[i] = unscaled ? value : value * scale + offset;
  }
  return decoded;
}
