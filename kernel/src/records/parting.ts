/**
 * The first step at which two runs part beyond rounding.
 *
 * Two runs of the same training on two frameworks add in another order: their losses differ from the first step on by the rounding of the
 * arithmetic, and each further step adds its own. The rule, for the steps that both have logged, k = 1, 2, … of them, and
 * d = |a − b| / max(|a|, |b|):
 *
 *     b = the median of d over the first 10 common steps, but at least ε and at most 64 ε
 *     the runs part at the first common step from which 3 in a row have d > 16 · b · k,
 *     or at the first at which one is finite and the other not
 *
 * ε is the spacing of the numbers that the runs compute with (float32: 2⁻²³). The bounds on b keep runs that agree to the bit from parting
 * over one rounding, and runs that are wrong from their first step from setting their own tolerance. The growth with k is linear: rounding
 * errors that all have the same sign. A loss that both lost (NaN on both sides) does not part them.
 */
import { type Curve, lowerBound } from './curve.ts';
import type { Parting } from './training.ts';

/** The rule in a sentence. */
export const TOLERANCE_WORDS =
  'Two losses count as apart when at three common steps in a row their relative difference is above 16 · b · k at the k-th of them: ' +
  'b is the median difference of the first ten, between one and 64 spacings of the numbers that the runs compute with.';

/** By a configuration's `precision`. */
const EPSILON: Record<string, number> = { full: 2 ** -23, fp16: 2 ** -10, bf16: 2 ** -7 };
const FITTED = 10;
const CEILING = 64;
const FACTOR = 16;
const IN_A_ROW = 3;

/** The spacing of the coarser of two runs' numbers; a run that does not say how it computes counts as float32. */
export function coarserEpsilon(a: string | undefined, b: string | undefined): number {
  return Math.max(...[a, b].map((one) => EPSILON[one ?? 'full'] ?? EPSILON.full!));
}

export interface PartingResult {
  parting: Parting | undefined;
  /** Common steps that were compared. */
  compared: number;
  /** Were there enough of them (ten with finite losses) to say that the runs agree? */
  judged: boolean;
  /** The largest relative difference among them. */
  largest: number;
}

export interface PartingFinder {
  /** Compares what both curves have grown since the last call. */
  advance(): PartingResult;
}

/** @param epsilon the spacing, relative to 1, of the coarser of the two runs' numbers */
export function partingFinder(a: Curve, b: Curve, epsilon: number): PartingFinder {
  let cuts = a.cuts + b.cuts;
  let judge = judging(epsilon);
  return {
    advance() {
      if (a.cuts + b.cuts !== cuts) {
        cuts = a.cuts + b.cuts;
        judge = judging(epsilon);
      }
      // By step, not by index: a curve whose older half was thinned has moved its points.
      let i = lowerBound(a.step, a.length, judge.next);
      let j = lowerBound(b.step, b.length, judge.next);
      while (judge.result.parting === undefined && i < a.length && j < b.length) {
        const [left, right] = [a.step[i]!, b.step[j]!];
        if (left === right) judge.compare(left, a.value[i]!, b.value[j]!);
        if (left <= right) i++;
        if (right <= left) j++;
      }
      return { ...judge.result };
    },
  };
}

/** The rule above, step by step. `next`: only steps from here on are still to be compared. */
function judging(epsilon: number) {
  const result: PartingResult = { parting: undefined, compared: 0, judged: false, largest: 0 };
  const first: { step: number; difference: number }[] = [];
  let row: Parting[] = [];
  let base = epsilon;
  const tolerance = (count: number) => FACTOR * base * count;
  function hold(step: number, difference: number, count: number): void {
    if (result.parting) return;
    if (difference <= tolerance(count)) row = [];
    else row.push({ step, difference, tolerance: tolerance(count) });
    if (row.length === IN_A_ROW) result.parting = row[0];
  }
  return {
    result,
    next: Number.NEGATIVE_INFINITY,
    compare(step: number, a: number, b: number): void {
      this.next = step + 1e-9 * Math.max(1, Math.abs(step));
      result.compared++;
      const finite = Number.isFinite(a);
      if (finite !== Number.isFinite(b)) result.parting = { step, difference: null, tolerance: tolerance(result.compared) };
      if (!finite || result.parting) return;
      const difference = a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
      result.largest = Math.max(result.largest, difference);
      if (first.length === FITTED) {
        hold(step, difference, result.compared);
        return;
      }
      first.push({ step, difference });
      if (first.length < FITTED) return;
      result.judged = true;
      base = Math.min(CEILING * epsilon, Math.max(epsilon, median(first.map((one) => one.difference))));
      first.forEach((one, at) => {
        hold(one.step, one.difference, at + 1);
      });
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
