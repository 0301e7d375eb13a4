/** Scores by lead as a static SVG line chart, one line a forecast. */
import { CURVE_COLOURS } from '../records/colours.ts';
import { leadUnit } from '../records/skill.ts';
import { ticks } from '../records/ticks.ts';
import type { Html } from './html.ts';
import { minus } from './mapFigure.ts';
import { brokenLine, gridLine, heading, picture, words } from './svg.ts';

export interface CurveFigure {
  title: string;
  description: string;
  /** Hours. */
  leadTimes: readonly number[];
  curves: readonly { name: string; values: readonly (number | null)[] }[];
  /** A lead to mark, hours. */
  marked?: number;
  /** Drawn at least over these values. */
  cover?: readonly number[];
}

const WIDTH = 340;
const HEIGHT = 150;
const LEFT = 44;
const RIGHT = 12;
const TOP = 24;
const BOTTOM = 34;

export function curveFigure({ title, description, leadTimes, curves, marked, cover = [] }: CurveFigure): Html {
  const { unit, hours } = leadUnit(leadTimes);
  const xs = leadTimes.map((lead) => lead / hours);
  const values = [...curves.flatMap((curve) => curve.values.filter((value): value is number => value !== null)), ...cover];
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  const [bottom, top] = [cover.includes(low) ? low : low - room, cover.includes(high) ? high : high + room];
  const [first, last] = xs.length > 1 ? [Math.min(...xs), Math.max(...xs)] : [xs[0]! - 1, xs[0]! + 1];
  const x = (value: number) => (LEFT + ((value - first) / (last - first)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number) => (HEIGHT - BOTTOM - ((value - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const parts = [
    heading(LEFT, 14, title),
    ...ticks(bottom, top, 4).map(
      (value) => gridLine(LEFT, WIDTH - RIGHT, y(value)) + words('end', LEFT - 5, (Number(y(value)) + 3).toFixed(1), minus(value), 9),
    ),
    ...ticks(first, last, 6).map((value) => words('middle', x(value), HEIGHT - BOTTOM + 13, minus(value), 9)),
    marked === undefined
      ? ''
      : `<path d="M${x(marked / hours)} ${TOP}V${HEIGHT - BOTTOM}" stroke="currentColor" stroke-opacity=".5" stroke-dasharray="3 3"/>`,
    ...curves.map(({ values }, index) =>
      brokenLine(
        values.map((value, at) => (value === null ? undefined : [x(xs[at]!), y(value)])),
        CURVE_COLOURS[index % CURVE_COLOURS.length]!,
        `stroke-width="1.8"${index > 0 ? ' stroke-dasharray="6 3"' : ''}`,
        values.length <= 24 ? 2 : undefined,
      ),
    ),
    words('middle', (LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 27, `lead time (${unit})`, 10),
  ];
  return picture(description, [WIDTH, HEIGHT], parts);
}
