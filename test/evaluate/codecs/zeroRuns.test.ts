/** Sums packed as runs of nought and all else: any zstd reads them, to the last bit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { announcedSize, unpackInto } from '../../../kernel/src/evaluate/codecs/native.ts';
import { packZeroRuns, zeroRunsRoom } from '../../../kernel/src/evaluate/codecs/zeroRuns.ts';

/** Numbers, with nought where `land` says so. */
const field = (length: number, land: (at: number) => boolean) =>
  Float64Array.from({ length }, (_, at) => (land(at) ? 0 : Math.sin(at) + 2));
const bitsOf = (values: Float64Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

describe('runs of nought', () => {
  const cases: Record<string, Float64Array> = {
    'no number': new Float64Array(0),
    'one number': Float64Array.of(3),
    'nought alone': new Float64Array(50_000),
    'no nought': field(50_000, () => false),
    'land and sea of all lengths': field(60_000, (at) => Math.floor(Math.sqrt(at)) % 2 === 0),
    'land at both ends': field(9000, (at) => at < 3000 || at > 7000),
    'runs just as long as those that are found, and a little shorter': field(5000, (at) => at % 47 < 31 && at % 3 !== 5),
    'minus nought has a bit': Float64Array.from({ length: 4000 }, () => -0),
    'what is no number': Float64Array.from({ length: 4000 }, (_, at) => [Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 0][at % 4]!),
  };
  for (const [name, values] of Object.entries(cases)) {
    test(name, () => {
      // Behind other numbers: neither array begins where its buffer does.
      const own = new Float64Array(values.length + 3).subarray(3);
      own.set(values);
      const room = new Uint8Array(zeroRunsRoom(values.byteLength) + 5).subarray(5);
      const packed = room.subarray(0, packZeroRuns(own, room));
      assert.equal(announcedSize('zstd', packed), packed.length < 6 ? undefined : values.byteLength);
      assert.equal(bitsOf(values).compare(zstdDecompressSync(packed)), 0);
      const unpacked = new Uint8Array(values.byteLength);
      assert.equal(unpackInto('zstd', packed, unpacked), values.byteLength);
      assert.equal(bitsOf(values).compare(unpacked), 0);
    });
  }

  test('land takes nothing, sea what it is', () => {
    const room = new Uint8Array(zeroRunsRoom(8 * 60_000));
    assert.ok(packZeroRuns(new Float64Array(60_000), room) < 40);
    assert.ok(packZeroRuns(cases['land at both ends']!, room) < 8 * 4001 + 40);
  });
});
