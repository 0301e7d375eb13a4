/** The codecs give back what numcodecs packed, inside a machine and outside of it, and name what is damaged. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';
import { registry } from 'zarrita';
import { frameOf, isNative } from '../../../kernel/src/evaluate/codecs/blosc.ts';
import { packInto, unpackInto, zstdRoom } from '../../../kernel/src/evaluate/codecs/native.ts';
import { inMachine, placeInMachine } from '../../../kernel/src/evaluate/codecs/place.ts';
import { registerNativeCodecs } from '../../../kernel/src/evaluate/codecs/registry.ts';
import { createMachine } from '../../../kernel/src/evaluate/wasm/machine.ts';
import { defaultPython } from '../../../kernel/src/processes/places.ts';

interface Sample {
  name: string;
  packed: Buffer;
  plain: Buffer;
}

type Codec = { decode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> };
type Kind = { fromConfig(configuration: unknown, meta: unknown): Codec };

let samples: Sample[];
before(() => {
  registerNativeCodecs();
  const script = join(import.meta.dirname, 'frames.py');
  const raw = JSON.parse(execFileSync(defaultPython(), [script], { encoding: 'utf8', maxBuffer: 256e6 })) as Record<keyof Sample, string>[];
  samples = raw.map(({ name, packed, plain }) => ({ name, packed: Buffer.from(packed, 'base64'), plain: Buffer.from(plain, 'base64') }));
});

const codecOf = async (name: string): Promise<Codec> => {
  const kind = (await registry.get(name)!()) as unknown as Kind;
  return kind.fromConfig({ cname: 'zstd', clevel: 5, shuffle: 1, blocksize: 0, level: 3 }, {});
};
const kindOf = (name: string) => (name.startsWith('blosc') ? 'blosc' : /^\w+/.exec(name)![0]);
const of = (kind: string) => samples.filter(({ name }) => kindOf(name) === kind);

describe('codecs', () => {
  for (const kind of ['blosc', 'zstd', 'gzip', 'zlib']) {
    test(`${kind}: what numcodecs packed, in the heap and in a machine`, async () => {
      const codec = await codecOf(kind);
      assert.ok(of(kind).length >= 8);
      for (const { name, packed, plain } of of(kind)) {
        assert.equal(plain.compare(await codec.decode(packed)), 0, name);
        const machine = createMachine(4e6);
        const unpacked = await inMachine(
          machine,
          async () => {
            const place = placeInMachine(packed.length)!;
            place.set(packed);
            return codec.decode(place);
          },
          (bytes) => (bytes.buffer === machine.memory.buffer ? bytes.byteOffset : undefined),
        );
        assert.equal(plain.compare(unpacked), 0, `${name} in a machine`);
        if (unpacked.buffer === machine.memory.buffer) machine.free(unpacked.byteOffset);
        assert.equal(machine.used(), 0, `${name} leaves nothing in the machine`);
      }
    });
  }

  test('the usual Blosc frames are unpacked here, not by the WebAssembly build', () => {
    const frames = of('blosc').filter(({ name }) => /^blosc (lz4|zstd|zlib|lz4hc|blocks|copied)/.test(name));
    for (const { name, packed } of frames) assert.ok(isNative(frameOf(packed)), name);
    assert.ok(frames.length >= 70);
  });

  test('a frame that is cut off or damaged is an error, never other numbers', async () => {
    for (const kind of ['blosc', 'zstd', 'gzip', 'zlib']) {
      const codec = await codecOf(kind);
      for (const { name, packed, plain } of of(kind).filter(({ name }) => /float32|int16/.test(name))) {
        await assert.rejects(async () => codec.decode(packed.subarray(0, packed.length - 9)), `${name}, cut off`);
        const damaged = Buffer.from(packed);
        damaged.fill(0xa5, packed.length >> 1, (packed.length >> 1) + 24);
        const outcome = await Promise.resolve()
          .then(() => codec.decode(damaged))
          .catch((error: Error) => error);
        // A damaged literal can't be told without a checksum; what can't be unpacked is told.
        if (!(outcome instanceof Error)) assert.equal(outcome.length, plain.length, `${name}, damaged`);
      }
    }
  });

  test('what is packed into a place comes back; a place that is too small is an error', () => {
    const input = new Uint8Array(Float64Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? 0 : Math.sin(i))).buffer);
    const room = new Uint8Array(zstdRoom(input.length));
    for (let again = 0; again < 3; again++) {
      const size = packInto(input, room, -5);
      const out = new Uint8Array(input.length);
      assert.equal(unpackInto('zstd', room.subarray(0, size), out), input.length);
      assert.deepEqual(out, input);
      assert.throws(() => unpackInto('zstd', room.subarray(0, size), new Uint8Array(100)), /more than the 100 bytes/);
      assert.throws(() => packInto(input, new Uint8Array(50), -5), /no room/);
    }
  });

  test('frames after one that was cut off are read as they are', () => {
    const input = new Uint8Array(Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i)).buffer);
    const out = new Uint8Array(input.length);
    const summed = zstdCompressSync(input, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    for (const left of [1, 4, 5, 1000]) {
      const cut = summed.subarray(0, summed.length - left);
      try {
        assert.ok(unpackInto('zstd', cut, out) <= out.length);
      } catch {}
      for (let again = 0; again < 2; again++) {
        out.fill(0);
        assert.equal(unpackInto('zstd', summed, out), input.length);
        assert.deepEqual(out, input, `${left} bytes short`);
      }
    }
  });
});
