/** A map as static SVG: the field as a palette PNG inside axes with degrees, and a colour bar with units and limits. */
import { type ColourMap, colourIndex, colourStops, colourTable } from '../records/colours.ts';
import type { MapGrid } from '../records/skill.ts';
import { degrees, degreeTicks, ticks } from '../records/ticks.ts';
import { coastPath, type Extent } from './coast.ts';
import type { Html } from './html.ts';
import { encodePng } from './png.ts';
import { stippling } from './stippling.ts';
import { heading, picture, words } from './svg.ts';

export interface MapFigure {
  title: string;
  /** Read by a screen reader in place of the picture. */
  description: string;
  field: Float32Array;
  grid: MapGrid;
  limits: readonly [number, number];
  colours: ColourMap;
  /** Under the colour bar. */
  unit: string;
  /** 1 for cells that are dotted. */
  dots?: Uint8Array;
}

const WIDTH = 340;
const LEFT = 36;
const RIGHT = 12;
const TOP = 24;
/** Land and cells without data: a grey that is seen on white and on black. */
const LAND = [128, 132, 140, 110] as const;

export function mapFigure({ title, description, field, grid, limits, colours, unit, dots }: MapFigure): Html {
  const [south, north] = ends(grid.latitude);
  const [west, east] = ends(grid.longitude);
  const wide = WIDTH - LEFT - RIGHT;
  const high = Math.round(Math.min(wide, Math.max(wide / 4, (wide * (north - south)) / (east - west))));
  const x = (longitude: number) => (LEFT + ((longitude - west) / (east - west)) * wide).toFixed(1);
  const y = (latitude: number) => (TOP + ((north - latitude) / (north - south)) * high).toFixed(1);
  const bar = TOP + high + 28;
  const across = degreeTicks(west, east);
  const up = degreeTicks(south, north, 5);
  const id = `g${hash(title + field.length + limits.join())}`;
  // Colours run evenly between them: every other one is enough.
  const stops = colourStops(colours)
    .map((colour, at, all) => ({ colour, offset: (100 * at) / (all.length - 1) }))
    .filter(({ offset }, at) => at % 2 === 0 || offset === 100);
  const parts = [
    heading(LEFT, 14, title),
    `<image x="${LEFT}" y="${TOP}" width="${wide}" height="${high}" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,${paletted(field, grid, limits, colours)}"/>`,
    coastline({ west, east, south, north, wide, high }),
    dots ? `<g transform="translate(${LEFT} ${TOP})">${stippling(dots, grid, wide, high)}</g>` : '',
    `<rect x="${LEFT}" y="${TOP}" width="${wide}" height="${high}" fill="none" stroke="currentColor" stroke-opacity=".45"/>`,
    ticked([
      ...across.map((value) => [`${x(value)} ${TOP + high}v3`, words('middle', x(value), TOP + high + 13, degrees(value, 'longitude'), 9)]),
      ...up.map((value) => [
        `${LEFT} ${y(value)}h-3`,
        words('end', LEFT - 5, (Number(y(value)) + 3).toFixed(1), degrees(value, 'latitude'), 9),
      ]),
      ...ticks(limits[0], limits[1], 5).map((value) => {
        const at = (LEFT + ((value - limits[0]) / (limits[1] - limits[0])) * wide).toFixed(1);
        return [`${at} ${bar + 8}v3`, words('middle', at, bar + 20, minus(value), 9)];
      }),
    ]),
    `<defs><linearGradient id="${id}">${stops.map(({ colour, offset }) => `<stop offset="${offset.toFixed(1)}%" stop-color="${colour}"/>`).join('')}</linearGradient></defs>`,
    `<rect x="${LEFT}" y="${bar}" width="${wide}" height="8" fill="url(#${id})"/>`,
    words('middle', LEFT + wide / 2, bar + 33, unit, 10),
  ];
  return picture(description, [WIDTH, bar + 40], parts);
}

/** Dark on a light rim, as the widget draws it: seen on every colour. The picture within the picture cuts off what lies beyond the map. */
function coastline(extent: Extent): string {
  const path = coastPath(extent);
  if (path === '') return '';
  const { wide, high } = extent;
  const line = (colour: string, opacity: number, width: number) =>
    `<use href="#coast" stroke="${colour}" stroke-opacity="${opacity}" stroke-width="${width}"/>`;
  return (
    `<defs><path id="coast" d="${path}"/></defs>` +
    `<svg aria-hidden="true" x="${LEFT}" y="${TOP}" width="${wide}" height="${high}"><g transform="scale(.5)" fill="none" stroke-linejoin="round">` +
    `${line('#fff', 0.55, 3.4)}${line('#16181d', 0.9, 1.4)}</g></svg>`
  );
}

/** A number with a true minus sign. */
export function minus(value: number): string {
  return String(value).replace('-', '−');
}

/** Ticks with their words: all of them one path. */
function ticked(ticks: readonly (readonly string[])[]): string {
  const marks = ticks.map(([mark]) => `M${mark}`).join('');
  return `<path d="${marks}" stroke="currentColor" stroke-opacity=".6"/>${ticks.map(([, text]) => text).join('')}`;
}

/** Edges of the whole axis: half a cell beyond the first and the last centre. */
function ends(centres: readonly number[]): [number, number] {
  const half = centres.length > 1 ? (centres.at(-1)! - centres[0]!) / (centres.length - 1) / 2 : 0.5;
  return [centres[0]! - half, centres.at(-1)! + half];
}

/** The field from north to south; index 0 is land, the colours follow. */
function paletted(field: Float32Array, grid: MapGrid, limits: readonly [number, number], colours: ColourMap): string {
  const [rows, columns] = [grid.latitude.length, grid.longitude.length];
  const table = colourTable(colours);
  const palette = new Uint8Array(256 * 3);
  palette.set(LAND.slice(0, 3));
  palette.set(table.subarray(3), 3);
  const indices = new Uint8Array(field.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = field[(rows - 1 - row) * columns + column]!;
      indices[row * columns + column] = Number.isFinite(value) ? Math.max(1, colourIndex(value, limits)) : 0;
    }
  }
  return encodePng(indices, columns, palette, [LAND[3]]).toString('base64');
}

function hash(text: string): string {
  let sum = 5381;
  for (const character of text) sum = (sum * 33 + character.codePointAt(0)!) >>> 0;
  return sum.toString(36);
}
