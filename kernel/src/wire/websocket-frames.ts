/** Messages of a Jupyter server's WebSocket, sub-protocol `v1.kernel.websocket.jupyter.org`: offsets, the channel's name, then the parts as they are. */
import { WireError } from './message.ts';

export const WEBSOCKET_PROTOCOL = 'v1.kernel.websocket.jupyter.org';

/** `parts`: header, parent header, metadata, content, buffers. */
export function packWebSocket(channel: string, parts: readonly Buffer[]): Buffer<ArrayBuffer> {
  const chunks = [Buffer.from(channel), ...parts];
  const head = Buffer.alloc(8 * (chunks.length + 2));
  head.writeBigUInt64LE(BigInt(chunks.length + 1), 0);
  let offset = head.length;
  head.writeBigUInt64LE(BigInt(offset), 8);
  for (const [at, chunk] of chunks.entries()) {
    offset += chunk.length;
    head.writeBigUInt64LE(BigInt(offset), 8 * (at + 2));
  }
  return Buffer.concat([head, ...chunks]);
}

/** The channel and the parts, as views of the bytes. Throws a WireError for what is no such message. */
export function unpackWebSocket(bytes: Buffer): { channel: string; parts: Buffer[] } {
  const fail = (): never => {
    throw new WireError('malformed', `${bytes.length} bytes from the server are no message of ${WEBSOCKET_PROTOCOL}`);
  };
  if (bytes.length < 8) return fail();
  const count = Number(bytes.readBigUInt64LE(0));
  if (count < 6 || bytes.length < 8 * (count + 1)) return fail();
  const offsets = Array.from({ length: count }, (_, at) => Number(bytes.readBigUInt64LE(8 * (at + 1))));
  const sound = offsets.every((offset, at) => offset <= bytes.length && offset >= (at === 0 ? 8 * (count + 1) : offsets[at - 1]!));
  if (!sound) return fail();
  const [channel, ...parts] = offsets.slice(1).map((end, at) => bytes.subarray(offsets[at], end));
  return { channel: channel!.toString('utf8'), parts };
}
