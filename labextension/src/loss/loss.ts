/** The loss curve of a run: live while the run writes, and from the record where no kernel is. */
import type { MetricsLine, RunStatus, TrainingRecord } from '../../../kernel/src/records/training.ts';
import { element, fill } from '../element.ts';
import { counted, moment } from '../format.ts';
import { type Config, drawFigure, eraseFigure, loadPlotly, type PlotlyModule } from '../plotly.ts';
import { colour, onThemeChange } from '../theme.ts';
import type { DrawnWidget, WidgetServices } from '../widget.ts';
import { type LossChoice, lossControls } from './controls.ts';
import { append, type Curve, type Curves, curvesOf, emptyCurves } from './curves.ts';
import { abscissae, figure, type Horizontal } from './figure.ts';
import { LOSS_PANEL, metricOf, ordered } from './metrics.ts';
import { statusLine } from './status.ts';

/** Milliseconds between two drawings while lines stream in. */
const DRAWING_INTERVAL = 200;

const CONFIG: Partial<Config> = {
  displaylogo: false,
  modeBarButtons: [['toImage', 'zoom2d', 'pan2d', 'resetScale2d']],
};

export function drawLoss(host: HTMLElement, first: TrainingRecord, services: WidgetServices): DrawnWidget<TrainingRecord> {
  let record = first;
  let status = record.run.status;
  let curves: Curves = curvesOf(record);
  let choice: LossChoice = { hidden: hiddenAtFirst(curves), horizontal: 'step', logarithmic: false, smoothing: 0 };
  let range: [number, number] | undefined;
  let live = false;
  let plotly: PlotlyModule | undefined;
  let disposed = false;
  let width = 0;

  const title = element('div', { class: 'tw-title' });
  const line = statusLine();
  const controls = lossControls(
    (change) => {
      if (change.horizontal && change.horizontal !== choice.horizontal) range = undefined;
      choice = { ...choice, ...change };
      draw();
    },
    () => {
      range = undefined;
      draw();
    },
  );
  const picture = element('div', { class: 'tw-picture', attributes: { role: 'img' } });
  const note = element('p', { class: 'tw-empty', attributes: { hidden: true } });
  const foot = element('p', { class: 'tw-foot' });
  fill(host, element('header', { class: 'tw-head' }, title, line.node), controls.node, picture, note, foot);

  function showRecord(): void {
    const { run, environment } = record;
    fill(
      title,
      element('h3', { text: run.name }),
      element('span', {
        text: [run.model, run.parameters !== undefined && `${counted(run.parameters, 'parameter')}`].filter(Boolean).join(', '),
      }),
      element('span', { class: 'tw-subtitle', text: `${run.chip} · ${run.framework}` }),
    );
    const versions = Object.entries(environment.versions).map(([name, version]) => `${name} ${version}`);
    foot.textContent = [run.folder, `measured here, ${moment(record.createdAt)}`, `Tradewind ${record.tradewind}`, ...versions].join(' · ');
  }

  function names(): string[] {
    return ordered(curves.byName.keys());
  }

  function shown(): Curve[] {
    return names()
      .filter((name) => !choice.hidden.has(name))
      .map((name) => curves.byName.get(name)!);
  }

  const stepsPerEpoch = () => (status.epochs > 0 && status.steps > 0 ? status.steps / status.epochs : undefined);

  function draw(): void {
    if (disposed) return;
    const all = [...curves.byName.values()];
    const available = new Set(
      (['step', 'epoch', 'time'] as Horizontal[]).filter((name) => all.some((curve) => abscissae(curve, name, stepsPerEpoch()))),
    );
    if (all.length > 0 && !available.has(choice.horizontal)) choice = { ...choice, horizontal: 'step' };
    controls.show(names(), choice, available, range !== undefined);
    line.show(status, record.fault, live);
    line.values(names().map((name) => curves.byName.get(name)!));
    drawPicture(shown());
  }

  function drawPicture(drawn: Curve[]): void {
    const empty = drawn.every((curve) => curve.value.length === 0);
    note.hidden = !empty;
    picture.hidden = empty;
    note.textContent = curves.byName.size === 0 ? 'No step has been logged yet.' : 'All curves are switched off.';
    picture.setAttribute('aria-label', `Curves of ${drawn.map(({ name }) => metricOf(name).label).join(', ')} over ${choice.horizontal}`);
    // JupyterLab hides everything for a moment while it changes the theme: the last width still holds.
    width = host.clientWidth || width;
    if (empty || !plotly || width === 0) return;
    const whole = figure(drawn, {
      ...choice,
      stepsPerEpoch: stepsPerEpoch(),
      range,
      width: Math.max(280, width - 8),
      colour: (variable) => colour(host, variable),
      font: getComputedStyle(host).fontFamily,
    });
    void drawFigure(plotly, picture, whole, CONFIG).then(listen);
  }

  let listening = false;
  /** Zooming draws anew, so that the zoomed part is decimated by itself and shows all that it has. */
  function listen(): void {
    if (listening || disposed) return;
    listening = true;
    const events = picture as unknown as { on(name: string, listener: (event: Record<string, unknown>) => void): void };
    events.on('plotly_relayout', (event) => {
      const from = event['xaxis.range[0]'];
      const to = event['xaxis.range[1]'];
      if (typeof from === 'number' && typeof to === 'number') range = [from, to];
      else if (event['xaxis.autorange']) range = undefined;
      else return;
      draw();
    });
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawnAt = 0;
  function drawSoon(): void {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        drawnAt = performance.now();
        draw();
      },
      Math.max(0, drawnAt + DRAWING_INTERVAL - performance.now()),
    );
  }

  const channel = services.connect('tradewind.loss', {
    opened(open) {
      open.send({ type: 'watch', folder: record.run.folder, from: curves.lines });
    },
    message(data) {
      if (data.type === 'lines') takeLines(data.from as number, data.lines as MetricsLine[]);
      else if (data.type === 'status') status = data.status as RunStatus;
      else if (data.type === 'error') {
        foot.textContent = String(data.message);
        return;
      }
      live = true;
      drawSoon();
    },
    lost() {
      live = false;
      drawSoon();
    },
  });

  const everSeen = new Set(curves.byName.keys());
  function takeLines(from: number, lines: readonly MetricsLine[]): void {
    // From the beginning: the record's decimated copy gives way to the whole file, and so does a file that was begun anew.
    if (from === 0) curves = emptyCurves();
    if (from > curves.lines) {
      channel?.send({ type: 'watch', folder: record.run.folder, from: curves.lines });
      return;
    }
    append(curves, lines.slice(curves.lines - from));
    const fresh = [...curves.byName.keys()].filter((name) => !everSeen.has(name));
    for (const name of curves.byName.keys()) everSeen.add(name);
    const quiet = fresh.filter((name) => metricOf(name).panel !== LOSS_PANEL);
    if (quiet.length > 0) choice = { ...choice, hidden: new Set([...choice.hidden, ...quiet]) };
  }

  showRecord();
  draw();
  loadPlotly().then(
    (module) => {
      plotly = module;
      draw();
    },
    (error: unknown) => {
      note.hidden = false;
      note.textContent = `The drawing library could not be loaded: ${error instanceof Error ? error.message : String(error)}`;
    },
  );
  const sizes = new ResizeObserver(() => {
    if (plotly) drawSoon();
  });
  sizes.observe(host);
  const forgetTheme = onThemeChange(() => draw());

  return {
    update(next) {
      const same = next.run.folder === record.run.folder;
      record = next;
      if (!same) {
        curves = emptyCurves();
        range = undefined;
        channel?.send({ type: 'watch', folder: record.run.folder, from: 0 });
      }
      // Lines from the folder are all there is; the record's copy counts only where none came.
      if (curves.lines === 0) curves = curvesOf(record);
      if (!same || next.run.status.updatedAt >= status.updatedAt) status = next.run.status;
      showRecord();
      drawSoon();
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      clearTimeout(timer);
      sizes.disconnect();
      forgetTheme();
      channel?.dispose();
      if (plotly) eraseFigure(plotly, picture);
    },
  };
}

/** Losses are drawn at first; the rest waits to be asked for. */
function hiddenAtFirst(curves: Curves): Set<string> {
  return new Set([...curves.byName.keys()].filter((name) => metricOf(name).panel !== LOSS_PANEL));
}
