/** RMSE and ACC by lead as a text table. */
import { evenlySpread } from '../records/evenlySpread.ts';
import { metricOf } from '../records/metrics.ts';
import { leadTitle, METRIC_TITLES, SKILL_METRICS, type SkillRecord } from '../records/skill.ts';
import { textTable, wrap } from './text.ts';

/** At most this many leads are listed; the record has them all. */
const LISTED = 16;

/** Leads to list. */
export function listedLeads(all: number): number[] {
  return evenlySpread(all, LISTED);
}

export function scoreText(value: number | null | undefined, digits = 4): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(digits))) : '–';
}

/** `bias (degC)`, `vector RMSE (m s-1)`. */
export function moreTitle(metric: string, units: string): string {
  const known = metricOf(metric) ?? { title: 'vector RMSE', units: 'own' };
  if (known.units === 'none' || !units) return known.title;
  return `${known.title} (${known.units === 'squared' ? `(${units})²` : units})`;
}

export function skillText(record: SkillRecord): string {
  const leads = listedLeads(record.leadTimes.length);
  const tables = record.forecasts.map((forecast) => {
    const heads = Object.entries(forecast.variables).flatMap(([name, { units }]) =>
      SKILL_METRICS.map((metric) => ({
        name,
        metric,
        title: `${name} ${METRIC_TITLES[metric]}${metric === 'rmse' && units ? ` (${units})` : ''}`,
      })),
    );
    const rows = leads.map((lead) => [
      leadTitle(record.leadTimes[lead]!),
      ...heads.map(({ name, metric }) => scoreText(forecast.variables[name]![metric][lead])),
    ]);
    const others = Object.entries(forecast.variables).flatMap(([name, { more = {}, units }]) =>
      Object.entries(more).map(([metric, values]) => ({ title: `${name} ${moreTitle(metric, units)}`, values })),
    );
    const further = others.map(({ title, values }) => [title, ...leads.map((lead) => scoreText(values[lead]))]);
    return [
      forecast.name,
      textTable([{ title: 'lead', align: 'right' }, ...heads.map(({ title }) => ({ title, align: 'right' as const }))], rows),
      ...(further.length > 0
        ? [
            textTable(
              [{ title: 'metric' }, ...leads.map((lead) => ({ title: leadTitle(record.leadTimes[lead]!), align: 'right' as const }))],
              further,
            ),
          ]
        : []),
    ].join('\n');
  });
  const left = record.leadTimes.length - leads.length;
  const more = left > 0 ? [`(${left} more leads in the record)`] : [];
  return [...tables, ...more, ...record.notes.flatMap((note) => wrap(`! ${note}`, 80)), ...wrap(record.provenance, 80)].join('\n');
}
