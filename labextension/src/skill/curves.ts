/** The charts under the maps: by lead, by latitude, by depth, of the place that is chosen. */
import { metricOf } from '../../../kernel/src/records/metrics.ts';
import type { WeightedSums } from '../../../kernel/src/records/scores.ts';
import { leadTitle, type SkillRecord, scoresIn } from '../../../kernel/src/records/skill.ts';
import { degrees, degreeTicks } from '../../../kernel/src/records/ticks.ts';
import type { AreaSums, LeadSums, Place } from './area-sums.ts';
import { type BandOver, bandNote, bandOf, pairedBandOf, scoreOf } from './bands.ts';
import type { Chart, ChartPoint, Series } from './chart.ts';
import { depthsOf, depthTitle } from './depths.ts';
import { type MapMetric, metricTitle, metricUnit, scoresByLead } from './metrics.ts';

export interface CurveChoice {
  variable: string;
  metric: MapMetric;
  lead: number;
  place: Place;
}

export interface Charted {
  chart: Chart;
  /** Where its values come from, and what the band says. */
  note: string;
  /** Its axis is the leads: a place on it is one that the maps can show. */
  byLead?: boolean;
}

export const SERIES = ['--tw-series-1', '--tw-series-2'] as const;
const DASHES = [[], [7, 4]] as const;

/** Scores that the axis shows in any case: a perfect one, or nought. */
function coverOf(metric: MapMetric): number[] {
  const { units } = metricOf(metric) ?? {};
  return metric === 'bias' || units !== 'none' ? [0] : [1];
}

export function curveCharts(record: SkillRecord, sums: AreaSums, choice: CurveChoice, colour: (variable: string) => string): Charted[] {
  const others = choice.metric === 'rmse' ? 'acc' : 'rmse';
  return [
    byLead(record, sums, choice, choice.metric, colour),
    ...differenceByLead(record, sums, choice, colour),
    byLead(record, sums, choice, others, colour),
    byLatitude(record, sums, choice, colour),
    ...byDepth(record, sums, choice, colour),
  ];
}

function seriesOf(record: SkillRecord, colour: (variable: string) => string, points: (forecast: number) => ChartPoint[]): Series[] {
  const several = record.forecasts.length > 1;
  return record.forecasts.slice(0, 2).map(({ name }, at) => ({
    name: several ? `${'AB'[at]}: ${name}` : name,
    colour: colour(SERIES[at]!),
    dash: DASHES[at]!,
    points: points(at),
  }));
}

function scoresTitle(record: SkillRecord, variable: string, metric: MapMetric): string {
  const unit = metricUnit(record, variable, metric);
  return `${metricTitle(metric)}${unit && ` (${unit})`}`;
}

/** Leads with a score: all of a region of the record, of what was drawn those whose sums are there. */
function leadsKnown(record: SkillRecord, sums: AreaSums, { variable, place }: Pick<CurveChoice, 'variable' | 'place'>): number[] {
  const all = [...record.leadTimes.keys()];
  return 'region' in place
    ? all
    : all.filter((lead) => record.forecasts.slice(0, 2).some((_, forecast) => sums.at(forecast, variable, lead)));
}

function byLead(
  record: SkillRecord,
  sums: AreaSums,
  { variable, lead, place }: CurveChoice,
  metric: MapMetric,
  colour: (variable: string) => string,
): Charted {
  const inDays = Math.max(...record.leadTimes) >= 48;
  const factor = inDays ? 24 : 1;
  const seen = new Set<LeadSums['from'] | 'record'>();
  const bands = new Set<BandOver>();
  const leads = leadsKnown(record, sums, { variable, place });
  const series = seriesOf(record, colour, (forecast) => {
    const own = 'region' in place ? scoresByLead(record, forecast, place.region, variable, metric) : undefined;
    const counts = 'region' in place ? scoresIn(record.forecasts[forecast]!, place.region)[variable]?.count : undefined;
    return leads.map((at): ChartPoint => {
      const found = sums.at(forecast, variable, at);
      const score = (one: WeightedSums) => scoreOf(record, metric, found!.samples, one);
      const value = own ? (own[at] ?? null) : found ? score(found.sums) : null;
      const { band, by } = found && value !== null ? bandOf(record, metric, found) : {};
      if (by) bands.add(by);
      if (found && !own) seen.add(found.from);
      if (own) seen.add('record');
      const count = counts?.[at] ?? (found && found.from !== 'maps' ? Math.round(found.sums.count) : undefined);
      return { at: record.leadTimes[at]! / factor, value, band, count };
    });
  });
  const chart: Chart = {
    title: `${variable}: ${metricTitle(metric)} by lead`,
    axis: `lead time (${inDays ? 'days' : 'hours'})`,
    scores: scoresTitle(record, variable, metric),
    series,
    upright: true,
    cover: coverOf(metric),
    marked: (record.leadTimes[lead] ?? 0) / factor,
    place: (at) => leadTitle(at * factor),
  };
  const band = bandNote(bands, sums, 'Band: 95 %, over');
  const note = `${scoresTitle(record, variable, metric)}. ${band} ${noteOf(seen, metric)}`.replaceAll(/\s+/g, ' ').trim();
  return { chart, note, byLead: true };
}

const NOTES: Record<LeadSums['from'] | 'record', string> = {
  record: '',
  exact: 'From the sums of its cells.',
  blocks: 'Cells on the edge by share; the exact ones are being counted.',
  maps: 'From the rounded maps of the saved output.',
};

function noteOf(seen: ReadonlySet<LeadSums['from'] | 'record'>, metric: MapMetric): string {
  if (seen.size === 0) return 'Waiting for the sums of this area: the kernel has them.';
  if (seen.has('maps') && metric !== 'rmse' && metric !== 'mse') return 'It needs the sums, which the kernel has.';
  return (['maps', 'blocks', 'exact', 'record'] as const).filter((from) => seen.has(from)).map((from) => NOTES[from])[0] ?? '';
}

/** A's score less B's, with the band of the difference: what is hard for both does not widen it. */
function differenceByLead(
  record: SkillRecord,
  sums: AreaSums,
  { variable, metric, lead, place }: CurveChoice,
  colour: (variable: string) => string,
): Charted[] {
  if (record.forecasts.length < 2) return [];
  const inDays = Math.max(...record.leadTimes) >= 48;
  const factor = inDays ? 24 : 1;
  const bands = new Set<BandOver>();
  const own = 'region' in place ? [0, 1].map((at) => scoresByLead(record, at, place.region, variable, metric)) : undefined;
  let largest = 0;
  const points = leadsKnown(record, sums, { variable, place }).map((at): ChartPoint => {
    const place = record.leadTimes[at]! / factor;
    const [a, b] = [sums.at(0, variable, at), sums.at(1, variable, at)];
    const [one, two] = own
      ? own.map((values) => values[at])
      : [a, b].map((found) => found && scoreOf(record, metric, found.samples, found.sums));
    if (typeof one !== 'number' || typeof two !== 'number') return { at: place, value: null };
    largest = Math.max(largest, Math.abs(one), Math.abs(two));
    const { band, by } = a && b ? pairedBandOf(record, metric, a, b) : {};
    if (by) bands.add(by);
    return { at: place, value: one - two, band };
  });
  // Rounding errors of scores that are the same are no curve.
  const still = 1e-4 * largest;
  const unit = metricUnit(record, variable, metric);
  const chart: Chart = {
    title: `${variable}: ${metricTitle(metric)}, A − B by lead`,
    axis: `lead time (${inDays ? 'days' : 'hours'})`,
    scores: `${metricTitle(metric)}, A − B${unit && ` (${unit})`}`,
    series: [{ name: 'A − B', colour: colour('--tw-series-3'), dash: [], points }],
    upright: true,
    cover: [-still, 0, still],
    level: 0,
    marked: (record.leadTimes[lead] ?? 0) / factor,
    place: (at) => leadTitle(at * factor),
  };
  return [{ chart, byLead: true, note: bandNote(bands, sums, 'Band of the difference: 95 %, over') }];
}

function byLatitude(
  record: SkillRecord,
  sums: AreaSums,
  { variable, metric, lead }: CurveChoice,
  colour: (variable: string) => string,
): Charted {
  const seen = new Set<LeadSums['from']>();
  const series = seriesOf(record, colour, (forecast) => {
    const found = sums.at(forecast, variable, lead);
    if (!found) return [];
    seen.add(found.from);
    return found.rows.flatMap((row, at): ChartPoint[] => {
      if (row.cells === 0) return [];
      const value = row.count > 0 ? scoreOf(record, metric, found.samples, row) : null;
      return [{ at: sums.latitude[at]!, value, count: found.from === 'maps' ? undefined : Math.round(row.count) }];
    });
  });
  const chart: Chart = {
    title: `${variable}: zonal mean at ${leadTitle(record.leadTimes[lead] ?? 0)}`,
    axis: 'latitude (°)',
    scores: scoresTitle(record, variable, metric),
    series,
    upright: false,
    cover: coverOf(metric),
    place: (at) => degrees(at, 'latitude', 1),
    axisTicks: (low, high) => degreeTicks(low, high, 6),
    axisText: (at) => degrees(at, 'latitude', at % 1 === 0 ? 0 : 1),
  };
  const missing = seen.has('maps') && metric !== 'rmse' && metric !== 'mse' ? 'It needs the sums, which the kernel has.' : '';
  return {
    chart,
    note:
      seen.size === 0 ? 'Waiting for the sums: the kernel has them.' : missing || (seen.has('maps') ? NOTES.maps : 'By rows of the map.'),
  };
}

/** The same quantity at every depth that was scored; none where there is only one. */
function byDepth(
  record: SkillRecord,
  sums: AreaSums,
  { variable, metric, lead, place }: CurveChoice,
  colour: (variable: string) => string,
): Charted[] {
  const levels = depthsOf(Object.keys(record.variables), variable);
  if (levels.length < 2) return [];
  const series = seriesOf(record, colour, (forecast) =>
    levels.map(({ name, depth }): ChartPoint => {
      if ('region' in place) {
        const count = scoresIn(record.forecasts[forecast]!, place.region)[name]?.count[lead];
        return { at: depth, value: scoresByLead(record, forecast, place.region, name, metric)[lead] ?? null, count };
      }
      const found = sums.only(forecast, name, lead);
      return { at: depth, value: found ? scoreOf(record, metric, found.samples, found.sums) : null };
    }),
  );
  const chart: Chart = {
    title: `${levels[0]!.quantity}: profile at ${leadTitle(record.leadTimes[lead] ?? 0)}`,
    axis: 'depth (m)',
    scores: scoresTitle(record, variable, metric),
    series,
    upright: false,
    downwards: true,
    cover: coverOf(metric),
    marked: levels.find(({ name }) => name === variable)?.depth,
    place: depthTitle,
  };
  return [{ chart, note: `${levels.length} depths.` }];
}
