/**
 * The client's side of a ZeroMQ connection over a Unix socket (ZMTP 3.0, mechanism NULL), straight on Node's streams.
 *
 * Engines are always on this machine, one peer a socket, so libzmq's own thread between them and us only costs two changes of thread
 * a message; without it a round trip through the kernel is about a third cheaper. Clients of the kernel are served by libzmq (`sockets.ts`).
 * Protocol: https://rfc.zeromq.org/spec/23/
 */
import { connect } from 'node:net';

/** Frame flags. */
const MORE = 1;
const LONG = 2;
const COMMAND = 4;

/** Signature, version 3.0, mechanism NULL, not a server. */
const GREETING = Buffer.alloc(64);
GREETING[0] = 0xff;
GREETING[9] = 0x7f;
GREETING[10] = 3;
GREETING.write('NULL', 12, 'latin1');

export interface Connection {
  send(frames: readonly Buffer[]): void;
  close(): void;
  readonly closed: boolean;
}

/** Connects as a DEALER or SUB (subscribed to everything). The peer must be bound already; its end closes the connection. */
export function connectZmtp(
  path: string,
  type: 'DEALER' | 'SUB',
  identity: string,
  receive: (frames: Buffer[]) => void,
  failed: (error: Error) => void,
): Connection {
  let closed = false;
  let ready = false;
  const waiting: (readonly Buffer[])[] = [];
  const write = (frames: readonly Buffer[]) => {
    socket.cork();
    frames.forEach((frame, at) => {
      socket.write(head(frame.length, at < frames.length - 1 ? MORE : 0));
      if (frame.length > 0) socket.write(frame);
    });
    socket.uncork();
  };
  let message: Buffer[] = [];
  const reader = createReader((flags, frame) => {
    if (flags & COMMAND) {
      // The peer's READY: from here on messages flow. Other commands (PING is not used here) ask for nothing.
      if (ready) return;
      ready = true;
      if (type === 'SUB') write([Buffer.from([1])]);
      for (const frames of waiting.splice(0)) write(frames);
      return;
    }
    message.push(frame);
    if (flags & MORE) return;
    const whole = message;
    message = [];
    receive(whole);
  });
  let greeting = 0;
  const take = (chunk: Buffer) => {
    if (greeting === GREETING.length) return reader.take(chunk);
    const rest = chunk.subarray(GREETING.length - greeting);
    greeting = Math.min(GREETING.length, greeting + chunk.length);
    if (greeting < GREETING.length) return;
    const body = Buffer.concat([Buffer.from([5]), Buffer.from('READY'), property('Socket-Type', type), property('Identity', identity)]);
    socket.write(Buffer.concat([head(body.length, COMMAND), body]));
    if (rest.length > 0) reader.take(rest);
  };
  const socket = connect({
    path,
    onread: {
      buffer: reader.room,
      callback(size, buffer) {
        take(Buffer.from(buffer.buffer, buffer.byteOffset, size));
        return true;
      },
    },
  });
  socket.write(GREETING);
  socket.on('error', (error) => {
    if (!closed) failed(error);
  });
  socket.on('close', () => {
    closed = true;
  });
  return {
    send(frames) {
      if (closed) return;
      if (ready) write(frames);
      else waiting.push(frames);
    },
    close() {
      closed = true;
      socket.destroy();
    },
    get closed() {
      return closed;
    },
  };
}

function head(size: number, flags: number): Buffer {
  if (size < 256) return Buffer.from([flags, size]);
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = flags | LONG;
  bytes.writeBigUInt64BE(BigInt(size), 1);
  return bytes;
}

function property(name: string, value: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(Buffer.byteLength(value));
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), size, Buffer.from(value)]);
}

export interface Reader {
  take(chunk: Buffer): void;
  /** Where the next chunk is to be read to: a large frame is read straight to its place. */
  room(): Buffer;
}

const SLAB = 1 << 18;
const SMALLEST_ROOM = 1 << 14;

/** Cuts a stream of chunks into frames. A frame inside one chunk is a view of it; one over several chunks gets memory of its own. */
export function createReader(each: (flags: number, frame: Buffer) => void): Reader {
  let rest = Buffer.alloc(0);
  /** A frame whose head has been read and whose body has not all come. */
  let body: { flags: number; bytes: Buffer; filled: number } | undefined;
  /** Chunks lie one after another in a slab, which lives as long as a frame in it is used. */
  let slab = Buffer.allocUnsafeSlow(SLAB);
  let used = 0;

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
      if (SLAB - used < SMALLEST_ROOM) {
        slab = Buffer.allocUnsafeSlow(SLAB);
        used = 0;
      }
      return slab.subarray(used);
    },
  };
}
