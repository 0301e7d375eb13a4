/** Quantiles of |error|, power by zonal wavenumber and rank histograms as static SVG: how far do errors reach, does a forecast blur with lead, is an ensemble reliable? */
import { CURVE_COLOURS, leadColours } from '../records/colours.ts';
import { evenlySpread } from '../records/evenlySpread.ts';
import type { RankHistogram, Spectrum } from '../records/profiles.ts';
import { leadTitle, leadUnit } from '../records/skill.ts';
import { type Axis, logarithmicTicks, shareOf, sparse, ticks } from '../records/ticks.ts';
import type { Html } from './html.ts';
import { minus } from './mapFigure.ts';
import { gridLine, heading, line, picture, words } from './svg.ts';

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [340, 204, 48, 12, 24, 48];
const SIZE = [WIDTH, HEIGHT] as const;

/** Marked like this a curve is the truth's. */
const TRUTH = 'currentColor';
const DASHED = ' stroke-dasharray="8 4"';

type TitledAxis = Axis & { title: string };

interface Frame {
  x(value: number): number;
  y(value: number): number;
  /** Title, axes and grid lines. */
  parts: string[];
}

const small = (anchor: Parameters<typeof words>[0], x: number, y: number, text: string, size = 9) =>
  words(anchor, x.toFixed(1), y.toFixed(1), text, size);

function frame(title: string, across: TitledAxis, up: Axis): Frame {
  const x = (value: number) => LEFT + shareOf(across, value) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - shareOf(up, value) * (HEIGHT - TOP - BOTTOM);
  const marks = ({ low, high, logarithmic }: Axis, count: number) => (logarithmic ? logarithmicTicks(low, high) : ticks(low, high, count));
  return {
    x,
    y,
    parts: [
      heading(LEFT, 14, title),
      ...sparse(marks(up, 4), 6).map(
        (value) => gridLine(LEFT, WIDTH - RIGHT, y(value).toFixed(1)) + small('end', LEFT - 5, y(value) + 3, tickText(value)),
      ),
      ...sparse(marks(across, 6), 8).map((value) => small('middle', x(value), HEIGHT - BOTTOM + 13, minus(value))),
      small('middle', (LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 27, across.title, 10),
    ],
  };
}

/** 0.001 as it is, 0.0000012 as 1.2e−6. */
const tickText = (value: number): string =>
  value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)
    ? value.toExponential().replace('+', '').replace('-', '−')
    : minus(value);

const path = (points: readonly (readonly [number, number])[], colour: string, more = '') =>
  line(points, colour, ` stroke-width="3.2"${more}`);

/** A dashed line across at 1: as the truth has it. */
const atOne = ({ y }: Frame) =>
  path(
    [
      [LEFT, y(1)],
      [WIDTH - RIGHT, y(1)],
    ],
    TRUTH,
    DASHED,
  );

/** Curves by their colours, in a row below the axis. */
function key(entries: readonly { title: string; colour: string; dashed?: boolean }[]): string[] {
  const wide = (WIDTH - 8) / Math.max(7, entries.length);
  return entries.flatMap(({ title, colour, dashed }, at) => {
    const [x, y] = [8 + wide * at, HEIGHT - 6];
    const line: [number, number][] = [
      [x, y],
      [x + 14, y],
    ];
    return [path(line, colour, dashed ? DASHED : ''), small('start', x + 17, y + 3, title)];
  });
}

export interface SpectrumFigure {
  variable: string;
  /** The forecast's. */
  name: string;
  units: string;
  leadTimes: readonly number[];
  spectrum: Spectrum;
}

/** Leads that a spectrum is drawn at: a page holds many, and the widget has all. */
const SPECTRA = 3;

/** Two pictures: the power itself, the truth's of the last lead beside it, and the forecast's over the truth's. */
export function spectrumFigures({ variable, name, units, leadTimes, spectrum }: SpectrumFigure): Html[] {
  const { wavenumbers } = spectrum;
  const drawn = evenlySpread(spectrum.leads.length, SPECTRA);
  const [forecast, truth, leads] = [spectrum.forecast, spectrum.truth, spectrum.leads].map((list) => drawn.map((at) => list[at]!)) as [
    number[][],
    number[][],
    number[],
  ];
  const colours = leadColours(leads.length);
  const titles = leads.map((lead) => leadTitle(leadTimes[lead]!));
  const across: TitledAxis = { title: 'zonal wavenumber', low: 1, high: Math.max(2, wavenumbers.at(-1)!), logarithmic: true };
  const positive = [...forecast.flat(), ...truth.flat()].filter((value) => value > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const power = frame(`${variable} power${units && ` (${units})²`}`, across, {
    low: least / 1.3,
    high: most * 1.3,
    logarithmic: true,
  });
  const curve = ({ x, y }: Frame, values: readonly number[]) =>
    values.flatMap((value, band) => (value > 0 ? [[x(wavenumbers[band]!), y(value)] as const] : []));
  const ratios = forecast.map((values, at) => values.map((value, band) => (truth[at]![band]! > 0 ? value / truth[at]![band]! : 0)));
  const highest = Math.min(4, Math.max(1.2, ...ratios.flat()) * 1.05);
  const ratio = frame(`${variable} power, forecast over truth`, across, { low: 0, high: highest });
  const said = titles.map((title, at) => `${title}: ${tickText(Number(ratios[at]!.at(-1)!.toPrecision(3)))}`).join(', ');
  return [
    picture(`Power of ${variable} of ${name} and of the truth by zonal wavenumber at ${titles.join(', ')}`, SIZE, [
      ...power.parts,
      ...forecast.map((values, at) => path(curve(power, values), colours[at]!)),
      path(curve(power, truth.at(-1)!), TRUTH, DASHED),
      ...key([{ title: 'truth', colour: TRUTH, dashed: true }, ...titles.map((title, at) => ({ title, colour: colours[at]! }))]),
    ]),
    picture(`Power of ${variable} of ${name} over the truth’s by zonal wavenumber; at the smallest scale ${said}`, SIZE, [
      ...ratio.parts,
      atOne(ratio),
      ...ratios.map((values, at) =>
        path(
          curve(
            ratio,
            values.map((value) => Math.min(value, highest)),
          ),
          colours[at]!,
        ),
      ),
      ...key(titles.map((title, at) => ({ title, colour: colours[at]! }))),
    ]),
  ];
}

export interface RankFigure {
  variable: string;
  name: string;
  leadTimes: readonly number[];
  histogram: RankHistogram;
  /** An index into the lead times: the bars are those of the lead nearest to it. */
  lead: number;
}

/** One picture: bars, and where a reliable ensemble's would end. */
export function rankFigure({ variable, name, leadTimes, histogram, lead }: RankFigure): Html {
  const { leads, members, relative, together } = histogram;
  const titles = leads.map((one) => leadTitle(leadTimes[one]!));
  const distance = (at: number) => Math.abs(leads[at]! - lead);
  const shown = [...leads.keys()].reduce((best, at) => (distance(at) < distance(best) ? at : best), 0);
  const bars = relative[shown]!;
  const framed = frame(
    `${variable} rank histogram at ${titles[shown]}`,
    {
      title: `members below the truth${together > 1 ? `, ${together} ranks together` : ''}`,
      low: -0.5,
      high: bars.length * together - 0.5,
    },
    { low: 0, high: Math.max(1.5, ...relative.flat()) * 1.08 },
  );
  const { x, y, parts } = framed;
  const wide = (x(together) - x(0)) * 0.88;
  const bar = (value: number, at: number) =>
    `<rect x="${(x((at + 0.5) * together - 0.5) - wide / 2).toFixed(1)}" y="${y(value).toFixed(1)}" width="${wide.toFixed(1)}" height="${(y(0) - y(value)).toFixed(1)}"/>`;
  return picture(
    `Rank histogram of ${variable} of ${name}, ${members} members; 1 where all ranks are alike. Lowest and highest rank at ${titles.map((title, at) => `${title}: ${relative[at]![0]} and ${relative[at]!.at(-1)}`).join('; ')}`,
    SIZE,
    [...parts, `<g fill="${CURVE_COLOURS[0]}">${bars.map(bar).join('')}</g>`, atOne(framed)],
  );
}

export interface QuantileFigure {
  variable: string;
  name: string;
  units: string;
  leadTimes: readonly number[];
  /** By lead; `title` in the key: `90 %`. */
  quantiles: readonly { title: string; values: readonly (number | null)[] }[];
}

/** One picture: a curve over the leads for each quantile. */
export function quantileFigure({ variable, name, units, leadTimes, quantiles }: QuantileFigure): Html {
  const { unit, hours } = leadUnit(leadTimes);
  const days = leadTimes.map((lead) => lead / hours);
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const most = Math.max(...quantiles.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const framed = frame(
    `${variable} |error| by lead${units && ` (${units})`}`,
    { title: `lead time (${unit})`, low: first, high: last > first ? last : first + 1 },
    { low: 0, high: most * 1.06 || 1 },
  );
  const colours = leadColours(quantiles.length);
  const said = quantiles.map(
    ({ title, values }) => `${title}: ${values.map((value) => (value === null ? '–' : tickText(Number(value.toPrecision(3))))).join(', ')}`,
  );
  return picture(`Quantiles of the absolute error of ${variable} of ${name} by lead; ${said.join('; ')}`, SIZE, [
    ...framed.parts,
    ...quantiles.map(({ values }, at) =>
      path(
        values.flatMap((value, lead) => (value === null ? [] : [[framed.x(days[lead]!), framed.y(value)] as const])),
        colours[at]!,
      ),
    ),
    ...key(quantiles.map(({ title }, at) => ({ title, colour: colours[at]! }))),
  ]);
}
