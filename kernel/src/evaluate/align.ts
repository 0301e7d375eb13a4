/** Alignment by coordinates, never by position: where each cell of the forecast's grid lies in another store. */
import { TradewindError } from '../records/errors.ts';
import { wrapLongitude } from '../records/regions.ts';
import type { Grid } from '../records/scores.ts';

export interface HorizontalGrid extends Grid {
  latitude: Float64Array;
  longitude: Float64Array;
  /** The store it stands in, and what it calls latitude and longitude: for messages. */
  store: string;
  names?: readonly [string, string];
}

/** Indices of one grid as indices of another, by an axis of `alignGrids`. The same array gives the same array again: readers keep what they know of it. */
export function mapping(axis: Int32Array): (indices: Int32Array) => Int32Array {
  const known = new WeakMap<Int32Array, Int32Array>();
  return (indices) => {
    const mapped = known.get(indices) ?? indices.map((index) => axis[index]!);
    known.set(indices, mapped);
    return mapped;
  };
}

/** For each row and column of `wanted` the one of `available` at the same place. Either may run either way round; `available` may reach further. */
export function alignGrids(wanted: HorizontalGrid, available: HorizontalGrid): { rows: Int32Array; columns: Int32Array } {
  return {
    rows: alignAxis('latitude', wanted.latitude, available.latitude, wanted, available),
    columns: alignAxis('longitude', wanted.longitude.map(wrapLongitude), available.longitude.map(wrapLongitude), wanted, available),
  };
}

function alignAxis(
  name: 'latitude' | 'longitude',
  wanted: Float64Array,
  available: Float64Array,
  from: HorizontalGrid,
  to: HorizontalGrid,
): Int32Array {
  const order = Array.from(available.keys()).sort((a, b) => available[a]! - available[b]!);
  const tolerance = 0.01 * spacing(wanted);
  return Int32Array.from(wanted, (value) => {
    let low = 0;
    let high = order.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (available[order[middle]!]! < value) low = middle + 1;
      else high = middle;
    }
    // The neighbour below may be nearer; across the date line the first and the last are neighbours.
    const candidates = [order[low]!, order[Math.max(0, low - 1)]!, order[0]!, order.at(-1)!];
    const distance = (index: number) => {
      const difference = Math.abs(available[index]! - value);
      return name === 'longitude' ? Math.min(difference, 360 - difference) : difference;
    };
    const nearest = candidates.reduce((best, index) => (distance(index) < distance(best) ? index : best));
    if (distance(nearest) <= tolerance) return nearest;
    throw new TradewindError({
      code: 'refused',
      message: `the grids differ: ${name} ${round(value)} of ${from.store} (${describe(from)}) isn't in ${to.store} (${describe(to)}), nearest ${round(available[nearest]!)}`,
      remedy: `Put both on one grid first. This one interpolates, in Tradewind's Python: ${regridding(from, to)}`,
    });
  });
}

/** The command that puts a store on another's grid. */
function regridding(from: HorizontalGrid, to: HorizontalGrid): string {
  const opened = ({ store }: HorizontalGrid) => `xr.open_${/\.(nc4?|h5|hdf5?|cdf)$/i.test(store) ? 'dataset' : 'zarr'}("${store}")`;
  const [wanted, own] = [from, to].map(({ names = ['latitude', 'longitude'] }) => names);
  const axes = own!.map((name, at) => `${name}=f["${wanted![at]}"].values`).join(', ');
  const output = `${to.store.replace(/\.[^./]+$/, '')}-on-grid.zarr`;
  return `python -c 'import xarray as xr; f = ${opened(from)}; t = ${opened(to)}; t.interp(${axes}).drop_encoding().to_zarr("${output}")'`;
}

/** The smallest step between neighbours, degrees. */
function spacing(values: Float64Array): number {
  let step = Number.POSITIVE_INFINITY;
  for (let i = 1; i < values.length; i++) step = Math.min(step, Math.abs(values[i]! - values[i - 1]!));
  return Number.isFinite(step) && step > 0 ? step : 1;
}

const round = (value: number) => Number(value.toFixed(5));

/** `72 × 180, −71…71° N, −179…179° E`. */
export function describe({ latitude, longitude }: Grid): string {
  const ends = (axis: ArrayLike<number>) => `${round(axis[0]!)}…${round(axis[axis.length - 1]!)}`;
  return `${latitude.length} × ${longitude.length}, latitude ${ends(latitude)}, longitude ${ends(longitude)}`;
}

/** The order of cells in which scores are kept: south to north, and −180 to 180 from west to east. */
export function canonicalOrder(grid: Grid): {
  rows: Int32Array;
  columns: Int32Array;
  latitude: Float64Array;
  longitude: Float64Array;
  latitudeEdges?: Float64Array;
} {
  const sorted = (values: ArrayLike<number>) => Int32Array.from(Array.from(values).keys()).sort((a, b) => values[a]! - values[b]!);
  const wrapped = Float64Array.from(grid.longitude, wrapLongitude);
  const [rows, columns] = [sorted(grid.latitude), sorted(wrapped)];
  return {
    rows,
    columns,
    ...(grid.latitudeEdges && { latitudeEdges: Float64Array.from(grid.latitudeEdges).sort() }),
    latitude: Float64Array.from(rows, (row) => grid.latitude[row]!),
    longitude: Float64Array.from(columns, (column) => wrapped[column]!),
  };
}
