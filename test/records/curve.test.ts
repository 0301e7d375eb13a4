import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Curve } from '../../kernel/src/records/curve.ts';
import { packLines, unpackColumns } from '../../kernel/src/records/metricsBatch.ts';
import type { MetricsLine } from '../../kernel/src/records/training.ts';

const value = fc.oneof(
  { weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  fc.constantFrom(Number.NaN, Infinity),
);

describe('a growing curve', () => {
  test('knows the extremes of any part, after steps were taken back too', () => {
    const pushes = fc.array(fc.record({ back: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, fc.nat(200)), value }), {
      maxLength: 800,
    });
    fc.assert(
      fc.property(pushes, fc.nat(), fc.nat(), (all, one, other) => {
        const curve = new Curve();
        let step = 0;
        for (const push of all) {
          step = Math.max(1, step + 1 - push.back);
          curve.push(step, step, push.value);
        }
        const [from, to] = [one % (curve.length + 1), other % (curve.length + 1)].sort((a, b) => a - b) as [number, number];
        const part = [...curve.value.subarray(from, to)];
        const finite = part.filter(Number.isFinite);
        const { low, high, gap } = curve.extremes(from, to);
        assert.equal(low < 0 ? Infinity : curve.value[low], Math.min(...finite));
        assert.equal(high < 0 ? -Infinity : curve.value[high], Math.max(...finite));
        const first = part.findIndex((each) => !Number.isFinite(each));
        assert.equal(gap, first < 0 ? -1 : from + first);
        assert.ok(curve.step.subarray(1, curve.length).every((at, index) => at > curve.step[index]!));
      }),
      { numRuns: 200 },
    );
  });

  test('stays within its limit, keeps spikes, dips and gaps of what is thinned, and the newest half whole', () => {
    const curve = new Curve(1024);
    const marked = new Map([
      [77, 1000],
      [5555, -1000],
      [7001, Number.NaN],
    ]);
    for (let step = 1; step <= 10_000; step++) curve.push(step, step, marked.get(step) ?? 1 + (step % 3));
    assert.ok(curve.length <= 1024 && curve.value.length <= 1024 && curve.thinnings > 5);
    const steps = [...curve.step.subarray(0, curve.length)];
    for (const step of marked.keys()) assert.ok(steps.includes(step), `step ${step}`);
    assert.deepEqual(
      steps.slice(-400),
      Array.from({ length: 400 }, (_, at) => 9601 + at),
    );
    const { low, high } = curve.extremes(0, curve.length);
    assert.deepEqual([curve.step[low], curve.step[high]], [5555, 77]);
  });
});

describe('a batch of lines', () => {
  const line = fc.record({
    step: fc.nat(),
    epoch: fc.nat(9),
    time: fc.double({ min: 0, max: 1e6, noNaN: true }),
    more: fc.dictionary(fc.constantFrom('loss', 'lr', 'validation_loss', 'rmse/T0'), value),
  });
  test('comes out as it went in, also from buffers that lie anywhere in a message', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.nat(7), (given, shift) => {
        const lines = given.map(({ more, ...places }) => ({ ...places, ...more }) as MetricsLine);
        const { batch, buffers } = packLines(lines);
        const moved = buffers.map((buffer) => {
          const message = new Uint8Array(shift + buffer.byteLength);
          message.set(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength), shift);
          return new DataView(message.buffer, shift, buffer.byteLength);
        });
        const back: Record<string, number>[] = lines.map(() => ({}));
        for (const { name, lines: numbers, values } of unpackColumns(batch, moved)) {
          values.forEach((each, at) => {
            back[numbers ? numbers[at]! : at]![name] = each;
          });
        }
        assert.deepEqual(
          back,
          lines.map((one) => ({ ...one })),
        );
      }),
    );
  });

  test('that was cut short is refused', () => {
    const { batch, buffers } = packLines([{ step: 1, epoch: 0, time: 0, loss: 1 }]);
    assert.throws(() => unpackColumns(batch, buffers.slice(0, 2)), RangeError);
  });
});
