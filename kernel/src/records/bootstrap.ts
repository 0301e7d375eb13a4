/**
 * The stationary bootstrap of a series of initial times (Politis and Romano 1994, J. Amer. Stat. Assoc. 89, 1303–1313): blocks of random length, round the end,
 * so that what neighbours share stays in each sample. Seeded: the same series gives the same samples.
 */

/** Numbers of [0, 1) from a seed: Mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * How often each of `length` times is drawn, sample by sample: `samples` rows of `length` counts. A mean over a sample is the mean weighted by its row.
 * `block`: the mean length of a block.
 */
export function drawCounts(length: number, samples: number, block: number, seed: number): Uint16Array {
  const random = seeded(seed);
  const counts = new Uint16Array(samples * length);
  for (let sample = 0; sample < samples; sample++) {
    let time = 0;
    for (let drawn = 0; drawn < length; drawn++) {
      time = drawn === 0 || random() < 1 / block ? Math.floor(random() * length) : (time + 1) % length;
      counts[sample * length + time]!++;
    }
  }
  return counts;
}

/**
 * The mean length of a block that suits a series best: Politis and White 2004 (Econometric Reviews 23, 53–70) as Patton, Politis and White 2009
 * (Econometric Reviews 28, 372–375) corrected it, for the stationary bootstrap. At least 1; at most a third of the series and 3√n.
 */
export function blockLength(series: ArrayLike<number>): number {
  const n = series.length;
  const mean = Array.from(series).reduce((sum, x) => sum + x, 0) / n;
  const covariance = (lag: number) => {
    let sum = 0;
    for (let t = lag; t < n; t++) sum += (series[t]! - mean) * (series[t - lag]! - mean);
    return sum / n;
  };
  const variance = covariance(0);
  if (!(variance > 0)) return 1;
  const [run, limit] = [Math.max(5, Math.ceil(Math.log10(n))), 2 * Math.sqrt(Math.log10(n) / n)];
  const furthest = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + run);
  const correlations = Array.from({ length: furthest }, (_, at) => covariance(at + 1) / variance);
  // The smallest lag behind which a run of correlations is as good as nought; else the last one that isn't.
  const quiet = correlations.findIndex(
    (_, at) => at + run <= furthest && correlations.slice(at, at + run).every((r) => Math.abs(r) < limit),
  );
  const last = quiet >= 0 ? Math.max(1, quiet) : Math.max(1, correlations.findLastIndex((r) => Math.abs(r) > limit) + 1);
  const lags = Math.min(2 * last, furthest);
  let [spectrum, slope] = [variance, 0];
  for (let lag = 1; lag <= lags; lag++) {
    const share = lag / lags;
    const window = share <= 0.5 ? 1 : 2 * (1 - share);
    spectrum += 2 * window * covariance(lag);
    slope += 2 * window * lag * covariance(lag);
  }
  const best = ((2 * slope * slope) / (2 * spectrum * spectrum)) ** (1 / 3) * n ** (1 / 3);
  return Math.max(1, Math.min(Number.isFinite(best) ? best : 1, Math.ceil(Math.min(3 * Math.sqrt(n), n / 3))));
}

/** Bounds of the middle `share` of some values; null where there is none. */
export function interval(values: Iterable<number>, share: number): [number, number] | null {
  const sorted = Float64Array.from([...values].filter((value) => !Number.isNaN(value))).sort();
  if (sorted.length === 0) return null;
  const at = (quantile: number) => {
    const place = quantile * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low]! + (place - low) * (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!);
  };
  return [at((1 - share) / 2), at((1 + share) / 2)];
}
