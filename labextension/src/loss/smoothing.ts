/** Exponential smoothing of a curve as it grows, without the bias towards zero at its beginning. */
import { Curve } from '../../../kernel/src/records/curve.ts';

export interface Smoother {
  /**
   * The smoothed curve: each value is the weighted mean of the finite ones up to it, Σ wⁱ·v / Σ wⁱ; a value that is not finite stays as it is
   * and does not enter the mean. Only what was added since the last call is computed, unless the weight changed.
   *
   * @param weight of the past, 0 (the raw curve) to below 1
   */
  of(weight: number): Curve;
}

export function smoother(source: Curve): Smoother {
  let state: { weight: number; cuts: number; thinnings: number; done: number; sum: number; total: number; mean: Curve } | undefined;
  return {
    of(weight) {
      if (!state || state.weight !== weight || state.cuts !== source.cuts || state.thinnings !== source.thinnings) {
        const { cuts, thinnings } = source;
        state = { weight, cuts, thinnings, done: 0, sum: 0, total: 0, mean: new Curve(source.limit) };
      }
      for (; state.done < source.length; state.done++) {
        let value = source.value[state.done]!;
        if (Number.isFinite(value)) {
          state.sum = weight * state.sum + (1 - weight) * value;
          state.total = weight * state.total + (1 - weight);
          value = state.sum / state.total;
        }
        state.mean.push(source.step[state.done]!, source.time[state.done]!, value);
      }
      return state.mean;
    },
  };
}
