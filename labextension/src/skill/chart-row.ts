/** The charts beside one another, as many in a row as have room. */
import { element } from '../element.ts';
import type { Palette } from '../pens.ts';
import type { Chart, ChartLayout } from './chart.ts';
import { type ChartView, chartView } from './chart-view.ts';
import type { Charted } from './curves.ts';

export interface ChartRow {
  node: HTMLElement;
  show(charts: readonly Charted[]): void;
  resize(): void;
  /** Of the charts that are seen. */
  readonly layouts: readonly ChartLayout[];
}

const LEAST = 230;
const GAP = 18;
/** `chosen`: a place on the axis of leads. */
export function chartRow(
  actions: { chosen(at: number): void; save(chart: Chart): void },
  look: () => { palette: Palette; font: string },
): ChartRow {
  const node = element('div', { class: 'tw-charts' });
  const views: ChartView[] = [];
  let shown: readonly Charted[] = [];
  function resize(): void {
    const width = Math.floor(node.clientWidth);
    if (width === 0) return;
    const seen = views.filter((view) => !view.node.hidden).length;
    const across = Math.max(1, Math.min(seen, Math.floor((width + GAP) / (LEAST + GAP))));
    node.style.setProperty('--tw-charts', String(across));
    for (const view of views) view.resize(Math.floor((width - GAP * (across - 1)) / across));
  }
  return {
    node,
    resize,
    show(charts) {
      shown = charts;
      const before = views.filter((view) => !view.node.hidden).length;
      while (views.length < charts.length) {
        const at = views.length;
        const chosen = (place: number) => {
          if (shown[at]?.byLead) actions.chosen(place);
        };
        const view = chartView({ chosen, save: actions.save }, look);
        views.push(view);
        node.append(view.node);
      }
      views.forEach((view, at) => {
        const one = charts[at];
        view.node.hidden = !one;
        if (one) view.show(one.chart, one.note);
      });
      if (charts.length !== before) resize();
    },
    get layouts() {
      return views.flatMap(({ layout, node: own }) => (layout && !own.hidden ? [layout] : []));
    },
  };
}
