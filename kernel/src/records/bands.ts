/** Confidence bands of scores from the sums of independent groups, by the delete-one-group jackknife (Tukey 1958; Efron and Stein 1981). */
import type { WeightedSums } from './scores.ts';
import { momentsOf, pairedTest } from './significance.ts';

/** With fewer groups the band would say more about chance than about the score. */
const FEWEST_GROUPS = 8;

/** How a score is stretched so that its errors are about even to both sides. */
export type Scale = 'log' | 'fisher' | 'plain';

const STRETCH: Record<Scale, { there: (value: number) => number; back: (value: number) => number }> = {
  log: { there: Math.log, back: Math.exp },
  fisher: { there: (value) => Math.atanh(Math.max(-1 + 1e-12, Math.min(1 - 1e-12, value))), back: Math.tanh },
  plain: { there: (value) => value, back: (value) => value },
};

/** Student's t that 95 of 100 lie within: Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5); right to 0.1 % from 5 degrees of freedom on. */
export function student95(freedom: number): number {
  const z = 1.959964;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return z + terms.reduce((sum, term, at) => sum + term / freedom ** (at + 1), 0);
}

/**
 * The 95 % band of a score over groups: tiles of the map, which are taken for independent, or initial times. Undefined where fewer than eight groups
 * hold anything, or the score has no value without one of them.
 *
 * `positions` (of initial times, ascending, in steps): neighbours are alike, and the standard error is widened for it as Geer's test does, over the
 * jackknife's pseudo-values; undefined then where that test can't be made (see `pairedTest`).
 */
export function jackknifeBand(
  groups: readonly WeightedSums[],
  score: (sums: WeightedSums) => number | null,
  scale: Scale,
  positions?: readonly number[],
): [number, number] | undefined {
  const places = positions?.filter((_, at) => groups[at]!.count > 0);
  const filled = groups.filter(({ count }) => count > 0);
  if (filled.length < FEWEST_GROUPS) return undefined;
  const names = Object.keys(filled[0]!) as (keyof WeightedSums)[];
  const total = Object.fromEntries(names.map((name) => [name, filled.reduce((sum, group) => sum + group[name]!, 0)])) as WeightedSums;
  const whole = score(total);
  if (whole === null) return undefined;
  const { there, back } = STRETCH[scale];
  const without: number[] = [];
  const rest = { ...total };
  for (const group of filled) {
    for (const name of names) rest[name] = total[name]! - group[name]!;
    const value = score(rest);
    if (value === null || !Number.isFinite(there(value))) return undefined;
    without.push(there(value));
  }
  const n = without.length;
  const centre = there(whole);
  if (!Number.isFinite(centre)) return undefined;
  const error = places ? correctedError(without, centre, places) : plainError(without);
  if (error === undefined) return undefined;
  const reach = student95(n - 1) * error;
  return [back(centre - reach), back(centre + reach)];
}

/**
 * The band of the difference of two forecasts' scores, A − B, over the same groups: each is left out of both, so that what is hard for both of them
 * does not widen it.
 */
export function pairedBand(
  a: readonly WeightedSums[],
  b: readonly WeightedSums[],
  score: (sums: WeightedSums) => number | null,
  positions?: readonly number[],
): [number, number] | undefined {
  if (a.length !== b.length || a.length === 0) return undefined;
  const names = Object.keys(a[0]!) as (keyof WeightedSums)[];
  // Both forecasts' sums in one object: what is left out goes from both.
  const other = (name: string) => `b:${name}`;
  const both = a.map((one, at) => ({ ...one, ...Object.fromEntries(names.map((name) => [other(name), b[at]![name]!])) }) as WeightedSums);
  const difference = (sums: WeightedSums) => {
    const second = Object.fromEntries(names.map((name) => [name, (sums as unknown as Record<string, number>)[other(name)]!]));
    const [one, two] = [score(sums), score(second as unknown as WeightedSums)];
    return one === null || two === null ? null : one - two;
  };
  return jackknifeBand(both, difference, 'plain', positions);
}

function plainError(without: readonly number[]): number {
  const n = without.length;
  const mean = without.reduce((sum, value) => sum + value, 0) / n;
  return Math.sqrt(((n - 1) / n) * without.reduce((sum, value) => sum + (value - mean) ** 2, 0));
}

function correctedError(without: readonly number[], whole: number, places: readonly number[]): number | undefined {
  const n = without.length;
  const pseudo = without.map((value) => n * whole - (n - 1) * value);
  return pairedTest(momentsOf(pseudo, places))?.standardError;
}
