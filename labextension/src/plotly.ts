/** plotly.js, loaded when the first picture is drawn (its chunk is by far the largest), and drawn in the colours of the theme. */
import type Plotly from 'plotly.js-dist-min';
import type { Config, Data, Layout } from 'plotly.js-dist-min';

export type PlotlyModule = typeof Plotly;
export type { Config, Data, Layout } from 'plotly.js-dist-min';

let loading: Promise<PlotlyModule> | undefined;

export function loadPlotly(): Promise<PlotlyModule> {
  loading ??= import('plotly.js-dist-min').then((module) => module.default);
  // A failed load (a lost connection) may be tried again by the next widget.
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

/** What is still being drawn into an element: plotly draws in several turns. */
const drawings = new WeakMap<HTMLElement, Promise<unknown>>();

/** Draws a figure into `node`, changing what is there already; the promise is kept when it is whole. */
export function drawFigure(
  plotly: PlotlyModule,
  node: HTMLElement,
  figure: { data: Data[]; layout: Partial<Layout> },
  config: Partial<Config>,
): Promise<unknown> {
  const drawing = plotly.react(node, figure.data, figure.layout, config);
  drawings.set(node, Promise.allSettled([drawings.get(node), drawing]));
  return drawing;
}

/** Frees what plotly holds for `node`, once it has drawn to the end: a picture that is taken away half-drawn makes it fail. */
export function eraseFigure(plotly: PlotlyModule, node: HTMLElement): void {
  void drawings.get(node)?.then(() => plotly.purge(node));
}
