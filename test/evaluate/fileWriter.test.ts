/** Files written past the page cache hold what was given, whatever their length; what was there before is gone. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { roomFor, writeFileOf } from '../../kernel/src/evaluate/fileWriter.ts';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-files-'));
after(() => rmSync(folder, { recursive: true }));

const filled = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + (at >> 9)) & 255;
  return bytes;
};

describe('writeFileOf', () => {
  const path = join(folder, 'file');
  for (const length of [0, 5, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 3_000_000, 2 ** 21 + 4095]) {
    test(`${length} bytes, over a longer file`, async () => {
      writeFileSync(path, Buffer.alloc(4_000_000, 1));
      const room = filled(roomFor(Math.max(1, length) + 1000));
      await writeFileOf(path, room, length);
      assert.equal(readFileSync(path).compare(room.subarray(0, length)), 0);
    });
  }

  test('from a place that a disk takes nothing from, through the cache', async () => {
    const room = filled(new Uint8Array(2_500_000)).subarray(3);
    for (let again = 0; again < 2; again++) await writeFileOf(path, room, 2_100_000);
    assert.equal(readFileSync(path).compare(room.subarray(0, 2_100_000)), 0);
  });

  test('a folder that is not there is told', async () => {
    await assert.rejects(writeFileOf(join(folder, 'none', 'file'), roomFor(2e6), 2e6), { code: 'ENOENT' });
  });
});
