/** A small chart of scores: lines with their bands, or bars, over an axis, painted with a pen for screen and file alike. */
import { type Axis, logarithmicTicks, shareOf, sparse, ticks } from '../../../kernel/src/records/ticks.ts';
import { csvField } from '../csv.ts';
import { number } from '../format.ts';
import type { Palette, Pen } from '../pens.ts';
import { barsOf } from './bars.ts';
import { chartKey, KEY_LINE, type KeyEntry } from './chart-key.ts';

/** A score at a place on the axis; null where it has no value. */
export interface ChartPoint {
  at: number;
  value: number | null;
  band?: readonly [low: number, high: number];
  /** How many samples it is made of. */
  count?: number;
}

export interface Series {
  name: string;
  colour: string;
  dash: readonly number[];
  points: readonly ChartPoint[];
}

export interface Chart {
  title: string;
  /** Of the axis that the points lie along, and of the scores. */
  axis: string;
  scores: string;
  series: readonly Series[];
  /** The scores lie along the vertical axis, as over leads; or along the horizontal one, as by latitude and depth. */
  upright: boolean;
  /** A depth grows downwards. */
  downwards?: boolean;
  /** Scores that the axis covers in any case. */
  cover?: readonly number[];
  /** A score that has a line of its own: nought of a difference. */
  level?: number;
  /** A line across the axis. */
  marked?: number;
  /** What a place on the axis is called. */
  place: (at: number) => string;
  /** Where the axis has its ticks; about as many as asked for. */
  axisTicks?: (low: number, high: number, most: number) => number[];
  axisText?: (at: number) => string;
  /** Both axes count factors; what isn't positive has no place on them. */
  logarithmic?: boolean;
  /** Bars from nought in place of lines, `bars` of the axis wide. */
  bars?: number;
  /** What the series are, where they are not the forecasts: named below the axis, and in the CSV by this word. */
  keyed?: string;
}

export interface Size {
  width: number;
  height: number;
}

const MARGIN = { left: 58, right: 12, top: 26, bottom: 40 };

interface Scaled extends Axis {
  /** Pixels of its ends. */
  from: number;
  to: number;
}

const place = (axis: Scaled, value: number) => axis.from + shareOf(axis, value) * (axis.to - axis.from);

export interface ChartLayout {
  chart: Chart;
  size: Size;
  along: Scaled;
  scores: Scaled;
  /** Where the series are named, and the lower edge of the plot. */
  key: readonly KeyEntry[];
  bottom: number;
}

export function chartLayout(chart: Chart, size: Size): ChartLayout {
  const finite = (values: (number | null | undefined)[]) =>
    values.filter((one): one is number => typeof one === 'number' && Number.isFinite(one));
  const points = chart.series.flatMap(({ points: own }) => own);
  const shown = points.filter(({ value }) => value !== null);
  // Without a value the axis keeps its places.
  const along = finite((shown.length > 0 ? shown : points).map(({ at }) => at));
  const values = finite([...shown.flatMap(({ value, band }) => [value, ...(band ?? [])]), ...(chart.cover ?? [])]);
  const [first, last] = along.length > 0 ? [Math.min(...along), Math.max(...along)] : [0, 1];
  const wide = chart.bars ? chart.bars / 2 : last > first ? 0 : Math.abs(first) * 0.1 || 1;
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  const linear = {
    low: chart.cover?.includes(low) ? low : low - room,
    high: chart.cover?.includes(high) ? high : high + room,
  };
  const { logarithmic } = chart;
  const scores = logarithmic ? { low: low / 1.4, high: high * 1.4, logarithmic } : linear;
  const key = chart.keyed ? chartKey(chart.series, size) : [];
  const bottom = size.height - MARGIN.bottom - KEY_LINE * new Set(key.map(({ y }) => y)).size;
  const across = { from: MARGIN.left, to: size.width - MARGIN.right };
  const up = { from: bottom, to: MARGIN.top };
  const down = { from: up.to, to: up.from };
  const alongEnds = { low: first - wide, high: last + wide, logarithmic };
  return chart.upright
    ? { chart, size, along: { ...alongEnds, ...across }, scores: { ...scores, ...up }, key, bottom }
    : { chart, size, along: { ...alongEnds, ...(chart.downwards ? down : up) }, scores: { ...scores, ...across }, key, bottom };
}

/** Pixels of a point. */
export function pointAt({ chart, along, scores }: ChartLayout, at: number, value: number): [number, number] {
  const [a, s] = [place(along, at), place(scores, value)];
  return chart.upright ? [a, s] : [s, a];
}

/** The place on the axis under a pixel. */
export function placeAt({ chart, along }: ChartLayout, x: number, y: number): number {
  const pixel = chart.upright ? x : y;
  const share = (pixel - along.from) / (along.to - along.from);
  return along.logarithmic ? along.low * (along.high / along.low) ** share : along.low + share * (along.high - along.low);
}

const SOLID: readonly number[] = [];
const FEW = 45;

export function paintChart(pen: Pen, layout: ChartLayout, palette: Palette): void {
  const { chart, size, along, scores, key, bottom } = layout;
  const rule = { colour: palette.rule, width: 1, dash: SOLID, opacity: 1 };
  const small = { size: 11, colour: palette.muted };
  const [x, y] = chart.upright ? [along, scores] : [scores, along];
  const [left, right] = [MARGIN.left, size.width - MARGIN.right];
  const { top } = MARGIN;
  const points = chart.series.flatMap(({ points: own }) => own);
  const empty = !points.some(({ value }) => value !== null);
  const places = (chart.axisTicks ?? (chart.logarithmic ? logarithmicTicks : ticks))(
    along.low,
    along.high,
    chart.upright ? Math.floor((right - left) / 48) : 6,
  );
  // Ticks of nothing would look like values.
  const alongTicks = points.length > 0 ? places : [];
  const scoreTicks = empty
    ? []
    : chart.logarithmic
      ? sparse(logarithmicTicks(scores.low, scores.high), 6)
      : ticks(scores.low, scores.high, chart.upright ? 5 : Math.floor((right - left) / 58));
  const text = (one: number, isAlong: boolean) => (isAlong ? (chart.axisText ?? ((value) => number(value, 4)))(one) : number(one, 3));
  for (const one of chart.upright ? alongTicks : scoreTicks) {
    const at = Math.round(place(x, one)) + 0.5;
    pen.line([at, top, at, bottom], rule);
    pen.text(text(one, chart.upright), at, bottom + 15, { ...small, anchor: 'middle' });
  }
  for (const one of chart.upright ? scoreTicks : alongTicks) {
    const at = Math.round(place(y, one)) + 0.5;
    pen.line([left, at, right, at], rule);
    pen.text(text(one, !chart.upright), left - 6, at + 3.5, { ...small, anchor: 'end' });
  }
  pen.text(chart.title, left, 15, { size: 12.5, colour: palette.text, anchor: 'start' });
  pen.text(chart.upright ? chart.axis : chart.scores, (left + right) / 2, bottom + 32, {
    size: 11.5,
    colour: palette.muted,
    anchor: 'middle',
  });
  if (empty && points.length > 0) {
    const [middle, line] = [(left + right) / 2, (top + bottom) / 2];
    pen.box(middle - 34, line - 14, 68, 20, palette.ground);
    pen.text('no values', middle, line, { size: 12, colour: palette.muted, anchor: 'middle' });
  }
  if (!empty && chart.marked !== undefined && chart.marked >= along.low && chart.marked <= along.high) {
    const at = place(along, chart.marked);
    const line = chart.upright ? [at, top, at, bottom] : [left, at, right, at];
    pen.line(line, { colour: palette.outline, width: 1.2, dash: [3, 3], opacity: 1 });
  }
  const level = () => {
    if (chart.level === undefined) return;
    const at = place(scores, chart.level);
    const line = chart.upright ? [left, at, right, at] : [at, top, at, bottom];
    pen.line(line, { colour: chart.bars ? palette.text : palette.outline, width: 1.2, dash: chart.bars ? [5, 3] : SOLID, opacity: 1 });
  };
  if (!chart.bars) level();
  for (const { name, colour, dash, x: start, y: line } of key) {
    pen.line([start, line - 4, start + 14, line - 4], { colour, width: 2, dash, opacity: 1 });
    pen.text(name, start + 18, line, { ...small, anchor: 'start' });
  }
  pen.inside(left - 1, top - 1, right - left + 2, bottom - top + 2, () => {
    for (const { points, colour } of chart.series)
      for (const part of bandPaths(layout, points)) pen.path(part, { fill: colour, fillOpacity: 0.17 });
    if (chart.bars) for (const { box, colour } of barsOf(layout, pointAt)) pen.box(...box, colour);
    // Over the bars, which would hide it.
    if (chart.bars) level();
    for (const { points, colour, dash } of chart.bars ? [] : chart.series) {
      const pixels = Float64Array.from(
        points.flatMap(({ at, value }) => (value === null ? [Number.NaN, Number.NaN] : pointAt(layout, at, value))),
      );
      pen.line(pixels, { colour, width: 2, dash, opacity: 1 });
      if (points.length <= FEW) pen.dots(pixels, 2.4, colour);
    }
  });
}

/** Closed paths round the bands, one for each stretch without a gap. */
export function bandPaths(layout: ChartLayout, points: readonly ChartPoint[]): string[] {
  const paths: string[] = [];
  let stretch: ChartPoint[] = [];
  const close = () => {
    if (stretch.length > 1) {
      const edge = (side: 0 | 1) =>
        stretch.map(({ at, band }) =>
          pointAt(layout, at, band![side])
            .map((one) => one.toFixed(1))
            .join(' '),
        );
      paths.push(`M${[...edge(1), ...edge(0).reverse()].join('L')}Z`);
    }
    stretch = [];
  };
  for (const point of points) {
    if (point.band && point.value !== null) stretch.push(point);
    else close();
  }
  close();
  return paths;
}

/** Every point, one a line; RFC 4180. */
export function chartCsv(chart: Chart, provenance: string): string {
  const lines = [
    `${csvField(chart.keyed ?? 'forecast')},${csvField(chart.axis)},${csvField(chart.scores)},band_95_low,band_95_high,samples`,
  ];
  for (const { name, points } of chart.series) {
    for (const { at, value, band, count } of points) {
      const cell = (one: number | null | undefined) => (typeof one === 'number' && Number.isFinite(one) ? String(one) : '');
      lines.push([csvField(name), at, cell(value), cell(band?.[0]), cell(band?.[1]), cell(count)].join(','));
    }
  }
  return `${lines.join('\r\n')}\r\n${csvField(`# ${chart.title}; ${provenance}`)}\r\n`;
}
