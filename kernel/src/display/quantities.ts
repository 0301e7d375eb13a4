/** Figures in words: three figures, bytes in powers of 1024, values with their error bars; and the marks of where a figure is from. */

/** Measured, the paper's, or projected: told by word and mark, not by colour. */
export const MARKS = { measured: '● measured here', paper: '○ paper', projected: '≈ projected' } as const;

/** `0.0123`, `1.23`, `12.3`, `5400`: three figures, never in powers of ten. */
export function threeFigures(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return String(Math.round(value));
  if (value === 0) return '0';
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(places, 8));
}

/** `32.8 GiB`, `512 MiB`. */
export function gibibytes(count: number): string {
  const mebibytes = count / 2 ** 20;
  return mebibytes < 1024
    ? `${mebibytes < 9.95 ? mebibytes.toFixed(1) : Math.round(mebibytes)} MiB`
    : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** `1.1 (1.05–1.15)`: the median, and the middle half of what was measured. */
export function spread({ median, low, high }: { median: number; low: number; high: number }): string {
  return `${threeFigures(median)} (${threeFigures(low)}–${threeFigures(high)})`;
}

/** `0.68 (0.51–0.91)`: the value, and it divided and multiplied by the factor. */
export function withError(value: number, factor: number): string {
  return spread({ median: value, low: value / factor, high: value * factor });
}
