/**
 * Node's own zlib, straight into a given place. Node's stream objects carry a handle that can be used again and again and writes where it is told:
 * twice as fast as `zstdDecompressSync`, which makes a context and joins pieces for every call. The handle is no public interface; where it is missing
 * the public functions do the same at their own speed.
 */
import {
  constants,
  createGunzip,
  createInflate,
  createZstdCompress,
  createZstdDecompress,
  gunzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';

export type NativeFormat = 'zstd' | 'gzip' | 'zlib';

interface Handle {
  reset(): void;
  writeSync(flush: number, input: Uint8Array, from: number, length: number, output: Uint8Array, into: number, room: number): void;
  onerror(message: string): void;
}

const CREATE = { zstd: createZstdDecompress, gzip: createGunzip, zlib: createInflate } as const;
/** Whole inputs at once, by Node's public functions. */
export const PUBLIC = { zstd: zstdDecompressSync, gzip: gunzipSync, zlib: inflateSync } as const;

interface Decoder {
  handle: Handle;
  /** Room left in the output, bytes left in the input, after each write. */
  state: Uint32Array;
  error: string;
  /** Did what it unpacked last end with a whole frame? A context that did begins the next one by itself; to make a new one takes a tenth of a block's time. */
  ended: boolean;
}

const decoders = new Map<string, Decoder | undefined>();

/** The stream's handle, made once a thread; undefined where streams have none. */
function handleOf(name: string, create: () => object): Decoder | undefined {
  if (decoders.has(name)) return decoders.get(name);
  const stream = create() as { _handle?: Handle; _writeState?: Uint32Array };
  const usable = typeof stream._handle?.writeSync === 'function' && stream._writeState instanceof Uint32Array;
  const decoder = usable ? { handle: stream._handle!, state: stream._writeState!, error: '', ended: false } : undefined;
  if (decoder) {
    decoder.handle.onerror = (message) => {
      decoder.error = message;
    };
  }
  decoders.set(name, decoder);
  return decoder;
}

/** Packs `input` as one zstd frame into `output`; returns its size. `zstdRoom` says what room is always enough. */
export function packInto(input: Uint8Array, output: Uint8Array, level: number): number {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const packer = handleOf(`pack ${level}`, () => createZstdCompress({ params }));
  if (!packer) {
    const whole = zstdCompressSync(input, { params });
    output.set(whole);
    return whole.length;
  }
  // A frame that is ended leaves the context ready for the next; a reset would forget the level.
  packer.error = '';
  packer.handle.writeSync(constants.ZSTD_e_end, input, 0, input.length, output, 0, output.length);
  if (packer.error || packer.state[0] === 0) {
    decoders.delete(`pack ${level}`);
    throw new Error(packer.error || 'no room for the packed bytes');
  }
  return output.length - packer.state[0]!;
}

/** ZSTD_compressBound, and the little that it adds to small inputs. */
export const zstdRoom = (size: number): number => size + (size >> 8) + 1024;

/** Unpacks `input` into `output`; returns how many bytes it gave. More than there is room for is an error. */
export function unpackInto(format: NativeFormat, input: Uint8Array, output: Uint8Array): number {
  const decoder = handleOf(format, CREATE[format]);
  if (!decoder) {
    const whole = PUBLIC[format](input, { maxOutputLength: Math.max(1, output.length) });
    output.set(whole);
    return whole.length;
  }
  const again = decoder.ended;
  try {
    return unpackFrames(decoder, format, input, output);
  } catch (error) {
    // A handle that met an error keeps it.
    decoders.delete(format);
    if (!again) throw error;
  }
  // A frame that was cut off between its content and its checksum looks whole, and the next one was read as its end.
  return unpackInto(format, input, output);
}

function unpackFrames(decoder: Decoder, format: NativeFormat, input: Uint8Array, output: Uint8Array): number {
  const { handle, state } = decoder;
  let again = decoder.ended;
  decoder.ended = false;
  let [from, into] = [0, 0];
  // Frames may follow each other: each ends a call.
  while (from < input.length) {
    if (!again) handle.reset();
    again = false;
    decoder.error = '';
    const flush = format === 'zstd' ? constants.ZSTD_e_end : constants.Z_FINISH;
    handle.writeSync(flush, input, from, input.length - from, output, into, output.length - into);
    if (decoder.error) throw new Error(decoder.error);
    const [room, left] = state as unknown as [number, number];
    const [read, written] = [input.length - left, output.length - room];
    if (read === from || (room === 0 && left > 0)) throw new Error(`more than the ${output.length} bytes that were announced`);
    [from, into] = [read, written];
  }
  // zlib's streams begin anew by a reset alone, which costs them little.
  decoder.ended = format === 'zstd' && into === output.length;
  return into;
}

/** The size that a zstd frame or a gzip file announces; undefined where it says nothing. */
export function announcedSize(format: NativeFormat, bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'gzip') return bytes.length >= 18 ? view.getUint32(bytes.length - 4, true) : undefined;
  if (format === 'zlib' || bytes.length < 6 || view.getUint32(0, true) !== 0xfd2fb528) return undefined;
  const descriptor = bytes[4]!;
  const [kind, single] = [descriptor >> 6, (descriptor >> 5) & 1];
  const at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  const width = [single, 2, 4, 8][kind]!;
  if (width === 0 || at + width > bytes.length) return undefined;
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at, true) + 256;
  return width === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
