/** Adds parts of a score: same grid, leads, variables, truth and climatology, other initial times. */
import { TradewindError } from '../records/errors.ts';
import { addRowSums } from '../records/rowSums.ts';
import { addSums } from '../records/scores.ts';
import { isoTime } from './calendar.ts';
import { type DomainFacts, domainSize } from './domainStore.ts';
import {
  EARLIER_SUMS,
  type ForecastFacts,
  openScore,
  type Score,
  type ScoreFacts,
  type VariableFacts,
  writeLead,
  writeScore,
} from './scoreStore.ts';

export interface MergeRequest {
  parts: string[];
  output: string;
  signal: AbortSignal;
  progress(done: number, total: number): void;
}

/** Makes the score `output` from its parts. Parts of which any two share an initial time of the same forecast are refused: it would count twice. */
export async function mergeScores({ parts, output, signal, progress }: MergeRequest): Promise<ScoreFacts> {
  const scores = await Promise.all(parts.map(openScore));
  const first = scores[0]!;
  for (const other of scores.slice(1)) refuseUnlike(first, other);
  const forecasts = first.facts.forecasts.map((forecast) => mergedFacts(partsOf(scores, forecast.name)));
  const sums = first.facts.sums ?? EARLIER_SUMS;
  const domains = commonDomains(scores);
  const writer = await writeScore(output, first.grid, first.facts.leadTimes);
  try {
    const variables = Object.keys(forecasts[0]!.variables);
    const steps = forecasts.length * variables.length * first.facts.leadTimes.length;
    let done = 0;
    for (const forecast of forecasts) {
      await writer.begin(forecast, sums, first.facts.rows ?? [], domains);
      const sources = partsOf(scores, forecast.name);
      const [[score, part], ...others] = sources as [Part, ...Part[]];
      for (const variable of variables) {
        for (let lead = 0; lead < first.facts.leadTimes.length; lead++) {
          if (signal.aborted) throw new TradewindError({ code: 'interrupted', message: 'merging was interrupted' });
          const [total, byRow] = [await score.sums(part, variable, lead), await score.rows(part, variable, lead)];
          for (const [other, own] of others) {
            addSums(total, await other.sums(own, variable, lead));
            addRowSums(byRow, await other.rows(own, variable, lead));
          }
          const regional = domains && (await mergedDomains(sources, forecast.initialTimes, variable, lead, domainSize(domains)));
          await writeLead(writer, forecast.group, variable, lead, total, regional, byRow);
          progress(++done, steps);
        }
      }
    }
    const facts: ScoreFacts = {
      ...first.facts,
      createdAt: new Date().toISOString(),
      domains,
      forecasts,
      notes: [
        ...new Set(scores.flatMap((score) => score.facts.notes)),
        ...(domains ? [] : ['parts without sums by initial time were merged: whether a difference is significant can’t be told']),
      ],
      seconds: scores.reduce((sum, score) => sum + score.facts.seconds, 0),
    };
    await writer.finish(facts);
    return facts;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** What all parts have; absent where one was made before they were kept, or with another table of regions. */
function commonDomains(scores: readonly Score[]): DomainFacts | undefined {
  const [first, ...others] = scores.map((score) => score.facts.domains);
  return others.every((one) => JSON.stringify(one) === JSON.stringify(first)) ? first : undefined;
}

/** Sums by initial time of all parts, in the order of `initialTimes`. */
async function mergedDomains(
  parts: readonly Part[],
  initialTimes: readonly number[],
  variable: string,
  lead: number,
  size: number,
): Promise<Float64Array> {
  const merged = new Float64Array(initialTimes.length * size);
  const place = new Map(initialTimes.map((seconds, at) => [seconds, at]));
  for (const [score, part] of parts) {
    const own = (await score.domains(part, variable, lead))!;
    part.initialTimes.forEach((seconds, at) => {
      merged.set(own.subarray(at * size, (at + 1) * size), place.get(seconds)! * size);
    });
  }
  return merged;
}

/** A forecast in one of the scores. */
type Part = readonly [Score, ForecastFacts];

function partsOf(scores: readonly Score[], name: string): Part[] {
  return scores.map((score) => [score, forecastNamed(score, name)]);
}

function forecastNamed(score: Score, name: string): ForecastFacts {
  const found = score.facts.forecasts.find((forecast) => forecast.name === name);
  if (!found) throw differs('forecasts', score, `it has no ${name}`);
  return found;
}

function differs(what: string, score: Score, detail: string): TradewindError {
  return new TradewindError({
    code: 'refused',
    message: `the parts differ in their ${what}: ${detail}`,
    where: score.path,
    remedy: 'Merge parts of one evaluation: the same call, other initial times.',
  });
}

function refuseUnlike(first: Score, other: Score): void {
  const same = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    a.length === b.length && Array.from(a).every((value, i) => Math.abs(value - b[i]!) < 1e-6);
  const checks: [string, boolean, string][] = [
    ['latitudes', same(first.grid.latitude, other.grid.latitude), `${other.grid.latitude.length} against ${first.grid.latitude.length}`],
    [
      'longitudes',
      same(first.grid.longitude, other.grid.longitude),
      `${other.grid.longitude.length} against ${first.grid.longitude.length}`,
    ],
    [
      'latitude bounds',
      same(first.grid.latitudeEdges ?? [], other.grid.latitudeEdges ?? []),
      `${boundsTitle(other)} against ${boundsTitle(first)}`,
    ],
    ['lead times', same(first.facts.leadTimes, other.facts.leadTimes), `${other.facts.leadTimes} h against ${first.facts.leadTimes} h`],
    ['truths', first.facts.truth === other.facts.truth, `${other.facts.truth} against ${first.facts.truth}`],
    [
      'thresholds',
      first.facts.threshold === other.facts.threshold && first.facts.thresholdStore === other.facts.thresholdStore,
      `${other.facts.thresholdStore ?? other.facts.threshold} against ${first.facts.thresholdStore ?? first.facts.threshold}`,
    ],
    [
      'sums',
      [...(first.facts.sums ?? EARLIER_SUMS), first.facts.rows].join() === [...(other.facts.sums ?? EARLIER_SUMS), other.facts.rows].join(),
      `${other.facts.metrics} against ${first.facts.metrics}: give both the same --metrics`,
    ],
    [
      'climatologies',
      first.facts.climatology === other.facts.climatology && first.facts.climatologyStore === other.facts.climatologyStore,
      `${other.facts.climatologyStore ?? other.facts.climatology} against ${first.facts.climatologyStore ?? first.facts.climatology}`,
    ],
    [
      'number of forecasts',
      first.facts.forecasts.length === other.facts.forecasts.length,
      `${other.facts.forecasts.length} against ${first.facts.forecasts.length}`,
    ],
  ];
  for (const [what, passed, detail] of checks) if (!passed) throw differs(what, other, detail);
}

function boundsTitle({ grid: { latitudeEdges: edges } }: Score): string {
  return edges ? `${edges[0]}, ${edges[1]} …` : 'none';
}

function mergedFacts(parts: readonly Part[]): ForecastFacts {
  const [, first] = parts[0]!;
  const seen = new Map<number, string>();
  for (const [score, part] of parts) {
    for (const seconds of part.initialTimes) {
      const before = seen.get(seconds);
      if (before)
        throw differs(
          'initial times',
          score,
          `${isoTime(seconds, part.calendar)} of ${part.name} is in ${before} as well and would count twice`,
        );
      seen.set(seconds, score.path);
    }
    if (part.calendar !== first.calendar) throw differs('calendars', score, `${part.calendar} against ${first.calendar}`);
    const [own, wanted] = [part, first].map((one) => Object.keys(one.variables).sort().join(', '));
    if (own !== wanted) throw differs('variables', score, `${own} against ${wanted}`);
  }
  const sum = (lists: number[][]) => lists[0]!.map((_, lead) => lists.reduce((total, list) => total + list[lead]!, 0));
  const merged = (name: string): VariableFacts => {
    const facts = parts.map(([score, part]) => {
      const one = part.variables[name]!;
      if (one.units !== first.variables[name]!.units)
        throw differs('units', score, `${name} in ${one.units} against ${first.variables[name]!.units}`);
      if (one.members !== first.variables[name]!.members)
        throw differs('ensembles', score, `${one.members} members of ${name} against ${first.variables[name]!.members}`);
      return one;
    });
    return {
      ...facts[0]!,
      samples: sum(facts.map((one) => one.samples)),
      lost: sum(facts.map((one) => one.lost)),
      truthSum: sum(facts.map((one) => one.truthSum)),
    };
  };
  return {
    ...first,
    initialTimes: parts.flatMap(([, part]) => part.initialTimes).sort((a, b) => a - b),
    variables: Object.fromEntries(Object.keys(first.variables).map((name) => [name, merged(name)])),
  };
}
