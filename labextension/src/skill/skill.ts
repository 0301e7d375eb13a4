/** The skill map: scores by grid point on linked maps, and by lead, latitude and depth for any area; exact while the kernel lives, coarser from the record alone. */
import { type Area, areaTitle, type Place as Position } from '../../../kernel/src/records/areas.ts';
import { REGIONS, regionTitle } from '../../../kernel/src/records/regions.ts';
import { leadTitle, leadUnit, type SkillRecord } from '../../../kernel/src/records/skill.ts';
import { pictureBlob, saveFile } from '../download.ts';
import { element, fill } from '../element.ts';
import type { Palette } from '../pens.ts';
import { colour, onThemeChange, paletteOf } from '../theme.ts';
import type { DrawnWidget, WidgetServices } from '../widget.ts';
import { type AreaSums, areaSums } from './area-sums.ts';
import { atlas } from './atlas.ts';
import { boxFields } from './box-fields.ts';
import { chartCsv } from './chart.ts';
import { chartRow } from './chart-row.ts';
import { FIRST_PAIR, firstChoice, keptChoice, nearest, pairOf } from './choice.ts';
import { colourBar } from './colour-bar.ts';
import { type Connection, connection } from './connection.ts';
import { type SkillChoice, skillControls } from './controls.ts';
import { curveCharts, seriesStyles } from './curves.ts';
import { ENDINGS, type Format, netcdfOf, paintingOf } from './export.ts';
import { type FieldSource, fieldSource } from './fields.ts';
import { heading } from './heading.ts';
import { metricsIn, metricTitle, metricUnit } from './metrics.ts';
import { areaRing, boxRing } from './overlay.ts';
import { type MapLimits, mapLimits, picturesOf } from './pictures.ts';
import { profileCharts } from './profiles.ts';
import { WHOLE } from './projections.ts';
import type { Colour } from './raster.ts';
import { readingOf } from './reading.ts';

/** Milliseconds that each lead is shown while playing. */
const PLAY_INTERVAL = 400;
/** A lead that has rested for so long gets its exact values. */
const REST = 180;

export function drawSkill(host: HTMLElement, first: SkillRecord, services: WidgetServices): DrawnWidget<SkillRecord> {
  let whole = first;
  let record = pairOf(whole, FIRST_PAIR);
  let choice = firstChoice(record);
  let timer: ReturnType<typeof setInterval> | undefined;
  let rest: ReturnType<typeof setTimeout> | undefined;
  let disposed = false;
  let fault = '';
  let line: Connection;
  let source: FieldSource;
  let sums: AreaSums;
  let limits: MapLimits;
  let place: Position | undefined;
  let theme: { palette: Palette; font: string; land: Colour; series: Map<string, string> } | undefined;

  const look = () => {
    if (theme) return theme;
    const found = {
      palette: paletteOf(host),
      font: getComputedStyle(host).fontFamily,
      land: landColour(),
      series: new Map<string, string>(),
    };
    // What is not on the page yet has no style to keep.
    if (host.isConnected) theme = found;
    return found;
  };
  const words = heading();
  const controls = skillControls({
    choose,
    play: () => (timer ? stop() : start()),
    zoom,
    box: typedBox,
    save: (format) => void save(format),
  });
  const maps = atlas({ read, drawn: (area) => choose({ place: { area } }), step, sketching: say }, look);
  const box = boxFields((area) => choose({ place: { area } }));
  const bars = [0, 1].map((at) => colourBar((next) => editLimits(at === 1, next)));
  const readout = element('div', { class: 'tw-skill-readout' });
  const spoken = element('div', { class: 'tw-spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
  const charts = chartRow(
    {
      chosen: chooseLead,
      save: (chart) =>
        saveFile(new Blob([chartCsv(chart, record.provenance)], { type: 'text/csv' }), `${fileName()}-${chart.title}`, 'csv'),
    },
    look,
  );
  const chartsTitle = element('div', { class: 'tw-panel-title' });
  fill(
    host,
    element('header', { class: 'tw-head' }, words.title),
    words.verdict,
    controls.node,
    controls.lead,
    maps.node,
    readout,
    element('div', { class: 'tw-colour-bars' }, ...bars.map(({ node }) => node)),
    controls.tools,
    box.node,
    element('div', { class: 'tw-charts-head' }, chartsTitle, words.legend),
    charts.node,
    spoken,
    words.notes,
    words.foot,
  );

  function renew(): void {
    fault = '';
    line = connection(services, () => draw());
    const failed = (message: string) => {
      fault = message;
    };
    source = fieldSource(record, line, () => draw(), failed);
    sums = areaSums(record, line, source, () => drawCharts(), failed);
    sums.choose(choice.place);
    limits = mapLimits(record, source);
  }

  function choose(change: Partial<SkillChoice>): void {
    if (change.lead !== undefined && change.lead !== choice.lead && timer) stop();
    choice = { ...choice, ...change };
    if (change.pair) {
      line.dispose();
      record = pairOf(whole, choice.pair);
      renew();
      words.show(record);
    }
    if (change.variable && !metricsIn(record, choice.variable).includes(choice.metric)) choice.metric = 'rmse';
    if (change.projection) maps.look({ projection: choice.projection, ...WHOLE });
    if (change.tool) maps.tool = choice.tool;
    if (change.place) showPlace();
    draw();
  }

  function showPlace(): void {
    sums.choose(choice.place);
    const area = 'area' in choice.place ? choice.place.area : undefined;
    box.show(area);
    const name = 'region' in choice.place ? choice.place.region : '';
    const boxes = name === 'global' ? [] : (REGIONS.find((one) => one.name === name)?.boxes ?? []);
    maps.outline(area ? [areaRing(area)] : boxes.map(boxRing));
    say(`Curves of ${placeTitle()}`);
  }

  const placeTitle = () => ('area' in choice.place ? areaTitle(choice.place.area) : regionTitle(choice.place.region));

  /** A box to begin with, where the maps look. */
  function typedBox(): void {
    const middle = maps.frame?.invert(maps.frame.width / 2, maps.frame.height / 2) ?? [0, 0];
    const [x, y] = middle.map(Math.round) as [number, number];
    const area: Area = { kind: 'box', box: [Math.max(-180, x - 15), Math.min(180, x + 15), Math.max(-90, y - 10), Math.min(90, y + 10)] };
    choose({ place: { area } });
    box.node.querySelector('input')?.focus();
  }

  function zoom(factor: number | undefined): void {
    if (factor === undefined) maps.look(WHOLE);
    else maps.zoom(factor);
  }

  function editLimits(difference: boolean, next: [number, number] | undefined): void {
    limits.edit(choice, difference, next);
    draw();
  }

  let chartsFrame = 0;
  function step(by: number): void {
    const leads = source.leads(choice.metric);
    const at = leads.indexOf(choice.lead) + by;
    if (leads[at] === undefined) return;
    choose({ lead: leads[at]! });
    say(`${leadTitle(record.leadTimes[choice.lead]!)}. ${readout.textContent}`);
  }

  function start(): void {
    timer = setInterval(() => {
      const leads = source.leads(choice.metric);
      const next = leads[(leads.indexOf(choice.lead) + 1) % leads.length];
      if (next === undefined) return;
      // Not by `choose`, which takes a chosen lead for the end of playing.
      choice = { ...choice, lead: next };
      draw();
    }, PLAY_INTERVAL);
    draw();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    draw();
  }

  function say(sentence: string): void {
    spoken.textContent = sentence;
  }

  function draw(): void {
    if (disposed) return;
    const leads = source.leads(choice.metric);
    if (!leads.includes(choice.lead) && leads.length > 0) choice = { ...choice, lead: nearest(leads, choice.lead) };
    controls.show(whole, choice, leads, timer !== undefined);
    drawMaps();
    drawCharts();
    clearTimeout(rest);
    rest = setTimeout(refine, REST);
  }

  function drawMaps(): void {
    maps.show(picturesOf(record, source, limits, choice, look().land));
    const difference = choice.show === 'difference' || choice.show === 'all';
    const shown = [
      choice.show !== 'difference' ? limits.of(choice, false) : undefined,
      difference && record.forecasts.length > 1 ? limits.of(choice, true) : undefined,
    ];
    shown.forEach((one, at) => {
      bars[at]!.node.hidden = !one;
      if (one) bars[at]!.show(one.colours, one.limits, one.title, one.edited);
    });
    showReadout();
  }

  /** The exact values of what is on the screen, unless it plays, then what the next lead needs. */
  function refine(): void {
    if (disposed) return;
    if (!timer) for (const forecast of record.forecasts.keys()) source.refine(forecast, choice);
    const leads = source.leads(choice.metric);
    const next = leads[leads.indexOf(choice.lead) + 1];
    if (next !== undefined) for (const forecast of record.forecasts.keys()) source.expect(forecast, { ...choice, lead: next });
  }

  function read(next: Position | undefined, byKey: boolean): void {
    place = next;
    showReadout();
    if (byKey) spoken.textContent = readout.textContent;
  }

  function showReadout(): void {
    const { value, where } = readingOf(record, source, choice, place, fault);
    fill(readout, value && element('strong', { text: value }), value ? `  ${where}` : where);
  }

  function landColour(): Colour {
    const [red = 128, green = 128, blue = 128] = (colour(host, '--tw-land').match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue];
  }

  /** With the next frame: sums come lead by lead, and the maps go first. */
  function drawCharts(): void {
    if (chartsFrame === 0) chartsFrame = requestAnimationFrame(drawChartsNow);
  }

  function drawChartsNow(): void {
    chartsFrame = 0;
    if (disposed) return;
    chartsTitle.textContent = `${choice.variable}, ${placeTitle()}`;
    charts.show([...curveCharts(record, sums, choice, seriesColour), ...profileCharts(record, choice, seriesColour)]);
  }

  /** A click on a curve over the leads takes the maps there. */
  function chooseLead(value: number): void {
    const hours = value * leadUnit(record.leadTimes).hours;
    const lead = record.leadTimes.reduce(
      (best, one, at) => (Math.abs(one - hours) < Math.abs(record.leadTimes[best]! - hours) ? at : best),
      0,
    );
    if (timer) stop();
    choose({ lead: nearest(source.leads(choice.metric), lead) });
  }

  function seriesColour(variable: string): string {
    const { series } = look();
    const known = series.get(variable) ?? colour(host, variable);
    series.set(variable, known);
    return known;
  }

  const fileName = () => `skill-${record.forecasts.map(({ name }) => name).join('-')}-${choice.variable}-${choice.metric}`;

  async function save(format: Format): Promise<void> {
    try {
      const name = `${fileName()}-${leadTitle(record.leadTimes[choice.lead]!)}`;
      const content =
        format === 'NetCDF'
          ? new Blob([fieldsAsFile()], { type: 'application/x-netcdf' })
          : await pictureBlob(format, paintingOf(figureNow()));
      saveFile(content, name, ENDINGS[format]);
      say(`Saved as ${format}.`);
    } catch (error) {
      fault = `The ${format} could not be made: ${error instanceof Error ? error.message : String(error)}`;
      showReadout();
    }
  }

  function fieldsAsFile(): Uint8Array<ArrayBuffer> {
    const all = record.forecasts.flatMap(({ name }, at) => {
      const field = source.get(at, choice);
      return field ? [{ name, field }] : [];
    });
    const fields = all.filter(({ field }) => field.grid === all[0]!.field.grid);
    if (fields.length === 0) throw new Error('this lead has no map here');
    const { variable, metric, lead } = choice;
    const title = `${metricTitle(metric)} of ${variable} at ${leadTitle(record.leadTimes[lead]!)}`;
    return netcdfOf({ record, fields, variable, metric, title, units: metricUnit(record, variable, metric), lead });
  }

  function figureNow() {
    const { palette, font } = look();
    const names = record.forecasts.map(({ name }) => name);
    return {
      title: `${metricTitle(choice.metric)} of ${choice.variable} at ${leadTitle(record.leadTimes[choice.lead]!)}: ${names.join(' and ')}`,
      atlas: maps,
      charts: charts.layouts,
      legend: seriesStyles(record, seriesColour),
      provenance: `${placeTitle()} · ${words.foot.textContent}`,
      palette,
      font,
    };
  }

  function resize(): void {
    if (disposed || host.clientWidth === 0) return;
    maps.resize(Math.floor(maps.node.clientWidth));
    charts.resize();
  }

  renew();
  words.show(record);
  draw();
  resize();
  const sizes = new ResizeObserver(resize);
  sizes.observe(host);
  const forgetTheme = onThemeChange(() => {
    theme = undefined;
    maps.restyle();
    draw();
  });

  return {
    update(next) {
      whole = next;
      line.dispose();
      choice = keptChoice(choice, whole);
      record = pairOf(whole, choice.pair);
      renew();
      words.show(record);
      draw();
    },
    resize,
    dispose() {
      if (disposed) return;
      disposed = true;
      clearInterval(timer);
      clearTimeout(rest);
      cancelAnimationFrame(chartsFrame);
      sizes.disconnect();
      forgetTheme();
      line.dispose();
      maps.dispose();
    },
  };
}
