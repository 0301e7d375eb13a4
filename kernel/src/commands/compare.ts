/** `compare`: scored forecasts against one of them: deviations by variable, lead and region, their significance, and the verdict against the paper's claim. */
import { basename } from 'node:path';
import type { Pick } from '../evaluate/summarise.ts';
import { ACCURACY_CLAIM } from '../records/claims.ts';
import { pairsOf, verdictOf } from '../records/comparison.ts';
import { TradewindError } from '../records/errors.ts';
import type { ComparisonRecord, PairComparison, SkillRecord } from '../records/skill.ts';
import { baseRecord } from './base.ts';
import type { Command, CommandContext } from './command.ts';
import { chosenRegions, SCORE_OPTIONS, summaryOptions } from './evaluate.ts';
import { pickedScores, toldApart } from './picked-scores.ts';

/** Scorecards and tables of significance stand beside the maps in the notebook: the maps are made smaller for them. */
const RECORD_BYTES = 130e3;
/** Of each further pair. */
const PAIR_BYTES = 40e3;

export const compare: Command<ComparisonRecord> = {
  name: 'compare',
  summary: 'compare scored forecasts',
  details:
    'A, B … are score stores (SCORE.zarr, or SCORE.zarr#NAME where one holds several forecasts), or names of forecasts scored in ./scores; ' +
    'one score of several forecasts may stand alone. Of two, A is measured by B; of three and more each is measured by the first; --base names another. ' +
    'The deviation (A − B)/B of RMSE and ACC is held against the paper’s claim, and the exit code is 1 where one is larger. ' +
    'Whether a deviation is more than chance is tested by initial time: a paired t-test corrected for autocorrelation (Geer 2016) and a block bootstrap; ' +
    '--stippling tests every cell of the maps of RMSE and ACC too, and reads the forecasts, the truth and the climatology again. ' +
    'Scores over another truth, climatology, mask, grid, or other initial times or leads are refused.',
  examples: ['compare ms-910b pt-a100', 'compare pt-a100 ms-910b ms-a100', 'compare score.zarr#ms-910b score.zarr#pt-a100 --stippling'],
  positionals: [
    { name: 'SCORE', kind: 'path', description: 'scores: A B, or the one that all are measured by and then the others', many: true },
  ],
  options: [
    { name: 'base', value: { name: 'SCORE', kind: 'path' }, description: 'the score that all others are measured by' },
    ...SCORE_OPTIONS,
    {
      name: 'stippling',
      description: 'test the differences at every cell of the maps: reads both forecasts, the truth and the climatology again',
    },
    {
      name: 'bootstrap',
      value: { name: 'N', kind: 'integer', default: '1000' },
      description: 'samples of the block bootstrap behind the 95 % bounds; 0: none',
    },
    { name: 'seed', value: { name: 'N', kind: 'integer', default: '1' }, description: 'seed of the bootstrap' },
  ],
  async run(input, context) {
    const regions = chosenRegions(input.options.regions as string | undefined);
    const { refuseUnlike } = await import('../evaluate/compare.ts');
    const { summarise } = await import('../evaluate/summarise.ts');
    const { base, others } = await chosen(input.positionals.SCORE, input.options.base as string | undefined, context.cwd);
    for (const other of others) await refuseUnlike(other, base);
    const skill = await summarise([others[0]!, base, ...others.slice(1)], {
      ...summaryOptions(regions, input.options, context),
      bytes: async () => RECORD_BYTES - PAIR_BYTES * (others.length - 1),
      stippled: input.options.stippling === true,
    });
    const pairs: PairComparison[] = [];
    for (const other of others) pairs.push(await compared(other, base, skill, input.options, context));
    if (input.options.stippling) skill.significance = await stippling(others[0]!, base, skill, context);
    const record = {
      ...baseRecord('comparison', context),
      ...pairs[0]!,
      leadTimes: skill.leadTimes,
      claimPct: ACCURACY_CLAIM.deviationPct,
      claimSource: ACCURACY_CLAIM.source,
      claimByVariable: ACCURACY_CLAIM.byVariable,
      ...(pairs.length > 1 && { more: pairs.slice(1) }),
    };
    return { ...record, skill: { ...skill, verdict: verdictOf(record) } };
  },
  exitCode: (record) => (pairsOf(record).every(({ withinClaim }) => withinClaim) ? 0 : 1),
};

/** Two scores: A against B. More: all against the first. */
async function chosen(
  words: string | string[] | undefined,
  named: string | undefined,
  cwd: string,
): Promise<{ base: Pick; others: Pick[] }> {
  const picks = await pickedScores([words ?? []].flat(), cwd);
  const isSame = (one: Pick, other: Pick) => one.score.path === other.score.path && one.forecast.name === other.forecast.name;
  // Among those that were given the base may be told by its name alone.
  const wanted =
    named === undefined
      ? picks.at(picks.length === 2 ? 1 : 0)!
      : (picks.find(({ forecast }) => forecast.name === basename(named)) ?? (await pickedScores([named], cwd))[0]!);
  const [base, ...others] = toldApart([wanted, ...picks.filter((pick) => !isSame(pick, wanted))]);
  if (others.length > 0) return { base: base!, others };
  throw new TradewindError({
    code: 'usage',
    message: `${wanted.name} is alone: there is nothing to compare it with`,
    remedy: 'Give a second score.',
  });
}

async function compared(
  a: Pick,
  b: Pick,
  skill: SkillRecord,
  options: Record<string, unknown>,
  context: CommandContext,
): Promise<PairComparison> {
  const { deviationOf, gainedOf, worstOf } = await import('../evaluate/compare.ts');
  const { significanceOf } = await import('../evaluate/significance.ts');
  const names = [a.name, b.name] as const;
  const deviation = deviationOf(skill, names);
  const worst = worstOf(deviation, skill.leadTimes);
  const worstOfEach = Object.entries(deviation).flatMap(([variable, own]) => {
    const largest = worstOf({ [variable]: own }, skill.leadTimes);
    return largest ? [[variable, largest] as const] : [];
  });
  const { weights, normalisation } = summaryOptions([], options, context);
  const significance = await significanceOf(a, b, {
    weights,
    normalisation,
    regions: skill.regions,
    bootstrap: Math.max(0, Number(options.bootstrap)),
    seed: Number(options.seed),
    signal: context.signal,
    progress: (done, total) => context.progress({ label: `testing ${a.name} against ${b.name}`, done, total, unit: 'leads' }),
  });
  return {
    a: a.name,
    b: b.name,
    deviation,
    regions: Object.fromEntries(skill.regions.slice(1).map((region) => [region, deviationOf(skill, names, region)])),
    worstOf: Object.fromEntries(worstOfEach),
    gained: gainedOf(skill, names),
    withinClaim: worst !== undefined && Math.abs(worst.deviation) < ACCURACY_CLAIM.deviationPct,
    worst,
    ...('unknown' in significance ? { significanceUnknown: significance.unknown } : { significance }),
  };
}

async function stippling(a: Pick, b: Pick, record: SkillRecord, context: CommandContext): Promise<SkillRecord['significance']> {
  const { significanceMaps } = await import('../evaluate/significanceMaps.ts');
  return significanceMaps({
    a,
    b,
    record,
    weights: record.conventions.weights,
    signal: context.signal,
    progress: (done, total) => context.progress({ label: 'testing the maps', done, total, unit: 'fields' }),
  });
}
