/**
 * ZeroMQ's wire format, ZMTP 3.0 with the mechanism NULL: the greeting, commands, and frames read from and written to a stream of bytes.
 *
 * Protocol: https://rfc.zeromq.org/spec/23/
 */
import { constants } from 'node:buffer';

/** Frame flags. */
export const MORE = 1;
const LONG = 2;
export const COMMAND = 4;

/** Signature, version 3.0, mechanism NULL, not a server. */
export const GREETING = Buffer.alloc(64);
GREETING[0] = 0xff;
GREETING[9] = 0x7f;
GREETING[10] = 3;
GREETING.write('NULL', 12, 'latin1');

/** What is wrong with a peer's greeting; undefined where it speaks as we do. */
export function faultOfGreeting(greeting: Buffer): string | undefined {
  if (greeting[0] !== 0xff || ((greeting[9] ?? 0) & 1) === 0) return 'this is not ZMTP';
  if (greeting[10]! < 3) return `it speaks ZMTP ${greeting[10]}, and 3 is the least`;
  const mechanism = greeting.toString('latin1', 12, 32).replace(/\0+$/, '');
  return mechanism === 'NULL' ? undefined : `it asks for the mechanism ${mechanism}, and none is used here`;
}

/** Smaller frames are copied together, so that a message is one write. */
const JOINED = 1 << 14;

/** A message as chunks to write: heads and small frames in one, large frames as they are. */
export function pack(frames: readonly Buffer[]): Buffer[] {
  const chunks: Buffer[] = [];
  let small: Buffer[] = [];
  frames.forEach((frame, at) => {
    small.push(head(frame.length, at < frames.length - 1 ? MORE : 0));
    if (frame.length < JOINED) small.push(frame);
    else {
      chunks.push(Buffer.concat(small), frame);
      small = [];
    }
  });
  if (small.length > 0) chunks.push(Buffer.concat(small));
  return chunks;
}

/** A command frame: its name, then its body. */
export function command(name: string, ...body: Buffer[]): Buffer {
  const content = Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1'), ...body]);
  return Buffer.concat([head(content.length, COMMAND), content]);
}

/** The name and body of a command frame. */
export function readCommand(frame: Buffer): { name: string; body: Buffer } {
  const end = 1 + (frame[0] ?? 0);
  return { name: frame.toString('latin1', 1, end), body: frame.subarray(end) };
}

function head(size: number, flags: number): Buffer {
  if (size < 256) return Buffer.from([flags, size]);
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = flags | LONG;
  bytes.writeBigUInt64BE(BigInt(size), 1);
  return bytes;
}

/** A property of READY's metadata. */
export function property(name: string, value: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1'), size, value]);
}

/** The properties of READY's metadata, names in lower case. What is cut short ends the list. */
export function readProperties(body: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  let at = 0;
  while (at < body.length) {
    const name = at + 1 + body[at]!;
    if (name + 4 > body.length) break;
    const end = name + 4 + body.readUInt32BE(name);
    if (end > body.length) break;
    found.set(body.toString('latin1', at + 1, name).toLowerCase(), body.subarray(name + 4, end));
    at = end;
  }
  return found;
}

export interface Reader {
  /** Throws a RangeError for a frame that no memory could hold. */
  take(chunk: Buffer): void;
  /** Where the next chunk is to be read to: a large frame is read straight to its place. */
  room(): Buffer;
}

/** A quiet connection holds little memory; one that fills its slabs in no time gets larger ones, which cost fewer allocations. */
const SMALLEST_SLAB = 1 << 13;
const LARGEST_SLAB = 1 << 18;
const NO_TIME_MS = 100;
const SMALLEST_ROOM = 1 << 12;

/** Cuts a stream of chunks into frames. A frame inside one chunk is a view of it; one over several chunks gets memory of its own. */
export function createReader(each: (flags: number, frame: Buffer) => void): Reader {
  let rest = Buffer.alloc(0);
  /** A frame whose head has been read and whose body has not all come. */
  let body: { flags: number; bytes: Buffer; filled: number } | undefined;
  /** Chunks lie one after another in a slab, which lives as long as a frame in it is used. */
  let slab = Buffer.allocUnsafeSlow(SMALLEST_SLAB);
  let used = 0;
  let begun = performance.now();

  /** Adds to the unfinished frame; gives what follows it. */
  function fill(chunk: Buffer): Buffer {
    const { flags, bytes, filled } = body!;
    const size = Math.min(chunk.length, bytes.length - filled);
    // Already in its place where `room` gave that.
    if (chunk.buffer !== bytes.buffer) chunk.copy(bytes, filled, 0, size);
    body!.filled += size;
    if (body!.filled === bytes.length) {
      body = undefined;
      each(flags, bytes);
    }
    return chunk.subarray(size);
  }

  return {
    take(chunk) {
      if (chunk.buffer === slab.buffer) used = chunk.byteOffset + chunk.length;
      let data = body ? fill(chunk) : chunk;
      if (rest.length > 0) data = Buffer.concat([rest, data]);
      rest = Buffer.alloc(0);
      let at = 0;
      while (at < data.length) {
        const flags = data[at]!;
        const begin = at + (flags & LONG ? 9 : 2);
        if (begin > data.length) break;
        const size = flags & LONG ? Number(data.readBigUInt64BE(at + 1)) : data[at + 1]!;
        if (size > constants.MAX_LENGTH) throw new RangeError(`a frame of ${size} bytes`);
        if (begin + size > data.length) {
          body = { flags: flags & ~LONG, bytes: Buffer.allocUnsafeSlow(size), filled: data.length - begin };
          data.copy(body.bytes, 0, begin);
          return;
        }
        at = begin + size;
        each(flags & ~LONG, data.subarray(begin, at));
      }
      if (at < data.length) rest = Buffer.from(data.subarray(at));
    },
    room() {
      if (body && body.bytes.length - body.filled >= SMALLEST_ROOM) return body.bytes.subarray(body.filled);
      if (slab.length - used < SMALLEST_ROOM) {
        const now = performance.now();
        slab = Buffer.allocUnsafeSlow(now - begun < NO_TIME_MS ? Math.min(2 * slab.length, LARGEST_SLAB) : SMALLEST_SLAB);
        used = 0;
        begun = now;
      }
      return slab.subarray(used);
    },
  };
}
