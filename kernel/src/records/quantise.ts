/**
 * A field in one byte a cell, for maps that live in a notebook: 0 is land or no data, 1 … 255 run evenly from minimum to maximum.
 * Each byte is kept as its difference (modulo 256) from the one before it, which packs a fifth smaller.
 */

export interface Quantised {
  minimum: number;
  maximum: number;
  bytes: Uint8Array;
}

/** The error is at most (maximum − minimum) / 508. A field without any value gives zeros. */
export function quantise(field: ArrayLike<number>): Quantised {
  const [minimum, maximum] = finiteRange(field);
  if (minimum > maximum) return { minimum: 0, maximum: 0, bytes: new Uint8Array(field.length) };
  // A range too narrow for a double to divide by is one level.
  const scale = Number.isFinite(254 / (maximum - minimum)) ? 254 / (maximum - minimum) : 0;
  let before = 0;
  const bytes = Uint8Array.from(field, (value) => {
    const level = Number.isFinite(value) ? 1 + Math.round((value - minimum) * scale) : 0;
    const difference = level - before;
    before = level;
    return difference;
  });
  return { minimum, maximum, bytes };
}

/** The smallest and the largest finite value; the first is larger where there is none. */
function finiteRange(field: ArrayLike<number>): [number, number] {
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let cell = 0; cell < field.length; cell++) {
    const value = field[cell]!;
    if (!Number.isFinite(value)) continue;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return [minimum, maximum];
}

/** The field back; NaN where there is no data. */
export function dequantise({ minimum, maximum, bytes }: Quantised): Float32Array {
  let level = 0;
  return Float32Array.from(bytes, (difference) => {
    level = (level + difference) & 255;
    return level === 0 ? Number.NaN : minimum + ((level - 1) * (maximum - minimum)) / 254;
  });
}

/** The value below which a share (0 … 1) of the finite values lies; undefined where there is none. */
export function quantile(values: ArrayLike<number>, share: number): number | undefined {
  const finite = new Float64Array(values.length);
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value - value === 0) finite[count++] = value;
  }
  return count === 0 ? undefined : ranked(finite.subarray(0, count), Math.min(count - 1, Math.floor(share * count)));
}

/** The value that would stand at `rank` if they were sorted (Hoare's FIND, Comm. ACM 4, 321, 1961: a sixth of a sort's time); their order changes. */
function ranked(values: Float64Array, rank: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const [a, b, c] = [values[low]!, values[(low + high) >> 1]!, values[high]!];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let [from, to] = [low, high];
    while (from <= to) {
      while (values[from]! < pivot) from++;
      while (values[to]! > pivot) to--;
      if (from > to) break;
      const value = values[from]!;
      values[from++] = values[to]!;
      values[to--] = value;
    }
    if (rank <= to) high = to;
    else if (rank >= from) low = from;
    else return values[rank]!;
  }
  return values[rank]!;
}

/**
 * Colour limits of a difference, centred on nought: 98 in a hundred cells lie inside. They are never narrower than a thousandth of the
 * compared values' own range, so that two fields that agree look alike, and rounding errors don't fill the map with colour.
 */
export function differenceLimits(differences: ArrayLike<number>, range: readonly [number, number]): [number, number] {
  const size = quantile(Float64Array.from(differences, Math.abs), 0.98) ?? 0;
  const limit = niceCeiling(Math.max(size, 1e-3 * (range[1] - range[0])));
  return [-limit, limit];
}

/** Rounded up to two significant digits whose second is even or five: a limit that reads well on a colour bar. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value) - 1e-12);
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((one) => one * unit >= value * (1 - 1e-9)) ?? 10;
  return Number((step * unit).toPrecision(2));
}

/** A field in two bytes a cell, for the screen: 0 is no data, 1 … 65535 run evenly from minimum to maximum; the error is at most (maximum − minimum) / 131068. */
export function quantiseScreen(field: Float32Array): { minimum: number; maximum: number; levels: Uint16Array } {
  const [minimum, maximum] = finiteRange(field);
  const levels = new Uint16Array(field.length);
  if (minimum > maximum) return { minimum: 0, maximum: 0, levels };
  const scale = maximum > minimum ? 65534 / (maximum - minimum) : 0;
  for (let cell = 0; cell < field.length; cell++) {
    const value = field[cell]!;
    if (Number.isFinite(value)) levels[cell] = 1 + Math.round((value - minimum) * scale);
  }
  return { minimum, maximum, levels };
}

/** The field back from `quantiseScreen`. */
export function dequantiseScreen(levels: Uint16Array, minimum: number, maximum: number): Float32Array {
  const field = new Float32Array(levels.length);
  const step = (maximum - minimum) / 65534;
  for (let cell = 0; cell < levels.length; cell++) {
    const level = levels[cell]!;
    field[cell] = level === 0 ? Number.NaN : minimum + (level - 1) * step;
  }
  return field;
}
