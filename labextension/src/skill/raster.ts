/** A field as pixels: one a cell, north at the top, evenly spaced in degrees whatever the grid. */
import { type ColourMap, colourIndex, colourTable } from '../../../kernel/src/records/colours.ts';
import type { Field } from './fields.ts';

/** The outer edges of an axis, degrees: half a step beyond its first and last centre. */
export function extent(centres: readonly number[]): [number, number] {
  const half = centres.length > 1 ? (centres.at(-1)! - centres[0]!) / (centres.length - 1) / 2 : 0.5;
  return [centres[0]! - half, centres.at(-1)! + half];
}

/** The cell that holds `value` on an axis of ascending centres; −1 beyond its edges. */
export function cellAt(centres: readonly number[], value: number): number {
  const [first, last] = extent(centres);
  if (!(value >= first && value <= last)) return -1;
  let low = 0;
  let high = centres.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((centres[middle]! + centres[middle + 1]!) / 2 < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** For each of as many even steps over the axis, the cell that it falls in. */
function evenly(centres: readonly number[]): Int32Array {
  const [first, last] = extent(centres);
  const step = (last - first) / centres.length;
  return Int32Array.from(centres, (_, index) => cellAt(centres, first + (index + 0.5) * step));
}

const tables = new Map<ColourMap, Uint8Array>();

/** Paints the field into `canvas` (resized to one pixel a cell). `land`: red, green, blue of cells without a value. */
export function paint(
  canvas: HTMLCanvasElement,
  field: Field,
  colours: ColourMap,
  limits: readonly [number, number],
  land: readonly [number, number, number],
): void {
  const [rows, columns] = [evenly(field.latitude).reverse(), evenly(field.longitude)];
  const table = tables.get(colours) ?? colourTable(colours);
  tables.set(colours, table);
  canvas.width = columns.length;
  canvas.height = rows.length;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(columns.length, rows.length);
  const pixels = image.data;
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      const value = field.values[row * columns.length + column]!;
      if (!Number.isNaN(value)) {
        const index = colourIndex(value, limits) * 3;
        pixels[at] = table[index]!;
        pixels[at + 1] = table[index + 1]!;
        pixels[at + 2] = table[index + 2]!;
      } else {
        [pixels[at], pixels[at + 1], pixels[at + 2]] = land;
      }
      pixels[at + 3] = 255;
      at += 4;
    }
  }
  context.putImageData(image, 0, 0);
}
