/** Adds forecast fields to sums by row: cells by |error|, cells by the rank of the truth, power by zonal wavenumber. Only what is asked for costs anything. */
import { TradewindError } from '../records/errors.ts';
import { binsOf, errorBin, ROW_SUMS, type RowSumName, type RowSums } from '../records/rowSums.ts';
import type { Floats } from './decode.ts';
import { transformOf } from './fourier.ts';
import type { Forecast } from './inputs.ts';
import type { Tile } from './plan.ts';

/** Cell by cell over a tile; a cell counts where forecast, truth and climatology are finite. */
export interface RowFields {
  forecast: Floats;
  truth: Floats;
  climatology: Floats;
  /** See `ensembleFields`. */
  rank?: Floats;
}

export interface RowAdder {
  /** One lead's sums so far, rows in the forecast's order. */
  sums: RowSums;
  add(fields: RowFields, tile: Tile): void;
}

/** Do they need tiles of whole rows? */
export const needsCircles = (names: readonly RowSumName[]): boolean => names.includes('power_rows');

const emptyRowSums = (names: readonly RowSumName[], rows: number, columns: number, members: number): RowSums =>
  Object.fromEntries(
    names.map((name) => {
      const length = rows * binsOf(name, columns, members);
      return [name, ROW_SUMS[name].counts ? new Int32Array(length) : new Float64Array(length)];
    }),
  );

/** Bytes of one lead's. */
export function rowSumBytes(names: readonly RowSumName[], { grid, members }: Forecast): number {
  const { latitude, longitude } = grid;
  return names.reduce((sum, name) => sum + (ROW_SUMS[name].counts ? 4 : 8) * latitude.length * binsOf(name, longitude.length, members), 0);
}

/** An adder for one lead. */
export function rowAdder(names: readonly RowSumName[], { grid, members }: Forecast): RowAdder {
  const columns = grid.longitude.length;
  const sums = emptyRowSums(names, grid.latitude.length, columns, members);
  const steps: ((fields: RowFields, tile: Tile) => void)[] = [];
  if (sums.errors) steps.push(addErrors(sums.errors as Int32Array, columns));
  if (sums.ranks) steps.push(addRanks(sums.ranks as Float64Array, columns, members));
  if (sums.power_rows) steps.push(addPower(sums, columns));
  return {
    sums,
    add(fields, tile) {
      for (const step of steps) step(fields, tile);
    },
  };
}

/** x − x is 0 where x is finite, else NaN. */
const counts = ({ forecast, truth, climatology }: RowFields, cell: number): boolean => {
  const sum = forecast[cell]! + truth[cell]! + climatology[cell]!;
  return sum - sum === 0;
};

function addErrors(into: Int32Array, columns: number) {
  const bins = binsOf('errors', columns, 1);
  return (fields: RowFields, { rows, columns: own }: Tile): void => {
    const { forecast, truth } = fields;
    for (let i = 0, cell = 0; i < rows.length; i++) {
      const start = rows[i]! * bins;
      for (let j = 0; j < own.length; j++, cell++) {
        if (counts(fields, cell)) into[start + errorBin(Math.abs(forecast[cell]! - truth[cell]!))]!++;
      }
    }
  };
}

function addRanks(into: Float64Array, columns: number, members: number) {
  const bins = binsOf('ranks', columns, members);
  return (fields: RowFields, { rows, columns: own }: Tile): void => {
    const rank = fields.rank!;
    for (let i = 0, cell = 0; i < rows.length; i++) {
      const start = rows[i]! * bins;
      for (let j = 0; j < own.length; j++, cell++) {
        if (!counts(fields, cell)) continue;
        const below = Math.floor(rank[cell]!);
        const ties = Math.round((rank[cell]! - below) * bins);
        for (let place = below; place <= below + ties; place++) into[start + place]! += 1 / (ties + 1);
      }
    }
  };
}

/**
 * Power by wavenumber k of a row x of n cells: P(k) = |X(k)|² for k = 0 and n/2, else 2 |X(k)|², X(k) = Σ x(j) exp(−2πi jk/n) / n; so Σ P = the mean of x² (Parseval).
 * Forecast and truth go through one transform, as its real and its imaginary part. Rows with a missing cell are left out.
 */
function addPower({ power_forecast, power_truth, power_rows }: RowSums, columns: number) {
  const transform = transformOf(columns);
  const [real, imaginary] = [new Float64Array(columns), new Float64Array(columns)];
  const bins = binsOf('power_forecast', columns, 1);
  return (fields: RowFields, { rows }: Tile): void => {
    const { forecast, truth } = fields;
    for (let i = 0; i < rows.length; i++) {
      const first = i * columns;
      let whole = true;
      for (let j = 0; j < columns && whole; j++) {
        whole = counts(fields, first + j);
        real[j] = forecast[first + j]!;
        imaginary[j] = truth[first + j]!;
      }
      if (!whole) continue;
      transform(real, imaginary);
      power_rows![rows[i]!]!++;
      const start = rows[i]! * bins;
      for (let k = 0; k < bins; k++) {
        const mirrored = k === 0 ? 0 : columns - k;
        const scale = (k === 0 || 2 * k === columns ? 1 : 2) / (4 * columns * columns);
        const forecastReal = real[k]! + real[mirrored]!;
        const forecastImaginary = imaginary[k]! - imaginary[mirrored]!;
        const truthReal = imaginary[k]! + imaginary[mirrored]!;
        const truthImaginary = real[mirrored]! - real[k]!;
        power_forecast![start + k]! += scale * (forecastReal ** 2 + forecastImaginary ** 2);
        power_truth![start + k]! += scale * (truthReal ** 2 + truthImaginary ** 2);
      }
    }
  };
}

/** Rows in another order: row i is row `order[i]` of these. */
export function reorderedRows(sums: RowSums, order: Int32Array): RowSums {
  if (order.every((row, i) => row === i)) return sums;
  return Object.fromEntries(
    Object.entries(sums).map(([name, values]) => {
      const bins = values.length / order.length;
      const ordered = values.slice();
      order.forEach((row, i) => {
        ordered.set(values.subarray(row * bins, (row + 1) * bins), i * bins);
      });
      return [name, ordered];
    }),
  );
}

/** A zonal wavenumber is of a whole circle with even steps. */
export function refuseWithoutCircles({ grid: { longitude }, store }: Forecast): void {
  const step = longitude.length > 1 ? longitude[1]! - longitude[0]! : 0;
  const even = longitude.every((value, at) => at === 0 || Math.abs(value - longitude[at - 1]! - step) < 0.01 * Math.abs(step));
  if (even && Math.abs(Math.abs(step) * longitude.length - 360) < Math.abs(step) / 2) return;
  throw new TradewindError({
    code: 'refused',
    message: `the ${longitude.length} longitudes from ${longitude[0]} to ${longitude.at(-1)} are no circle in even steps: they have no zonal spectrum`,
    where: store.path,
    remedy: 'Leave small-scale-power out of --metrics.',
  });
}
