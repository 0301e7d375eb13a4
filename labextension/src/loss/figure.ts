/** The picture of a run's curves for plotly: panels above one another over one horizontal axis, decimated to what the screen can show. */
import { decimate } from '../../../kernel/src/records/decimate.ts';
import type { Data, Layout } from '../plotly.ts';
import { type Curve, firstFault } from './curves.ts';
import { LOSS_PANEL, type Metric, metricOf } from './metrics.ts';
import { smoothed } from './smoothing.ts';

export type Horizontal = 'step' | 'epoch' | 'time';

export interface FigureOptions {
  horizontal: Horizontal;
  logarithmic: boolean;
  /** Weight of the past, 0 … 0.99. */
  smoothing: number;
  /** Steps of an epoch, where known. */
  stepsPerEpoch: number | undefined;
  /** The part of the horizontal axis that is zoomed to. */
  range: [number, number] | undefined;
  width: number;
  colour: (variable: string) => string;
  font: string;
}

const LOSS_HEIGHT = 300;
const OTHER_HEIGHT = 110;
const GAP = 38;
const MARGIN = { l: 56, r: 12, t: 26, b: 44 };
const TITLES: Record<Horizontal, string> = { step: 'step', epoch: 'epoch', time: 'time since the start' };

export interface Figure {
  data: Data[];
  layout: Partial<Layout>;
}

export function figure(curves: readonly Curve[], options: FigureOptions): Figure {
  const panels = [...new Set(curves.map(({ name }) => metricOf(name).panel))];
  const inner = panels.reduce((sum, panel) => sum + heightOf(panel), 0) + GAP * (panels.length - 1);
  const text = options.colour('--tw-text');
  const rule = options.colour('--tw-rule');
  const ground = options.colour('--tw-ground');
  const axis = { gridcolor: rule, zeroline: false, linecolor: rule, tickfont: { size: 11, color: options.colour('--tw-muted') } };

  const layout: Record<string, unknown> = {
    width: options.width,
    height: inner + MARGIN.t + MARGIN.b,
    margin: MARGIN,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: options.font, size: 12, color: text },
    showlegend: false,
    hovermode: 'x unified',
    hoversubplots: 'axis',
    hoverlabel: { bgcolor: ground, bordercolor: options.colour('--tw-outline'), font: { family: options.font, color: text, size: 12 } },
    uirevision: options.horizontal,
    dragmode: 'zoom',
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: options.colour('--tw-muted'), activecolor: text, orientation: 'h' },
    xaxis: {
      ...axis,
      title: { text: TITLES[options.horizontal], font: { size: 12 }, standoff: 8 },
      anchor: axisName(panels.length - 1),
      ...(options.range ? { range: options.range, autorange: false } : { autorange: true }),
      ...(options.horizontal === 'time' ? timeTicks(curves, options.range) : { separatethousands: true, exponentformat: 'none' }),
    },
    shapes: curves.flatMap((curve) => faultLine(curve, options)),
  };
  const titles: object[] = [];
  let top = inner;
  panels.forEach((panel, at) => {
    const bottom = top - heightOf(panel);
    const metrics = curves.map(({ name }) => metricOf(name)).filter((metric) => metric.panel === panel);
    layout[`yaxis${at === 0 ? '' : at + 1}`] = {
      ...axis,
      domain: [Math.max(0, bottom / inner), Math.min(1, top / inner)],
      ...(options.logarithmic && metrics.every((metric) => metric.logarithmic)
        ? { type: 'log', dtick: 'D2', tickformat: '~g' }
        : { type: 'linear', nticks: panel === LOSS_PANEL ? 7 : 4 }),
      exponentformat: 'e',
      automargin: false,
      uirevision: `${options.logarithmic}`,
    };
    titles.push({
      text: panel,
      showarrow: false,
      xref: 'paper',
      yref: 'paper',
      x: 0,
      y: top / inner,
      xanchor: 'left',
      yanchor: 'bottom',
      yshift: 3,
      font: { size: 12, color: options.colour('--tw-muted') },
    });
    top = bottom - GAP;
  });
  layout.annotations = titles;
  return {
    data: curves.flatMap((curve) => traces(curve, axisName(panels.indexOf(metricOf(curve.name).panel)), options)),
    layout: layout as Partial<Layout>,
  };
}

/** Where the points of a curve stand on the horizontal axis; undefined where that is not known. */
export function abscissae(curve: Curve, horizontal: Horizontal, stepsPerEpoch: number | undefined): number[] | undefined {
  if (horizontal === 'step') return curve.step;
  if (horizontal === 'time') return curve.time.length === curve.step.length && curve.time.length > 0 ? curve.time : undefined;
  return stepsPerEpoch === undefined ? undefined : curve.step.map((step) => step / stepsPerEpoch);
}

function traces(curve: Curve, yaxis: string, options: FigureOptions): Data[] {
  const metric = metricOf(curve.name);
  const x = abscissae(curve, options.horizontal, options.stepsPerEpoch);
  if (!x) return [];
  const smooth = options.smoothing > 0 && !metric.sparse && metric.panel === LOSS_PANEL;
  const line = { color: options.colour(metric.colour), width: metric.sparse ? 2 : 1.6, dash: metric.dash };
  const common = { type: 'scatter', yaxis, connectgaps: false } as const;
  const raw = {
    ...common,
    ...points(x, curve.value, options),
    name: smooth ? `${metric.label}, raw` : metric.label,
    mode: metric.sparse ? 'lines+markers' : 'lines',
    marker: { size: 6, color: line.color },
    line: smooth ? { ...line, width: 1 } : line,
    opacity: smooth ? 0.32 : 1,
    hovertemplate: '%{y:.4~g}',
  } as Data;
  if (!smooth) return [raw];
  const mean = {
    ...common,
    ...points(x, smoothed(curve.value, options.smoothing), options),
    name: `${metric.label}, smoothed`,
    mode: 'lines',
    line: { ...line, width: 2.2 },
    hovertemplate: '%{y:.4~g}',
  } as Data;
  return [raw, mean];
}

/** The points in the zoomed range (and one on either side, so that lines run out of the picture), two for each pixel. */
function points(x: readonly number[], y: readonly number[], options: FigureOptions): { x: number[]; y: (number | null)[] } {
  let from = 0;
  let to = x.length;
  if (options.range) {
    from = Math.max(0, lowerBound(x, options.range[0]) - 1);
    to = Math.min(x.length, lowerBound(x, options.range[1]) + 2);
  }
  const part = y.slice(from, to);
  const kept = decimate(part, Math.max(200, 2 * Math.round(options.width)));
  return { x: kept.map((at) => x[from + at]!), y: kept.map((at) => (Number.isFinite(part[at]) ? part[at]! : null)) };
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A line across the picture where a curve first stopped being a number. */
function faultLine(curve: Curve, options: FigureOptions): object[] {
  const step = firstFault(curve);
  if (step === undefined) return [];
  const at = abscissae(curve, options.horizontal, options.stepsPerEpoch)?.[curve.step.indexOf(step)];
  if (at === undefined) return [];
  const colour = options.colour('--tw-bad');
  return [
    {
      type: 'line',
      xref: 'x',
      yref: 'paper',
      x0: at,
      x1: at,
      y0: 0,
      y1: 1,
      line: { color: colour, width: 1.5, dash: 'dot' },
      label: { text: `${metricOf(curve.name).label} not finite`, textposition: 'end', textangle: 0, font: { color: colour, size: 11 } },
    },
  ];
}

const UNITS: [number, string][] = [
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** Ticks at whole seconds, minutes, hours or days. */
function timeTicks(curves: readonly Curve[], range: [number, number] | undefined): object {
  const last = range?.[1] ?? Math.max(1, ...curves.map(({ time }) => time.at(-1) ?? 0));
  const first = range?.[0] ?? 0;
  const [unit, word] = UNITS.find(([seconds]) => last - first >= 2 * seconds) ?? [1, 's'];
  const rough = (last - first) / unit / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = unit * power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let tick = Math.ceil(first / nice) * nice; tick <= last; tick += nice) ticks.push(tick);
  return {
    tickvals: ticks,
    ticktext: ticks.map((tick) => `${Number((tick / unit).toPrecision(6))} ${word}`),
    hoverformat: '.1f',
    ticksuffix: '',
  };
}

function axisName(at: number): string {
  return `y${at === 0 ? '' : at + 1}`;
}

function heightOf(panel: Metric['panel']): number {
  return panel === LOSS_PANEL ? LOSS_HEIGHT : OTHER_HEIGHT;
}
