/** The charts of sums by row: quantiles of |error| over the leads, power by zonal wavenumber, rank histograms; of what the record has. They need no kernel. */
import { leadColours } from '../../../kernel/src/records/colours.ts';
import { errorQuantiles } from '../../../kernel/src/records/profiles.ts';
import { regionTitle } from '../../../kernel/src/records/regions.ts';
import { leadTitle, leadUnit, type SkillRecord, scoresIn } from '../../../kernel/src/records/skill.ts';
import type { ChartPoint, Series } from './chart.ts';
import { type Charted, type CurveChoice, seriesStyles } from './curves.ts';
import { metricUnit } from './metrics.ts';

type Colour = (variable: string) => string;

export function profileCharts(record: SkillRecord, choice: CurveChoice, colour: Colour): Charted[] {
  return [...quantiles(record, choice, colour), ...spectra(record, choice, colour), ...ranks(record, choice, colour)];
}

/** Light words stand on a dark page. */
function pageOf(colour: Colour): 'light' | 'dark' {
  const [red = 0, green = 0, blue = 0] = (
    colour('--tw-text')
      .match(/^rgb.*/)?.[0]
      .match(/[\d.]+/g) ?? []
  ).map(Number);
  return red + green + blue > 384 ? 'dark' : 'light';
}

/** The letter that a forecast has in the widget; none where it is alone. */
const letterOf = ({ forecasts }: SkillRecord, index: number) => (forecasts.length > 1 ? 'AB'[index]! : '');

const after = (letter: string) => letter && `, ${letter}`;

/** A line for each quantile and forecast. A region that doesn't go round the globe has none: the whole grid's stand there, and the title says so. */
function quantiles(record: SkillRecord, { variable, lead, place }: CurveChoice, colour: Colour): Charted[] {
  const { unit, hours } = leadUnit(record.leadTimes);
  const known = (name: string) => errorQuantiles(Object.keys(scoresIn(record.forecasts[0]!, name)[variable]?.more ?? {}));
  const wanted = 'region' in place ? place.region : 'global';
  const region = known(wanted).length > 0 ? wanted : 'global';
  const names = known(region);
  if (names.length === 0) return [];
  const colours = leadColours(names.length, pageOf(colour));
  const styles = seriesStyles(record, () => '');
  const series = record.forecasts.flatMap((forecast, index) =>
    names.map(({ metric, title }, at): Series => {
      const values = scoresIn(forecast, region)[variable]?.more?.[metric] ?? [];
      return {
        name: `${letterOf(record, index)} ${title}`.trim(),
        colour: colours[at]!,
        dash: styles[index]!.dash,
        points: record.leadTimes.map((time, step): ChartPoint => ({ at: time / hours, value: values[step] ?? null })),
      };
    }),
  );
  const measure = metricUnit(record, variable, names[0]!.metric);
  const where = region === wanted && 'region' in place ? regionTitle(region) : `${regionTitle(region)}, not the area that is chosen`;
  return [
    {
      chart: {
        title: `${variable}: |error| by lead`,
        axis: `lead time (${unit})`,
        scores: `|error|${measure && ` (${measure})`}`,
        series,
        upright: true,
        cover: [0],
        marked: (record.leadTimes[lead] ?? 0) / hours,
        place: (at) => leadTitle(at * hours),
        keyed: 'quantile',
      },
      byLead: true,
      note: `|error|${measure && ` (${measure})`} that so many per cent of the weight don’t exceed; ${where}.`,
    },
  ];
}

/** A chart a forecast: its power at each lead, and the truth's of the last. Where a lead lies below the truth, the forecast is blurred. */
function spectra(record: SkillRecord, { variable }: CurveChoice, colour: Colour): Charted[] {
  const unit = metricUnit(record, variable, 'mse');
  return record.forecasts.flatMap((forecast, index): Charted[] => {
    const spectrum = forecast.spectra?.[variable];
    if (!spectrum) return [];
    const { leads, wavenumbers, truth, circles } = spectrum;
    const colours = leadColours(leads.length, pageOf(colour));
    // What isn't positive has no logarithm.
    const points = (power: readonly number[]) =>
      wavenumbers.map((at, band): ChartPoint => ({ at, value: power[band]! > 0 ? power[band]! : null }));
    const last = leadTitle(record.leadTimes[leads.at(-1)!]!);
    const series: Series[] = [
      ...leads.map((lead, at) => ({
        name: leadTitle(record.leadTimes[lead]!),
        colour: colours[at]!,
        dash: [],
        points: points(spectrum.forecast[at]!),
      })),
      { name: 'truth', colour: colour('--tw-text'), dash: [4, 3], points: points(truth.at(-1)!) },
    ];
    return [
      {
        chart: {
          title: `${variable}: power spectrum${after(letterOf(record, index))}`,
          axis: 'zonal wavenumber',
          scores: `power${unit && ` (${unit})`}`,
          series,
          upright: true,
          logarithmic: true,
          place: (at) => `wavenumber ${at}`,
          keyed: 'lead',
        },
        note: `Power${unit && ` (${unit})`} of one wavenumber; the truth at ${last}. Below it the forecast is blurred. Whole grid, ${circles.at(-1)} rows without a missing cell.`,
      },
    ];
  });
}

/** Bars of the ensembles, of the lead nearest the chosen one that the record keeps. */
function ranks(record: SkillRecord, { variable, lead }: CurveChoice, colour: Colour): Charted[] {
  const styles = seriesStyles(record, colour);
  const found = record.forecasts.flatMap(({ ranks: all }, index) =>
    all?.[variable] ? [{ histogram: all[variable]!, style: styles[index]!, letter: letterOf(record, index) }] : [],
  );
  return found.map(({ histogram: { leads, members, together, relative }, style, letter }) => {
    const hours = (at: number) => Math.abs(record.leadTimes[leads[at]!]! - (record.leadTimes[lead] ?? 0));
    const nearest = [...leads.keys()].reduce((best, at) => (hours(at) < hours(best) ? at : best), 0);
    const at = leadTitle(record.leadTimes[leads[nearest]!]!);
    return {
      chart: {
        title: `${variable}: rank histogram at ${at}${after(letter)}`,
        axis: 'members below the truth',
        scores: 'share over a flat one’s',
        series: [
          { ...style, points: relative[nearest]!.map((value, bar): ChartPoint => ({ at: bar * together + (together - 1) / 2, value })) },
        ],
        upright: true,
        bars: together,
        cover: [0, 1],
        level: 1,
        place: (rank: number) => (together > 1 ? `ranks ${rank - (together - 1) / 2} to ${rank + (together - 1) / 2}` : `${rank} below`),
      },
      note: `Share of the weight over a reliable ensemble’s, which is 1 (dashed), no unit; ${members} members, whole grid.${leads[nearest] === lead ? '' : ` The record keeps ${leads.length === 1 ? 'one lead' : `${leads.length} leads`}: this is the nearest.`}`,
    };
  });
}
