/** The names of a chart's series below its axis, in as many lines as they need. */
import type { Series, Size } from './chart.ts';

export interface KeyEntry extends Omit<Series, 'points'> {
  /** Where its stroke begins, and the line its name stands on. */
  x: number;
  y: number;
}

export const KEY_LINE = 15;
const [LEFT, RIGHT] = [12, 8];
/** Of a stroke with its gaps, and about of a letter. */
const [STROKE, LETTER] = [32, 6];

export function chartKey(series: readonly Series[], { width, height }: Size): KeyEntry[] {
  let [x, line] = [LEFT, 0];
  const placed = series.map(({ name, colour, dash }) => {
    const long = STROKE + LETTER * name.length;
    if (x > LEFT && x + long > width - RIGHT) [x, line] = [LEFT, line + 1];
    const entry = { name, colour, dash, x, line };
    x += long;
    return entry;
  });
  return placed.map(({ line: at, ...entry }) => ({ ...entry, y: height - 5 - KEY_LINE * (line - at) }));
}
