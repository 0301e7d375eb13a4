/** Which of many to show where there is room for a few. */

/** At most `most` of the indices 0 … `all` − 1, evenly spread, first and last among them. */
export function evenlySpread(all: number, most: number): number[] {
  if (all <= most) return Array.from({ length: all }, (_, index) => index);
  if (most === 1) return [0];
  return [...new Set(Array.from({ length: most }, (_, at) => Math.round((at * (all - 1)) / (most - 1))))];
}
