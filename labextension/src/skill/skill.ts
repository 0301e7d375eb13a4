/** The skill map: scores by grid point on linked maps, and by lead, latitude and depth for any area; exact while the kernel lives, coarser from the record alone. */
import { areaTitle, type Place as Position } from '../../../kernel/src/records/areas.ts';
import { REGIONS, regionTitle } from '../../../kernel/src/records/regions.ts';
import { leadTitle, leadUnit, type SkillRecord } from '../../../kernel/src/records/skill.ts';
import { element, fill } from '../element.ts';
import type { DrawnWidget, WidgetServices } from '../widget.ts';
import { type AreaSums, areaSums } from './area-sums.ts';
import { atlas } from './atlas.ts';
import { boxFields } from './box-fields.ts';
import { chartRow } from './chart-row.ts';
import { FIRST_PAIR, firstChoice, keptChoice, leadAt, nearest, pairOf } from './choice.ts';
import { colourBar } from './colour-bar.ts';
import { type Connection, connection } from './connection.ts';
import { type SkillChoice, skillControls } from './controls.ts';
import { curveCharts, seriesStyles } from './curves.ts';
import { dotsKey, dotsWords } from './dots-key.ts';
import type { Format } from './export.ts';
import { type FieldSource, fieldSource } from './fields.ts';
import { heading } from './heading.ts';
import { lookOf } from './look.ts';
import { metricsIn } from './metrics.ts';
import { areaRing, boxRing } from './overlay.ts';
import { type MapLimits, mapLimits, picturesOf } from './pictures.ts';
import { playing } from './playing.ts';
import { profileCharts } from './profiles.ts';
import { WHOLE } from './projections.ts';
import { readingOf } from './reading.ts';
import { saveChart, savePicture } from './saving.ts';
import { boxAbout } from './sketch.ts';

/** A lead that has rested for so long gets its exact values. */
const REST = 180;

export function drawSkill(host: HTMLElement, first: SkillRecord, services: WidgetServices): DrawnWidget<SkillRecord> {
  let whole = first;
  let record = pairOf(whole, FIRST_PAIR);
  let choice = firstChoice(record);
  let rest: ReturnType<typeof setTimeout> | undefined;
  let disposed = false;
  let fault = '';
  let line: Connection;
  let source: FieldSource;
  let sums: AreaSums;
  let limits: MapLimits;
  let place: Position | undefined;
  const look = lookOf(host, () => {
    maps.restyle();
    draw();
  });
  const play = playing(
    () => source.leads(choice.metric),
    () => choice.lead,
    (lead) => {
      // Not by `choose`, which takes a chosen lead for the end of playing.
      choice = { ...choice, lead };
      draw();
    },
  );
  const words = heading();
  const controls = skillControls({
    choose,
    play() {
      if (play.on) play.stop();
      else play.start();
      draw();
    },
    zoom,
    box: typedBox,
    save: (format) => void save(format),
  });
  const maps = atlas({ read, drawn: (area) => choose({ place: { area } }), step, sketching: say }, look.now);
  const box = boxFields((area) => choose({ place: { area } }));
  const bars = [0, 1].map((at) => colourBar((next) => editLimits(at === 1, next)));
  const dots = dotsKey();
  bars[1]!.node.append(dots.node);
  const readout = element('div', { class: 'tw-skill-readout' });
  const spoken = element('div', { class: 'tw-spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
  const charts = chartRow(
    {
      chosen: chooseLead,
      save: (chart) => saveChart(chart, { record, choice }),
    },
    look.now,
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
    if (change.lead !== undefined && change.lead !== choice.lead) play.stop();
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
    choose({ place: { area: boxAbout(middle) } });
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

  function say(sentence: string): void {
    spoken.textContent = sentence;
  }

  function draw(): void {
    if (disposed) return;
    const leads = source.leads(choice.metric);
    if (!leads.includes(choice.lead) && leads.length > 0) choice = { ...choice, lead: nearest(leads, choice.lead) };
    controls.show(whole, choice, leads, play.on);
    drawMaps();
    drawCharts();
    clearTimeout(rest);
    rest = setTimeout(refine, REST);
  }

  function drawMaps(): void {
    maps.show(picturesOf(record, source, limits, choice, look.now().land));
    const difference = choice.show === 'difference' || choice.show === 'all';
    const shown = [
      choice.show !== 'difference' ? limits.of(choice, false) : undefined,
      difference && record.forecasts.length > 1 ? limits.of(choice, true) : undefined,
    ];
    shown.forEach((one, at) => {
      bars[at]!.node.hidden = !one;
      if (one) bars[at]!.show(one.colours, one.limits, one.title, one.edited);
    });
    const found = source.significant(choice);
    dots.show(dotsWords(record, choice, found), found !== undefined);
    showReadout();
  }

  /** The exact values of what is on the screen, unless it plays, then what the next lead needs. */
  function refine(): void {
    if (disposed) return;
    if (!play.on) for (const forecast of record.forecasts.keys()) source.refine(forecast, choice);
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
    const { value, where } = readingOf(record, source, choice, place, { fault, live: line.live });
    fill(readout, value && element('strong', { text: value }), value ? `  ${where}` : where);
  }

  /** With the next frame: sums come lead by lead, and the maps go first. */
  function drawCharts(): void {
    if (chartsFrame === 0) chartsFrame = requestAnimationFrame(drawChartsNow);
  }

  function drawChartsNow(): void {
    chartsFrame = 0;
    if (disposed) return;
    chartsTitle.textContent = `${choice.variable}, ${placeTitle()}`;
    charts.show([...curveCharts(record, sums, choice, look.series), ...profileCharts(record, choice, look.series)]);
  }

  /** A click on a curve over the leads takes the maps there. */
  function chooseLead(value: number): void {
    play.stop();
    choose({ lead: nearest(source.leads(choice.metric), leadAt(record, value * leadUnit(record.leadTimes).hours)) });
  }

  async function save(format: Format): Promise<void> {
    try {
      await savePicture(format, { record, source, choice }, figureNow);
      say(`Saved as ${format}.`);
    } catch (error) {
      fault = `The ${format} could not be made: ${error instanceof Error ? error.message : String(error)}`;
      showReadout();
    }
  }

  function figureNow() {
    const { palette, font } = look.now();
    return {
      atlas: maps,
      charts: charts.layouts,
      legend: seriesStyles(record, look.series),
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
      play.stop();
      clearTimeout(rest);
      cancelAnimationFrame(chartsFrame);
      sizes.disconnect();
      look.dispose();
      line.dispose();
      maps.dispose();
    },
  };
}
