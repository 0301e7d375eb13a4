/** Round numbers along an axis, and places on it. */

export interface Axis {
  low: number;
  high: number;
  /** It counts factors: both ends and all values are positive. */
  logarithmic?: boolean;
}

/** How far along the axis a value lies: 0 at its low end, 1 at its high one. */
export function shareOf({ low, high, logarithmic }: Axis, value: number): number {
  return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** At most so many of the values, evenly far apart: many powers of ten have no room for all their names. */
export function sparse(values: readonly number[], most: number): number[] {
  return values.filter((_, at) => at % Math.ceil(values.length / most) === 0);
}

/** Between lower and upper about `count` multiples of 1, 2, 2.5 or 5 times a power of ten. */
export function ticks(lower: number, upper: number, count: number): number[] {
  const span = upper - lower;
  if (!(span > 0) || !Number.isFinite(span)) return Number.isFinite(lower) ? [lower] : [];
  const raw = span / Math.max(1, count);
  const unit = 10 ** Math.floor(Math.log10(raw));
  return multiples(lower, upper, [1, 2, 2.5, 5, 10].map((one) => one * unit).find((one) => one >= raw * (1 - 1e-9)) ?? 10 * unit);
}

/** Values of 1, 2 and 5 times a power of ten within the span, both positive; where it holds fewer than two, evenly spaced ones. */
export function logarithmicTicks(low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** power;
      if (value >= low && value <= high) found.push(value);
    }
  }
  if (found.length < 2) return ticks(low, high, 4);
  const powers = found.filter((value) => Number.isInteger(Math.round(Math.log10(value) * 1e9) / 1e9));
  return found.length > 8 && powers.length >= 2 ? powers : found;
}

function multiples(lower: number, upper: number, step: number): number[] {
  const first = Math.ceil(lower / step - 1e-9);
  const last = Math.floor(upper / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Where an axis of degrees has its ticks: multiples of 60, 30, 15, 10, 5 … that give at most seven of them. */
export function degreeTicks(lower: number, upper: number, most = 7): number[] {
  const span = upper - lower;
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 45, 60, 90].find((one) => span / one <= most) ?? 90;
  return multiples(lower, upper, step);
}

/** `30° N`, `120° W`, `0°`. */
export function degrees(value: number, axis: 'latitude' | 'longitude', digits = 0): string {
  const size = Number(Math.abs(value).toFixed(digits));
  const side =
    size === 0 || (axis === 'longitude' && size === 180) ? '' : axis === 'latitude' ? (value > 0 ? ' N' : ' S') : value > 0 ? ' E' : ' W';
  return `${digits > 0 ? size.toFixed(digits) : size}°${side}`;
}

const UNIT_TITLES: Record<string, string> = {
  degC: '°C',
  degree_Celsius: '°C',
  celsius: '°C',
  'm s-1': 'm/s',
  '1e-3': 'psu',
  'm s**-1': 'm/s',
  '1': '',
  degrees_Celsius: '°C',
};

/** A CF unit as a reader writes it: `degC` is °C, `1e-3` (of salinity) psu. */
export function unitTitle(units: string): string {
  return UNIT_TITLES[units] ?? units;
}
