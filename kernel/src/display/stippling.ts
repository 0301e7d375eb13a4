/** Dots of significance on a static map. Dots next to one another are one line of dashes without length, whose round ends they are: a few kilobytes. */
import type { MapGrid } from '../records/skill.ts';
import { DOT_LAYERS, DOT_SPACING, stippleRows } from '../records/stipple.ts';

/** A little beyond the last dot, or it would be left out. */
const BEYOND = 0.1;

/** `mask`: 1 for a cell with dots, row by row from the first latitude, which is the southernmost; the map is `wide` × `high` pixels, its corner at the origin. */
export function stippling(mask: Uint8Array, { latitude, longitude }: MapGrid, wide: number, high: number): string {
  const [rows, columns] = [latitude.length, longitude.length];
  let path = '';
  for (const { y, xs } of stippleRows(wide, high, [DOT_SPACING / 2, DOT_SPACING / 2])) {
    const line = (rows - 1 - Math.floor((y / high) * rows)) * columns;
    const dotted = xs.map((x) => mask[line + Math.floor((x / wide) * columns)] === 1);
    for (let at = 0; at < xs.length; at++) {
      if (!dotted[at]) continue;
      const from = at;
      while (dotted[at + 1]) at++;
      path += `M${xs[from]} ${y.toFixed(1)}h${(at - from) * DOT_SPACING + BEYOND}`;
    }
  }
  if (path === '') return '';
  const layers = DOT_LAYERS.map(({ colour, radius }) => `<use href="#dots" stroke="${colour}" stroke-width="${2 * radius}"/>`);
  return (
    `<defs><path id="dots" d="${path}"/></defs>` +
    `<g fill="none" stroke-linecap="round" stroke-dasharray="0 ${DOT_SPACING}">${layers.join('')}</g>`
  );
}
