/** `compare`: two scored forecasts, their deviation by variable and lead, and the verdict against the paper's claim. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Pick } from '../evaluate/summarise.ts';
import { ACCURACY_CLAIM } from '../records/claims.ts';
import { verdictOf } from '../records/comparison.ts';
import { TradewindError } from '../records/errors.ts';
import type { ComparisonRecord } from '../records/skill.ts';
import { baseRecord } from './base.ts';
import type { Command } from './command.ts';
import { chosenRegions, SCORE_OPTIONS, summaryOptions } from './evaluate.ts';

export const compare: Command<ComparisonRecord> = {
  name: 'compare',
  summary: 'compare two scored forecasts',
  details:
    'A and B are score stores (SCORE.zarr, or SCORE.zarr#NAME where one holds several forecasts), or names of forecasts scored in ./scores; ' +
    'one score of two forecasts may stand alone. The deviation (A − B)/B of RMSE and ACC is held against the paper’s claim, and the exit code is 1 where it is larger. ' +
    'Scores over another truth, climatology, mask, grid, or other initial times or leads are refused.',
  examples: ['compare ms-910b pt-a100', 'compare score.zarr#ms-910b score.zarr#pt-a100'],
  positionals: [
    { name: 'A', kind: 'path', description: 'a score' },
    { name: 'B', kind: 'path', description: 'the score that A is measured by', optional: true },
  ],
  options: [...SCORE_OPTIONS],
  async run(input, context) {
    const regions = chosenRegions(input.options.regions as string | undefined);
    const { deviationOf, gainedOf, refuseUnlike, worstOf } = await import('../evaluate/compare.ts');
    const { summarise } = await import('../evaluate/summarise.ts');
    const [a, b] = await picked(String(input.positionals.A), input.positionals.B as string | undefined, context.cwd);
    await refuseUnlike(a, b);
    const skill = await summarise([a, b], summaryOptions(regions, input.options, context));
    const deviation = deviationOf(skill);
    const worst = worstOf(deviation, skill.leadTimes);
    const worstOfEach = Object.entries(deviation).flatMap(([variable, own]) => {
      const largest = worstOf({ [variable]: own }, skill.leadTimes);
      return largest ? [[variable, largest] as const] : [];
    });
    const record = {
      ...baseRecord('comparison', context),
      a: a.name,
      b: b.name,
      leadTimes: skill.leadTimes,
      deviation,
      regions: Object.fromEntries(skill.regions.slice(1).map((region) => [region, deviationOf(skill, region)])),
      worstOf: Object.fromEntries(worstOfEach),
      gained: gainedOf(skill),
      claimPct: ACCURACY_CLAIM.deviationPct,
      claimSource: ACCURACY_CLAIM.source,
      claimByVariable: ACCURACY_CLAIM.byVariable,
      withinClaim: worst !== undefined && Math.abs(worst.deviation) < ACCURACY_CLAIM.deviationPct,
      worst,
    };
    return { ...record, skill: { ...skill, verdict: verdictOf(record) } };
  },
  exitCode: (record) => (record.withinClaim ? 0 : 1),
};

async function picked(a: string, b: string | undefined, cwd: string): Promise<[Pick, Pick]> {
  const first = await findScores(a, cwd);
  const second = b === undefined ? first.slice(1) : await findScores(b, cwd);
  const only = (picks: Pick[], word: string): Pick => {
    if (picks.length === 1 || (b === undefined && picks.length === 2)) return picks[0]!;
    const names = picks.map((pick) => pick.forecast.name).join(', ');
    throw new TradewindError({
      code: 'usage',
      message:
        picks.length === 0
          ? `${word} holds one forecast: there is nothing to compare it with`
          : `${word} holds ${picks.length} forecasts: ${names}`,
      remedy: picks.length === 0 ? 'Give a second score.' : `Say which: ${relative(cwd, picks[0]!.score.path)}#${picks[0]!.forecast.name}`,
    });
  };
  const [one, two] = [only(b === undefined ? first.slice(0, 2) : first, a), only(second, b ?? a)];
  if (one.name !== two.name) return [one, two];
  const title = (pick: Pick) => `${basename(pick.score.path, '.zarr')}: ${pick.name}`;
  return [
    { ...one, name: title(one) },
    { ...two, name: title(two) },
  ];
}

/** The forecasts that a word means: those of a score store, one of them after `#`, or the newest score in ./scores that has one of that name. */
async function findScores(word: string, cwd: string): Promise<Pick[]> {
  const { openScore } = await import('../evaluate/scoreStore.ts');
  const hash = word.lastIndexOf('#');
  const [path, wanted] = hash > 0 && !existsSync(word) ? [word.slice(0, hash), word.slice(hash + 1)] : [word, undefined];
  const folder = join(cwd, 'scores');
  if (!existsSync(path) && wanted === undefined && existsSync(folder)) {
    const name = relative(cwd, path);
    const scores = await Promise.all(
      (await readdir(folder))
        .filter((entry) => entry.endsWith('.zarr') && !entry.startsWith('.'))
        .map((entry) => openScore(join(folder, entry))),
    );
    scores.sort((one, two) => two.facts.createdAt.localeCompare(one.facts.createdAt));
    for (const score of scores) {
      const forecast = score.facts.forecasts.find((one) => one.name === name);
      if (forecast) return [{ score, forecast, name }];
    }
    const names = [...new Set(scores.flatMap((score) => score.facts.forecasts.map((one) => one.name)))];
    throw new TradewindError({
      code: 'input',
      message: `no score is called ${name}`,
      where: folder,
      remedy: names.length > 0 ? `Scored so far: ${names.join(', ')}.` : `tradewind evaluate ${name} --truth TRUTH scores it.`,
    });
  }
  const score = await openScore(path);
  const forecasts = score.facts.forecasts.filter((one) => wanted === undefined || one.name === wanted);
  if (forecasts.length > 0) return forecasts.map((forecast) => ({ score, forecast, name: forecast.name }));
  throw new TradewindError({
    code: 'input',
    message: `the score has no forecast ${wanted}`,
    where: path,
    remedy: `It has ${score.facts.forecasts.map((one) => one.name).join(', ')}.`,
  });
}
