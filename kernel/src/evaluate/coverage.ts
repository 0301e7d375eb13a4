/**
 * Whether every initial time has the same valid area: a chunk that has vanished reads as missing values, as Zarr has it, and must not pass for land unseen.
 * Seen from the sums over regions by initial time.
 */
import { join } from 'node:path';
import { isoTime } from './calendar.ts';
import { type DomainFacts, domainPlace, domainRegion, domainSize, readDomains } from './domainStore.ts';
import type { Pair } from './plan.ts';
import type { ForecastFacts } from './scoreStore.ts';
import { openStore } from './store.ts';

/** An initial time is worth a note where its valid area is smaller than the largest by this share. */
const SHARE = 0.01;

export interface Scored {
  variable: string;
  /** (initial time, lead) pairs that have a truth. */
  pairs: readonly Pair[];
}

/** Sentences for the reader of a forecast's score that is being made in `folder`. */
export async function coverageNotes(
  folder: string,
  forecast: ForecastFacts,
  scored: readonly Scored[],
  domains: DomainFacts,
): Promise<string[]> {
  const store = await openStore(join(folder, forecast.group));
  const size = domainSize(domains);
  const place = domainPlace(domains, 'cos', 'count', domainRegion(domains, 'global'));
  const at = new Map(forecast.initialTimes.map((seconds, index) => [seconds, index]));
  const notes: string[] = [];
  for (const { variable, pairs } of scored) {
    const areas: { pair: Pair; area: number }[] = [];
    for (const [lead, own] of Map.groupBy(pairs, (pair) => pair.lead)) {
      const values = await readDomains(store, forecast.name, variable, lead);
      for (const pair of own) areas.push({ pair, area: values[at.get(pair.start)! * size + place]! });
    }
    const largest = areas.reduce((most, { area }) => Math.max(most, area), 0);
    const of = (chosen: typeof areas) => {
      const { start, valid } = chosen[0]!.pair;
      const first = `the first: from ${isoTime(start, forecast.calendar)}, valid at ${isoTime(valid, forecast.calendar)}`;
      return `${forecast.name}, ${variable}: ${chosen.length} of ${areas.length} (initial time, lead) pairs (${first})`;
    };
    const empty = areas.filter(({ area }) => area === 0);
    if (empty.length > 0) notes.push(`${of(empty)} have no valid cell: fields or chunks are missing there`);
    const small = areas.filter(({ area }) => area > 0 && area < (1 - SHARE) * largest);
    if (small.length > 0)
      notes.push(
        `${of(small)} have a valid area more than ${100 * SHARE} % smaller than others: chunks are missing there, or the mask changes`,
      );
  }
  return notes;
}
