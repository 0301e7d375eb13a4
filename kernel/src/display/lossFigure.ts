/** The losses of runs as a static SVG: training and validation over steps, on a logarithmic axis; gaps where a value is not finite. */
import { CURVE_COLOURS } from '../records/colours.ts';
import { logarithmicTicks, ticks } from '../records/ticks.ts';
import type { RunCurves } from '../records/training.ts';
import { type Html, safe } from './html.ts';
import { brokenLine, gridLine, heading, picture, words } from './svg.ts';

const WIDTH = 560;
const HEIGHT = 240;
const LEFT = 52;
const RIGHT = 14;
const TOP = 26;
const BOTTOM = 36;

type Curve = RunCurves['series'][number];

/** The runs of a picture with their names, and a step to mark. */
export interface LossFigure {
  runs: readonly { name: string; series: readonly Curve[] }[];
  /** The planned number of steps, so that a running training's picture doesn't change its scale. */
  steps: number;
  title: string;
  marked?: { step: number; words: string };
}

/** Runs whose losses are drawn; a static picture of more is no picture. */
const MOST_RUNS = 6;
const LEGEND_ROW = 16;
const LETTER = 6;

/** The series that are losses, training's first. */
export function losses(series: readonly Curve[]): Curve[] {
  const rank = (name: string) => (name === 'loss' ? 0 : name === 'validation_loss' ? 1 : 2);
  return series.filter((curve) => /loss$/.test(curve.name) && curve.step.length > 0).sort((a, b) => rank(a.name) - rank(b.name));
}

const short = (value: number) =>
  (value >= 1e-3 && value < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(0)).replace('-', '−');

interface Drawn extends Curve {
  colour: string;
  label: string;
}

/** Curves of one run differ in colour, of several runs each run has one. */
function drawnCurves(runs: LossFigure['runs']): Drawn[] {
  const several = runs.length > 1;
  return runs.slice(0, MOST_RUNS).flatMap(({ name, series }, run) =>
    losses(series).map((curve, index) => {
      const label = curve.name === 'loss' ? 'training' : curve.name.replaceAll('_', ' ');
      const colour = CURVE_COLOURS[(several ? run : index) % CURVE_COLOURS.length]!;
      return { ...curve, colour, label: several ? `${name}, ${label}` : label };
    }),
  );
}

/** The legend under the title, in as many rows as it takes, and its height. */
function legendOf(curves: readonly Drawn[]): { parts: string[]; height: number } {
  let [x, y] = [LEFT, TOP + 2];
  const parts = curves.map(({ label, colour, name }) => {
    const shown = label.length > 60 ? `${label.slice(0, 59)}…` : label;
    const width = 34 + shown.length * LETTER;
    if (x > LEFT && x + width > WIDTH - RIGHT) [x, y] = [LEFT, y + LEGEND_ROW];
    const dash = name === 'loss' ? '' : ' stroke-dasharray="6 3"';
    const line = `<path d="M${x} ${y}h18" stroke="${colour}" stroke-width="2"${dash}/>`;
    const part = line + words('start', x + 23, y + 4, shown, 10);
    x += width;
    return part;
  });
  return { parts, height: y - TOP + LEGEND_ROW };
}

export function lossFigure({ runs, steps, title, marked }: LossFigure): Html {
  const curves = drawnCurves(runs);
  const values = curves.flatMap((curve) => curve.value.filter(Number.isFinite));
  if (values.length === 0) return safe('');
  const legend = legendOf(curves);
  const [top, height] = [TOP + legend.height, HEIGHT + legend.height];
  // A loss that reaches zero or less has no logarithm.
  const logarithmic = values.every((value) => value > 0);
  const scale = (value: number) => (logarithmic ? Math.log10(value) : value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (scale(high) - scale(low) || Math.abs(scale(high)) || 1) * 0.06;
  const [lowest, highest] = [scale(low) - room, scale(high) + room];
  const last = Math.max(1, steps, ...curves.map((curve) => curve.step.at(-1)!));
  const x = (step: number) => (LEFT + (step / last) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number) => (height - BOTTOM - ((scale(value) - lowest) / (highest - lowest)) * (height - top - BOTTOM)).toFixed(1);
  const levels = logarithmic ? logarithmicTicks(10 ** lowest, 10 ** highest) : ticks(lowest, highest, 5);
  const parts = [
    heading(LEFT, 15, title),
    ...levels.map(
      (value) => gridLine(LEFT, WIDTH - RIGHT, y(value)) + words('end', LEFT - 6, (Number(y(value)) + 3.5).toFixed(1), short(value), 10),
    ),
    ...ticks(0, last, 6).map((step) => words('middle', x(step), height - BOTTOM + 14, String(step), 10)),
    words(
      'middle',
      (LEFT + WIDTH - RIGHT) / 2,
      height - BOTTOM + 29,
      `optimiser step${logarithmic ? '; loss on a logarithmic axis' : ''}`,
      10,
    ),
    ...curves.map((curve) => line(curve, x, y)),
    ...legend.parts,
    ...(marked && marked.step <= last
      ? [
          `<path d="M${x(marked.step)} ${top}V${height - BOTTOM}" stroke="currentColor" stroke-opacity=".6" stroke-dasharray="4 3"/>`,
          words(
            marked.step > last / 2 ? 'end' : 'start',
            Number(x(marked.step)) + (marked.step > last / 2 ? -5 : 5),
            top + 10,
            marked.words,
            10,
          ),
        ]
      : []),
  ];
  const newest = curves.map((curve) => `${curve.label} ${short(curve.value.at(-1)!)} at step ${curve.step.at(-1)}`);
  return picture(`${title}: ${newest.join(', ')}`, [WIDTH, height], parts);
}

function line({ name, step, value, colour }: Drawn, x: (step: number) => string, y: (value: number) => string): string {
  const sparse = name !== 'loss';
  return brokenLine(
    value.map((one, at) => (Number.isFinite(one) ? [x(step[at]!), y(one)] : undefined)),
    colour,
    sparse ? 'stroke-width="2" stroke-dasharray="6 3"' : 'stroke-width="1.4"',
    sparse && value.length <= 60 ? 2.2 : undefined,
  );
}
