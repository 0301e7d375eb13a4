/** The picture of runs' curves as lines, words and marks in pixels: panels above one another over one horizontal axis. Pure: painted by `paint.ts`. */
import type { Curve } from '../../../kernel/src/records/curve.ts';
import { type Axis, axis, type Horizontal, horizontalTicks, pixel, type Tick, valueAt, verticalTicks, withRoom } from './axis.ts';
import { LOSS_PANEL, type Metric, metricOf } from './metrics.ts';
import { reduce } from './reduce.ts';

/** One curve to draw. */
export interface DrawnCurve {
  name: string;
  curve: Curve;
  /** The smoothed curve, where smoothing is on: the raw one is then drawn faintly below it. */
  mean: Curve | undefined;
  colour: string;
  dash: Metric['dash'];
  /** Of its run, where known. */
  stepsPerEpoch: number | undefined;
}

/** A vertical line across the picture. */
export interface Mark {
  at: number;
  text: string;
  kind: 'fault' | 'parting' | 'pin';
}

export interface View {
  horizontal: Horizontal;
  /** Of the horizontal and of the vertical axes. */
  logarithmic: { horizontal: boolean; vertical: boolean };
  /** The part of the horizontal axis that is zoomed to. */
  range: [number, number] | undefined;
  width: number;
}

export interface Line {
  /** x, y, x, y … in pixels; a NaN breaks the line. */
  points: Float64Array;
  colour: string;
  width: number;
  dash: Metric['dash'];
  faint: boolean;
  dots: boolean;
}

export interface Panel {
  title: string;
  top: number;
  bottom: number;
  ticks: Tick[];
  vertical: Axis;
  lines: Line[];
}

export interface Scene {
  width: number;
  height: number;
  panels: Panel[];
  horizontal: Axis;
  ticks: Tick[];
  title: string;
  marks: Mark[];
}

const LOSS_HEIGHT = 300;
const OTHER_HEIGHT = 96;
const GAP = 34;
export const MARGIN = { left: 62, right: 14, top: 30, bottom: 44 };
const TITLES: Record<Horizontal, string> = { step: 'step', epoch: 'epoch', time: 'time since the start' };
const ROOM = 0.05;

/** The column that lies on the horizontal axis, and what its numbers are multiplied by; undefined where that is not known. */
export function abscissa(
  { curve, stepsPerEpoch }: Pick<DrawnCurve, 'curve' | 'stepsPerEpoch'>,
  horizontal: Horizontal,
): { along: Float64Array; factor: number } | undefined {
  if (horizontal === 'step') return { along: curve.step, factor: 1 };
  if (horizontal === 'epoch') return stepsPerEpoch === undefined ? undefined : { along: curve.step, factor: 1 / stepsPerEpoch };
  return curve.length > 0 && Number.isFinite(curve.time[curve.length - 1]) && Number.isFinite(curve.time[0])
    ? { along: curve.time, factor: 1 }
    : undefined;
}

export function sceneOf(curves: readonly DrawnCurve[], marks: readonly Mark[], view: View): Scene {
  const placed = curves.flatMap((one) => {
    const found = one.curve.length > 0 ? abscissa(one, view.horizontal) : undefined;
    return found ? [{ ...one, ...found }] : [];
  });
  const titles = [...new Set(placed.map(({ name }) => metricOf(name).panel))];
  const inner = titles.reduce((sum, title) => sum + heightOf(title), 0) + GAP * Math.max(0, titles.length - 1);
  const [from, to] = [MARGIN.left, Math.max(MARGIN.left + 40, view.width - MARGIN.right)];
  const horizontal = axis(...extentOf(placed, view), view.logarithmic.horizontal, from, to);
  const edges = Float64Array.from({ length: Math.round(to - from) + 1 }, (_, at) => valueAt(horizontal, from + at));

  let top = MARGIN.top;
  const panels = titles.map((title) => {
    const bottom = top + heightOf(title);
    const panel = panelOf(
      title,
      placed.filter(({ name }) => metricOf(name).panel === title),
      horizontal,
      edges,
      [top, bottom],
      view,
    );
    top = bottom + GAP;
    return panel;
  });
  return {
    width: view.width,
    height: MARGIN.top + inner + MARGIN.bottom,
    panels,
    horizontal,
    ticks: horizontalTicks(horizontal, view.horizontal, Math.max(3, Math.round((to - from) / 110))),
    title: TITLES[view.horizontal],
    marks: marks.filter(({ at }) => at >= horizontal.lower && at <= horizontal.upper),
  };
}

type Placed = DrawnCurve & { along: Float64Array; factor: number };

function extentOf(placed: readonly Placed[], { range, logarithmic }: View): [number, number] {
  if (range) return range;
  let [lower, upper] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { along, factor, curve } of placed) {
    let first = 0;
    // A logarithm has no nought: the axis begins at the first place beyond it.
    while (logarithmic.horizontal && first < curve.length - 1 && along[first]! <= 0) first++;
    lower = Math.min(lower, along[first]! * factor);
    upper = Math.max(upper, along[curve.length - 1]! * factor);
  }
  return lower <= upper ? [lower, upper] : [0, 1];
}

function panelOf(
  title: string,
  curves: readonly Placed[],
  horizontal: Axis,
  edges: Float64Array,
  [top, bottom]: [number, number],
  view: View,
): Panel {
  const wanted = view.logarithmic.vertical && curves.every(({ name }) => metricOf(name).logarithmic);
  const parts = curves.flatMap((one) => {
    const { sparse } = metricOf(one.name);
    const style = { colour: one.colour, dash: one.dash, faint: false, dots: sparse === true, width: sparse ? 2 : 1.5 };
    const raw = pointsOf(one, one.curve, view.horizontal, edges);
    if (!one.mean) return [{ ...raw, ...style }];
    return [
      { ...raw, ...style, faint: true, dash: 'solid' as const, width: 1 },
      { ...pointsOf(one, one.mean, view.horizontal, edges), ...style, width: 2 },
    ];
  });
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { ys } of parts) {
    for (const y of ys) {
      if (!Number.isFinite(y) || (wanted && y <= 0)) continue;
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
  }
  if (!(low <= high)) [low, high] = [wanted ? 0.1 : 0, 1];
  const vertical = withRoom(axis(low, high, wanted, bottom, top), ROOM);
  return {
    title,
    top,
    bottom,
    vertical,
    ticks: verticalTicks(vertical, title === LOSS_PANEL ? 7 : 3),
    lines: parts.map(({ xs, ys, ...style }) => {
      const points = new Float64Array(2 * xs.length);
      for (let at = 0; at < xs.length; at++) {
        const usable = Number.isFinite(ys[at]!) && !(vertical.logarithmic && ys[at]! <= 0);
        points[2 * at] = usable ? pixel(horizontal, xs[at]!) : Number.NaN;
        points[2 * at + 1] = usable ? pixel(vertical, ys[at]!) : Number.NaN;
      }
      return { points, ...style };
    }),
  };
}

/** The points that are drawn of a curve (the raw or the smoothed one), in the axes' units. */
function pointsOf(
  { stepsPerEpoch }: Placed,
  curve: Curve,
  horizontal: Horizontal,
  edges: Float64Array,
): { xs: Float64Array; ys: Float64Array } {
  const { along, factor } = abscissa({ curve, stepsPerEpoch }, horizontal)!;
  const kept = reduce(curve, along, factor === 1 ? edges : edges.map((edge) => edge / factor));
  return { xs: Float64Array.from(kept, (at) => along[at]! * factor), ys: Float64Array.from(kept, (at) => curve.value[at]!) };
}

function heightOf(panel: string): number {
  return panel === LOSS_PANEL ? LOSS_HEIGHT : OTHER_HEIGHT;
}
