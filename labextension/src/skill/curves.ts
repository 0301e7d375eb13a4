/** The charts under the maps: by lead, by latitude, by depth, of the place that is chosen. */
import { metricOf } from '../../../kernel/src/records/metrics.ts';
import { leadTitle, leadUnit, type SkillRecord, scoresIn } from '../../../kernel/src/records/skill.ts';
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

const COLOURS = ['--tw-series-1', '--tw-series-2'] as const;
const DASHES = [[], [7, 4]] as const;

/** How the forecasts' lines are called and drawn: `A: name`, `B: name`; the bare name where there is one. */
export function seriesStyles({ forecasts }: SkillRecord, colour: (variable: string) => string): Omit<Series, 'points'>[] {
  return forecasts.map(({ name }, at) => ({
    name: forecasts.length > 1 ? `${'AB'[at]}: ${name}` : name,
    colour: colour(COLOURS[at]!),
    dash: DASHES[at]!,
  }));
}

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
  return seriesStyles(record, colour).map((style, forecast) => ({ ...style, points: points(forecast) }));
}

function scoresTitle(record: SkillRecord, variable: string, metric: MapMetric): string {
  const unit = metricUnit(record, variable, metric);
  return `${metricTitle(metric)}${unit && ` (${unit})`}`;
}

/** Leads with a score: all of a region of the record, of what was drawn those whose sums are there. */
function leadsKnown(record: SkillRecord, sums: AreaSums, { variable, place }: Pick<CurveChoice, 'variable' | 'place'>): number[] {
  const all = [...record.leadTimes.keys()];
  return 'region' in place ? all : all.filter((lead) => record.forecasts.some((_, forecast) => sums.at(forecast, variable, lead)));
}

/** A forecast's score at a lead: of a region of the record as it stands there, of what was drawn by its sums. */
function scoreByLead(
  record: SkillRecord,
  sums: AreaSums,
  forecast: number,
  { variable, place }: Pick<CurveChoice, 'variable' | 'place'>,
  metric: MapMetric,
): (lead: number) => number | null {
  if ('region' in place) {
    const own = scoresByLead(record, forecast, place.region, variable, metric);
    return (lead) => own[lead] ?? null;
  }
  return (lead) => {
    const found = sums.at(forecast, variable, lead);
    return found ? scoreOf(record, metric, found.samples, found.sums) : null;
  };
}

/** What charts over the leads have in common. */
function alongLeads({ leadTimes }: SkillRecord, lead: number) {
  const { unit, hours } = leadUnit(leadTimes);
  return {
    axis: `lead time (${unit})`,
    upright: true,
    marked: (leadTimes[lead] ?? 0) / hours,
    place: (at: number) => leadTitle(at * hours),
  };
}

function byLead(
  record: SkillRecord,
  sums: AreaSums,
  { variable, lead, place }: CurveChoice,
  metric: MapMetric,
  colour: (variable: string) => string,
): Charted {
  const { hours } = leadUnit(record.leadTimes);
  const seen = new Set<Origin>();
  const bands = new Set<BandOver>();
  const leads = leadsKnown(record, sums, { variable, place });
  const series = seriesOf(record, colour, (forecast) => {
    const score = scoreByLead(record, sums, forecast, { variable, place }, metric);
    const counts = 'region' in place ? scoresIn(record.forecasts[forecast]!, place.region)[variable]?.count : undefined;
    return leads.map((at): ChartPoint => {
      const found = sums.at(forecast, variable, at);
      const value = score(at);
      const { band, by } = found && value !== null ? bandOf(record, metric, found) : {};
      if (by) bands.add(by);
      if ('region' in place) seen.add('record');
      else if (found) seen.add(originOf(found));
      const count = counts?.[at] ?? (found && found.from !== 'maps' ? Math.round(found.sums.count) : undefined);
      return { at: record.leadTimes[at]! / hours, value, band, count };
    });
  });
  const chart: Chart = {
    ...alongLeads(record, lead),
    title: `${variable}: ${metricTitle(metric)} by lead`,
    scores: scoresTitle(record, variable, metric),
    series,
    cover: coverOf(metric),
  };
  const band = bands.size === 0 && !sums.live ? 'Bands need a running kernel.' : bandNote(bands, sums, 'Band: 95 %, over');
  const note = `${scoresTitle(record, variable, metric)}. ${band} ${noteOf(seen, metric, sums.live)}`.replaceAll(/\s+/g, ' ').trim();
  return { chart, note, byLead: true };
}

/** Where the values of a chart come from, or why there are none. */
type Origin = LeadSums['from'] | 'record' | 'outside' | 'empty';

const originOf = ({ sums, from }: LeadSums): Origin => (sums.cells === 0 ? 'outside' : sums.count === 0 ? 'empty' : from);

const NOTES: Record<Origin, string> = {
  outside: 'No cell of the grid has its centre in this area.',
  empty: 'No cell of this area has data: it is land, or was left out.',
  record: '',
  exact: 'From the sums of its cells.',
  blocks: 'Cells on the edge by share; the exact ones are being counted.',
  maps: 'From the rounded maps of the saved output.',
};

const ORIGINS = ['maps', 'blocks', 'exact', 'record', 'empty', 'outside'] as const;

function noteOf(seen: ReadonlySet<Origin>, metric: MapMetric, live: boolean): string {
  if (seen.size === 0)
    return live ? 'Waiting for the sums of this area: the kernel has them.' : 'It needs the sums of this area, and so a running kernel.';
  if (seen.has('maps') && metric !== 'rmse' && metric !== 'mse') return 'It needs the sums, which the kernel has.';
  return NOTES[ORIGINS.find((from) => seen.has(from))!];
}

/** A's score less B's, with the band of the difference: what is hard for both does not widen it. */
function differenceByLead(
  record: SkillRecord,
  sums: AreaSums,
  { variable, metric, lead, place }: CurveChoice,
  colour: (variable: string) => string,
): Charted[] {
  if (record.forecasts.length < 2) return [];
  const { hours } = leadUnit(record.leadTimes);
  const bands = new Set<BandOver>();
  const [scoreA, scoreB] = [0, 1].map((forecast) => scoreByLead(record, sums, forecast, { variable, place }, metric));
  let largest = 0;
  const points = leadsKnown(record, sums, { variable, place }).map((lead): ChartPoint => {
    const at = record.leadTimes[lead]! / hours;
    const [one, two] = [scoreA!(lead), scoreB!(lead)];
    if (one === null || two === null) return { at, value: null };
    largest = Math.max(largest, Math.abs(one), Math.abs(two));
    const [a, b] = [sums.at(0, variable, lead), sums.at(1, variable, lead)];
    const { band, by } = a && b ? pairedBandOf(record, metric, a, b) : {};
    if (by) bands.add(by);
    return { at, value: one - two, band };
  });
  // Rounding errors of scores that are the same are no curve.
  const still = 1e-4 * largest;
  const unit = metricUnit(record, variable, metric);
  const chart: Chart = {
    ...alongLeads(record, lead),
    title: `${variable}: ${metricTitle(metric)}, A − B by lead`,
    scores: `${metricTitle(metric)}, A − B${unit && ` (${unit})`}`,
    series: [{ name: 'A − B', colour: colour('--tw-series-3'), dash: [], points }],
    cover: [-still, 0, still],
    level: 0,
  };
  return [{ chart, byLead: true, note: bandNote(bands, sums, 'Band of the difference: 95 %, over') }];
}

function byLatitude(
  record: SkillRecord,
  sums: AreaSums,
  { variable, metric, lead }: CurveChoice,
  colour: (variable: string) => string,
): Charted {
  const seen = new Set<Origin>();
  const series = seriesOf(record, colour, (forecast) => {
    const found = sums.at(forecast, variable, lead);
    if (!found) return [];
    seen.add(originOf(found));
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
  return { chart, note: seen.has('exact') || seen.has('blocks') ? 'By rows of the map.' : noteOf(seen, metric, sums.live) };
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
