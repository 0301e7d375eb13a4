/** plotly.js, loaded when the first picture is drawn (its chunk is by far the largest), and drawn in the colours of the theme. */
import type Plotly from 'plotly.js-dist-min';

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
