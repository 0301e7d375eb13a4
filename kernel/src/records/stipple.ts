/** The dots that mark significance on a map, of the widget and of static pictures alike: an even lattice of the picture, whatever the grid, so that they neither run together nor get lost. */

/** Pixels from a dot to the next; every other row stands between. */
export const DOT_SPACING = 7;
const ROW = (DOT_SPACING * Math.sqrt(3)) / 2;

/** From below: a dark dot on a light rim is seen on every colour. Radii in pixels. */
export const DOT_LAYERS = [
  { colour: '#ffffff', radius: 1.8 },
  { colour: '#16181d', radius: 1.15 },
] as const;

/** Rows of the lattice within `width` × `height` pixels, one of whose dots is at `origin`: their heights and where each begins. */
export function stippleRows(width: number, height: number, [x0, y0]: readonly [number, number]): { y: number; xs: number[] }[] {
  const first = Math.ceil(-y0 / ROW);
  return Array.from({ length: Math.max(0, Math.ceil((height - y0) / ROW) - first) }, (_, index) => {
    const row = first + index;
    const shift = x0 + (row % 2 === 0 ? 0 : DOT_SPACING / 2);
    const from = shift + DOT_SPACING * Math.ceil(-shift / DOT_SPACING);
    return {
      y: y0 + row * ROW,
      xs: Array.from({ length: Math.max(0, Math.ceil((width - from) / DOT_SPACING)) }, (_, at) => from + at * DOT_SPACING),
    };
  });
}
