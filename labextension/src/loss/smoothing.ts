/** Exponential smoothing of a curve, without the bias towards zero at its beginning. */

/**
 * @param values the raw curve; a value that is not finite stays as it is and does not enter the average
 * @param weight of the past, 0 (the raw curve) to below 1
 * @returns as many values, each the weighted mean of its finite predecessors: Σ wⁱ·v / Σ wⁱ
 */
export function smoothed(values: readonly number[], weight: number): number[] {
  let sum = 0;
  let total = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = weight * sum + (1 - weight) * value;
    total = weight * total + (1 - weight);
    return sum / total;
  });
}
