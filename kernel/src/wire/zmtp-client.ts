/**
 * The client's side of a ZeroMQ connection over a Unix socket, straight on Node's streams: how the kernel reaches its engines.
 *
 * Engines are always on this machine, one peer a socket, so libzmq's own thread between them and us would only cost two changes of thread
 * a message (`npm run bench:kernel` measures the round trip).
 */
import { connect } from 'node:net';
import { createPeer } from './zmtp-peer.ts';

export interface Connection {
  send(frames: readonly Buffer[]): void;
  close(): void;
  readonly closed: boolean;
}

const SUBSCRIBE_ALL = [Buffer.from([1])];

/** Connects as a DEALER or SUB (subscribed to everything). The peer must be bound already; its end closes the connection. */
export function connectZmtp(
  path: string,
  type: 'DEALER' | 'SUB',
  identity: string,
  receive: (frames: Buffer[]) => void,
  failed: (error: Error) => void,
): Connection {
  let closed = false;
  const peer = createPeer(type, identity, {
    write(chunks) {
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      socket.uncork();
    },
    ready() {
      if (type === 'SUB') peer.send(SUBSCRIBE_ALL);
    },
    receive,
    fault(message) {
      if (!closed) failed(new Error(message));
      socket.destroy();
    },
  });
  const socket = connect({
    path,
    onread: {
      buffer: peer.room,
      callback(size, buffer) {
        peer.take(Buffer.from(buffer.buffer, buffer.byteOffset, size));
        return true;
      },
    },
  });
  socket.write(peer.greeting);
  socket.on('error', (error) => {
    if (!closed) failed(error);
  });
  socket.on('close', () => {
    closed = true;
  });
  return {
    send(frames) {
      if (!closed) peer.send(frames);
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
