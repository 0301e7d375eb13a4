/** The skill map: scores by grid point on a map, by lead and region as curves; exact while the kernel lives, coarser from the record alone. */
import { METRIC_COLOURS } from '../../../kernel/src/records/colours.ts';
import { REGIONS, regionTitle } from '../../../kernel/src/records/regions.ts';
import { leadTitle, METRIC_TITLES, type SkillRecord } from '../../../kernel/src/records/skill.ts';
import { degrees, unitTitle } from '../../../kernel/src/records/ticks.ts';
import { element, fill } from '../element.ts';
import { counted, number } from '../format.ts';
import { drawFigure, eraseFigure, loadPlotly, type PlotlyModule } from '../plotly.ts';
import { colour, onThemeChange } from '../theme.ts';
import type { DrawnWidget, WidgetServices } from '../widget.ts';
import { colourBar } from './colour-bar.ts';
import { type SkillChoice, skillControls } from './controls.ts';
import { curvesFigure, SERIES } from './curves.ts';
import { type FieldSource, fieldSource, forecastTitle, type View } from './fields.ts';
import { type MapPanel, mapPanel } from './map.ts';

/** Milliseconds that each lead is shown while playing. */
const PLAY_INTERVAL = 500;
/** Below this width the curves stand under the map. */
const STACKED = 760;

export function drawSkill(host: HTMLElement, first: SkillRecord, services: WidgetServices): DrawnWidget<SkillRecord> {
  let record = first;
  let choice = firstChoice(record);
  let plotly: PlotlyModule | undefined;
  let map: MapPanel | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let disposed = false;
  let fault = '';

  const title = element('div', { class: 'tw-title' });
  const legend = element('div', { class: 'tw-skill-legend' });
  const controls = skillControls(
    (change) => {
      if (change.lead !== undefined) stop();
      choose(change);
    },
    () => (timer ? stop() : start()),
  );
  const mapPlace = element('div', { class: 'tw-map-place' });
  const bar = colourBar();
  const readout = element('div', { class: 'tw-readout' });
  const spoken = element('div', { class: 'tw-spoken', attributes: { 'aria-live': 'polite' } });
  const mapTitle = element('div', { class: 'tw-panel-title' });
  const left = element('div', { class: 'tw-skill-map' }, mapTitle, mapPlace, bar.node, controls.lead, readout, spoken);
  const curvesTitle = element('div', { class: 'tw-panel-title' });
  const curves = element('div', { class: 'tw-skill-curves-plot', attributes: { role: 'img' } });
  const right = element('div', { class: 'tw-skill-curves' }, curvesTitle, curves, legend);
  const verdict = element('div', { class: 'tw-skill-verdict' });
  const notes = element('div', { class: 'tw-skill-notes' });
  const foot = element('p', { class: 'tw-foot' });
  fill(
    host,
    element('header', { class: 'tw-head' }, title),
    verdict,
    controls.node,
    element('div', { class: 'tw-skill-panels' }, left, right),
    notes,
    foot,
  );

  let source: FieldSource = newSource();
  function newSource(): FieldSource {
    return fieldSource(
      record,
      services,
      () => draw(),
      (message) => {
        fault = message;
        draw();
      },
    );
  }

  function choose(change: Partial<SkillChoice>): void {
    choice = { ...choice, ...change };
    draw();
  }

  function start(): void {
    timer = setInterval(() => {
      const leads = source.leads();
      const next = leads[(leads.indexOf(choice.lead) + 1) % leads.length];
      if (next !== undefined) choose({ lead: next });
    }, PLAY_INTERVAL);
    draw();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    draw();
  }

  function showRecord(): void {
    const names = record.forecasts.map(({ name }) => name);
    fill(
      title,
      element('h3', { text: `Skill of ${names.join(' and ')}` }),
      element('span', {
        class: 'tw-subtitle',
        text: `${counted(record.initialTimes, 'initial time')} · ${counted(record.leadTimes.length, 'lead')}`,
      }),
    );
    fill(
      legend,
      ...names.slice(0, 2).map((name, index) =>
        element(
          'span',
          { class: 'tw-skill-series' },
          element('span', {
            class: `tw-stroke${index ? ' tw-stroke-dash' : ''}`,
            style: { color: `var(${SERIES[index]})` },
            attributes: { 'aria-hidden': 'true' },
          }),
          names.length > 1 ? `${'AB'[index]}: ${name}` : name,
        ),
      ),
    );
    const answer = record.verdict;
    fill(
      verdict,
      ...(answer ? [element('p', { class: answer.good ? 'tw-good' : 'tw-bad', text: `${answer.good ? '✓' : '✗'} ${answer.words}` })] : []),
    );
    fill(notes, ...record.notes.map((note) => element('p', { class: 'tw-warn', text: `! ${note}` })));
    foot.textContent = record.provenance;
  }

  function draw(): void {
    if (disposed) return;
    const leads = source.leads();
    if (!leads.includes(choice.lead) && leads.length > 0) choice = { ...choice, lead: nearest(leads, choice.lead) };
    controls.show(record, choice, leads, timer !== undefined);
    drawMap();
    drawCurves();
  }

  function drawMap(): void {
    const { variable, metric, view } = choice;
    const difference = view === 'difference';
    const unit = metric === 'rmse' ? unitTitle(record.variables[variable]!.units) : '';
    const at = leadTitle(record.leadTimes[choice.lead] ?? 0);
    const name = record.forecasts.length > 1 ? `, ${forecastTitle(record.forecasts, view)}` : '';
    const words = `${METRIC_TITLES[metric]} of ${variable} at ${at}${name}`;
    mapTitle.textContent = words;
    const colours = difference ? 'diverging' : METRIC_COLOURS[metric];
    const limits = difference ? source.differenceLimits(variable, metric) : record.limits[variable]![metric];
    const measured = `${record.variables[variable]!.longName}: ${METRIC_TITLES[metric]}${difference ? ', A − B' : ''}${unit && ` (${unit})`}`;
    bar.show(colours, limits, measured);
    const field = source.get(view, choice);
    showResolution(field?.exact);
    // The picture of another lead stays, faded, until this one's comes.
    mapPlace.classList.toggle('tw-stale', field === undefined);
    if (!map || !field) return;
    const boxes = choice.region === 'global' ? [] : (REGIONS.find((region) => region.name === choice.region)?.boxes ?? []);
    map.show({ field, colours, limits, boxes, description: `Map: ${words}` });
  }

  let resting = '';
  /** What stands where the pointed-at value is shown: where the picture comes from. */
  function showResolution(exact: boolean | undefined): void {
    const { grid } = record;
    const [rows, columns] = exact ? grid.full : [grid.latitude.length, grid.longitude.length];
    const how = exact
      ? `${rows} × ${columns} cells, exact`
      : grid.coarsening > 1
        ? `${rows} × ${columns} cells, each ${grid.coarsening} × ${grid.coarsening} of the full grid, rounded; exact ones come from the kernel`
        : `${rows} × ${columns} cells, rounded to 1/254 of the range`;
    resting = fault || (exact === undefined ? 'This lead has no map in the saved output; the kernel has it.' : how);
    if (!pointing) readout.textContent = resting;
  }

  let pointing = false;
  function probe(at: { latitude: number; longitude: number; value: number } | undefined, byKey: boolean): void {
    pointing = at !== undefined;
    if (!at) {
      readout.textContent = resting;
      return;
    }
    const unit = choice.metric === 'rmse' ? unitTitle(record.variables[choice.variable]!.units) : '';
    const place = `${degrees(at.latitude, 'latitude', 2)}, ${degrees(at.longitude, 'longitude', 2)}`;
    const value = Number.isNaN(at.value)
      ? 'land or no data'
      : `${METRIC_TITLES[choice.metric]}${choice.view === 'difference' ? ', A − B:' : ''} ${number(at.value)}${unit && ` ${unit}`}`;
    fill(readout, element('strong', { text: value }), `  at ${place}`);
    if (byKey) spoken.textContent = `${value} at ${place}`;
  }

  function drawCurves(): void {
    const { variable, region } = choice;
    curvesTitle.textContent = `${variable}, ${regionTitle(region)}`;
    const values = record.forecasts.map((forecast) => forecast.name).join(' and ');
    curves.setAttribute('aria-label', `Curves of RMSE and ACC of ${variable} by lead, ${regionTitle(region)}, of ${values}`);
    const width = Math.floor(right.clientWidth);
    if (!plotly || width === 0) return;
    const height = host.clientWidth < STACKED ? 320 : Math.max(300, left.clientHeight - 60);
    const { data, layout } = curvesFigure(record, {
      ...choice,
      width,
      height,
      colour: (name) => colour(host, name),
      font: getComputedStyle(host).fontFamily,
    });
    void drawFigure(plotly, curves, { data, layout }, { displayModeBar: false }).then(listen);
  }

  let listening = false;
  /** A click on the curves takes the map to that lead. */
  function listen(): void {
    if (listening || disposed) return;
    listening = true;
    const events = curves as unknown as { on(name: string, listener: (event: { points?: { pointNumber: number }[] }) => void): void };
    events.on('plotly_click', ({ points }) => {
      const lead = points?.[0]?.pointNumber;
      if (lead === undefined) return;
      stop();
      choose({ lead: nearest(source.leads(), lead) });
    });
  }

  function resize(): void {
    if (disposed || !plotly || host.clientWidth === 0) return;
    map?.resize(Math.floor(mapPlace.clientWidth));
    drawCurves();
  }

  showRecord();
  draw();
  loadPlotly().then(
    (module) => {
      if (disposed) return;
      plotly = module;
      map = mapPanel({ plotly, colour: (name) => colour(host, name), font: () => getComputedStyle(host).fontFamily, probe });
      fill(mapPlace, map.node);
      resize();
      draw();
    },
    (error: unknown) =>
      fill(
        mapPlace,
        element('p', {
          class: 'tw-fault',
          text: `The drawing library could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
        }),
      ),
  );
  let seenWidth = 0;
  const sizes = new ResizeObserver(() => {
    if (Math.abs(host.clientWidth - seenWidth) < 2) return;
    seenWidth = host.clientWidth;
    resize();
  });
  sizes.observe(host);
  const forgetTheme = onThemeChange(() => {
    resize();
    draw();
  });

  return {
    update(next) {
      record = next;
      source.dispose();
      fault = '';
      const fresh = firstChoice(record);
      const keep = choice.variable in record.variables;
      choice = keep ? { ...choice, region: record.regions.includes(choice.region) ? choice.region : 'global' } : fresh;
      if (record.forecasts.length < 2) choice = { ...choice, view: 'a' };
      choice.lead = Math.min(choice.lead, record.leadTimes.length - 1);
      source = newSource();
      showRecord();
      draw();
    },
    resize,
    dispose() {
      if (disposed) return;
      disposed = true;
      clearInterval(timer);
      sizes.disconnect();
      forgetTheme();
      source.dispose();
      map?.dispose();
      if (plotly) eraseFigure(plotly, curves);
    },
  };
}

function firstChoice(record: SkillRecord): SkillChoice {
  const mapped = [...new Set(record.forecasts[0]?.maps.map(({ lead }) => lead))];
  const view: View = 'a';
  return {
    variable: Object.keys(record.variables)[0]!,
    metric: 'rmse',
    view,
    region: 'global',
    lead: mapped[Math.floor((mapped.length - 1) / 2)] ?? 0,
  };
}

function nearest(leads: readonly number[], lead: number): number {
  return leads.reduce((best, one) => (Math.abs(one - lead) < Math.abs(best - lead) ? one : best), leads[0] ?? 0);
}
