/** Which cell of the grid lies under each pixel of a frame: made once for a view, so that another lead is only painted. */
import type { Extent, Frame } from './projections.ts';

export interface GridAxes {
  latitude: readonly number[];
  longitude: readonly number[];
}

/** The outer edges of an axis, degrees: half a step beyond its first and last centre. */
export function extent(centres: readonly number[]): [number, number] {
  const [first, last] = [centres[0]!, centres.at(-1)!];
  if (centres.length === 1) return [first - 0.5, last + 0.5];
  return [first - (centres[1]! - first) / 2, last + (last - centres.at(-2)!) / 2];
}

export function extentOf({ latitude, longitude }: GridAxes): Extent {
  return { latitude: extent(latitude), longitude: extent(longitude) };
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

/** The longitude's turn that lies on the axis, where one does. */
function onAxis(centres: readonly number[], longitude: number): number {
  const [west] = extent(centres);
  return west + ((((longitude - west) % 360) + 360) % 360);
}

export function cellOf({ latitude, longitude }: GridAxes, place: readonly [number, number]): { row: number; column: number } | undefined {
  const [row, column] = [cellAt(latitude, place[1]), cellAt(longitude, onAxis(longitude, place[0]))];
  return row >= 0 && column >= 0 ? { row, column } : undefined;
}

/** An axis cut into even steps so fine that looking a value up is one division; the last step is beyond its end. */
function table(centres: readonly number[], from: number, to: number): { cells: Int32Array; scale: number } {
  const steps = Math.min(65536, Math.max(4096, 16 * centres.length));
  const scale = steps / (to - from);
  return { cells: Int32Array.from({ length: steps }, (_, step) => cellAt(centres, from + (step + 0.5) / scale)), scale };
}

/** For `columns` × `rows` pixels over the frame: the cell's index, −1 where the map or the data is not, row by row from the top. */
export function lookupOf(frame: Frame, grid: GridAxes, columns: number, rows: number): Int32Array {
  return frame.entry.kind === 'rows' ? byRows(frame, grid, columns, rows) : byCircles(frame, grid, columns, rows);
}

function byRows({ entry, projection, width, height }: Frame, grid: GridAxes, columns: number, rows: number): Int32Array {
  const cells = new Int32Array(columns * rows).fill(-1);
  const [west] = extent(grid.longitude);
  const turn = table(grid.longitude, west, west + 360);
  const middle = projection([entry.meridian, 0])![0];
  for (let row = 0; row < rows; row++) {
    const y = ((row + 0.5) / rows) * height;
    const latitude = projection.invert!([middle, y])?.[1] ?? Number.NaN;
    if (!(Math.abs(latitude) <= 90)) continue;
    const [right, back] = projection([entry.meridian + 90, latitude])!;
    const at = cellAt(grid.latitude, latitude);
    if (at < 0 || Math.abs(back - y) > 0.5) continue;
    const quarter = right - middle;
    const start = at * grid.longitude.length;
    for (let column = 0; column < columns; column++) {
      const east = ((((column + 0.5) / columns) * width - middle) / quarter) * 90;
      if (east < -180 || east > 180) continue;
      const beyond = entry.meridian + east - west;
      const cell = turn.cells[Math.floor((beyond - 360 * Math.floor(beyond / 360)) * turn.scale)]!;
      if (cell >= 0) cells[row * columns + column] = start + cell;
    }
  }
  return cells;
}

function byCircles({ entry, projection, width, height }: Frame, grid: GridAxes, columns: number, rows: number): Int32Array {
  const cells = new Int32Array(columns * rows).fill(-1);
  const pole = entry.pole!;
  const [west] = extent(grid.longitude);
  const turn = table(grid.longitude, west, west + 360);
  const [x0, y0] = projection([0, pole])!;
  // A place just inside the map's edge says how large it is, and which way longitudes run.
  const near = Math.sign(pole) * (entry.edge! + 1e-6);
  const [ax, ay] = projection([entry.meridian, near])!;
  const [bx, by] = projection([entry.meridian + 90, near])!;
  const radius = Math.hypot(ax - x0, ay - y0);
  const [ux, uy, vx, vy] = [(ax - x0) / radius, (ay - y0) / radius, (bx - x0) / radius, (by - y0) / radius];
  const steps = 4096;
  // The row of the grid by distance from the pole.
  const rings = Int32Array.from({ length: steps }, (_, step) => {
    const away = ((step + 0.5) / steps) * radius;
    return cellAt(grid.latitude, projection.invert!([x0 + away * ux, y0 + away * uy])![1]);
  });
  for (let row = 0; row < rows; row++) {
    const dy = ((row + 0.5) / rows) * height - y0;
    for (let column = 0; column < columns; column++) {
      const dx = ((column + 0.5) / columns) * width - x0;
      const away = Math.sqrt(dx * dx + dy * dy);
      if (away >= radius) continue;
      const at = rings[Math.floor((away / radius) * steps)]!;
      if (at < 0) continue;
      const beyond = entry.meridian + (Math.atan2(dx * vx + dy * vy, dx * ux + dy * uy) * 180) / Math.PI - west;
      const cell = turn.cells[Math.floor((beyond - 360 * Math.floor(beyond / 360)) * turn.scale)]!;
      if (cell >= 0) cells[row * columns + column] = at * grid.longitude.length + cell;
    }
  }
  return cells;
}
