// Where two runs part: rounding doesn't part them, a fault does, at the step where it begins.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Curve } from '../../kernel/src/records/curve.ts';
import { coarserEpsilon, partingFinder } from '../../kernel/src/records/parting.ts';

const EPSILON = 2 ** -23;

function curve(steps: number, value: (step: number) => number, every = 1): Curve {
  const made = new Curve();
  for (let step = every; step <= steps; step += every) made.push(step, step, value(step));
  return made;
}
const loss = (step: number) => 0.05 + 1 / (1 + step / 100);
/** Rounding of a few ε, whose like adds up with each step. */
const rounded = (step: number) => loss(step) * (1 + EPSILON * (1 + 0.7 * step) * Math.sin(12.9898 * step));

describe('two runs', () => {
  test('that differ by rounding that adds up step by step do not part', () => {
    const { parting, compared, largest } = partingFinder(curve(5000, rounded), curve(5000, loss), EPSILON).advance();
    assert.equal(parting, undefined);
    assert.equal(compared, 5000);
    assert.ok(largest > 10 * EPSILON);
  });

  test('part where a fault begins, with the difference and what rounding would explain', () => {
    const faulty = (step: number) => rounded(step) * (step >= 700 ? 1.01 : 1);
    const { parting } = partingFinder(curve(2000, faulty), curve(2000, loss), EPSILON).advance();
    assert.equal(parting?.step, 700);
    assert.ok(Math.abs(parting!.difference! - 0.0099) < 1e-3);
    assert.ok(parting!.tolerance < parting!.difference!);
  });

  test('that are wrong from the first step part there: their own difference is no tolerance', () => {
    assert.equal(
      partingFinder(
        curve(50, (step) => 1.001 * loss(step)),
        curve(50, loss),
        EPSILON,
      ).advance().parting?.step,
      1,
    );
  });

  test('do not part over one outlier, and at once where one is not finite and the other is', () => {
    const spike = (step: number) => loss(step) * (step === 300 ? 2 : 1);
    assert.equal(partingFinder(curve(500, spike), curve(500, loss), EPSILON).advance().parting, undefined);
    const broken = (step: number) => (step >= 300 ? Number.NaN : loss(step));
    assert.deepEqual(partingFinder(curve(500, broken), curve(500, loss), EPSILON).advance().parting?.step, 300);
    assert.equal(partingFinder(curve(500, broken), curve(500, loss), EPSILON).advance().parting?.difference, null);
    assert.equal(partingFinder(curve(500, broken), curve(500, broken), EPSILON).advance().parting, undefined);
  });

  test('are compared at the steps that both have', () => {
    const { compared, parting } = partingFinder(curve(1000, rounded, 10), curve(1000, loss, 25), EPSILON).advance();
    assert.deepEqual([compared, parting], [20, undefined]);
  });

  test('give the same answer however they grow, and a new one when a resume took the fault back', () => {
    const faulty = (step: number) => loss(step) * (step >= 60 ? 1.01 : 1);
    const [a, b] = [new Curve(), new Curve()];
    const finder = partingFinder(a, b, EPSILON);
    for (let step = 1; step <= 100; step++) {
      b.push(step, step, loss(step));
      if (step % 7 === 0) for (let at = step - 6; at <= step; at++) a.push(at, at, faulty(at));
      finder.advance();
    }
    assert.equal(finder.advance().parting?.step, 60);
    a.cutFrom(50);
    assert.equal(finder.advance().parting, undefined);
    for (let step = 50; step <= 100; step++) a.push(step, step, loss(step));
    assert.deepEqual([finder.advance().parting, finder.advance().compared], [undefined, 100]);
  });

  test('with fewer than ten common steps are not said to agree', () => {
    const result = partingFinder(curve(9, loss), curve(9, loss), EPSILON).advance();
    assert.deepEqual([result.compared, result.judged, result.parting], [9, false, undefined]);
    assert.equal(partingFinder(curve(10, loss), curve(10, loss), EPSILON).advance().judged, true);
  });

  test('in half precision may differ by more; the coarser of two counts', () => {
    assert.equal(coarserEpsilon('full', undefined), EPSILON);
    assert.equal(coarserEpsilon('full', 'bf16'), 2 ** -7);
    const coarse = (step: number) => loss(step) * (1 + 2 ** -11 * Math.sin(12.9898 * step));
    assert.notEqual(partingFinder(curve(100, coarse), curve(100, loss), EPSILON).advance().parting, undefined);
    assert.equal(partingFinder(curve(100, coarse), curve(100, loss), coarserEpsilon('fp16', 'full')).advance().parting, undefined);
  });
});
