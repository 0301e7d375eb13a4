/** Initial times in order, and a region's sums by initial time, as a score keeps them, for bands over initial times. */
import type { BaseSum, Weights } from '../records/scores.ts';
import { domainPlace, domainRegion, domainSize } from './domainStore.ts';
import type { ForecastFacts, Score } from './scoreStore.ts';

export interface InitialTimeSums {
  /** The initial times that are there, ascending, counted in their shortest step. */
  positions: number[];
  sums: BaseSum[];
  /** `[lead, initial time, sum]`, every sum with the cells' weights. */
  values: Float64Array;
}

/** Indices of initial times (seconds), earliest first, and how many of their shortest steps each lies behind the first. */
export function inOrder(initialTimes: readonly number[]): { order: number[]; positions: number[] } {
  const order = Array.from(initialTimes.keys()).sort((i, j) => initialTimes[i]! - initialTimes[j]!);
  const times = order.map((at) => initialTimes[at]!);
  const step = Math.min(...times.slice(1).map((seconds, at) => seconds - times[at]!));
  return { order, positions: times.map((seconds) => (seconds - times[0]!) / step) };
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
  const at = facts ? domainRegion(facts, region) : -1;
  if (!facts || at < 0 || !facts.weights.includes(weights) || forecast.initialTimes.length < 2) return undefined;
  const { sums } = facts;
  const { order, positions } = inOrder(forecast.initialTimes);
  const size = domainSize(facts);
  const places = sums.map((sum) => domainPlace(facts, weights, sum, at));
  const values = new Float64Array(leads.length * order.length * sums.length);
  let into = 0;
  for (const lead of leads) {
    const all = await score.domains(forecast, variable, lead);
    if (!all) return undefined;
    for (const time of order) for (const place of places) values[into++] = all[time * size + place]!;
  }
  return { positions, sums, values };
}
