/**
 * Blosc's frame (version 1 and 2 of its format): blocks of zstd, lz4 or zlib behind a byte shuffle, or a plain copy. zstd and zlib are Node's own, LZ4 and the
 * shuffle are WebAssembly SIMD. Bit shuffle, Snappy and BloscLZ are left to the WebAssembly build of c-blosc that zarrita brings.
 */
import type { Machine } from '../wasm/machine.ts';
import { unpackInto } from './native.ts';

const HEADER = 16;
const FORMATS = ['blosclz', 'lz4', 'snappy', 'zlib', 'zstd'] as const;

export interface Frame {
  format: (typeof FORMATS)[number];
  elementBytes: number;
  /** Unpacked. */
  bytes: number;
  blockBytes: number;
  shuffle: 'none' | 'byte' | 'bit';
  copied: boolean;
  split: boolean;
}

/** Reads a frame's header. */
export function frameOf(bytes: Uint8Array): Frame {
  if (bytes.length < HEADER) throw new Error(`a Blosc frame has ${HEADER} bytes of header, and here are ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[2]!;
  const packed = view.getUint32(12, true);
  if (packed > bytes.length) throw new Error(`the Blosc frame has ${packed} bytes, and ${bytes.length} are there`);
  const format = FORMATS[flags >> 5];
  if (!format) throw new Error(`unknown Blosc compressor ${flags >> 5}`);
  const elementBytes = bytes[3]!;
  return {
    format,
    elementBytes,
    bytes: view.getUint32(4, true),
    blockBytes: view.getUint32(8, true),
    // One byte has no planes.
    shuffle: flags & 4 ? 'bit' : flags & 1 && elementBytes > 1 ? 'byte' : 'none',
    copied: (flags & 2) !== 0,
    split: (flags & 16) === 0,
  };
}

/** Can `unpackFrame` do it? */
export function isNative({ format, shuffle, copied }: Frame): boolean {
  return copied || (shuffle !== 'bit' && (format === 'zstd' || format === 'lz4' || format === 'zlib'));
}

/** Unpacks a frame that lies in the machine's memory at `source` to `target`. `scratch` has room for a block. */
export function unpackFrame(machine: Machine, frame: Frame, source: number, length: number, target: number, scratch: number): void {
  const { bytes, blockBytes, elementBytes, copied } = frame;
  const memory = machine.bytes;
  if (bytes === 0) return;
  if (copied) {
    if (HEADER + bytes > length) throw new Error('the Blosc frame ends early');
    memory.copyWithin(target, source + HEADER, source + HEADER + bytes);
    return;
  }
  const view = new DataView(memory.buffer, source, length);
  const blocks = Math.ceil(bytes / blockBytes);
  for (let block = 0; block < blocks; block++) {
    const size = Math.min(blockBytes, bytes - block * blockBytes);
    const into = target + block * blockBytes;
    const shuffled = frame.shuffle === 'byte';
    const planes = shuffled ? scratch : into;
    // A last block that is shorter is never split.
    const streams = frame.split && size === blockBytes ? elementBytes : 1;
    let at = view.getInt32(HEADER + 4 * block, true);
    const streamBytes = size / streams;
    for (let stream = 0; stream < streams; stream++) {
      const packed = view.getInt32(at, true);
      at += 4;
      if (packed < 0 || at + packed > length) throw new Error(`block ${block} of the Blosc frame reaches past its end`);
      unpackStream(machine, frame, source + at, packed, planes + stream * streamBytes, streamBytes);
      at += packed;
    }
    if (shuffled) unshuffleBlock(machine, planes, into, size, elementBytes);
  }
}

function unpackStream(machine: Machine, { format }: Frame, source: number, packed: number, target: number, size: number): void {
  const { bytes, kernels } = machine;
  let given: number;
  // What didn't get smaller is stored as it is.
  if (packed === size) {
    bytes.copyWithin(target, source, source + size);
    given = size;
  } else if (format === 'lz4') given = kernels.lz4(source, packed, target, size);
  else
    given = unpackInto(format === 'zlib' ? 'zlib' : 'zstd', bytes.subarray(source, source + packed), bytes.subarray(target, target + size));
  if (given !== size) throw new Error(given < 0 ? 'an LZ4 block is damaged' : `a block gave ${given} bytes instead of ${size}`);
}

function unshuffleBlock({ bytes, kernels }: Machine, source: number, target: number, size: number, elementBytes: number): void {
  const count = Math.floor(size / elementBytes);
  if (elementBytes === 4) kernels.unshuffle4(source, target, count);
  else if (elementBytes === 8) kernels.unshuffle8(source, target, count);
  else if (elementBytes === 2) kernels.unshuffle2(source, target, count);
  else kernels.unshuffleAny(source, target, count, elementBytes);
  const whole = count * elementBytes;
  if (whole < size) bytes.copyWithin(target + whole, source + whole, source + size);
}
