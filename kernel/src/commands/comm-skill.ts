/**
 * The comm target `tradewind.skill`: exact full-resolution fields of a score, for the skill map's picture and hover.
 * A request with `grid: true` gets the coordinates too.
 */
import type { Score } from '../evaluate/scoreStore.ts';
import { describe, TradewindError } from '../records/errors.ts';
import { accField, rmseField } from '../records/scores.ts';
import type { CommTarget } from './comm.ts';

/** Scores held open by one widget. */
const KEPT = 4;

export const target: CommTarget = {
  name: 'tradewind.skill',
  open(channel) {
    const scores = new Map<string, Promise<Score>>();
    async function scoreAt(path: string): Promise<Score> {
      const { openScore } = await import('../evaluate/scoreStore.ts');
      const score = scores.get(path) ?? openScore(path);
      scores.set(path, score);
      score.catch(() => scores.delete(path));
      if (scores.size > KEPT) scores.delete(scores.keys().next().value!);
      return score;
    }

    async function field(data: Record<string, unknown>): Promise<{ score: Score; values: Float32Array }> {
      const { score: word, variable, metric, lead } = data;
      const hash = typeof word === 'string' ? word.lastIndexOf('#') : -1;
      if (
        typeof word !== 'string' ||
        hash < 1 ||
        typeof variable !== 'string' ||
        (metric !== 'rmse' && metric !== 'acc') ||
        !Number.isInteger(lead)
      ) {
        throw new TradewindError({
          code: 'usage',
          message: 'a field is asked for by score (PATH#NAME), variable, metric (rmse, acc) and lead',
        });
      }
      const score = await scoreAt(word.slice(0, hash));
      const forecast = score.facts.forecasts.find(({ name }) => name === word.slice(hash + 1));
      const known = forecast?.variables[variable] && (lead as number) >= 0 && (lead as number) < score.facts.leadTimes.length;
      if (!forecast || !known) {
        throw new TradewindError({
          code: 'input',
          message: `it has no lead ${lead} of ${variable} of ${word.slice(hash + 1)}`,
          where: score.path,
          remedy: 'Evaluate again: the score has changed since this map was made.',
        });
      }
      const sums = await score.sums(forecast, variable, lead as number);
      return { score, values: metric === 'rmse' ? rmseField(sums) : accField(sums) };
    }

    return {
      async message(data) {
        if (data.type !== 'field') return;
        const { request } = data;
        try {
          const { score, values } = await field(data);
          const [latitude, longitude] = [Array.from(score.grid.latitude), Array.from(score.grid.longitude)];
          const grid = data.grid === true ? { latitude, longitude } : undefined;
          channel.send({ type: 'field', request, rows: latitude.length, columns: longitude.length, ...(grid && { grid }) }, [values]);
        } catch (error) {
          channel.send({ type: 'error', request, message: describe(error) });
        }
      },
      closed: () => scores.clear(),
    };
  },
};
