/** Areas that a reader draws on a map, and the cells of a grid that lie in them. Browser and kernel take the same cells. */
import { type Box, REGIONS, regionMask, wrapLongitude } from './regions.ts';
import type { Grid } from './scores.ts';
import { degrees } from './ticks.ts';

/** Longitude and latitude in degrees. */
export type Place = readonly [longitude: number, latitude: number];

/** Edges of a polygon are straight in longitude and latitude, and take the shorter way round; the last point is joined with the first. */
export type Area = { kind: 'box'; box: Box } | { kind: 'polygon'; points: readonly Place[] };

const MOST_POINTS = 500;

/** What came from elsewhere as an area; undefined where it is none. */
export function checkedArea(value: unknown): Area | undefined {
  const { kind, box, points } = (value ?? {}) as { kind?: unknown; box?: unknown; points?: unknown };
  const numbers = (list: unknown, length: number): list is number[] =>
    Array.isArray(list) && list.length === length && list.every((one) => Number.isFinite(one));
  if (kind === 'box' && numbers(box, 4) && box[2]! < box[3]!) return { kind, box: box as unknown as Box };
  if (
    kind === 'polygon' &&
    Array.isArray(points) &&
    points.length >= 3 &&
    points.length <= MOST_POINTS &&
    points.every((one) => numbers(one, 2))
  )
    return { kind, points: points as unknown as Place[] };
  return undefined;
}

/** `box 60° W to 40° W, 30° N to 45° N`, `polygon of 5 corners`. */
export function areaTitle(area: Area): string {
  if (area.kind === 'polygon') return `polygon of ${area.points.length} corners`;
  const [west, east, south, north] = area.box;
  const one = (value: number, axis: 'latitude' | 'longitude') => degrees(value, axis, Number.isInteger(value) ? 0 : 1);
  return `box ${one(west, 'longitude')} to ${one(east, 'longitude')}, ${one(south, 'latitude')} to ${one(north, 'latitude')}`;
}

/** 1 for cells whose centre lies in the area, row by row. */
export function areaMask(area: Area, grid: Grid): Uint8Array {
  return area.kind === 'box' ? regionMask({ name: '', title: '', boxes: [area.box] }, grid) : polygonMask(area.points, grid);
}

/** The mask of a region of the table; undefined for the whole grid. */
export function namedMask(name: string, grid: Grid): Uint8Array | undefined {
  const region = name === 'global' ? undefined : REGIONS.find((one) => one.name === name);
  return region && regionMask(region, grid);
}

/** Corners with longitudes that run on over the date line. A polygon round a pole is closed over the pole's edge. */
export function unwrapped(points: readonly Place[]): Place[] {
  const ring: [number, number][] = [];
  for (const [longitude, latitude] of points) {
    const before = ring.at(-1)?.[0];
    ring.push([before === undefined ? wrapLongitude(longitude) : before + wrapLongitude(longitude - before), latitude]);
  }
  const [first, last] = [ring[0]!, ring.at(-1)!];
  const closing = last[0] + wrapLongitude(first[0] - last[0]);
  if (Math.abs(closing - first[0]) < 180) return ring;
  const pole = ring.reduce((sum, [, latitude]) => sum + latitude, 0) > 0 ? 90 : -90;
  return [...ring, [closing, first[1]], [closing, pole], [first[0], pole]];
}

/** By rows: where a row's latitude crosses the edges, it goes in or out. */
function polygonMask(points: readonly Place[], grid: Grid): Uint8Array {
  const ring = unwrapped(points);
  const [rows, columns] = [grid.latitude.length, grid.longitude.length];
  const mask = new Uint8Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const latitude = grid.latitude[i]!;
    const crossings: number[] = [];
    ring.forEach(([x0, y0], at) => {
      const [x1, y1] = ring[(at + 1) % ring.length]!;
      // An end belongs to the edge above it, so that a corner counts once.
      if (y0 <= latitude === y1 <= latitude) return;
      crossings.push(x0 + ((latitude - y0) / (y1 - y0)) * (x1 - x0));
    });
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const [from, to] = [crossings[pair]!, crossings[pair + 1]!];
      for (let j = 0; j < columns; j++) {
        // The first of this longitude's turns that isn't west of the stretch.
        const longitude = grid.longitude[j]! + 360 * Math.ceil((from - grid.longitude[j]!) / 360);
        if (longitude <= to) mask[i * columns + j] = 1;
      }
    }
  }
  return mask;
}
