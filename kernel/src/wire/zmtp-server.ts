/**
 * The bound side of ZeroMQ sockets, straight on Node's streams: ROUTER, XPUB and REP over TCP and Unix sockets, as a kernel's clients need them.
 *
 * Nothing is ever dropped for want of room (no high-water marks), a peer that breaks the protocol loses its connection and nobody else's, and a
 * peer that comes back under its identity takes the place of the old one (ZMQ_ROUTER_HANDOVER). Encrypted connections are libzmq's (`libzmq.ts`).
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createPeer, type Peer } from './zmtp-peer.ts';

export type Address = { host: string; port: number } | { path: string };

export interface Bound {
  /** A ROUTER's first frame is the identity of the peer that it goes to; an XPUB's first frame is matched with the subscriptions. */
  send(frames: readonly Buffer[]): void;
  /** No new peers; what was sent goes out, for a second at most, then the connections end. */
  close(): Promise<void>;
}

interface Client {
  peer: Peer;
  socket: Socket;
  identity: Buffer;
  topics: Map<string, number>;
}

/** What a kind of socket does when a peer is there, sends, asks, and when we send. */
interface Behaviour {
  type: string;
  /** When what was sent goes out: at once, or when all that has arrived is dealt with. */
  soon(write: () => void): void;
  joined?(client: Client): void;
  left?(client: Client): void;
  received(client: Client, frames: Buffer[]): void;
  /** XPUB: `SUBSCRIBE` and `CANCEL` of ZMTP 3.1. */
  command?(client: Client, name: string, body: Buffer): void;
  send(frames: readonly Buffer[]): void;
}

const LINGER = 1000;

/** Requests by identity. `receive` gets the sender's identity as the first frame. */
export function bindRouter(address: Address, receive: (frames: Buffer[]) => void): Promise<Bound> {
  const clients = new Map<string, Client>();
  return bind(address, {
    type: 'ROUTER',
    soon: process.nextTick,
    joined(client) {
      const key = client.identity.toString('latin1');
      clients.get(key)?.socket.destroy();
      clients.set(key, client);
    },
    left(client) {
      const key = client.identity.toString('latin1');
      if (clients.get(key) === client) clients.delete(key);
    },
    received: (client, frames) => receive([client.identity, ...frames]),
    send([identity, ...frames]) {
      clients.get(identity!.toString('latin1'))?.peer.send(frames);
    },
  });
}

/** Output by topic. `subscribed` hears every subscription, also one that is there already. */
export function bindPublisher(address: Address, subscribed: (topic: Buffer) => void): Promise<Bound> {
  const clients = new Set<Client>();
  const subscribe = ({ topics }: Client, topic: Buffer) => {
    const key = topic.toString('latin1');
    topics.set(key, (topics.get(key) ?? 0) + 1);
    subscribed(topic);
  };
  const cancel = ({ topics }: Client, topic: Buffer) => {
    const key = topic.toString('latin1');
    const count = topics.get(key) ?? 0;
    if (count > 1) topics.set(key, count - 1);
    else topics.delete(key);
  };
  return bind(address, {
    type: 'XPUB',
    // Replies go before output that came with them: a round trip waits for its reply, and nobody for a tenth of a millisecond of output.
    soon: setImmediate,
    joined: (client) => clients.add(client),
    left: (client) => clients.delete(client),
    received(client, [frame]) {
      if (frame![0] === 1) subscribe(client, frame!.subarray(1));
      else if (frame![0] === 0) cancel(client, frame!.subarray(1));
    },
    command(client, name, body) {
      if (name === 'SUBSCRIBE') subscribe(client, body);
      else if (name === 'CANCEL') cancel(client, body);
    },
    send(frames) {
      let topic: string | undefined;
      for (const { topics, peer } of clients) {
        if (topics.has('')) peer.send(frames);
        else if (topics.size > 0) {
          topic ??= frames[0]!.toString('latin1');
          for (const prefix of topics.keys()) {
            if (!topic.startsWith(prefix)) continue;
            peer.send(frames);
            break;
          }
        }
      }
    },
  });
}

/** Answers every request with itself: a heartbeat. */
export function bindEcho(address: Address): Promise<Bound> {
  return bind(address, { type: 'REP', soon: process.nextTick, received: ({ peer }, frames) => peer.send(frames), send: () => {} });
}

async function bind(address: Address, behaviour: Behaviour): Promise<Bound> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    const client = accept(socket, behaviour);
    // A peer that goes away is no fault: its connection ends, and that is all.
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      behaviour.left?.(client);
    });
  });
  if ('path' in address && lstatSync(address.path, { throwIfNoEntry: false })?.isSocket()) rmSync(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, resolve);
  });
  server.on('error', (error) => console.error(`tradewind: a ${behaviour.type} socket: ${error.message}`));
  return {
    send: behaviour.send,
    async close() {
      server.close();
      const flushed = [...open].map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once('close', () => resolve());
            socket.end(() => socket.destroy());
          }),
      );
      const late = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, LINGER);
      await Promise.all(flushed);
      clearTimeout(late);
    },
  };
}

function accept(socket: Socket, behaviour: Behaviour): Client {
  let corked = false;
  const peer = createPeer(behaviour.type, '', {
    write(chunks) {
      // What is sent in a row goes out in one write.
      if (!corked) {
        corked = true;
        socket.cork();
        behaviour.soon(() => {
          corked = false;
          socket.uncork();
        });
      }
      for (const chunk of chunks) socket.write(chunk);
    },
    ready(properties) {
      const name = properties.get('identity');
      if (name && name.length > 0) client.identity = Buffer.from(name);
      behaviour.joined?.(client);
    },
    receive: (frames) => behaviour.received(client, frames),
    command: (name, body) => behaviour.command?.(client, name, body),
    fault(message) {
      console.error(`tradewind: a connection to the ${behaviour.type} socket was closed: ${message}`);
      socket.destroy();
    },
  });
  // A name of ours begins with 0, which no peer's may (RFC 28).
  const client: Client = { peer, socket, identity: Buffer.concat([Buffer.from([0]), randomBytes(8)]), topics: new Map() };
  socket.on('data', (chunk: Buffer) => peer.take(chunk));
  socket.write(peer.greeting);
  return client;
}
