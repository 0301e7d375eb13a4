/** One end of a ZMTP connection, without its stream: greeting and handshake, then whole messages in and out. Client and server share it. */
import {
  COMMAND,
  command,
  createReader,
  faultOfGreeting,
  GREETING,
  MORE,
  pack,
  property,
  type Reader,
  readCommand,
  readProperties,
} from './zmtp-frames.ts';

export interface PeerEvents {
  write(chunks: readonly Buffer[]): void;
  /** The handshake is done; messages flow from here on. */
  ready(properties: ReadonlyMap<string, Buffer>): void;
  receive(frames: Buffer[]): void;
  /** A command that is not the handshake's; PING is answered already. */
  command?(name: string, body: Buffer): void;
  /** The other side does not speak as it should: the connection has to be closed. */
  fault(message: string): void;
}

export interface Peer extends Reader {
  /** The first bytes to send, as soon as the stream is open. */
  readonly greeting: Buffer;
  /** Before the handshake is done, messages wait. */
  send(frames: readonly Buffer[]): void;
}

/** `type` is the socket's (`DEALER`, `ROUTER` …); `identity` is told to the other side. */
export function createPeer(type: string, identity: string, events: PeerEvents): Peer {
  let greeted = false;
  let ready = false;
  let broken = false;
  let greeting = Buffer.alloc(0);
  let message: Buffer[] = [];
  const waiting: (readonly Buffer[])[] = [];
  const fail = (text: string) => {
    if (!broken) events.fault(text);
    broken = true;
  };

  const reader = createReader((flags, frame) => {
    if (broken) return;
    if (flags & COMMAND) {
      const { name, body } = readCommand(frame);
      if (name === 'PING') events.write([command('PONG', body.subarray(2))]);
      else if (name === 'ERROR') fail(`it refuses: ${body.toString('latin1', 1)}`);
      else if (ready) events.command?.(name, body);
      else if (name === 'READY') {
        ready = true;
        events.ready(readProperties(body));
        for (const frames of waiting.splice(0)) events.write(pack(frames));
      } else fail(`${name || 'an empty command'} where READY was due`);
      return;
    }
    if (!ready) return fail('a message before the handshake');
    message.push(frame);
    if (flags & MORE) return;
    const whole = message;
    message = [];
    events.receive(whole);
  });

  return {
    greeting: GREETING,
    room: reader.room,
    take(chunk) {
      if (broken) return;
      let rest = chunk;
      if (!greeted) {
        greeting = Buffer.concat([greeting, chunk]);
        if (greeting.length < GREETING.length) return;
        greeted = true;
        rest = greeting.subarray(GREETING.length);
        const wrong = faultOfGreeting(greeting);
        // A small buffer is a piece of Node's shared pool: kept, it would keep all of that.
        greeting = Buffer.alloc(0);
        if (wrong) return fail(wrong);
        events.write([command('READY', property('Socket-Type', Buffer.from(type)), property('Identity', Buffer.from(identity)))]);
      }
      if (rest.length === 0) return;
      try {
        reader.take(rest);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        fail(error.message);
      }
    },
    send(frames) {
      if (ready) events.write(pack(frames));
      else waiting.push(frames);
    },
  };
}
