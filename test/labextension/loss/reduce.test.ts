// What is drawn of a curve against what all its points would draw: no spike, dip or gap is lost, in any part of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Curve } from '../../../kernel/src/records/curve.ts';
import { reduce } from '../../../labextension/src/loss/reduce.ts';

const value = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: -1e9, max: 1e9, noNaN: true }) },
  fc.constantFrom(Number.NaN, Infinity, -Infinity),
);
const curves = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), value }), { minLength: 1, maxLength: 3000 }).map((points) => {
  const curve = new Curve();
  let step = 0;
  for (const point of points) {
    step += point.gap;
    curve.push(step, step, point.value);
  }
  return curve;
});

describe('the points that are drawn of a curve', () => {
  test('have in each column of pixels its smallest, largest, first, last and first not finite', () => {
    fc.assert(
      fc.property(curves, fc.integer({ min: 1, max: 40 }), fc.nat(100), fc.integer({ min: 1, max: 100 }), (curve, columns, from, share) => {
        const whole = curve.step[curve.length - 1]!;
        const [lower, upper] = [(from / 100) * whole, (from / 100) * whole + Math.max(1, (share / 100) * whole)];
        const edges = Float64Array.from({ length: columns + 1 }, (_, at) => lower + (at / columns) * (upper - lower));
        const kept = reduce(curve, curve.step, edges);
        assert.ok(kept.every((at, index) => index === 0 || at > kept[index - 1]!));
        assert.ok(kept.length <= 5 * columns + 3, `${kept.length} for ${columns} columns`);
        const drawn = new Set(kept);
        for (let column = 0; column < columns; column++) {
          const inside = [...curve.step.subarray(0, curve.length).keys()].filter(
            (at) => curve.step[at]! >= edges[column]! && curve.step[at]! < edges[column + 1]!,
          );
          if (inside.length === 0) continue;
          assert.ok(drawn.has(inside[0]!) && drawn.has(inside.at(-1)!));
          const finite = inside.filter((at) => Number.isFinite(curve.value[at]!)).map((at) => curve.value[at]!);
          const shown = inside.filter((at) => drawn.has(at) && Number.isFinite(curve.value[at]!)).map((at) => curve.value[at]!);
          assert.equal(Math.min(...shown), Math.min(...finite));
          assert.equal(Math.max(...shown), Math.max(...finite));
          const gap = inside.find((at) => !Number.isFinite(curve.value[at]!));
          assert.ok(gap === undefined || drawn.has(gap));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('reach out of the picture on either side, and are all of them where there is room', () => {
    const curve = new Curve();
    for (let step = 1; step <= 20_000; step++) curve.push(step, step, step % 7);
    const kept = reduce(
      curve,
      curve.step,
      Float64Array.from({ length: 801 }, (_, at) => 5000 + at / 8),
    );
    assert.deepEqual([curve.step[kept[0]!], curve.step[kept.at(-1)!], kept.length], [4999, 5101, 103]);
  });
});
