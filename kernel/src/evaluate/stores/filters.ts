/** HDF5's filters undone, over the codecs that Zarr uses: deflate, zstd, Blosc, the byte shuffle, and Fletcher's checksum, which is checked. */

import { unpackInto } from '../codecs/native.ts';
import { machineWith, placeInMachine } from '../codecs/place.ts';
import { unpackBlosc } from '../codecs/registry.ts';

const MAKERS = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type NumberType = keyof typeof MAKERS;
export type Numbers = InstanceType<(typeof MAKERS)[NumberType]>;

/** An array of that type, in the place that `place` gives or else on the heap. */
export function arrayOf(dtype: NumberType, length: number, place: (bytes: number) => Uint8Array<ArrayBuffer> | undefined): Numbers {
  const maker = MAKERS[dtype];
  const room = place(length * maker.BYTES_PER_ELEMENT);
  return room ? new maker(room.buffer, room.byteOffset, length) : new maker(length);
}

/** Unpacks a chunk into `into`, which it fills. `filters`: in the order in which they were applied; the last is undone first. */
export async function unfilter(
  packed: Uint8Array,
  into: Uint8Array<ArrayBuffer>,
  elementBytes: number,
  filters: readonly string[],
): Promise<void> {
  let bytes = packed;
  for (const [left, filter] of [...filters.entries()].reverse()) {
    // The last to be undone writes where the chunk belongs.
    const target = left === 0 ? into : (placeInMachine(into.length + 8) ?? new Uint8Array(into.length + 8));
    if (filter === 'fletcher32') bytes = checked(bytes);
    else if (filter === 'shuffle') bytes = unshuffled(bytes, target, elementBytes);
    else if (filter === 'zlib' || filter === 'zstd') bytes = target.subarray(0, unpackInto(filter, bytes, target));
    else if (filter === 'blosc') bytes = await unpackBlosc(bytes, {});
    else throw new Error(`it is packed by HDF5's filter ${filter}, which isn't read; h5repack -f GZIP=4 SOURCE NEW packs it anew`);
  }
  if (bytes.length !== into.length) throw new Error(`it has ${bytes.length} bytes instead of ${into.length}`);
  if (bytes.byteOffset !== into.byteOffset || bytes.buffer !== into.buffer) into.set(bytes);
}

/** The bytes without HDF5's checksum behind them, which they must match (H5_checksum_fletcher32 of the HDF5 library). */
function checked(bytes: Uint8Array): Uint8Array {
  const data = bytes.subarray(0, bytes.length - 4);
  let [one, two] = [0, 0];
  for (let at = 0; at + 1 < data.length; ) {
    for (const end = Math.min(data.length - 1, at + 720); at < end; at += 2) {
      one += (data[at]! << 8) | data[at + 1]!;
      two += one;
    }
    one = (one & 0xffff) + (one >>> 16);
    two = (two % 65536) + Math.floor(two / 65536);
  }
  if (data.length % 2) {
    one += data.at(-1)! << 8;
    two += one;
  }
  const fold = (sum: number) => {
    for (let value = sum; ; value = (value % 65536) + Math.floor(value / 65536)) if (value < 65536) return value;
  };
  const wanted = new DataView(bytes.buffer, bytes.byteOffset + data.length, 4).getUint32(0, true);
  if (fold(two) * 65536 + fold(one) !== wanted) throw new Error('its checksum (Fletcher 32) is wrong');
  return data;
}

/** Planes of first bytes, second bytes … back to numbers: by WebAssembly where both lie in the machine. */
function unshuffled(bytes: Uint8Array, target: Uint8Array, size: number): Uint8Array {
  const count = Math.floor(bytes.length / size);
  const machine = machineWith(0);
  if (bytes.buffer === machine.memory.buffer && target.buffer === bytes.buffer) {
    const { kernels } = machine;
    const kernel = { 2: kernels.unshuffle2, 4: kernels.unshuffle4, 8: kernels.unshuffle8 }[size];
    if (kernel) kernel(bytes.byteOffset, target.byteOffset, count);
    else kernels.unshuffleAny(bytes.byteOffset, target.byteOffset, count, size);
  } else for (let plane = 0; plane < size; plane++) for (let i = 0; i < count; i++) target[i * size + plane] = bytes[plane * count + i]!;
  target.set(bytes.subarray(count * size), count * size);
  return target.subarray(0, bytes.length);
}
