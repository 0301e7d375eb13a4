/**
 * A stream of messages that outlives its connections: what was sent and not acknowledged is sent again on the next one. The other end is
 * `tradewind/host/link.py`, where the packets are described; no sockets here.
 */
import { WireError } from '../wire/message.ts';

const LINK_CHANNELS = ['shell', 'control', 'stdin', 'iopub'] as const;
export type LinkChannel = (typeof LINK_CHANNELS)[number];

const HEAD = 12;
/** Bytes that may arrive before they are acknowledged; a quiet line is acknowledged after `ACKNOWLEDGE_MS`. */
const ACKNOWLEDGE_AFTER = 1 << 20;
export const ACKNOWLEDGE_MS = 500;

export interface Link {
  /** A new connection, in place of an old one. */
  opened(write: (chunk: Buffer) => void): void;
  lost(): void;
  send(channel: LinkChannel, frames: readonly Buffer[]): void;
  /** A chunk of the present connection. */
  took(chunk: Buffer): void;
  /** To be called every `ACKNOWLEDGE_MS`. */
  tick(): void;
}

/** `receive` gets every message of the other end once and in order. */
export function createLink(receive: (channel: LinkChannel, frames: Buffer[]) => void): Link {
  let kept: { number: number; packet: Buffer }[] = [];
  let sent = 0;
  let arrived = 0;
  let unacknowledged = 0;
  let write: ((chunk: Buffer) => void) | undefined;
  let greeted = false;
  /** Chunks of a packet that has not all come. */
  let parts: Buffer[] = [];
  let held = 0;

  function acknowledge(): void {
    if (!write) return;
    unacknowledged = 0;
    const body = Buffer.alloc(8);
    body.writeBigUInt64BE(BigInt(arrived));
    write(packet(0, body));
  }

  function acknowledged(number: number): void {
    kept = kept.filter((one) => one.number > number);
    if (!write || greeted) return;
    // Before the other end has told what it has, order could be lost.
    greeted = true;
    for (const one of kept) write(one.packet);
  }

  function take(number: number, body: Buffer): void {
    if (number === 0) {
      acknowledged(Number(body.readBigUInt64BE()));
      return;
    }
    if (number !== arrived + 1) return;
    arrived = number;
    unacknowledged += HEAD + body.length;
    const { channel, frames } = unpackMessage(body);
    receive(channel, frames);
    if (unacknowledged >= ACKNOWLEDGE_AFTER) acknowledge();
  }

  return {
    opened(newWrite) {
      write = newWrite;
      greeted = false;
      parts = [];
      held = 0;
      acknowledge();
    },
    lost() {
      write = undefined;
    },
    send(channel, frames) {
      const one = { number: ++sent, packet: packet(sent, packMessage(channel, frames)) };
      kept.push(one);
      if (write && greeted) write(one.packet);
    },
    took(chunk) {
      parts.push(chunk);
      held += chunk.length;
      while (held >= HEAD) {
        let data = parts[0]!;
        if (data.length < HEAD) {
          data = Buffer.concat(parts);
          parts = [data];
        }
        const size = HEAD + data.readUInt32BE(0);
        if (held < size) return;
        if (data.length < size) {
          data = Buffer.concat(parts);
          parts = [data];
        }
        parts[0] = data.subarray(size);
        held -= size;
        if (parts[0].length === 0) parts.shift();
        take(Number(data.readBigUInt64BE(4)), data.subarray(HEAD, size));
      }
    },
    tick() {
      if (unacknowledged > 0) acknowledge();
    },
  };
}

function packet(number: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(body.length, 0);
  head.writeBigUInt64BE(BigInt(number), 4);
  return Buffer.concat([head, body]);
}

export function packMessage(channel: LinkChannel, frames: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(3 + 4 * frames.length);
  head[0] = LINK_CHANNELS.indexOf(channel);
  head.writeUInt16BE(frames.length, 1);
  for (const [at, frame] of frames.entries()) head.writeUInt32BE(frame.length, 3 + 4 * at);
  return Buffer.concat([head, ...frames]);
}

/** Throws a WireError for what is no message. */
export function unpackMessage(body: Buffer): { channel: LinkChannel; frames: Buffer[] } {
  const channel = LINK_CHANNELS[body[0] ?? -1];
  const count = body.length >= 3 ? body.readUInt16BE(1) : 0;
  let at = 3 + 4 * count;
  const ends = body.length >= at ? Array.from({ length: count }, (_, index) => body.readUInt32BE(3 + 4 * index)) : [];
  const frames = ends.map((length) => {
    at += length;
    return body.subarray(at - length, at);
  });
  if (!channel || at !== body.length) throw new WireError('malformed', `${body.length} bytes of an engine's host are no message`);
  return { channel, frames };
}
