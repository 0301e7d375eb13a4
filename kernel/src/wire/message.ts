/**
 * Jupyter messages and the frames that carry them: identities or topic, delimiter, signature, four JSON parts, buffers.
 *
 * Frames on their way between a client and an engine stay unparsed; `open` finds the parts, `parse` reads them.
 */
import { randomUUID } from 'node:crypto';

export const DELIMITER = Buffer.from('<IDS|MSG>');
export const PROTOCOL_VERSION = '5.5';

export type Json = Record<string, unknown>;

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
  /** The subshell (JEP 91) that is to handle the request; absent for the main shell. */
  subshell_id?: string | null;
  [key: string]: unknown;
}

export interface Message {
  /** Routing identities (ROUTER sockets) or the topic (PUB sockets). */
  identities: Buffer[];
  header: Header;
  parentHeader: Partial<Header>;
  metadata: Json;
  content: Json;
  buffers: Buffer[];
}

/** The parts of a message, still as bytes. */
export interface Envelope {
  frames: readonly Buffer[];
  identities: Buffer[];
  signature: Buffer;
  header: Buffer;
  parentHeader: Buffer;
  metadata: Buffer;
  content: Buffer;
}

/** A message that is not one: it is dropped and logged, never fatal. */
export class WireError extends Error {
  readonly fault: 'malformed' | 'signature' | 'replay';

  constructor(fault: 'malformed' | 'signature' | 'replay', message: string) {
    super(message);
    this.name = 'WireError';
    this.fault = fault;
  }
}

/** Finds the parts of a message. Throws a WireError when the delimiter or a part is missing. */
export function open(frames: readonly Buffer[]): Envelope {
  const at = frames.findIndex((frame) => frame.length === DELIMITER.length && frame.equals(DELIMITER));
  if (at < 0) throw new WireError('malformed', `no delimiter in ${frames.length} frames`);
  const [signature, header, parentHeader, metadata, content] = frames.slice(at + 1, at + 6);
  if (!signature || !header || !parentHeader || !metadata || !content) {
    throw new WireError('malformed', `${frames.length - at - 1} frames after the delimiter, at least 5 are needed`);
  }
  return { frames, identities: frames.slice(0, at), signature, header, parentHeader, metadata, content };
}

/** Reads the JSON parts. Throws a WireError when one is no JSON object, or the header lacks its id or type. */
export function parse(envelope: Envelope): Message {
  const header = parseObject(envelope.header, 'header');
  if (typeof header.msg_id !== 'string' || typeof header.msg_type !== 'string') {
    throw new WireError('malformed', 'the header has no msg_id or msg_type');
  }
  return {
    identities: envelope.identities,
    header: header as Header,
    parentHeader: parseObject(envelope.parentHeader, 'parent header'),
    metadata: parseObject(envelope.metadata, 'metadata'),
    content: parseObject(envelope.content, 'content'),
    buffers: envelope.frames.slice(envelope.identities.length + 6),
  };
}

function parseObject(bytes: Buffer, part: string): Json {
  if (bytes.length === 2 && bytes[0] === 0x7b && bytes[1] === 0x7d) return {};
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new WireError('malformed', `the ${part} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WireError('malformed', `the ${part} is not a JSON object`);
  }
  return value as Json;
}

/** A new header; `session` names the sender. */
export function createHeader(msg_type: string, session: string): Header {
  return { msg_id: randomUUID(), msg_type, session, username: 'tradewind', date: new Date().toISOString(), version: PROTOCOL_VERSION };
}

/** The four signed parts of a message as bytes. */
export function serialise(message: Pick<Message, 'header' | 'parentHeader' | 'metadata' | 'content'>): [Buffer, Buffer, Buffer, Buffer] {
  return [
    Buffer.from(JSON.stringify(message.header)),
    Buffer.from(JSON.stringify(message.parentHeader)),
    Buffer.from(JSON.stringify(message.metadata)),
    Buffer.from(JSON.stringify(message.content)),
  ];
}
