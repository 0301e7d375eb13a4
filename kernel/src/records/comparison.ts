/** What a comparison says of its figures: grades of a scorecard, lead time gained at equal skill, deviations and verdict in words. */
import { type ComparisonRecord, leadTitle, METRIC_TITLES, type Metric, type PairComparison, type Worst } from './skill.ts';

/** Edges of a scorecard's grades, in per cent of B's score. */
export const GRADE_EDGES = [1, 2, 5, 10, 20, 50] as const;

/**
 * A deviation's grade: 0 below 1 %, ±1 below 2 %, … ±6 from 50 % on; positive where A is better than B.
 * RMSE is better where it is smaller, ACC where it is larger. Null where there is no deviation.
 */
export function gradeOf(metric: Metric, deviation: number | null | undefined): number | null {
  if (typeof deviation !== 'number') return null;
  const size = GRADE_EDGES.filter((edge) => Math.abs(deviation) >= edge).length;
  if (size === 0) return 0;
  return deviation > 0 === (metric === 'acc') ? size : -size;
}

/** What a grade means: `within 1 %`, `better by 2 to 5 %`, `worse by 50 % or more`. */
export function gradeTitle(grade: number): string {
  if (grade === 0) return `within ${GRADE_EDGES[0]} %`;
  const from = GRADE_EDGES[Math.abs(grade) - 1]!;
  const to = GRADE_EDGES[Math.abs(grade)];
  return `${grade > 0 ? 'better' : 'worse'} by ${to === undefined ? `${from} % or more` : `${from} to ${to} %`}`;
}

/**
 * Lead time gained at equal skill, in hours by B's lead: how much later A has become as bad as B is at that lead (negative: earlier).
 * A's scores are joined by straight lines, and the first crossing counts. Null where A is worse already at its first lead, or still better at its last:
 * nothing is extrapolated.
 */
export function leadGained(
  metric: Metric,
  a: readonly (number | null)[],
  b: readonly (number | null)[],
  leadTimes: readonly number[],
): (number | null)[] {
  // Errors and 1 − correlations grow alike.
  const sign = metric === 'acc' ? -1 : 1;
  const known = a.flatMap((value, lead) => (value === null ? [] : [{ hours: leadTimes[lead]!, badness: sign * value }]));
  return b.map((value, lead) => {
    if (value === null) return null;
    const wanted = sign * value;
    const at = known.findIndex(({ badness }) => badness >= wanted);
    const [before, after] = [known[at - 1], known[at]];
    if (!after) return null;
    if (!before) return after.badness === wanted ? after.hours - leadTimes[lead]! : null;
    const share = (wanted - before.badness) / (after.badness - before.badness);
    return Number((before.hours + share * (after.hours - before.hours) - leadTimes[lead]!).toPrecision(6));
  });
}

/** `+1.50 %`, `−0.03 %`, `–` where there is none. */
export function percentTitle(value: number | null | undefined): string {
  if (typeof value !== 'number') return '–';
  const size = Math.abs(value);
  const shown = size >= 100 ? value.toFixed(0) : size >= 0.005 || size === 0 ? value.toFixed(2) : value.toExponential(0);
  return `${value > 0 ? '+' : ''}${shown} %`.replaceAll('-', '−');
}

/** Every pair of a comparison. */
export function pairsOf(record: PairComparison & { more?: PairComparison[] }): PairComparison[] {
  return [record, ...(record.more ?? [])];
}

/** A comparison's answer in a sentence, and whether it is the paper's. */
export function verdictOf(record: Omit<ComparisonRecord, 'skill'>): { good: boolean; words: string } {
  const { claimPct, claimSource } = record;
  const claim = `the paper's claim is less than ${claimPct} % (${claimSource})`;
  const pairs = pairsOf(record);
  const good = pairs.every(({ withinClaim }) => withinClaim);
  if (pairs.length === 1) {
    const where = worstTitle(record.worst);
    if (!where) return { good: false, words: `${record.a} and ${record.b} have no score in common.` };
    const words = good
      ? `${record.a} agrees with ${record.b}: the largest deviation is ${where}`
      : `${record.a} parts from ${record.b} by ${where}`;
    return { good, words: `${words}; ${claim}.` };
  }
  const agreeing = pairs.filter(({ withinClaim }) => withinClaim).length;
  const each = pairs.map(({ a, worst }) => `${a} ${worstTitle(worst) ?? 'has no score in common'}`).join('; ');
  return { good, words: `${agreeing} of ${pairs.length} agree with ${record.b}. Largest deviations: ${each}. ${capital(claim)}.` };
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

function worstTitle(worst: Worst | undefined): string | undefined {
  return worst && `${percentTitle(worst.deviation)} (${worst.variable} ${METRIC_TITLES[worst.metric]} at ${leadTitle(worst.leadTime)})`;
}

/** What a box of a scorecard says of chance: `discovered` stands also where all boxes' false discoveries are held, `significant` by itself alone. */
export type BoxMark = 'discovered' | 'significant' | undefined;

export function markOf({ significance }: PairComparison, region: string, variable: string, metric: Metric, lead: number): BoxMark {
  const p = significance?.p[region]?.[variable]?.[metric][lead];
  if (!significance || typeof p !== 'number') return undefined;
  if (p <= significance.threshold) return 'discovered';
  return p < significance.level ? 'significant' : undefined;
}
