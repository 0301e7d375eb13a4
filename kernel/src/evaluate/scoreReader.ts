/** Reads leads of scores for who asks for many of them one after the other, by what a record calls them: `PATH#NAME`, variable, lead. */
import { TradewindError } from '../records/errors.ts';
import { type CellSums, type CellWeights, cellWeights, type Weights } from '../records/scores.ts';
import { finestFactor } from './digest.ts';
import { EARLIER_SUMS, type ForecastFacts, openScore, type Score } from './scoreStore.ts';

/** One lead of one variable of one forecast. */
export interface ReadLead {
  score: Score;
  forecast: ForecastFacts;
  /** How many initial times it has. */
  samples: number;
  sums(): Promise<CellSums>;
  /** Latitude weights, and by how many cells a block averages. */
  blocks(weights: Weights): { weights: CellWeights; factor: number };
}

export interface ScoreReader {
  find(score: unknown, variable: unknown, lead: unknown): Promise<ReadLead>;
  /** Forgets all that it holds. */
  clear(): void;
}

/** Scores held open. */
const KEPT_SCORES = 4;
/** Sums kept for the next question about the same lead. */
const KEPT_BYTES = 200e6;

export function scoreReader(): ScoreReader {
  const scores = new Map<string, Promise<Score>>();
  const kept = new Map<string, Promise<CellSums>>();
  const weighed = new Map<string, CellWeights>();

  function scoreAt(path: string): Promise<Score> {
    const score = scores.get(path) ?? openScore(path);
    scores.set(path, score);
    score.catch(() => scores.delete(path));
    if (scores.size > KEPT_SCORES) scores.delete(scores.keys().next().value!);
    return score;
  }

  function keep(key: string, bytes: number, read: () => Promise<CellSums>): Promise<CellSums> {
    const sums = kept.get(key) ?? read();
    kept.delete(key);
    kept.set(key, sums);
    sums.catch(() => kept.delete(key));
    while (kept.size > 1 && kept.size * bytes > KEPT_BYTES) kept.delete(kept.keys().next().value!);
    return sums;
  }

  return {
    async find(word, variable, lead) {
      const hash = typeof word === 'string' ? word.lastIndexOf('#') : -1;
      if (typeof word !== 'string' || hash < 1 || typeof variable !== 'string' || !Number.isInteger(lead)) {
        throw new TradewindError({
          code: 'usage',
          message: 'a lead is asked for by score (PATH#NAME), variable and the number of the lead',
        });
      }
      const [path, name, at] = [word.slice(0, hash), word.slice(hash + 1), lead as number];
      const score = await scoreAt(path);
      const forecast = score.facts.forecasts.find((one) => one.name === name);
      const known = forecast && Object.hasOwn(forecast.variables, variable) && at >= 0 && at < score.facts.leadTimes.length;
      if (!forecast || !known) {
        throw new TradewindError({
          code: 'input',
          message: `it has no lead ${at} of ${variable} of ${name}`,
          where: score.path,
          remedy: 'Evaluate again: the score has changed since this map was made.',
        });
      }
      const cells = score.grid.latitude.length * score.grid.longitude.length;
      return {
        score,
        forecast,
        samples: forecast.variables[variable]!.samples[at]!,
        sums: () =>
          keep(`${word}/${variable}/${at}`, 8 * cells * (score.facts.sums ?? EARLIER_SUMS).length, () =>
            score.sums(forecast, variable, at),
          ),
        blocks(weights) {
          const made = weighed.get(`${path} ${weights}`) ?? cellWeights(score.grid, weights);
          weighed.set(`${path} ${weights}`, made);
          return { weights: made, factor: finestFactor(score.grid) };
        },
      };
    },
    clear() {
      scores.clear();
      kept.clear();
      weighed.clear();
    },
  };
}
