/** The loss curves of one or several runs: live while they write, and from the record where no kernel is. */
import type { Curve } from '../../../kernel/src/records/curve.ts';
import { coarserEpsilon, type PartingFinder, type PartingResult, partingFinder } from '../../../kernel/src/records/parting.ts';
import type { RunCurves, RunStatus, TrainingRecord } from '../../../kernel/src/records/training.ts';
import { element, fill } from '../element.ts';
import { counted, moment } from '../format.ts';
import type { Palette } from '../pens.ts';
import { colour, onThemeChange, paletteOf } from '../theme.ts';
import type { DrawnWidget, WidgetServices } from '../widget.ts';
import { HORIZONTALS } from './axis.ts';
import { type LossChoice, lossControls } from './controls.ts';
import { drawnCurves, familiesOf, hasAxis, marksOf } from './drawn.ts';
import { download, type Format } from './export.ts';
import { familyOf, LOSS_PANEL, metricOf, ordered, SERIES_COLOURS } from './metrics.ts';
import { pictureOf } from './picture.ts';
import { fillReadout, type Pin, pinTable, sentenceOf } from './readings.ts';
import { nearestPlace, neighbourPlace, type RunCurve, readingsAt } from './readout.ts';
import { addedRun, type DisplayedRun, displayedRun, type FoundRun, type LinesMessage, renew, takeLines } from './run.ts';
import { runList } from './run-list.ts';
import { abscissa, type Scene, sceneOf } from './scene.ts';
import { statusLine } from './status.ts';

/** Milliseconds between two changes of the words around the picture; the picture itself follows the screen. */
const WORDS_INTERVAL = 250;
/** A screen reader hears a reading when the line has rested for this long. */
const REST = 350;
const MOST_PINS = 8;

export function drawLoss(host: HTMLElement, first: TrainingRecord, services: WidgetServices): DrawnWidget<TrainingRecord> {
  let record = first;
  let runs: DisplayedRun[] = runsOf(record).map(displayedRun);
  let choice: LossChoice = {
    hidden: new Set(),
    horizontal: 'step',
    logarithmic: { horizontal: false, vertical: false },
    smoothing: 0,
  };
  const everSeen = new Set<string>();
  let range: [number, number] | undefined;
  let pins: Pin[] = [];
  let disposed = false;
  let width = 0;
  let scene: Scene | undefined;
  let curves: RunCurve[] = [];
  let palette: { colours: Palette; series: string[]; byVariable: Map<string, string>; font: string } | undefined;
  let compared: { losses: (Curve | undefined)[]; finders: (PartingFinder | undefined)[] } = { losses: [], finders: [] };
  let partings: (PartingResult | undefined)[] = [];

  const title = element('div', { class: 'tw-title' });
  const line = statusLine();
  const controls = lossControls({
    choose(change) {
      if (change.horizontal && change.horizontal !== choice.horizontal) {
        range = undefined;
        readAt(undefined);
      }
      if (change.logarithmic?.horizontal !== undefined && change.logarithmic.horizontal !== choice.logarithmic.horizontal)
        range = undefined;
      choice = { ...choice, ...change };
      draw();
    },
    whole: () => zoom(undefined),
    save: (format) => void save(format),
  });
  const list = runList({
    add(found) {
      const run = addedRun(found);
      runs = [...runs, run];
      watch(run);
      draw();
    },
    remove(folder) {
      channel?.send({ type: 'leave', folder });
      runs = runs.filter((run, at) => at === 0 || run.about.folder !== folder);
      draw();
    },
    toggle(folder) {
      for (const run of runs) if (run.about.folder === folder) run.hidden = !run.hidden;
      draw();
    },
  });
  const picture = pictureOf({ zoomed: zoom, read, pinned: pin });
  const spoken = element('div', { class: 'tw-spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
  const pinned = pinTable((at) => {
    pins = pins.filter((_, index) => index !== at);
    draw();
  });
  const note = element('p', { class: 'tw-empty', attributes: { hidden: true } });
  const foot = element('p', { class: 'tw-foot' });
  fill(
    host,
    element('header', { class: 'tw-head' }, title, line.node, list.node),
    controls.node,
    picture.node,
    spoken,
    note,
    pinned.node,
    foot,
  );

  function showRecord(): void {
    const { run, environment } = record;
    fill(
      title,
      element('h3', { text: run.name }),
      element('span', {
        text: [run.model, run.parameters !== undefined && `${counted(run.parameters, 'parameter')}`].filter(Boolean).join(', '),
      }),
      ...(run.ways ?? []).map((way) => element('span', { class: 'tw-tag', text: way })),
      element('span', { class: 'tw-subtitle', text: [run.chip, run.framework].filter((word) => word !== '?').join(' · ') }),
    );
    const versions = Object.entries(environment.versions).map(([name, version]) => `${name} ${version}`);
    foot.textContent = [run.folder, `measured here, ${moment(record.createdAt)}`, `Tradewind ${record.tradewind}`, ...versions].join(' · ');
  }

  function look(): NonNullable<typeof palette> {
    if (palette) return palette;
    const get = (variable: string) => colour(host, variable);
    palette = {
      colours: paletteOf(host),
      series: SERIES_COLOURS.map(get),
      byVariable: new Map(SERIES_COLOURS.map((variable) => [variable, get(variable)])),
      font: getComputedStyle(host).fontFamily,
    };
    return palette;
  }

  /** What is new is looked at once: losses are drawn at first, the rest waits to be asked for. */
  function hideNewcomers(): void {
    for (const run of runs) {
      for (const name of run.curves.byName.keys()) {
        if (everSeen.has(name)) continue;
        everSeen.add(name);
        if (metricOf(name).panel !== LOSS_PANEL) choice = { ...choice, hidden: new Set([...choice.hidden, familyOf(name)]) };
      }
    }
  }

  function drawPicture(): void {
    const { colours, series, byVariable, font } = look();
    hideNewcomers();
    partings = findPartings();
    curves = drawnCurves(runs, choice, { series, byVariable });
    const available = curves.length === 0 || curves.some((one) => abscissa(one, choice.horizontal));
    if (!available) choice = { ...choice, horizontal: 'step' };
    const empty = curves.every((one) => one.curve.length === 0);
    note.hidden = !empty;
    picture.node.hidden = empty;
    note.textContent = runs.every((run) => run.curves.byName.size === 0) ? 'No step has been logged yet.' : 'All curves are switched off.';
    // JupyterLab hides everything for a moment while it changes the theme: the last width still holds.
    width = host.clientWidth || width;
    if (empty || width === 0) return;
    scene = sceneOf(curves, marksOf(runs, curves, partings, pins, choice.horizontal), {
      ...choice,
      range,
      width: Math.max(280, width - 8),
    });
    picture.draw(scene, colours, font);
  }

  /** Where each run but the first parts from the first; only what came since the last drawing is compared. */
  function findPartings(): (PartingResult | undefined)[] {
    const losses = runs.map((run) => run.curves.byName.get('loss'));
    if (losses.length !== compared.losses.length || losses.some((loss, at) => loss !== compared.losses[at])) {
      const [mine] = losses;
      const epsilon = (run: DisplayedRun) => coarserEpsilon(run.about.precision, runs[0]!.about.precision);
      compared = {
        losses,
        finders: runs.map((run, at) => (at > 0 && mine && losses[at] ? partingFinder(losses[at], mine, epsilon(run)) : undefined)),
      };
    }
    return compared.finders.map((one) => one?.advance());
  }

  function drawWords(): void {
    const [main] = runs as [DisplayedRun];
    const available = new Set(HORIZONTALS.filter((name) => runs.some((run) => !run.hidden && hasAxis(run, name))));
    controls.show(familiesOf(runs), choice, available, range !== undefined, runs.length === 1);
    line.show(main.status, main.fault, main.live);
    const told = ordered(main.curves.byName.keys()).filter((name) => metricOf(name).colour || !choice.hidden.has(familyOf(name)));
    line.values(told.map((name) => [name, main.curves.byName.get(name)!] as const));
    const { series } = look();
    list.show(
      runs,
      runs.map((_, at) => series[at % series.length]!),
      partings,
    );
    pinned.show(pins, runs.length > 1);
    const shown = [...new Set(curves.map(({ name }) => metricOf(name).label))];
    picture.node.setAttribute(
      'aria-label',
      `Curves of ${shown.join(', ')} over ${choice.horizontal}${runs.length > 1 ? `, ${runs.length} runs` : ''}`,
    );
  }

  function draw(): void {
    if (disposed) return;
    drawPicture();
    drawWords();
  }

  let frame: number | undefined;
  let wordsAt = 0;
  /** With the next frame of the screen, however often it is asked for. */
  function drawSoon(): void {
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      if (disposed) return;
      drawPicture();
      if (performance.now() - wordsAt < WORDS_INTERVAL) {
        wordsLater ??= setTimeout(wordsNow, WORDS_INTERVAL);
        return;
      }
      wordsNow();
    });
  }
  let wordsLater: ReturnType<typeof setTimeout> | undefined;
  function wordsNow(): void {
    clearTimeout(wordsLater);
    wordsLater = undefined;
    if (disposed) return;
    wordsAt = performance.now();
    drawWords();
  }

  function zoom(next: [number, number] | undefined): void {
    const positive = !choice.logarithmic.horizontal || (next?.[0] ?? 1) > 0;
    if (next === undefined || (next[1] > next[0] && positive)) range = next;
    draw();
  }

  let rest: ReturnType<typeof setTimeout> | undefined;
  function read(at: number | undefined, by?: number): void {
    const from = at ?? (by === undefined ? undefined : (scene?.horizontal.lower ?? 0));
    if (from === undefined) readAt(undefined);
    else if (by) readAt(neighbourPlace(curves, choice.horizontal, from, by));
    else readAt(nearestPlace(curves, choice.horizontal, from) ?? from);
  }
  function readAt(next: number | undefined): void {
    clearTimeout(rest);
    if (next !== undefined) {
      const readings = readingsAt(curves, choice.horizontal, next);
      fillReadout(picture.readout, choice.horizontal, next, readings, runs.length > 1);
      rest = setTimeout(() => {
        // Only for who reads by keys: a pointer's reading is seen.
        if (document.activeElement === picture.node) spoken.textContent = sentenceOf(choice.horizontal, next, readings, runs.length > 1);
      }, REST);
    }
    picture.readAt(next);
  }
  /** A place that is pinned already is let go. */
  function pin(at: number): void {
    const near = (one: Pin) => one.horizontal === choice.horizontal && one.place === at;
    pins = pins.some(near)
      ? pins.filter((one) => !near(one))
      : [...pins, { horizontal: choice.horizontal, place: at, readings: readingsAt(curves, choice.horizontal, at) }].slice(-MOST_PINS);
    draw();
  }

  async function save(format: Format): Promise<void> {
    if (!scene) return;
    const { colours, font } = look();
    const several = runs.length > 1;
    const legend = curves.map(({ run, name, colour: shade }) => ({
      label: several ? `${run} · ${metricOf(name).label}` : metricOf(name).label,
      colour: shade,
    }));
    const named = runs.map(({ about }) => about.name).join('-');
    const heading = runs
      .map(({ about }) => `${about.name} (${[`${about.framework} on ${about.chip}`, ...(about.ways ?? [])].join(', ')})`)
      .join(', ');
    await download(format, { name: named, title: heading, scene, legend, curves, palette: colours, font }).catch((error: unknown) => {
      foot.textContent = `The picture could not be saved: ${error instanceof Error ? error.message : String(error)}`;
    });
  }

  const watch = (run: DisplayedRun) => channel?.send({ type: 'watch', folder: run.about.folder, from: run.curves.lines });
  const channel = services.connect('tradewind.loss', {
    opened(open) {
      for (const run of runs) open.send({ type: 'watch', folder: run.about.folder, from: run.curves.lines });
      open.send({ type: 'runs', folder: record.run.folder });
    },
    message(data, buffers) {
      if (data.type === 'runs') {
        list.offer(data.runs as FoundRun[]);
        return;
      }
      const run = runs.find(({ about }) => about.folder === data.folder);
      if (!run) return;
      if (data.type === 'error') {
        foot.textContent = String(data.message);
        return;
      }
      if (data.type === 'lines' && !takeLines(run, data as unknown as LinesMessage, buffers)) watch(run);
      else if (data.type === 'status') run.status = data.status as RunStatus;
      run.live = true;
      drawSoon();
    },
    lost() {
      for (const run of runs) run.live = false;
      drawSoon();
    },
  });
  // A laptop that slept, or a network that went, may have missed messages without any sign of it.
  const woken = () => {
    if (document.visibilityState === 'visible') for (const run of runs) watch(run);
  };
  document.addEventListener('visibilitychange', woken);
  window.addEventListener('online', woken);

  showRecord();
  draw();
  const sizes = new ResizeObserver(() => drawSoon());
  sizes.observe(host);
  const forgetTheme = onThemeChange(() => {
    palette = undefined;
    draw();
  });

  return {
    update(next) {
      const before = new Map(runs.map((run) => [run.about.folder, run]));
      record = next;
      const renewed = runsOf(next).map((one) => {
        const kept = before.get(one.run.folder);
        if (!kept) return displayedRun(one);
        renew(kept, one);
        return kept;
      });
      const folders = new Set(renewed.map(({ about }) => about.folder));
      runs = [...renewed, ...runs.filter(({ added, about }) => added && !folders.has(about.folder))];
      if (!before.has(next.run.folder)) range = undefined;
      for (const run of runs) if (!before.has(run.about.folder)) watch(run);
      showRecord();
      drawSoon();
    },
    resize: drawSoon,
    dispose() {
      if (disposed) return;
      disposed = true;
      if (frame !== undefined) cancelAnimationFrame(frame);
      clearTimeout(wordsLater);
      clearTimeout(rest);
      document.removeEventListener('visibilitychange', woken);
      window.removeEventListener('online', woken);
      sizes.disconnect();
      forgetTheme();
      channel?.dispose();
    },
  };
}

function runsOf(record: TrainingRecord): RunCurves[] {
  return [record, ...(record.others ?? [])];
}
