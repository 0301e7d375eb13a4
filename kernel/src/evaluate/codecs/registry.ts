/**
 * Zarrita's codecs replaced by fast ones: Node's zstd, gzip and zlib, and a Blosc of our own over them. Where a chunk is read for scoring they unpack into the
 * thread's WebAssembly memory, where it is added up without another copy.
 */

import { registry } from 'zarrita';
import { type Frame, frameOf, isNative, unpackFrame } from './blosc.ts';
import { announcedSize, type NativeFormat, PUBLIC, unpackInto } from './native.ts';
import { machineWith, placeInMachine } from './place.ts';

/** Registers the codecs; a second call changes nothing. */
export function registerNativeCodecs(): void {
  for (const format of ['zstd', 'gzip', 'zlib'] as const) register(format, (bytes) => unpack(format, bytes));
  if (others) return;
  others = registry.get('blosc') as unknown as Fallback;
  register('blosc', unpackBlosc);
}

/** Zarrita's own Blosc. */
let others: Fallback | undefined;

function register(name: string, decode: (bytes: Uint8Array, configuration: unknown) => Uint8Array | Promise<Uint8Array>): void {
  const codec = {
    fromConfig: (configuration: unknown) => ({
      kind: 'bytes_to_bytes',
      encode: () => {
        throw new Error(`${name} is only read`);
      },
      decode: (bytes: Uint8Array) => decode(bytes, configuration),
    }),
  };
  for (const key of [name, `numcodecs.${name}`]) registry.set(key, (() => codec) as never);
}

function unpack(format: NativeFormat, bytes: Uint8Array): Uint8Array {
  const size = announcedSize(format, bytes);
  const place = size === undefined ? undefined : placeInMachine(size);
  // gzip's size is of the last member alone, modulo 2³²: what gives more is unpacked again without a place.
  if (place) {
    try {
      const given = unpackInto(format, bytes, place);
      if (given === size) return place;
      throw new Error(`it gave ${given} bytes instead of ${size}`);
    } catch (error) {
      if (format !== 'gzip') throw error;
    }
  }
  const whole = PUBLIC[format](bytes, size === undefined ? {} : { chunkSize: Math.max(64, Math.min(size, 2 ** 30)) });
  // Node gives what there is of a zstd frame that was cut off, without a word.
  if (format === 'zstd' && size !== undefined && whole.length !== size) throw new Error(`it gave ${whole.length} bytes instead of ${size}`);
  // A typed array needs an aligned start; Node's buffers have one of their own unless they are small.
  return whole.byteOffset % 8 === 0 ? whole : new Uint8Array(whole);
}

type Fallback = () => Promise<{ fromConfig(configuration: unknown, meta: unknown): { decode(bytes: Uint8Array): Promise<Uint8Array> } }>;

/** A Blosc frame's bytes: natively where that is possible, else by the build that zarrita brings. */
export async function unpackBlosc(bytes: Uint8Array, configuration: unknown): Promise<Uint8Array> {
  registerNativeCodecs();
  const frame = frameOf(bytes);
  if (!isNative(frame))
    return (await others!())
      .fromConfig({ cname: 'zstd', clevel: 5, shuffle: 1, blocksize: 0, ...(configuration as object) }, {})
      .decode(bytes);
  return unpackNative(frame, bytes);
}

/** The frame may lie in the machine already, or is copied there; its scratch and that copy are free again at the end. */
function unpackNative(frame: Frame, bytes: Uint8Array): Uint8Array {
  const machine = machineWith(frame.bytes + bytes.length + frame.blockBytes + 4096);
  const target = placeInMachine(frame.bytes);
  const inside = bytes.buffer === machine.memory.buffer;
  const own: number[] = [];
  const room = (size: number) => {
    const pointer = machine.allocate(size);
    own.push(pointer);
    return pointer;
  };
  try {
    const source = inside ? bytes.byteOffset : room(bytes.length);
    if (!inside) machine.bytes.set(bytes, source);
    const scratch = frame.shuffle === 'byte' && !frame.copied ? room(frame.blockBytes) : 0;
    const into = target?.byteOffset ?? room(frame.bytes);
    unpackFrame(machine, frame, source, bytes.length, into, scratch);
    return target ?? machine.bytes.slice(into, into + frame.bytes);
  } finally {
    for (const pointer of own) machine.free(pointer);
  }
}
