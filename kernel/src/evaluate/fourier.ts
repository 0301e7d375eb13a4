/** Fourier transforms of any length: what the zonal power spectrum takes of a row. Lengths of grids are products of small primes (1440 = 4·4·2·3·3·5), and each is a pass. */

/** Of `length` complex numbers, in place: X[k] = Σ x[j] exp(−2πi jk / length). */
export type Transform = (real: Float64Array, imaginary: Float64Array) => void;

/** Makes the transform of a length; large prime factors make it slow, none makes it wrong. */
export function transformOf(length: number): Transform {
  const factors = factorsOf(length);
  const [cosines, sines] = [Math.cos, Math.sin].map((of) => Float64Array.from({ length }, (_, at) => of((2 * Math.PI * at) / length))) as [
    Float64Array,
    Float64Array,
  ];
  const spare = [new Float64Array(length), new Float64Array(length)] as const;
  const widest = Math.max(1, ...factors);
  const parts = [new Float64Array(widest), new Float64Array(widest)] as const;

  /** One pass of Stockham's order: `size` numbers in sequences of `stride`, of which `radix` become one. */
  function pass(re: Float64Array, im: Float64Array, toRe: Float64Array, toIm: Float64Array, size: number, radix: number): void {
    const stride = length / size;
    const rest = size / radix;
    const [partRe, partIm] = parts;
    // The turns of a transform of `radix` numbers, for output j and input k at j · radix + k.
    const turnRe = new Float64Array(radix * radix);
    const turnIm = new Float64Array(radix * radix);
    for (let j = 0; j < radix; j++) {
      for (let k = 0; k < radix; k++) {
        turnRe[j * radix + k] = cosines[(((j * k) % radix) * length) / radix]!;
        turnIm[j * radix + k] = sines[(((j * k) % radix) * length) / radix]!;
      }
    }
    for (let p = 0; p < rest; p++) {
      for (let q = 0; q < stride; q++) {
        for (let k = 0, from = q + stride * p; k < radix; k++, from += stride * rest) {
          partRe[k] = re[from]!;
          partIm[k] = im[from]!;
        }
        for (let j = 0, into = q + stride * radix * p; j < radix; j++, into += stride) {
          let sumRe = partRe[0]!;
          let sumIm = partIm[0]!;
          for (let k = 1, at = j * radix + 1; k < radix; k++, at++) {
            sumRe += partRe[k]! * turnRe[at]! + partIm[k]! * turnIm[at]!;
            sumIm += partIm[k]! * turnRe[at]! - partRe[k]! * turnIm[at]!;
          }
          const at = p * j * stride;
          const c = cosines[at]!;
          const s = sines[at]!;
          toRe[into] = sumRe * c + sumIm * s;
          toIm[into] = sumIm * c - sumRe * s;
        }
      }
    }
  }

  /** The same for four, whose turns are signs and swaps. */
  function passOfFour(re: Float64Array, im: Float64Array, toRe: Float64Array, toIm: Float64Array, size: number): void {
    const [stride, rest] = [length / size, size / 4];
    const step = stride * rest;
    for (let p = 0; p < rest; p++) {
      const [a1, a2, a3] = [p * stride, (2 * p * stride) % length, (3 * p * stride) % length];
      const [c1, s1, c2, s2, c3, s3] = [cosines[a1]!, sines[a1]!, cosines[a2]!, sines[a2]!, cosines[a3]!, sines[a3]!];
      for (let q = 0; q < stride; q++) {
        const from = q + stride * p;
        const [r0, r1, r2, r3] = [re[from]!, re[from + step]!, re[from + 2 * step]!, re[from + 3 * step]!];
        const [i0, i1, i2, i3] = [im[from]!, im[from + step]!, im[from + 2 * step]!, im[from + 3 * step]!];
        const [er, ei, dr, di] = [r0 + r2, i0 + i2, r0 - r2, i0 - i2];
        const [or, oi, ur, ui] = [r1 + r3, i1 + i3, r1 - r3, i1 - i3];
        const into = q + 4 * stride * p;
        toRe[into] = er + or;
        toIm[into] = ei + oi;
        const [xr, xi, yr, yi, zr, zi] = [dr + ui, di - ur, er - or, ei - oi, dr - ui, di + ur];
        toRe[into + stride] = xr * c1 + xi * s1;
        toIm[into + stride] = xi * c1 - xr * s1;
        toRe[into + 2 * stride] = yr * c2 + yi * s2;
        toIm[into + 2 * stride] = yi * c2 - yr * s2;
        toRe[into + 3 * stride] = zr * c3 + zi * s3;
        toIm[into + 3 * stride] = zi * c3 - zr * s3;
      }
    }
  }

  return (real, imaginary) => {
    let [from, to] = [[real, imaginary] as const, spare as readonly [Float64Array, Float64Array]];
    let size = length;
    for (const radix of factors) {
      if (radix === 4) passOfFour(...from, ...to, size);
      else pass(...from, ...to, size, radix);
      size /= radix;
      [from, to] = [to, from];
    }
    if (from[0] !== real) {
      real.set(from[0]);
      imaginary.set(from[1]);
    }
  };
}

/** Fours first, then the primes. */
function factorsOf(length: number): number[] {
  const factors: number[] = [];
  let rest = length;
  const divide = (factor: number) => {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  };
  divide(4);
  for (let factor = 2; factor * factor <= rest; factor++) divide(factor);
  if (rest > 1) factors.push(rest);
  return factors;
}
