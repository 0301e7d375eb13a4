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
  const socket = connect(path);
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
  socket.write(GREETING);
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
  socket.on('data', (chunk: Buffer) => {
    if (greeting === GREETING.length) return reader(chunk);
    const rest = chunk.subarray(GREETING.length - greeting);
    greeting = Math.min(GREETING.length, greeting + chunk.length);
    if (greeting < GREETING.length) return;
    const body = Buffer.concat([Buffer.from([5]), Buffer.from('READY'), property('Socket-Type', type), property('Identity', identity)]);
    socket.write(Buffer.concat([head(body.length, COMMAND), body]));
    if (rest.length > 0) reader(rest);
  });
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

/** Cuts a stream of chunks into frames. A frame inside one chunk is a view of it; one over many chunks is put together once, when it is whole. */
export function createReader(each: (flags: number, frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  /** A frame whose head has been read and whose body has not all come. */
  let body: { flags: number; bytes: Buffer; filled: number } | undefined;
  return (chunk) => {
    let at = 0;
    if (body) {
      at = Math.min(chunk.length, body.bytes.length - body.filled);
      chunk.copy(body.bytes, body.filled, 0, at);
      body.filled += at;
      if (body.filled < body.bytes.length) return;
      const { flags, bytes } = body;
      body = undefined;
      each(flags, bytes);
    }
    const data = rest.length > 0 ? Buffer.concat([rest, chunk.subarray(at)]) : chunk;
    if (rest.length > 0) at = 0;
    rest = Buffer.alloc(0);
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
  };
}
