/** The skill map as a file: PNG and SVG of maps, bars and charts under one title, NetCDF of the fields. */
import { colourTable } from '../../../kernel/src/records/colours.ts';
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import { ticks } from '../../../kernel/src/records/ticks.ts';
import { number } from '../format.ts';
import type { Painting, Palette, Pen } from '../pens.ts';
import type { Atlas } from './atlas.ts';
import { type ChartLayout, paintChart } from './chart.ts';
import type { Field } from './fields.ts';
import type { MapPicture } from './map-picture.ts';
import { type NetcdfVariable, netcdfBytes } from './netcdf.ts';
import { marginsOf, paintOverlay } from './overlay.ts';

export const FORMATS = ['PNG', 'SVG', 'NetCDF'] as const;
export type Format = (typeof FORMATS)[number];
export const ENDINGS: Record<Format, string> = { PNG: 'png', SVG: 'svg', NetCDF: 'nc' };

export interface Figure {
  title: string;
  atlas: Atlas;
  charts: readonly ChartLayout[];
  legend: readonly { name: string; colour: string; dash: readonly number[] }[];
  provenance: string;
  palette: Palette;
  font: string;
}

const EDGE = 14;
const HEAD = 34;
const MAP_TITLE = 20;
const BAR = 52;
const LEGEND = 24;
const LINE = 15;

/** Where everything stands, in pixels. */
function measure({ atlas, charts, provenance }: Figure) {
  const { frame, panels } = atlas;
  const margins = marginsOf(frame!.entry.kind);
  const [wide, high] = [frame!.width + margins.left + margins.right, frame!.height + margins.top + margins.bottom];
  const across = Math.min(panels.length, Math.max(1, Math.floor(1150 / wide)));
  const mapRows = Math.ceil(panels.length / across);
  const chart = charts[0]?.size ?? { width: 0, height: 0 };
  const width = Math.ceil(Math.max(across * wide, Math.min(charts.length, 2) * chart.width, 420) + 2 * EDGE);
  const chartsAcross = Math.max(1, Math.min(charts.length, Math.floor((width - 2 * EDGE) / Math.max(1, chart.width))));
  const cell = MAP_TITLE + high + BAR;
  const chartsTop = HEAD + mapRows * cell + 10;
  const chartRows = Math.ceil(charts.length / chartsAcross);
  const words = wrapped(provenance, Math.floor((width - 2 * EDGE) / 5.4));
  const footTop = chartsTop + LEGEND + chartRows * (chart.height + 8) + 14;
  return {
    margins,
    wide,
    high,
    across,
    cell,
    chart,
    chartsAcross,
    chartsTop,
    words,
    footTop,
    width,
    height: footTop + words.length * LINE + 6,
  };
}

/** The figure as any pen can paint it. */
export function paintingOf(figure: Figure): Painting {
  const { title, font } = figure;
  const room = measure(figure);
  return { title, font, width: room.width, height: room.height, paint: (pen) => paintFigure(pen, figure, room) };
}

function paintFigure(pen: Pen, { title, atlas, charts, legend, palette }: Figure, room: ReturnType<typeof measure>): void {
  const { margins, wide, high, across, cell, chart, chartsAcross, chartsTop, words, footTop, width, height } = room;
  const { frame, paths, outlines, panels } = atlas;
  pen.box(0, 0, width, height, palette.ground);
  pen.text(title, EDGE, 22, { size: 15, colour: palette.text, anchor: 'start' });
  panels.forEach(({ panel, picture, dots }, at) => {
    const [x, y] = [EDGE + (at % across) * wide, HEAD + Math.floor(at / across) * cell];
    pen.text(picture.title, x + margins.left, y + 12, { size: 12.5, colour: palette.text, anchor: 'start' });
    pen.at(x + margins.left, y + MAP_TITLE + margins.top, () => {
      pen.image(panel.picture, 0, 0, frame!.width, frame!.height);
      paintOverlay(pen, { frame: frame!, paths: paths!, outlines, dots }, palette);
    });
    pen.at(x + margins.left, y + MAP_TITLE + high + 4, () => paintBar(pen, picture, frame!.width, palette));
  });
  let x = EDGE + 58;
  for (const { name, colour, dash } of legend) {
    pen.line([x, chartsTop + 10, x + 20, chartsTop + 10], { colour, width: 2.2, dash, opacity: 1 });
    pen.text(name, x + 26, chartsTop + 14, { size: 12, colour: palette.text, anchor: 'start' });
    x += 50 + 7 * name.length;
  }
  charts.forEach((layout, at) => {
    const [left, top] = [EDGE + (at % chartsAcross) * chart.width, chartsTop + LEGEND + Math.floor(at / chartsAcross) * (chart.height + 8)];
    pen.at(left, top, () => paintChart(pen, layout, palette));
  });
  for (const [at, line] of words.entries())
    pen.text(line, EDGE, footTop + at * LINE, { size: 10.5, colour: palette.muted, anchor: 'start' });
}

function paintBar(pen: Pen, { painted, measure }: MapPicture, width: number, palette: Palette): void {
  const { colours, limits } = painted;
  const table = colourTable(colours);
  const steps = 128;
  for (let step = 0; step < steps; step++) {
    const [red, green, blue] = [0, 1, 2].map((part) => table[3 * Math.round((step / (steps - 1)) * 255) + part]!);
    pen.box((width * step) / steps, 0, width / steps + 0.4, 9, `rgb(${red},${green},${blue})`);
  }
  for (const value of ticks(limits[0], limits[1], 5)) {
    const x = ((value - limits[0]) / (limits[1] - limits[0])) * width;
    pen.line([x, 9, x, 12], { colour: palette.outline, width: 1, dash: [], opacity: 1 });
    pen.text(number(value, 4), x, 22, { size: 10.5, colour: palette.muted, anchor: 'middle' });
  }
  pen.text(measure, width / 2, 37, { size: 11.5, colour: palette.text, anchor: 'middle' });
}

function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const QUALITY: Record<Field['quality'], string> = {
  exact: 'every cell, as scored',
  screen: 'every cell, rounded to 1/65534 of the range',
  coarse: 'small maps of the saved output: averages over blocks of cells, rounded to 1/254 of the range',
};

export interface FieldFile {
  record: SkillRecord;
  /** Of each forecast; all on one grid. */
  fields: readonly { name: string; field: Field }[];
  variable: string;
  metric: string;
  title: string;
  units: string;
  lead: number;
}

/** Fields of one lead with coordinates and provenance, in CF form; two fields bring their difference. Land is NaN. */
export function netcdfOf({ record, fields, variable, metric, title, units, lead }: FieldFile): Uint8Array<ArrayBuffer> {
  const { grid, quality } = fields[0]!.field;
  const plane = ['latitude', 'longitude'] as const;
  const attributes = (name: string) => ({ long_name: name, ...(units && { units }) });
  const base = `${variable}_${metric}`;
  const values = fields.map(
    ({ name, field }, at): NetcdfVariable => ({
      name: fields.length > 1 ? `${base}_${'AB'[at]}` : base,
      dimensions: plane,
      attributes: attributes(`${title} of ${name}`),
      values: field.values,
    }),
  );
  const [a, b] = fields;
  if (a && b) {
    const difference = a.field.values.map((value, cell) => value - b.field.values[cell]!);
    values.push({ name: `${base}_A_minus_B`, dimensions: plane, attributes: attributes(`${a.name} less ${b.name}`), values: difference });
  }
  const counts = a?.field.counts;
  if (counts)
    values.push({ name: 'count', dimensions: plane, attributes: { long_name: 'valid initial times' }, values: Int32Array.from(counts) });
  return netcdfBytes({
    dimensions: { latitude: grid.latitude.length, longitude: grid.longitude.length },
    attributes: {
      Conventions: 'CF-1.8',
      title,
      lead_time_hours: record.leadTimes[lead]!,
      source: record.provenance,
      comment: QUALITY[quality],
      history: `${record.createdAt} Tradewind ${record.tradewind}`,
    },
    variables: [axis('latitude', 'degrees_north', grid.latitude), axis('longitude', 'degrees_east', grid.longitude), ...values],
  });
}

function axis(name: string, units: string, values: readonly number[]): NetcdfVariable {
  return { name, dimensions: [name], attributes: { units, standard_name: name }, values: Float64Array.from(values) };
}
