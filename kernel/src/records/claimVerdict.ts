/** A pair of scores against the paper's claim, variable by variable: over leads and regions, in numbers and in words. */
import { ACCURACY_CLAIM, type Expected } from './claims.ts';
import { markOf, percentTitle } from './comparison.ts';
import { regionTitle } from './regions.ts';
import { leadTitle, METRIC_TITLES, type PairComparison, SKILL_METRICS, type Worst } from './skill.ts';

export interface VariableVerdict {
  variable: string;
  /** Below the claim at every lead over the whole grid: what the paper shows. */
  agrees: boolean;
  /** Boxes (lead, region, metric), and how many of them deviate by the claim or more, or significantly. */
  boxes: number;
  beyond: number;
  significant: number | undefined;
  /** Mean deviation of the RMSE over the leads, whole grid, per cent. */
  meanRmse: number | null;
  /** Over all regions. */
  worst: Worst & { region: string };
  /** What the paper says of this variable, and whether it is so here. */
  expected?: Expected;
  asExpected?: boolean;
}

export function variableVerdicts(pair: PairComparison, leadTimes: readonly number[], claimPct: number): VariableVerdict[] {
  const regions = [['global', pair.deviation] as const, ...Object.entries(pair.regions ?? {})];
  return Object.keys(pair.deviation).flatMap((variable) => {
    const all = regions.flatMap(([region, deviation]) =>
      SKILL_METRICS.flatMap((metric) =>
        (deviation[variable]?.[metric] ?? []).flatMap((value, lead) =>
          value === null
            ? []
            : [
                {
                  region,
                  variable,
                  metric,
                  leadTime: leadTimes[lead]!,
                  deviation: value,
                  mark: markOf(pair, region, variable, metric, lead),
                },
              ],
        ),
      ),
    );
    if (all.length === 0) return [];
    const { mark: _, ...worst } = all.reduce((largest, one) => (Math.abs(one.deviation) > Math.abs(largest.deviation) ? one : largest));
    const agrees = all.every(({ region, deviation }) => region !== 'global' || Math.abs(deviation) < claimPct);
    const rmse = pair.deviation[variable]!.rmse.filter((value) => value !== null);
    const meanRmse = rmse.length > 0 ? rmse.reduce((sum, value) => sum + value, 0) / rmse.length : null;
    const expected = ACCURACY_CLAIM.expected[variable];
    return [
      {
        variable,
        agrees,
        boxes: all.length,
        beyond: all.filter(({ deviation }) => Math.abs(deviation) >= claimPct).length,
        significant: pair.significance && all.filter(({ mark }) => mark).length,
        meanRmse,
        worst,
        ...(expected && { expected, asExpected: agrees && (expected === 'agree closely' || (meanRmse ?? 0) > 0) }),
      },
    ];
  });
}

/** `T0: within 5 % at every lead; RMSE larger by 0.42 % on the whole; …` */
export function verdictWords(verdict: VariableVerdict, claimPct: number): string {
  const { variable, agrees, boxes, beyond, significant, meanRmse, worst, expected, asExpected } = verdict;
  const mean = meanRmse === null ? undefined : `RMSE ${percentTitle(meanRmse)} in the mean over the leads`;
  const where = `${METRIC_TITLES[worst.metric]} ${percentTitle(worst.deviation)} at ${leadTitle(worst.leadTime)}, ${regionTitle(worst.region)}`;
  const paper = expected && `the paper (MindSpore against PyTorch): ${expected}, ${asExpected ? 'as here' : 'not so here'}`;
  return `${variable}: ${[
    agrees ? `below ${claimPct} % at every lead over the whole grid` : `${claimPct} % or more over the whole grid`,
    mean,
    `${beyond} of ${boxes} boxes (lead, region, metric) at ${claimPct} % or more, the largest ${where}`,
    significant === undefined ? undefined : `${significant} significant`,
    paper,
  ]
    .filter(Boolean)
    .join('; ')}`;
}

/** How the significance was tested, in sentences; or why it isn't known. */
export function significanceWords({ significance, significanceUnknown }: PairComparison): string[] {
  if (!significance) return significanceUnknown ? [`Significance isn't known: ${significanceUnknown}.`] : [];
  const { boxes, level, test, bootstrap, initialTimes } = significance;
  return [
    `${boxes.significant} of ${boxes.tested} boxes differ significantly (p < ${level}: ${test}; ${initialTimes} initial times); ` +
      `${boxes.discovered} of them also where false discoveries among all boxes are held at ${100 * level} % (Benjamini and Hochberg 1995). ` +
      `By chance alone about ${Math.round(level * boxes.tested)} would.`,
    ...(bootstrap ? [`Bounds: 95 % of ${bootstrap.samples} samples, ${bootstrap.method}, seed ${bootstrap.seed}.`] : []),
  ];
}
