/** What can be drawn on the map and over the leads: each metric's title, unit, colours and fixed limits. */
import { type ColourMap, METRIC_COLOURS } from '../../../kernel/src/records/colours.ts';
import { metricOf } from '../../../kernel/src/records/metrics.ts';
import { niceCeiling, quantile } from '../../../kernel/src/records/quantise.ts';
import { METRIC_TITLES, type Metric, SKILL_METRICS, type SkillRecord, scoresIn } from '../../../kernel/src/records/skill.ts';
import { unitTitle } from '../../../kernel/src/records/ticks.ts';

/** `rmse`, `acc`, and whatever else of `records/metrics.ts` was asked for. */
export type MapMetric = string;

/** Metrics that fall to both sides of nought. */
const SIGNED = new Set<MapMetric>(['bias']);

function isBasic(metric: MapMetric): metric is Metric {
  return (SKILL_METRICS as readonly string[]).includes(metric);
}

/** A metric of sums by row has no value of a cell, nor of an area that doesn't go round. */
function hasCells(metric: MapMetric): boolean {
  const known = metricOf(metric);
  return known !== undefined && !known.rows;
}

/** Those that the record has scores of and that a cell of its own has: a vector's is of two variables. */
export function metricsIn(record: SkillRecord, variable: string): MapMetric[] {
  const more = Object.keys(record.variables[variable]?.more ?? {});
  return [...SKILL_METRICS, ...more.filter((name) => hasCells(name))];
}

export function metricTitle(metric: MapMetric): string {
  return isBasic(metric) ? METRIC_TITLES[metric] : (metricOf(metric)?.title ?? metric);
}

/** `°C`, `(°C)²` or nothing. */
export function metricUnit(record: SkillRecord, variable: string, metric: MapMetric): string {
  const unit = unitTitle(record.variables[variable]?.units ?? '');
  const kind = metricOf(metric)?.units ?? 'own';
  if (kind === 'none' || unit === '') return '';
  return kind === 'squared' ? `(${unit})²` : unit;
}

export function colourMapOf(metric: MapMetric): ColourMap {
  if (isBasic(metric)) return METRIC_COLOURS[metric];
  if (SIGNED.has(metric)) return 'diverging';
  return metricOf(metric)?.units === 'none' ? 'cividis' : 'viridis';
}

/** The record's limits; of other metrics those that hold 98 in 100 cells of the first field that came, the same from then on. */
export function limitsOf(record: SkillRecord, variable: string, metric: MapMetric, field: Float32Array | undefined): [number, number] {
  if (isBasic(metric)) return record.limits[variable]![metric];
  if (!field) return [0, 1];
  const high = quantile(field, 0.98) ?? 1;
  const low = quantile(field, 0.02) ?? 0;
  if (SIGNED.has(metric)) {
    const most = niceCeiling(Math.max(Math.abs(high), Math.abs(low)));
    return [-most, most];
  }
  const top = niceCeiling(high);
  return low < 0 ? [-niceCeiling(-low), high > 0 ? top : 0] : [0, top];
}

/** A forecast's scores by lead, over a region of the record. */
export function scoresByLead(record: SkillRecord, index: number, region: string, variable: string, metric: MapMetric): (number | null)[] {
  const scores = scoresIn(record.forecasts[index]!, region)[variable];
  return (isBasic(metric) ? scores?.[metric] : scores?.more?.[metric]) ?? record.leadTimes.map(() => null);
}
