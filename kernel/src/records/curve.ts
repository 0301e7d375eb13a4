/** A metric's curve that grows while a run writes: columns of numbers, with what is needed to draw any part of it without touching every point. */

/** Points whose smallest and largest value are kept ready. */
const BLOCK = 64;
const SHIFT = 6;
const FIRST_CAPACITY = 256;

/** Points that a curve holds by default; 24 bytes each. Beyond, its older half is thinned by min–max, so that memory is bounded and no spike lost. */
export const CURVE_LIMIT = 1 << 20;

/** Indices of the smallest and the largest finite value of a part of a curve, and of its first value that is not finite; −1 where there is none. */
export interface Extremes {
  low: number;
  high: number;
  gap: number;
}

export class Curve {
  length = 0;
  /** Optimiser steps, ascending. */
  step = new Float64Array(FIRST_CAPACITY);
  /** Seconds since the run began, not descending; NaN where the source doesn't say. */
  time = new Float64Array(FIRST_CAPACITY);
  value = new Float64Array(FIRST_CAPACITY);
  /** How often points were taken back, and how often the older half was thinned: who keeps an index into the curve looks at them. */
  cuts = 0;
  thinnings = 0;
  #low = new Int32Array(FIRST_CAPACITY >> SHIFT).fill(-1);
  #high = new Int32Array(FIRST_CAPACITY >> SHIFT).fill(-1);
  #gap = new Int32Array(FIRST_CAPACITY >> SHIFT).fill(-1);
  readonly limit: number;

  /** @param limit the largest number of points to hold, a multiple of 64 and at least 256 */
  constructor(limit: number = CURVE_LIMIT) {
    this.limit = limit;
  }

  /** Appends a point. A step that is not beyond the last one takes back what an unfinished attempt of the run wrote from there on. */
  push(step: number, time: number, value: number): void {
    if (this.length > 0 && step <= this.step[this.length - 1]!) this.cutFrom(step);
    if (this.length === this.limit) this.#thin();
    if (this.length === this.value.length) this.#grow();
    const at = this.length++;
    this.step[at] = step;
    this.time[at] = time;
    this.value[at] = value;
    this.#note(at);
  }

  /** Forgets every point at `step` or beyond. */
  cutFrom(step: number): void {
    const kept = lowerBound(this.step, this.length, step);
    if (kept === this.length) return;
    this.length = kept;
    this.cuts++;
    this.#noteFrom(kept);
  }

  /** Over the points from index `from` to before `to`, in time proportional to 128 + (to − from)/64. */
  extremes(from: number, to: number): Extremes {
    // Plain loops over numbers: this is what a frame of a long run's picture costs.
    const values = this.value;
    let low = -1;
    let high = -1;
    let gap = -1;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    let at = from;
    while (at < to) {
      if ((at & (BLOCK - 1)) === 0 && at + BLOCK <= to) {
        const block = at >> SHIFT;
        const smallest = this.#low[block]!;
        if (smallest >= 0 && (values[smallest]! < least || low < 0)) {
          low = smallest;
          least = values[smallest]!;
        }
        const largest = this.#high[block]!;
        if (largest >= 0 && (values[largest]! > most || high < 0)) {
          high = largest;
          most = values[largest]!;
        }
        if (gap < 0) gap = this.#gap[block]!;
        at += BLOCK;
        continue;
      }
      const end = Math.min(to, (at | (BLOCK - 1)) + 1);
      for (; at < end; at++) {
        const value = values[at]!;
        if (value < least && value !== Number.NEGATIVE_INFINITY) {
          low = at;
          least = value;
        }
        if (value > most && value !== Number.POSITIVE_INFINITY) {
          high = at;
          most = value;
        }
        if (gap < 0 && !Number.isFinite(value)) gap = at;
      }
    }
    return { low, high, gap };
  }

  #note(at: number): void {
    const block = at >> SHIFT;
    const value = this.value[at]!;
    if (!Number.isFinite(value)) {
      if (this.#gap[block]! < 0) this.#gap[block] = at;
      return;
    }
    if (this.#low[block]! < 0 || value < this.value[this.#low[block]!]!) this.#low[block] = at;
    if (this.#high[block]! < 0 || value > this.value[this.#high[block]!]!) this.#high[block] = at;
  }

  /** Makes the notes of the block of `at`, and of all after it, anew. */
  #noteFrom(at: number): void {
    const block = at >> SHIFT;
    for (const notes of [this.#low, this.#high, this.#gap]) notes.fill(-1, block);
    for (let index = block << SHIFT; index < this.length; index++) this.#note(index);
  }

  #grow(): void {
    const capacity = Math.min(this.limit, 2 * this.value.length);
    const grown = (column: Float64Array) => {
      const more = new Float64Array(capacity);
      more.set(column);
      return more;
    };
    [this.step, this.time, this.value] = [grown(this.step), grown(this.time), grown(this.value)];
    const noted = (notes: Int32Array) => {
      const more = new Int32Array(Math.ceil(capacity / BLOCK)).fill(-1);
      more.set(notes);
      return more;
    };
    [this.#low, this.#high, this.#gap] = [noted(this.#low), noted(this.#high), noted(this.#gap)];
  }

  /** Of every eight points of the older half the smallest, the largest and the first that is not finite stay. */
  #thin(): void {
    const half = this.length >> 1;
    let kept = 0;
    const keep = (at: number) => {
      this.step[kept] = this.step[at]!;
      this.time[kept] = this.time[at]!;
      this.value[kept++] = this.value[at]!;
    };
    for (let from = 0; from < half; from += 8) {
      const { low, high, gap } = this.extremes(from, Math.min(half, from + 8));
      const places = [...new Set([low, high, gap])].filter((at) => at >= 0).sort((a, b) => a - b);
      places.forEach(keep);
    }
    for (let at = half; at < this.length; at++) keep(at);
    this.length = kept;
    this.thinnings++;
    this.#noteFrom(0);
  }
}

/** The first index, of `length` ascending numbers, whose number is not below `value`; `length` where there is none. */
export function lowerBound(ascending: Float64Array, length: number, value: number, from = 0): number {
  let low = from;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
