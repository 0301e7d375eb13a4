import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decimate } from '../../kernel/src/records/decimate.ts';

const value = fc.oneof(
  { weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  fc.constantFrom(Number.NaN, Infinity, -Infinity),
);
const curve = fc.array(value, { maxLength: 400 });
const limit = fc.integer({ min: 5, max: 200 });

describe('decimate', () => {
  test('keeps a short curve whole', () => {
    assert.deepEqual(decimate([3, 1, 2], 5), [0, 1, 2]);
    assert.deepEqual(decimate([], 5), []);
  });

  test('keeps one spike among 100,000 points, and one dip', () => {
    const values = new Float64Array(100_000).fill(1);
    values[54_321] = 1000;
    values[77_777] = -1000;
    const kept = decimate(values, 200);
    assert.ok(kept.length <= 200);
    assert.ok(kept.includes(54_321));
    assert.ok(kept.includes(77_777));
  });

  test('keeps the step at which a loss became NaN', () => {
    const values = Array.from({ length: 10_000 }, (_, step) => (step < 6_000 ? 1 / (step + 1) : Number.NaN));
    const kept = decimate(values, 100);
    assert.ok(kept.some((index) => index >= 6_000 && Number.isNaN(values[index])));
    assert.ok(kept.length <= 100);
  });

  test('gives ascending indices without repeats, no more than the limit, ends included', () => {
    fc.assert(
      fc.property(curve, limit, (values, most) => {
        const kept = decimate(values, most);
        assert.ok(kept.length <= Math.max(most, 0));
        for (let place = 1; place < kept.length; place++) assert.ok(kept[place]! > kept[place - 1]!);
        if (values.length > 0) {
          assert.equal(kept[0], 0);
          assert.equal(kept.at(-1), values.length - 1);
        }
      }),
    );
  });

  test('keeps the smallest and the largest finite value', () => {
    fc.assert(
      fc.property(curve, limit, (values, most) => {
        const finite = values.filter(Number.isFinite);
        const kept = decimate(values, most).map((index) => values[index]!);
        if (finite.length === 0) return;
        assert.ok(kept.includes(Math.min(...finite)));
        assert.ok(kept.includes(Math.max(...finite)));
      }),
    );
  });

  test('is idempotent: decimating the kept points again to the same limit loses nothing', () => {
    fc.assert(
      fc.property(curve, limit, (values, most) => {
        const once = decimate(values, most).map((index) => values[index]!);
        assert.equal(decimate(once, most).length, once.length);
      }),
    );
  });
});
