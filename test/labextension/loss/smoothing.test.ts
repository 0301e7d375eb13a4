import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Curve } from '../../../kernel/src/records/curve.ts';
import { smoother } from '../../../labextension/src/loss/smoothing.ts';

function grown(values: readonly number[]): Curve {
  const curve = new Curve();
  values.forEach((value, at) => {
    curve.push(at + 1, at, value);
  });
  return curve;
}
const smoothed = (values: readonly number[], weight: number) => [...smoother(grown(values)).of(weight).value.subarray(0, values.length)];

describe('smoothed', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 100 });
  const weight = fc.double({ min: 0, max: 0.99, noNaN: true });

  test('is the weighted mean of what came before, by its definition', () => {
    fc.assert(
      fc.property(values, weight, (raw, past) => {
        const last = raw.length - 1;
        let sum = 0;
        let total = 0;
        for (let back = 0; back <= last; back++) {
          sum += past ** back * raw[last - back]!;
          total += past ** back;
        }
        assert.ok(Math.abs(smoothed(raw, past)[last]! - sum / total) <= 1e-8 * Math.max(1, ...raw.map(Math.abs)));
      }),
    );
  });

  test('a curve that grows, is taken back and smoothed otherwise gives what the whole would', () => {
    const curve = grown([5, 4, 3, 2, 1]);
    const smooth = smoother(curve);
    smooth.of(0.5);
    curve.push(3, 2, 9);
    curve.push(4, 3, 8);
    assert.deepEqual([...smooth.of(0.5).value.subarray(0, 4)], smoothed([5, 4, 9, 8], 0.5));
    assert.deepEqual([...smooth.of(0.9).value.subarray(0, 4)], smoothed([5, 4, 9, 8], 0.9));
    assert.equal(smooth.of(0.9).length, 4);
  });

  test('a constant stays what it is, without a dip at the start; weight 0 changes nothing', () => {
    assert.deepEqual(smoothed([3, 3, 3], 0), [3, 3, 3]);
    for (const value of smoothed(new Array(50).fill(3), 0.97)) assert.ok(Math.abs(value - 3) < 1e-12);
  });

  test('one NaN does not spoil what follows', () => {
    const [, gap, after] = smoothed([1, Number.NaN, 1], 0.9);
    assert.ok(Number.isNaN(gap));
    assert.ok(Math.abs(after! - 1) < 1e-12);
  });
});
