/** What is chosen at first, and what is kept of a choice when a newer record comes; which two of several forecasts are A and B. */
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import type { SkillChoice } from './controls.ts';
import { metricsIn } from './metrics.ts';

export type PairOfForecasts = readonly [a: number, b: number];

export const FIRST_PAIR: PairOfForecasts = [0, 1];

/** The record of two of its forecasts. Differences and their significance are kept of the first pair alone; of others the kernel's fields give them. */
export function pairOf(record: SkillRecord, [a, b]: PairOfForecasts): SkillRecord {
  if (record.forecasts.length < 3 || (a === 0 && b === 1)) return { ...record, forecasts: record.forecasts.slice(0, 2) };
  const forecasts = [record.forecasts[a]!, record.forecasts[b]!];
  return { ...record, variables: forecasts[0]!.variables, forecasts, differences: [], significance: undefined };
}

export function firstChoice(record: SkillRecord): SkillChoice {
  const mapped = [...new Set(record.forecasts[0]?.maps.map(({ lead }) => lead))];
  return {
    variable: Object.keys(record.variables)[0]!,
    metric: 'rmse',
    pair: FIRST_PAIR,
    show: record.forecasts.length > 1 ? 'all' : 'a',
    place: { region: 'global' },
    lead: mapped[Math.floor((mapped.length - 1) / 2)] ?? 0,
    projection: 'plate-carree',
    tool: 'pan',
  };
}

/** The choice as far as the newer record has what was chosen. */
export function keptChoice(choice: SkillChoice, record: SkillRecord): SkillChoice {
  const fresh = firstChoice(record);
  if (!(choice.variable in record.variables)) return { ...fresh, projection: choice.projection, tool: choice.tool };
  const known = 'area' in choice.place || record.regions.includes(choice.place.region);
  return {
    ...choice,
    pair: choice.pair.every((at) => at < record.forecasts.length) ? choice.pair : FIRST_PAIR,
    place: known ? choice.place : fresh.place,
    show: record.forecasts.length < 2 ? 'a' : choice.show,
    metric: metricsIn(record, choice.variable).includes(choice.metric) ? choice.metric : 'rmse',
    lead: Math.min(choice.lead, record.leadTimes.length - 1),
  };
}

/** The lead nearest to so many hours. */
export function leadAt({ leadTimes }: SkillRecord, hours: number): number {
  return Math.max(0, leadTimes.indexOf(nearest(leadTimes, hours)));
}

/** Of `leads` the nearest to `lead`. */
export function nearest(leads: readonly number[], lead: number): number {
  return leads.reduce((best, one) => (Math.abs(one - lead) < Math.abs(best - lead) ? one : best), leads[0] ?? 0);
}
