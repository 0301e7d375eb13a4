/**
 * The map: plotly's axes (zoom, pan) over a canvas that is painted here, which is fast enough for a slider;
 * hover and the arrow keys read the value of a cell.
 */
import type { ColourMap } from '../../../kernel/src/records/colours.ts';
import type { Box } from '../../../kernel/src/records/regions.ts';
import { degrees, degreeTicks } from '../../../kernel/src/records/ticks.ts';
import { element } from '../element.ts';
import { type Config, type Data, drawFigure, eraseFigure, type Layout, type PlotlyModule } from '../plotly.ts';
import type { Field } from './fields.ts';
import { cellAt, extent, paint } from './raster.ts';

export interface MapPicture {
  field: Field;
  colours: ColourMap;
  limits: readonly [number, number];
  /** Outlined; none for the globe. */
  boxes: readonly Box[];
  /** Read by a screen reader in place of the picture. */
  description: string;
}

export interface MapPanel {
  node: HTMLElement;
  show(picture: MapPicture): void;
  /** Draws at a new width, or in new colours. */
  resize(width: number): void;
  dispose(): void;
}

export interface MapOptions {
  plotly: PlotlyModule;
  colour: (variable: string) => string;
  font: () => string;
  /** Tells which value is under the pointer or the keys; undefined when there is none. */
  probe: (at: { latitude: number; longitude: number; value: number } | undefined, byKey: boolean) => void;
}

const MARGIN = { l: 46, r: 20, t: 8, b: 26 };
const CONFIG: Partial<Config> = {
  displaylogo: false,
  doubleClick: 'reset',
  // Without the camera: plotly's picture would lack what is painted here.
  modeBarButtons: [['zoom2d', 'pan2d', 'zoomIn2d', 'zoomOut2d', 'resetScale2d']],
};

export function mapPanel({ plotly, colour, font, probe }: MapOptions): MapPanel {
  const axes = element('div', { class: 'tw-map-axes' });
  const canvas = element('canvas', { class: 'tw-map-canvas', attributes: { 'aria-hidden': 'true' } });
  const cursor = element('div', { class: 'tw-map-cursor', attributes: { hidden: true, 'aria-hidden': 'true' } });
  const node = element('div', { class: 'tw-map', attributes: { tabindex: 0, role: 'img' } }, canvas, axes, cursor);
  const pixels = document.createElement('canvas');
  let picture: MapPicture | undefined;
  let width = 0;
  let range: { x: [number, number]; y: [number, number] } | undefined;
  let marked: { row: number; column: number } | undefined;
  /** The place last read, so that its value follows the picture. */
  let read: { latitude: number; longitude: number } | undefined;
  let listening = false;
  let shapeOf = '';

  const whole = () => ({ x: extent(picture!.field.longitude), y: extent(picture!.field.latitude) });
  const inner = () => {
    const { x, y } = whole();
    const wide = Math.max(120, width - MARGIN.l - MARGIN.r);
    return { wide, high: Math.round(Math.min(480, Math.max(wide * 0.28, (wide * (y[1] - y[0])) / (x[1] - x[0])))) };
  };

  function drawAxes(): void {
    if (!picture || width === 0) return;
    const { wide, high } = inner();
    const shown = range ?? whole();
    const [rule, muted, ground] = ['--tw-outline', '--tw-muted', '--tw-veil'].map(colour);
    const axis = (name: 'latitude' | 'longitude', [from, to]: [number, number], most: number) => {
      const values = degreeTicks(from, to, most);
      const digits = values.some((value) => value % 1 !== 0) ? 1 : 0;
      return {
        range: [from, to],
        tickvals: values,
        ticktext: values.map((value) => degrees(value, name, digits)),
        tickfont: { size: 11, color: muted },
        showgrid: false,
        zeroline: false,
        ticks: 'outside',
        ticklen: 4,
        tickcolor: rule,
        linecolor: rule,
        mirror: true,
        showline: true,
      };
    };
    const layout = {
      width: wide + MARGIN.l + MARGIN.r,
      height: high + MARGIN.t + MARGIN.b,
      margin: MARGIN,
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      font: { family: font(), size: 11 },
      showlegend: false,
      hovermode: false,
      dragmode: 'zoom',
      modebar: { bgcolor: ground, color: muted, activecolor: colour('--tw-text'), orientation: 'h' },
      xaxis: axis('longitude', shown.x, wide > 420 ? 7 : 5),
      yaxis: axis('latitude', shown.y, 6),
      shapes: picture.boxes.flatMap(outline),
    };
    const trace: Data = { type: 'scatter', x: [], y: [], mode: 'lines' };
    void drawFigure(plotly, axes, { data: [trace], layout: layout as unknown as Partial<Layout> }, CONFIG).then(listen);
    node.style.height = `${layout.height}px`;
    drawPixels();
  }

  /** A white line under a dark one is seen on any colour. A box over the date line becomes two. */
  function outline([west, east, south, north]: Box): object[] {
    const parts =
      west <= east
        ? [[west, east]]
        : [
            [west, 180],
            [-180, east],
          ];
    return parts.flatMap(([x0, x1]) =>
      (['#ffffff', '#111111'] as const).map((line, at) => ({
        type: 'rect',
        x0,
        x1,
        y0: south,
        y1: north,
        line: { color: line, width: at === 0 ? 3 : 1.2 },
      })),
    );
  }

  function drawPixels(): void {
    if (!picture) return;
    const { wide, high } = inner();
    const scale = window.devicePixelRatio || 1;
    Object.assign(canvas.style, { left: `${MARGIN.l}px`, top: `${MARGIN.t}px`, width: `${wide}px`, height: `${high}px` });
    canvas.width = Math.round(wide * scale);
    canvas.height = Math.round(high * scale);
    const context = canvas.getContext('2d')!;
    context.imageSmoothingEnabled = false;
    const all = whole();
    const shown = range ?? all;
    const x = (longitude: number) => ((longitude - shown.x[0]) / (shown.x[1] - shown.x[0])) * canvas.width;
    const y = (latitude: number) => ((shown.y[1] - latitude) / (shown.y[1] - shown.y[0])) * canvas.height;
    context.drawImage(pixels, x(all.x[0]), y(all.y[1]), x(all.x[1]) - x(all.x[0]), y(all.y[0]) - y(all.y[1]));
  }

  function listen(): void {
    if (listening) return;
    listening = true;
    const events = axes as unknown as { on(name: string, listener: (event: Record<string, unknown>) => void): void };
    const zoomed = (event: Record<string, unknown>, ended: boolean) => {
      const number = (name: string, otherwise: number) => (typeof event[name] === 'number' ? (event[name] as number) : otherwise);
      const shown = range ?? whole();
      if (event['xaxis.autorange'] || event['yaxis.autorange']) range = undefined;
      else {
        const x: [number, number] = [number('xaxis.range[0]', shown.x[0]), number('xaxis.range[1]', shown.x[1])];
        const y: [number, number] = [number('yaxis.range[0]', shown.y[0]), number('yaxis.range[1]', shown.y[1])];
        if (x.every((value, at) => value === shown.x[at]) && y.every((value, at) => value === shown.y[at])) return;
        range = { x, y };
      }
      if (ended) drawAxes();
      else drawPixels();
    };
    events.on('plotly_relayout', (event) => zoomed(event, true));
    events.on('plotly_relayouting', (event) => zoomed(event, false));
    events.on('plotly_doubleclick', () => {
      range = undefined;
      drawAxes();
    });
  }

  function tell(place: typeof read, byKey: boolean): void {
    const { latitude = [], longitude = [], values = [] } = picture?.field ?? {};
    const [row, column] = place ? [cellAt(latitude, place.latitude), cellAt(longitude, place.longitude)] : [-1, -1];
    read = row >= 0 && column >= 0 ? place : undefined;
    const cell = read && { latitude: latitude[row]!, longitude: longitude[column]!, value: values[row * longitude.length + column]! };
    probe(cell, byKey);
  }

  node.addEventListener('pointermove', (event) => {
    if (!picture) return;
    const bounds = canvas.getBoundingClientRect();
    const shown = range ?? whole();
    const longitude = shown.x[0] + ((event.clientX - bounds.left) / bounds.width) * (shown.x[1] - shown.x[0]);
    const latitude = shown.y[1] - ((event.clientY - bounds.top) / bounds.height) * (shown.y[1] - shown.y[0]);
    const inside =
      event.clientX >= bounds.left && event.clientX <= bounds.right && event.clientY >= bounds.top && event.clientY <= bounds.bottom;
    cursor.hidden = true;
    tell(inside ? { latitude, longitude } : undefined, false);
  });
  node.addEventListener('pointerleave', () => tell(undefined, false));
  node.addEventListener('blur', () => {
    cursor.hidden = true;
    tell(undefined, false);
  });

  const STEPS: Record<string, [number, number]> = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  node.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    if (!step || !picture) return;
    event.preventDefault();
    // JupyterLab's own arrow keys would move to another cell.
    event.stopPropagation();
    const { latitude, longitude } = picture.field;
    const size = event.shiftKey ? 10 : 1;
    const from = marked ?? { row: Math.floor(latitude.length / 2), column: Math.floor(longitude.length / 2) };
    const within = (value: number, length: number) => Math.max(0, Math.min(length - 1, value));
    marked = { row: within(from.row + step[0] * size, latitude.length), column: within(from.column + step[1] * size, longitude.length) };
    const { wide, high } = inner();
    const shown = range ?? whole();
    const [x, y] = [longitude[marked.column]!, latitude[marked.row]!];
    cursor.hidden = false;
    cursor.style.left = `${MARGIN.l + ((x - shown.x[0]) / (shown.x[1] - shown.x[0])) * wide}px`;
    cursor.style.top = `${MARGIN.t + ((shown.y[1] - y) / (shown.y[1] - shown.y[0])) * high}px`;
    tell({ latitude: y, longitude: x }, true);
  });

  return {
    node,
    show(next) {
      const { latitude, longitude } = next.field;
      const shape = `${latitude.length} ${longitude.length} ${JSON.stringify(next.boxes)}`;
      const changed = shape !== shapeOf;
      if (picture && picture.field.latitude.length !== latitude.length) marked = undefined;
      picture = next;
      shapeOf = shape;
      node.setAttribute('aria-label', `${next.description}. Arrow keys read values, with shift in steps of ten cells.`);
      const land = (colour('--tw-land').match(/[\d.]+/g) ?? ['128', '128', '128']).slice(0, 3).map(Number) as [number, number, number];
      paint(pixels, next.field, next.colours, next.limits, land);
      if (changed) drawAxes();
      else drawPixels();
      if (read) tell(read, false);
    },
    resize(next) {
      width = next;
      drawAxes();
    },
    dispose() {
      eraseFigure(plotly, axes);
    },
  };
}
