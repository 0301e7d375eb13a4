/** Signs messages and tells whether a message is signed, unchanged and new: HMAC over its four JSON parts, compared in constant time. */
import { createHmac, getHashes, hash, timingSafeEqual } from 'node:crypto';
import { DELIMITER, type Envelope, type Message, open, parse, serialise, WireError } from './message.ts';

export interface Signer {
  sign(parts: readonly Buffer[]): Buffer;
  /** False for any signature that is not exactly that of the parts. */
  verify(signature: Buffer, parts: readonly Buffer[]): boolean;
  /** False when there is no key: then nothing is signed and nothing can be checked. */
  readonly active: boolean;
}

const EMPTY = Buffer.alloc(0);

/** Bytes of a block, for the hashes that signatures are made with. */
const BLOCK: Record<string, number> = { md5: 64, sha1: 64, sha224: 64, sha256: 64, sha384: 128, sha512: 128 };

/** `scheme` is as in a connection file, `hmac-sha256`; an empty key turns signing off, as the protocol has it. */
export function createSigner(key: string, scheme = 'hmac-sha256'): Signer {
  if (key === '') return { active: false, sign: () => EMPTY, verify: () => true };
  const algorithm = scheme.replace(/^hmac-/, '');
  if (!scheme.startsWith('hmac-') || !getHashes().includes(algorithm)) throw new Error(`unknown signature scheme: ${scheme}`);
  const sign =
    algorithm in BLOCK ? hmac(algorithm, key, BLOCK[algorithm]!) : (parts: readonly Buffer[]) => reference(algorithm, key, parts);
  return {
    active: true,
    sign,
    verify(signature, parts) {
      const expected = sign(parts);
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    },
  };
}

function reference(algorithm: string, key: string, parts: readonly Buffer[]): Buffer {
  const keyed = createHmac(algorithm, key);
  for (const part of parts) keyed.update(part);
  return Buffer.from(keyed.digest('hex'));
}

/**
 * HMAC (RFC 2104) as two hashes in one go each. Node's own `createHmac` makes an object of OpenSSL's anew for every message, which takes
 * twice as long when the processor has been idle before, as it has when a cell arrives.
 */
function hmac(algorithm: string, key: string, block: number): (parts: readonly Buffer[]) => Buffer {
  const given = Buffer.from(key);
  const padded = Buffer.alloc(block);
  (given.length > block ? hash(algorithm, given, 'buffer') : given).copy(padded);
  const inner = padded.map((byte) => byte ^ 0x36);
  const outer = padded.map((byte) => byte ^ 0x5c);
  return (parts) =>
    Buffer.from(hash(algorithm, Buffer.concat([outer, hash(algorithm, Buffer.concat([inner, ...parts]), 'buffer')]), 'hex'));
}

/** Remembers signatures that were seen, the newest `capacity` to twice that many, so that a recorded message can't be played again. */
export function createReplayGuard(capacity = 65_536): (signature: Buffer) => boolean {
  let young = new Set<string>();
  let old = new Set<string>();
  return (signature) => {
    const key = signature.toString('latin1');
    if (young.has(key) || old.has(key)) return false;
    young.add(key);
    if (young.size >= capacity) {
      old = young;
      young = new Set();
    }
    return true;
  };
}

/** Reads frames that came from outside: parts, signature, replay, JSON, in this order. Throws a WireError for whatever is wrong. */
export function createReceiver(signer: Signer): (frames: readonly Buffer[]) => { envelope: Envelope; message: Message } {
  const isNew = createReplayGuard();
  return (frames) => {
    const envelope = open(frames);
    if (!signer.verify(envelope.signature, [envelope.header, envelope.parentHeader, envelope.metadata, envelope.content])) {
      throw new WireError('signature', 'the signature does not match');
    }
    if (signer.active && !isNew(envelope.signature)) throw new WireError('replay', 'the message was received before');
    return { envelope, message: parse(envelope) };
  };
}

/** The frames of a message, signed. */
export function seal(signer: Signer, message: Omit<Message, 'buffers'> & { buffers?: readonly Buffer[] }): Buffer[] {
  const parts = serialise(message);
  return [...message.identities, DELIMITER, signer.sign(parts), ...parts, ...(message.buffers ?? [])];
}
