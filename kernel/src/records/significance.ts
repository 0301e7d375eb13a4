/**
 * Is a difference of scores more than chance? Tests of a series with one value an initial time, which neighbours share: the mathematics.
 *
 * Geer: Geer 2016, Significance of changes in medium-range forecast scores, Tellus A 68, 30229: a paired t-test whose standard error is inflated by what an
 * autoregressive process of order two would do; the same formulas as `GeerAR2Corrected` in google-research/weatherbenchX (statistical_inference/t_test.py).
 */

/** A series over initial times: the difference of two losses, its mean the difference of two scores. */
export interface PairedTest {
  samples: number;
  mean: number;
  /** Of the mean, inflated. */
  standardError: number;
  /** Geer's k: by how much autocorrelation widens the standard error. */
  inflation: number;
  /** As many independent samples would be as good: samples / k². */
  effective: number;
  /** Two-sided, of Student's t with samples − 1 degrees of freedom. */
  p: number;
}

/** Fewer initial times than this tell nothing of autocorrelation: no test. */
export const FEWEST_SAMPLES = 10;

/** What is summed over a series for the test. */
export interface SeriesMoments {
  samples: number;
  sum: number;
  squares: number;
  /** Over pairs of values one step apart, and two: how many, Σ of their products, Σ of both. */
  lags: readonly [LagMoments, LagMoments];
}

export interface LagMoments {
  pairs: number;
  products: number;
  sums: number;
}

/** `positions`: when each value is, ascending, counted in steps; a gap has no pairs. */
export function momentsOf(series: ArrayLike<number>, positions: ArrayLike<number>): SeriesMoments {
  const n = series.length;
  let [sum, squares] = [0, 0];
  const lags: [LagMoments, LagMoments] = [
    { pairs: 0, products: 0, sums: 0 },
    { pairs: 0, products: 0, sums: 0 },
  ];
  for (let t = 0; t < n; t++) {
    const x = series[t]!;
    sum += x;
    squares += x * x;
    // Two steps back there are two values at most.
    for (let before = Math.max(0, t - 2); before < t; before++) {
      const lag = lags[stepsBetween(positions[before]!, positions[t]!) - 1];
      if (!lag) continue;
      lag.pairs++;
      lag.products += x * series[before]!;
      lag.sums += x + series[before]!;
    }
  }
  return { samples: n, sum, squares, lags };
}

/** Whole steps between two positions; 0 where they are not whole. */
export function stepsBetween(before: number, after: number): number {
  const steps = Math.round(after - before);
  return Math.abs(after - before - steps) < 1e-6 ? steps : 0;
}

/**
 * The paired t-test with Geer's correction, from sums. Null where there are fewer than `FEWEST_SAMPLES`, where fewer than half of the values have a neighbour one
 * step (or two) on, and where the autocorrelations are no stationary process's. A constant series of noughts has p = 1, any other constant p = 0.
 */
export function pairedTest({ samples: n, sum, squares, lags }: SeriesMoments): PairedTest | null {
  if (n < FEWEST_SAMPLES || lags.some(({ pairs }) => pairs < n / 2)) return null;
  const mean = sum / n;
  const spread = squares - n * mean * mean;
  const variance = spread > 1e-13 * squares ? spread / (n - 1) : 0;
  if (variance === 0) return { samples: n, mean, standardError: 0, inflation: 1, effective: n, p: squares === 0 ? 1 : 0 };
  // Σ (x − m)(y − m) = Σ xy − m Σ (x + y) + m² pairs.
  const [rho1, rho2] = lags.map(({ pairs, products, sums }) => (products - mean * sums + pairs * mean * mean) / pairs / variance);
  const k = inflationOf(rho1!, rho2!);
  if (k === null) return null;
  const standardError = Math.sqrt(variance / n) * k;
  return { samples: n, mean, standardError, inflation: k, effective: n / (k * k), p: studentP(mean / standardError, n - 1) };
}

/** Geer's inflation factor of the standard error from autocorrelations one and two steps apart; null where no stationary AR(2) process has them. */
export function inflationOf(rho1: number, rho2: number): number | null {
  const phi1 = (rho1 * (1 - rho2)) / (1 - rho1 * rho1);
  const phi2 = (rho2 - rho1 * rho1) / (1 - rho1 * rho1);
  const stationary = Math.abs(rho1) < 1 && Math.abs(phi2) < 1 && phi1 + phi2 < 1 && phi2 - phi1 < 1;
  if (!stationary) return null;
  return Math.sqrt((1 - rho1 * phi1 - rho2 * phi2) / (1 - phi1 - phi2) ** 2);
}

/** Two-sided p of Student's t with a whole number of degrees of freedom: 1 − A(t | ν), Abramowitz and Stegun 26.7.3 and 26.7.4. */
export function studentP(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? Number.NaN : 0;
  const angle = Math.atan(Math.abs(t) / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  // odd: cos + 2/3 cos³ + 2·4/(3·5) cos⁵ …; even: 1 + 1/2 cos² + 1·3/(2·4) cos⁴ …, to the power ν − 2.
  let [term, series] = odd ? [cosine, cosine] : [1, 1];
  if (freedom === 1) series = 0;
  for (let power = odd ? 3 : 2; power <= freedom - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    series += term;
  }
  const inside = odd ? (2 / Math.PI) * (angle + sine * series) : sine * series;
  return Math.min(1, Math.max(0, 1 - inside));
}

/**
 * The largest p that still counts where the share of false discoveries among those found is held at `rate`: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57,
 * 289–300. Nought where none counts. NaN and null are no tests.
 */
export function discoveryThreshold(ps: Iterable<number | null>, rate: number): number {
  const sorted = Float64Array.from([...ps].filter((p): p is number => p !== null && !Number.isNaN(p))).sort();
  for (let rank = sorted.length; rank > 0; rank--) if (sorted[rank - 1]! <= (rate * rank) / sorted.length) return sorted[rank - 1]!;
  return 0;
}

/** Maps: for a field whose cells go together this rate holds the whole map's at half of it (Wilks 2016, Bull. Amer. Meteor. Soc. 97, 2263–2273). */
export const MAP_DISCOVERY_RATE = 0.1;
