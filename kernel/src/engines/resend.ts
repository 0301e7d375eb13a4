/**
 * What an engine behind a Jupyter server said while its connection was being lost, asked for again: the server takes a message for sent
 * once its system has the bytes. The engine's part is `tradewind/engine/resend.py`. No sockets here.
 */
import type { Header } from '../wire/message.ts';

/** More than the engine keeps. */
const REMEMBERED = 8192;
/** The engine looks so many messages back (MARGIN): of those it is told which were heard. */
const LOOKED_BACK = 64;
/** An engine in compiled code that holds Python's lock does not answer: what has come is let through then. */
export const RESEND_PATIENCE = 10_000;
/** By then what the server has of it is here. */
export const LATE = 5000;

/** `tradewind_resend_reply`. */
export interface ResendReply {
  messages?: { channel: string; parts: number }[];
  /** False: the engine has forgotten some. */
  complete?: boolean;
  /** Ids of those too large to keep. */
  unkept?: string[];
  running?: string[];
}

export interface Resend {
  /** A message from the server: passed on once, or held until what came before it is here. */
  receive(channel: string, parts: Buffer[]): void;
  /** The connection is there again: holds what comes, and gives the ids of the last message that was heard, and of those before it. */
  hold(): { after: string | null; heard: string[] };
  /** What the engine sent again goes before what was held. */
  answered(content: ResendReply, buffers: readonly Buffer[]): void;
  /** Nothing is held any more. */
  release(): void;
  has(msgId: string): boolean;
}

/** `deliver` gets every message once, and its header read. */
export function createResend(deliver: (channel: string, parts: Buffer[], header: Header) => void): Resend {
  const heard = new Set<string>();
  let last: string | undefined;
  let held: [string, Buffer[]][] | undefined;

  function pass(channel: string, parts: Buffer[]): void {
    const header = JSON.parse(parts[0]!.toString('utf8')) as Header;
    if (channel !== 'control') {
      const { msg_id } = header;
      if (heard.has(msg_id)) return;
      heard.add(msg_id);
      last = msg_id;
      if (heard.size > REMEMBERED) heard.delete(heard.values().next().value!);
    }
    deliver(channel, parts, header);
  }

  function release(): void {
    const waiting = held ?? [];
    held = undefined;
    for (const [channel, parts] of waiting) pass(channel, parts);
  }

  return {
    receive(channel, parts) {
      // The engine's answer is on the control channel.
      if (held && channel !== 'control') held.push([channel, parts]);
      else pass(channel, parts);
    },
    hold() {
      held ??= [];
      return { after: last ?? null, heard: [...heard].slice(-LOOKED_BACK) };
    },
    answered(content, buffers) {
      let at = 0;
      for (const one of content.messages ?? []) {
        pass(one.channel, buffers.slice(at, at + one.parts));
        at += one.parts;
      }
      release();
    },
    release,
    has: (msgId) => heard.has(msgId),
  };
}
