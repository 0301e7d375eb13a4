import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Router } from 'zeromq';
import { connectZmtp } from '../../kernel/src/wire/zmtp-client.ts';
import { createReader } from '../../kernel/src/wire/zmtp-frames.ts';

/** A frame as the protocol writes it. */
function written(flags: number, body: Buffer): Buffer {
  if (body.length < 256) return Buffer.concat([Buffer.from([flags, body.length]), body]);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(body.length));
  return Buffer.concat([Buffer.from([flags | 2]), size, body]);
}

test('frames are read whole, however the stream is cut', () => {
  const frame = fc.record({
    flags: fc.constantFrom(0, 1, 4),
    body: fc
      .integer({ min: 0, max: 60_000 })
      .chain((most) => fc.nat({ max: most }))
      .map((size) => Buffer.from(Array.from({ length: size }, (_, at) => at % 251))),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1 }), (frames, sizes) => {
      const stream = Buffer.concat(frames.map(({ flags, body }) => written(flags, body)));
      const read: { flags: number; body: Buffer }[] = [];
      const reader = createReader((flags, body) => read.push({ flags, body: Buffer.from(body) }));
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        // As a socket does: into the room that the reader gives.
        const room = reader.room();
        const got = stream.copy(room, 0, at, at + size);
        reader.take(room.subarray(0, got));
        at += got;
      }
      assert.deepEqual(
        read,
        frames.map(({ flags, body }) => ({ flags, body })),
      );
    }),
  );
});

test('libzmq understands it: identity, messages sent before it is connected, large and empty frames, both ways', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tw-zmtp-'));
  const router = new Router();
  await router.bind(`ipc://${folder}/s`);
  const back = Promise.withResolvers<Buffer[]>();
  const failed = (error: Error) => back.reject(error);
  const connection = connectZmtp(`${folder}/s`, 'DEALER', 'me', back.resolve, failed);
  const frames = [Buffer.from('a'), Buffer.alloc(0), Buffer.alloc(3_000_000, 7), Buffer.alloc(255), Buffer.alloc(256)];
  connection.send(frames);
  const [identity, ...received] = await router.receive();
  assert.equal(identity!.toString(), 'me');
  assert.ok(received.every((one, at) => one.equals(frames[at]!)));
  await router.send([identity!, ...received]);
  assert.ok((await back.promise).every((one, at) => one.equals(frames[at]!)));
  connection.close();
  connection.send(frames); // nothing happens
  router.close();
  rmSync(folder, { recursive: true });
});
