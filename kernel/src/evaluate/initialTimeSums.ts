/** A region's sums by initial time, as a score keeps them, for bands over initial times. */
import type { BaseSum, Weights } from '../records/scores.ts';
import type { ForecastFacts, Score } from './scoreStore.ts';

export interface InitialTimeSums {
  /** The initial times that are there, ascending, counted in their shortest step. */
  positions: number[];
  sums: BaseSum[];
  /** `[lead, initial time, sum]`, every sum with the cells' weights. */
  values: Float64Array;
}

/** Undefined where the score keeps none, or not of this region. */
export async function initialTimeSums(
  score: Score,
  forecast: ForecastFacts,
  variable: string,
  leads: readonly number[],
  region: string,
  weights: Weights,
): Promise<InitialTimeSums | undefined> {
  const facts = score.facts.domains;
  const at = facts?.regions.findIndex(({ name }) => name === region) ?? -1;
  const kind = facts?.weights.indexOf(weights) ?? -1;
  if (!facts || at < 0 || kind < 0 || forecast.initialTimes.length < 2) return undefined;
  const { sums, regions } = facts;
  const order = Array.from(forecast.initialTimes.keys()).sort((i, j) => forecast.initialTimes[i]! - forecast.initialTimes[j]!);
  const times = order.map((time) => forecast.initialTimes[time]!);
  const step = Math.min(...times.slice(1).map((seconds, index) => seconds - times[index]!));
  const size = facts.weights.length * sums.length * regions.length;
  const values = new Float64Array(leads.length * times.length * sums.length);
  let into = 0;
  for (const lead of leads) {
    const all = await score.domains(forecast, variable, lead);
    if (!all) return undefined;
    for (const time of order)
      for (let sum = 0; sum < sums.length; sum++) values[into++] = all[time * size + (kind * sums.length + sum) * regions.length + at]!;
  }
  return { positions: times.map((seconds) => (seconds - times[0]!) / step), sums, values };
}
