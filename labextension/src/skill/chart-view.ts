/** A chart on the page: its canvas, what it reads under the pointer and the arrow keys, its CSV, and its values as a table for who can't see it. */
import { element, fill } from '../element.ts';
import { number } from '../format.ts';
import { type Palette, sizedPen } from '../pens.ts';
import { type Chart, type ChartLayout, chartLayout, paintChart, placeAt, pointAt } from './chart.ts';

export interface ChartView {
  node: HTMLElement;
  show(chart: Chart, note: string): void;
  resize(width: number): void;
  readonly layout: ChartLayout | undefined;
}

export interface ChartListener {
  /** A place on the axis was chosen by click or Enter. */
  chosen(at: number): void;
  save(chart: Chart): void;
}

const CHART_HEIGHT = 232;

export function chartView(listener: ChartListener, look: () => { palette: Palette; font: string }): ChartView {
  const canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
  const reading = element('div', { class: 'tw-chart-reading', attributes: { hidden: true } });
  const spoken = element('div', { class: 'tw-spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
  const plot = element(
    'div',
    {
      class: 'tw-chart-plot',
      attributes: {
        tabindex: 0,
        role: 'application',
        'aria-roledescription': 'chart',
        'aria-description': 'Arrow keys read the values one after the other.',
        'data-lm-suppress-shortcuts': true,
      },
    },
    canvas,
    reading,
  );
  const note = element('p', { class: 'tw-chart-note' });
  const csv = element('button', {
    class: 'tw-link',
    text: 'CSV',
    title: 'Save the values behind this chart',
    attributes: { type: 'button' },
    on: { click: () => chart && listener.save(chart) },
  });
  const table = element('table', { class: 'tw-values' });
  const details = element('details', { class: 'tw-chart-values' }, element('summary', { text: 'values' }), element('div', {}, table));
  const node = element('figure', { class: 'tw-chart' }, plot, element('div', { class: 'tw-chart-foot' }, note, csv), details, spoken);
  let chart: Chart | undefined;
  let layout: ChartLayout | undefined;
  let width = 0;
  let read: number | undefined;

  details.addEventListener('toggle', fillTable);

  function draw(): void {
    if (!chart || width < 80) return;
    layout = chartLayout(chart, { width, height: CHART_HEIGHT });
    const { palette, font } = look();
    const pen = sizedPen(canvas, width, CHART_HEIGHT, font);
    paintChart(pen, layout, palette);
    if (read !== undefined) {
      for (const { points, colour } of chart.series) {
        const point = points[read];
        if (point && point.value !== null) pen.dots(pointAt(layout, point.at, point.value), 4.5, colour);
      }
    }
  }

  const sentences = (at: number) =>
    chart!.series.flatMap(({ name: series, points }) => {
      const point = points[at];
      if (!point) return [];
      const band = point.band ? ` (${number(point.band[0], 3)} to ${number(point.band[1], 3)})` : '';
      return [`${series}: ${point.value === null ? 'no value' : number(point.value)}${band}`];
    });

  function readAt(next: number | undefined, byKey: boolean): void {
    read = next;
    draw();
    const point = next === undefined ? undefined : chart?.series[0]?.points[next];
    reading.hidden = !point;
    if (!point || !layout) return;
    const words = [chart!.place(point.at), ...sentences(next!)];
    fill(reading, ...words.map((line) => element('div', { text: line })));
    const [x] = pointAt(layout, point.at, point.value ?? layout.scores.low);
    Object.assign(reading.style, x > width / 2 ? { right: `${width - x + 12}px`, left: 'auto' } : { left: `${x + 12}px`, right: 'auto' });
    if (byKey) spoken.textContent = words.join('; ');
  }

  function nearest(x: number, y: number): number | undefined {
    const points = chart?.series[0]?.points;
    if (!layout || !points?.length) return undefined;
    const wanted = placeAt(layout, x, y);
    return points.reduce((best, { at }, index) => (Math.abs(at - wanted) < Math.abs(points[best]!.at - wanted) ? index : best), 0);
  }

  const under = (event: MouseEvent) => {
    const { left, top } = canvas.getBoundingClientRect();
    return nearest(event.clientX - left, event.clientY - top);
  };
  plot.addEventListener('pointermove', (event) => readAt(under(event), false));
  plot.addEventListener('pointerleave', () => readAt(undefined, false));
  plot.addEventListener('blur', () => readAt(undefined, false));
  plot.addEventListener('click', (event) => choose(under(event)));
  plot.addEventListener('keydown', (event) => {
    const count = chart?.series[0]?.points.length ?? 0;
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    if (event.ctrlKey || event.metaKey || event.altKey || count === 0) return;
    if (Object.hasOwn(steps, event.key)) readAt(Math.max(0, Math.min(count - 1, (read ?? -steps[event.key]!) + steps[event.key]!)), true);
    else if (event.key === 'Enter' && read !== undefined) choose(read);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function choose(at: number | undefined): void {
    const point = at === undefined ? undefined : chart?.series[0]?.points[at];
    if (point) listener.chosen(point.at);
  }

  function fillTable(): void {
    if (!chart || !details.open) return;
    const { series, axis, place } = chart;
    const cell = (value: number | null | undefined) => (typeof value === 'number' ? number(value) : '–');
    fill(
      table,
      element('caption', { text: `${chart.title}, ${chart.scores}` }),
      element(
        'tr',
        {},
        ...[axis, ...series.map(({ name: one }) => one)].map((text) => element('th', { text, attributes: { scope: 'col' } })),
      ),
      ...(series[0]?.points ?? []).map(({ at }, index) =>
        element(
          'tr',
          {},
          element('th', { text: place(at), attributes: { scope: 'row' } }),
          ...series.map(({ points }) => {
            const band = points[index]?.band;
            const text = `${cell(points[index]?.value)}${band ? ` (${number(band[0], 3)} to ${number(band[1], 3)})` : ''}`;
            return element('td', { text });
          }),
        ),
      ),
    );
  }

  return {
    node,
    show(next, words) {
      chart = next;
      const count = next.series[0]?.points.length ?? 0;
      if (read !== undefined && read >= count) read = undefined;
      note.textContent = words;
      plot.setAttribute(
        'aria-label',
        `${next.title}: ${next.scores} by ${next.axis}, of ${next.keyed ? `${next.keyed} ` : ''}${next.series.map((one) => one.name).join(' and ')}`,
      );
      csv.disabled = count === 0;
      csv.setAttribute('aria-label', `Save ${next.title} as CSV`);
      draw();
      fillTable();
    },
    resize(next) {
      if (next === width) return;
      width = next;
      draw();
    },
    get layout() {
      return layout;
    },
  };
}
