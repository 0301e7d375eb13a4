/** Transforms of any length against the defining sum, and Parseval's theorem. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { transformOf } from '../../kernel/src/evaluate/fourier.ts';

const numbers = (length: number) => Float64Array.from({ length }, (_, at) => Math.sin(7.3 * at * at + 1) + 3);

function slow(real: Float64Array, imaginary: Float64Array): [Float64Array, Float64Array] {
  const length = real.length;
  const sums = [new Float64Array(length), new Float64Array(length)] as [Float64Array, Float64Array];
  for (let k = 0; k < length; k++) {
    for (let j = 0; j < length; j++) {
      const [c, s] = [Math.cos, Math.sin].map((of) => of((-2 * Math.PI * ((j * k) % length)) / length)) as [number, number];
      sums[0][k]! += real[j]! * c - imaginary[j]! * s;
      sums[1][k]! += real[j]! * s + imaginary[j]! * c;
    }
  }
  return sums;
}

describe('a Fourier transform', () => {
  for (const length of [1, 2, 3, 4, 5, 7, 8, 12, 36, 97, 180, 240, 361])
    test(`of ${length} numbers is the defining sum`, () => {
      const [real, imaginary] = [numbers(length), numbers(length).reverse()];
      const wanted = slow(real, imaginary);
      transformOf(length)(real, imaginary);
      for (let k = 0; k < length; k++) {
        assert.ok(Math.abs(real[k]! - wanted[0][k]!) < 1e-11 * length, `real ${k}`);
        assert.ok(Math.abs(imaginary[k]! - wanted[1][k]!) < 1e-11 * length, `imaginary ${k}`);
      }
    });

  test('keeps the sum of squares, times the length', () => {
    const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), (values) => {
        const [real, imaginary] = [Float64Array.from(values), Float64Array.from(values, (one) => 1 - one)];
        const energy = () => real.reduce((sum, one, at) => sum + one ** 2 + imaginary[at]! ** 2, 0);
        const before = energy() * values.length;
        transformOf(values.length)(real, imaginary);
        assert.ok(Math.abs(energy() - before) <= 1e-10 * before);
      }),
      { numRuns: 60 },
    );
  });
});
