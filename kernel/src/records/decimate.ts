/** Min–max decimation: a long curve made short enough to draw or to keep in a notebook, without losing a spike. */

/**
 * Chooses which points of a curve to keep. The curve is cut into stretches of equal count; each keeps its smallest and its largest
 * finite value and, where there is one, its first value that is not finite, so that a spike, a dip and a NaN all survive.
 * The first and the last point are always kept.
 *
 * @param values the curve's ordinates, in order
 * @param limit the largest number of points to keep, at least 5
 * @returns ascending indices into `values`, at most `limit` of them; all of them when there are no more than `limit` values
 */
export function decimate(values: ArrayLike<number>, limit: number): number[] {
  const count = values.length;
  if (count <= limit) return Array.from({ length: count }, (_, index) => index);

  const perStretch = hasGap(values) ? 3 : 2;
  const stretches = Math.max(1, Math.floor((limit - 2) / perStretch));
  const inner = count - 2;
  const kept: number[] = [0];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = 1 + Math.floor((stretch * inner) / stretches);
    const end = 1 + Math.floor(((stretch + 1) * inner) / stretches);
    let low = -1;
    let high = -1;
    let gap = -1;
    for (let index = start; index < end; index++) {
      const value = values[index]!;
      if (!Number.isFinite(value)) {
        if (gap < 0) gap = index;
      } else {
        if (low < 0 || value < values[low]!) low = index;
        if (high < 0 || value > values[high]!) high = index;
      }
    }
    const found = [...new Set([low, high, gap])].filter((index) => index >= 0);
    kept.push(...found.sort((a, b) => a - b));
  }
  kept.push(count - 1);
  return kept;
}

function hasGap(values: ArrayLike<number>): boolean {
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index])) return true;
  return false;
}
