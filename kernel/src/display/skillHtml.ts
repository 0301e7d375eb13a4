/** An evaluation as static HTML: for each variable a map of one lead and the curves by lead; with two forecasts their difference too. */
import { inflateSync } from 'node:zlib';
import { CURVE_COLOURS, METRIC_COLOURS } from '../records/colours.ts';
import { evenlySpread } from '../records/evenlySpread.ts';
import { errorQuantiles } from '../records/profiles.ts';
import { dequantise, differenceLimits } from '../records/quantise.ts';
import {
  leadTitle,
  METRIC_TITLES,
  type Metric,
  PICTURED,
  type ScoredForecast,
  SKILL_METRICS,
  type SkillRecord,
  type SmallMap,
} from '../records/skill.ts';
import { unitTitle } from '../records/ticks.ts';
import { curveFigure } from './curveFigure.ts';
import { block, type Content, element, type Html, provenance, STYLE, table } from './html.ts';
import { mapFigure } from './mapFigure.ts';
import { quantileFigure, rankFigure, spectrumFigures } from './profileFigures.ts';
import { moreTitle, scoreText } from './skillText.ts';

/** Leads in the table: its markup is long, and the curves show all. */
const LISTED = 8;
/** The same of the other metrics, which are many. */
const LISTED_MORE = 4;

/** What the pictures of quantiles, spectra and rank histograms may weigh: many variables and forecasts have many. */
const PROFILE_BYTES = 24e3;

/** A small map as a field; undefined where there is none of that lead. */
export function smallField(maps: readonly SmallMap[], variable: string, metric: Metric, lead: number): Float32Array | undefined {
  const map = maps.find((one) => one.variable === variable && one.metric === metric && one.lead === lead);
  return map && dequantise({ ...map, bytes: inflateSync(Buffer.from(map.data, 'base64')) });
}

export function skillHtml(record: SkillRecord, heading?: Content): string {
  return block(...skillContents(record, heading)).html;
}

/** `whole`: other metrics and profiles too; a comparison leaves them to the evaluation. */
export function skillContents(record: SkillRecord, heading?: Content, whole = true): Content[] {
  const mapped = [...new Set(record.forecasts[0]!.maps.map((map) => map.lead))];
  const lead = mapped[Math.floor((mapped.length - 1) / 2)] ?? 0;
  const names = record.forecasts.map((forecast) => forecast.name);
  const title = element('div', { style: 'font-weight:600;font-size:1.1em;margin:2px 0 6px' }, `Skill of ${names.join(' and ')}`);
  return [
    heading ?? title,
    ...(record.forecasts.length > 1 ? [legend(names.slice(0, 2))] : []),
    ...Object.keys(record.variables)
      .slice(0, PICTURED)
      .map((variable) => row(record, variable, lead)),
    ...(whole ? profiles(record, lead) : []),
    element(
      'details',
      element('summary', { style: 'cursor:pointer;margin:4px 0' }, 'Scores by lead'),
      ...record.forecasts.flatMap((forecast) => [scoreTable(record, forecast), ...(whole ? moreTable(record, forecast) : [])]),
    ),
    ...record.notes.map((note) => element('div', { style: `color:${STYLE.warn}` }, `! ${note}`)),
    provenance(record.provenance),
  ];
}

function legend(names: string[]): Html {
  const entries = names.map((name, index) =>
    element(
      'span',
      { style: 'margin-right:16px;white-space:nowrap' },
      element('span', {
        style: `display:inline-block;width:18px;vertical-align:middle;border-top:2px ${index ? 'dashed' : 'solid'} ${CURVE_COLOURS[index]};margin-right:5px`,
      }),
      `${'AB'[index]}: ${name}`,
    ),
  );
  return element('div', { style: 'margin:0 0 4px' }, ...entries);
}

/** One variable: its pictures side by side, wrapping where there is no room. */
function row(record: SkillRecord, variable: string, lead: number): Html {
  const unit = unitTitle(record.variables[variable]!.units);
  const at = leadTitle(record.leadTimes[lead]!);
  const [a, b] = record.forecasts;
  const figures: Html[] = [];
  const field = smallField(a!.maps, variable, 'rmse', lead);
  if (field) {
    const limits = record.limits[variable]!.rmse;
    const axis = `RMSE${unit && ` (${unit})`}`;
    const shown = b ? `A: ${a!.name}` : a!.name;
    figures.push(
      mapFigure({
        title: `${variable} RMSE at ${at}`,
        description: `Map of the RMSE of ${variable} of ${shown} at ${at}`,
        field,
        grid: record.grid,
        limits,
        colours: METRIC_COLOURS.rmse,
        unit: axis,
      }),
    );
  }
  const difference = smallField(record.differences, variable, 'rmse', lead);
  if (difference && b) {
    const mask = record.significance?.masks.find((one) => one.variable === variable && one.metric === 'rmse' && one.lead === lead);
    const dots = mask && inflateSync(Buffer.from(mask.data, 'base64'));
    const description = `Map of the RMSE of ${variable} of ${a!.name} less that of ${b.name} at ${at}${dots ? ', dotted where they differ by more than chance' : ''}`;
    figures.push(
      mapFigure({
        title: `${variable} RMSE, A − B`,
        description,
        field: difference,
        grid: record.grid,
        limits: differenceLimits(difference, record.limits[variable]!.rmse),
        colours: 'diverging',
        unit: [unit && `A − B (${unit})`, dots && 'dotted: more than chance'].filter(Boolean).join('; '),
        dots,
      }),
    );
  }
  const curves = (metric: Metric) =>
    curveFigure({
      title: `${variable} ${METRIC_TITLES[metric]}${metric === 'rmse' && unit ? ` (${unit})` : ''} by lead`,
      description: `${METRIC_TITLES[metric]} of ${variable} by lead: ${record.forecasts.map((one) => `${one.name} ${one.variables[variable]![metric].map((value) => scoreText(value)).join(', ')}`).join('; ')}`,
      leadTimes: record.leadTimes,
      curves: record.forecasts.slice(0, 2).map((one) => ({ name: one.name, values: one.variables[variable]![metric] })),
      marked: record.leadTimes[lead],
      cover: metric === 'rmse' ? [0] : [1],
    });
  const charts = element('div', { style: 'display:flex;flex-direction:column;gap:4px;max-width:100%' }, curves('rmse'), curves('acc'));
  return element('div', { style: 'display:flex;flex-wrap:wrap;gap:8px 20px;align-items:flex-start;margin:0 0 10px' }, ...figures, charts);
}

/** Quantiles of |error|, spectra and rank histograms, where there are any: variable by variable, as far as there is room for them. */
function profiles(record: SkillRecord, lead: number): Html[] {
  const all = Object.keys(record.variables).flatMap((variable) =>
    record.forecasts.flatMap((forecast) => {
      const row = profileRow(record, forecast, variable, lead);
      return row ? [{ row, name: record.forecasts.length > 1 ? `${variable} of ${forecast.name}` : variable }] : [];
    }),
  );
  const upTo = (index: number) => all.slice(0, index + 1).reduce((bytes, { row }) => bytes + row.html.length, 0);
  const drawn = all.filter((_, index) => upTo(index) <= PROFILE_BYTES);
  const left = all.slice(drawn.length).map(({ name }) => name);
  const note = `Quantiles, spectra and rank histograms of ${left.join(', ')} are in the record: the widget draws them.`;
  return [...drawn.map(({ row }) => row), ...(left.length > 0 ? [element('div', { style: STYLE.muted }, note)] : [])];
}

function profileRow(
  { leadTimes, forecasts }: SkillRecord,
  { name, variables, spectra = {}, ranks = {} }: ScoredForecast,
  variable: string,
  lead: number,
): Html | undefined {
  const { units, more = {} } = variables[variable]!;
  const quantiles = errorQuantiles(Object.keys(more)).map(({ metric, title }) => ({ title, values: more[metric]! }));
  const [spectrum, histogram] = [spectra[variable], ranks[variable]];
  const figures = [
    ...(quantiles.length > 0 ? [quantileFigure({ variable, name, units: unitTitle(units), leadTimes, quantiles })] : []),
    // Of several forecasts the power itself is left to the widget: over the truth's is what they are compared by.
    ...(spectrum
      ? spectrumFigures({ variable, name, units: unitTitle(units), leadTimes, spectrum }).slice(forecasts.length > 1 ? 1 : 0)
      : []),
    ...(histogram ? [rankFigure({ variable, name, leadTimes, histogram, lead })] : []),
  ];
  if (figures.length === 0) return undefined;
  const heading = forecasts.length > 1 ? [element('div', { style: 'width:100%;font-weight:600' }, name)] : [];
  return element('div', { style: 'display:flex;flex-wrap:wrap;gap:8px 20px;margin:0 0 10px' }, ...heading, ...figures);
}

/** The other metrics that were asked for: a row each, leads across. */
function moreTable(record: SkillRecord, forecast: ScoredForecast): Html[] {
  const leads = evenlySpread(record.leadTimes.length, LISTED_MORE);
  const rows = Object.entries(forecast.variables).flatMap(([name, { more = {}, units }]) =>
    Object.entries(more).map(([metric, values]) => [
      `${name} ${moreTitle(metric, unitTitle(units))}`,
      ...leads.map((lead) => scoreText(values[lead])),
    ]),
  );
  if (rows.length === 0) return [];
  const columns = leads.map((lead) => ({ title: leadTitle(record.leadTimes[lead]!), align: 'right' as const }));
  return [table({ caption: `${forecast.name}: other metrics by lead`, columns: [{ title: 'metric' }, ...columns], rows })];
}

function scoreTable(record: SkillRecord, forecast: ScoredForecast): Html {
  const heads = Object.entries(forecast.variables).flatMap(([name, { units }]) =>
    SKILL_METRICS.map((metric) => ({
      name,
      metric,
      title: `${name} ${METRIC_TITLES[metric]}${metric === 'rmse' && units ? ` (${unitTitle(units)})` : ''}`,
    })),
  );
  return table({
    caption: `${forecast.name}: RMSE and ACC by lead`,
    columns: [{ title: 'lead', align: 'right' }, ...heads.map(({ title }) => ({ title, align: 'right' as const }))],
    rows: evenlySpread(record.leadTimes.length, LISTED).map((lead) => [
      leadTitle(record.leadTimes[lead]!),
      ...heads.map(({ name, metric }) => scoreText(forecast.variables[name]![metric][lead])),
    ]),
  });
}
