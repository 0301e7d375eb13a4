/** A against B: are they scored alike, and how far do they part? */
import { leadGained } from '../records/comparison.ts';
import { TradewindError } from '../records/errors.ts';
import {
  type Deviation,
  type Metric,
  type ScoredForecast,
  SKILL_METRICS,
  type SkillRecord,
  scoresIn,
  type Worst,
} from '../records/skill.ts';
import { isoTime } from './calendar.ts';
import type { Pick } from './summarise.ts';

/**
 * Refuses two scores of unlike things: other grids, leads, initial times, variables, truth, climatology or mask.
 * Truth and climatology are told by what they are, not by their path: where the counts agree, Σ(truth − climatology)² at every cell
 * and the mean of the truth must agree too.
 */
export async function refuseUnlike(a: Pick, b: Pick): Promise<void> {
  const refuse = (what: string, detail: string) => {
    throw new TradewindError({
      code: 'refused',
      message: `${a.name} and ${b.name} can't be compared, their ${what}: ${detail}`,
      remedy: 'Evaluate both in one call: tradewind evaluate A B --truth TRUTH.',
    });
  };
  const axis = (what: string, one: ArrayLike<number>, two: ArrayLike<number>, show: (value: number) => string) => {
    const at = Array.from({ length: Math.max(one.length, two.length) }).findIndex(
      (_, i) => one[i] === undefined || two[i] === undefined || Math.abs(one[i]! - two[i]!) > 1e-4,
    );
    if (at < 0) return;
    const [left, right] = [one[at], two[at]].map((value) => (value === undefined ? 'none' : show(value)));
    refuse(`${what} differ`, `${one.length} and ${two.length}, number ${at + 1} is ${left} and ${right}`);
  };
  axis('latitudes', a.score.grid.latitude, b.score.grid.latitude, String);
  axis('latitude bounds', a.score.grid.latitudeEdges ?? [], b.score.grid.latitudeEdges ?? [], String);
  axis('longitudes', a.score.grid.longitude, b.score.grid.longitude, String);
  axis('lead times', a.score.facts.leadTimes, b.score.facts.leadTimes, (hours) => `${hours} h`);
  const [calendar, otherCalendar] = [a, b].map(({ forecast }) => forecast.calendar.replace('proleptic_gregorian', 'standard'));
  if (calendar !== otherCalendar) refuse('calendars differ', `${a.forecast.calendar} and ${b.forecast.calendar}`);
  axis('initial times', a.forecast.initialTimes, b.forecast.initialTimes, (seconds) => isoTime(seconds, a.forecast.calendar));
  const [own, other] = [a, b].map((pick) => Object.keys(pick.forecast.variables));
  if (own!.join() !== other!.join()) refuse('variables differ', `${own!.join(', ')} and ${other!.join(', ')}`);
  for (const variable of own!) {
    const [one, two] = [a.forecast.variables[variable]!, b.forecast.variables[variable]!];
    if (one.units !== two.units) refuse('units differ', `${variable} in ${one.units} and ${two.units}`);
    for (let lead = 0; lead < a.score.facts.leadTimes.length; lead++) {
      const [left, right] = await Promise.all([a.score.sums(a.forecast, variable, lead), b.score.sums(b.forecast, variable, lead)]);
      let mask = 0;
      let truth = 0;
      for (let cell = 0; cell < left.count.length; cell++) {
        if (left.count[cell] !== right.count[cell]) mask++;
        else if (Math.abs(left.bb[cell]! - right.bb[cell]!) > 1e-9 * Math.abs(left.bb[cell]!)) truth++;
      }
      const hours = a.score.facts.leadTimes[lead];
      const count = left.count.reduce((sum, n) => sum + n, 0);
      const anomaly = Math.sqrt(left.bb.reduce((sum, square) => sum + square, 0) / count);
      if (Math.abs(one.truthSum[lead]! - two.truthSum[lead]!) / count > 1e-6 * anomaly) truth = left.count.length;
      if (mask > 0) refuse('masks differ', `${mask} cells of ${variable} at ${hours} h count other numbers of samples`);
      if (truth > 0)
        refuse(
          'truths or climatologies differ',
          `${truth} cells of ${variable} at ${hours} h (${a.score.facts.truth} and ${b.score.facts.truth})`,
        );
    }
  }
}

function byMetric(of: (metric: Metric) => (number | null)[]): Record<Metric, (number | null)[]> {
  return { rmse: of('rmse'), acc: of('acc') };
}

const named = (record: SkillRecord, names: readonly [string, string]): [ScoredForecast, ScoredForecast] =>
  names.map((name) => record.forecasts.find((forecast) => forecast.name === name)!) as [ScoredForecast, ScoredForecast];

/** (A − B) / B in per cent by variable, metric and lead, in one region; null where either has no score or B's is nought. A and B by their names in the record. */
export function deviationOf(record: SkillRecord, names: readonly [string, string], region = 'global'): Deviation {
  const [a, b] = named(record, names).map((forecast) => scoresIn(forecast, region));
  const percent = (one: number | null | undefined, two: number | null | undefined) =>
    typeof one === 'number' && typeof two === 'number' && two !== 0 ? Number((((one - two) / Math.abs(two)) * 100).toPrecision(6)) : null;
  return Object.fromEntries(
    Object.keys(a!).map((variable) => [
      variable,
      byMetric((metric) => record.leadTimes.map((_, lead) => percent(a![variable]![metric][lead], b![variable]?.[metric][lead]))),
    ]),
  );
}

/** Lead time gained by variable, metric and B's lead over the whole grid, hours. */
export function gainedOf(record: SkillRecord, names: readonly [string, string]): Deviation {
  const [a, b] = named(record, names);
  return Object.fromEntries(
    Object.keys(a.variables).map((variable) => [
      variable,
      byMetric((metric) => leadGained(metric, a.variables[variable]![metric], b.variables[variable]![metric], record.leadTimes)),
    ]),
  );
}

/** The deviation of the largest size. */
export function worstOf(deviation: Deviation, leadTimes: readonly number[]): Worst | undefined {
  return Object.entries(deviation)
    .flatMap(([variable, metrics]) =>
      SKILL_METRICS.flatMap((metric) =>
        metrics[metric].flatMap((value, lead) =>
          value === null ? [] : [{ variable, metric, leadTime: leadTimes[lead]!, deviation: value }],
        ),
      ),
    )
    .reduce<Worst | undefined>((worst, one) => (!worst || Math.abs(one.deviation) > Math.abs(worst.deviation) ? one : worst), undefined);
}
