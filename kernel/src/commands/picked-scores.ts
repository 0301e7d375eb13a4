/** Which scored forecasts the words of `compare` mean. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Pick } from '../evaluate/summarise.ts';
import { TradewindError } from '../records/errors.ts';

/** The scores in the order of the words. One word may mean several where it stands alone: all the forecasts of a score. */
export async function pickedScores(words: readonly string[], cwd: string): Promise<Pick[]> {
  const found = await Promise.all(words.map((word) => findScores(word, cwd)));
  return words.length === 1 ? found[0]! : found.map((own, at) => only(own, words[at]!, cwd));
}

/** Scores that share a name are called by their store's too. */
export function toldApart(picks: readonly Pick[]): Pick[] {
  const twice = (pick: Pick) => picks.filter(({ name }) => name === pick.name).length > 1;
  return picks.map((pick) => (twice(pick) ? { ...pick, name: `${basename(pick.score.path, '.zarr')}: ${pick.name}` } : pick));
}

function only(picks: Pick[], word: string, cwd: string): Pick {
  if (picks.length === 1) return picks[0]!;
  throw new TradewindError({
    code: 'usage',
    message: `${word} holds ${picks.length} forecasts: ${picks.map((pick) => pick.forecast.name).join(', ')}`,
    remedy: `Say which: ${relative(cwd, picks[0]!.score.path)}#${picks[0]!.forecast.name}`,
  });
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
