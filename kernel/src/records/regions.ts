/** Named regions of the ocean and atmosphere, as boxes: data that the kernel scores by and the browser outlines. */
import type { Grid } from './scores.ts';

/** Degrees: west, east, south, north. A box with west > east crosses the date line. */
export type Box = readonly [west: number, east: number, south: number, north: number];

export interface Region {
  name: string;
  title: string;
  boxes: readonly Box[];
}

/**
 * Belts as in WeatherBench 2 (tropics within 20°); Niño boxes as NOAA's Climate Prediction Center has them; basins and currents are plain boxes
 * (drawn so that land, not another basin, lies across their sides).
 */
export const REGIONS: readonly Region[] = [
  { name: 'global', title: 'Globe', boxes: [[-180, 180, -90, 90]] },
  { name: 'northern-extratropics', title: 'Northern extratropics (20–90° N)', boxes: [[-180, 180, 20, 90]] },
  { name: 'tropics', title: 'Tropics (20° S–20° N)', boxes: [[-180, 180, -20, 20]] },
  { name: 'southern-extratropics', title: 'Southern extratropics (90–20° S)', boxes: [[-180, 180, -90, -20]] },
  {
    name: 'north-atlantic',
    title: 'North Atlantic',
    boxes: [
      [-98, -80, 18, 31],
      [-80, 0, 46, 65],
      [-80, -5.5, 18, 46],
      [-83.5, -5.5, 9, 18],
      [-62, 14, 0, 9],
    ],
  },
  { name: 'south-atlantic', title: 'South Atlantic', boxes: [[-68, 20, -60, 0]] },
  {
    name: 'north-pacific',
    title: 'North Pacific',
    boxes: [
      [120, -98, 18, 65],
      [120, -85, 9, 18],
      [126, -77, 0, 9],
    ],
  },
  { name: 'south-pacific', title: 'South Pacific', boxes: [[147, -68, -60, 0]] },
  {
    name: 'indian-ocean',
    title: 'Indian Ocean',
    boxes: [
      [20, 147, -60, -20],
      [32, 129, -20, -8],
      [38, 99, -8, 30],
    ],
  },
  { name: 'southern-ocean', title: 'Southern Ocean (90–60° S)', boxes: [[-180, 180, -90, -60]] },
  { name: 'arctic', title: 'Arctic (65–90° N)', boxes: [[-180, 180, 65, 90]] },
  { name: 'antarctic-circumpolar-current', title: 'Antarctic Circumpolar Current (65–45° S)', boxes: [[-180, 180, -65, -45]] },
  { name: 'kuroshio', title: 'Kuroshio and its extension', boxes: [[122, 170, 25, 42]] },
  { name: 'gulf-stream', title: 'Gulf Stream', boxes: [[-81, -40, 26, 48]] },
  { name: 'agulhas', title: 'Agulhas', boxes: [[10, 50, -46, -25]] },
  { name: 'south-china-sea', title: 'South China Sea', boxes: [[105, 121, 0, 23]] },
  { name: 'nino-1+2', title: 'Niño 1+2', boxes: [[-90, -80, -10, 0]] },
  { name: 'nino-3', title: 'Niño 3', boxes: [[-150, -90, -5, 5]] },
  { name: 'nino-3.4', title: 'Niño 3.4', boxes: [[-170, -120, -5, 5]] },
  { name: 'nino-4', title: 'Niño 4', boxes: [[160, -150, -5, 5]] },
];

/** The region's title, or the name itself where the table has none. */
export function regionTitle(name: string): string {
  return REGIONS.find((region) => region.name === name)?.title ?? name;
}

/** Longitude in −180 ≤ λ < 180. */
export function wrapLongitude(longitude: number): number {
  const wrapped = ((((longitude + 180) % 360) + 360) % 360) - 180;
  return wrapped === 180 ? -180 : wrapped;
}

/** 1 for cells whose centre lies in one of the boxes (edges belong to it), row by row. */
export function regionMask(region: Region, grid: Grid): Uint8Array {
  const columns = grid.longitude.length;
  const mask = new Uint8Array(grid.latitude.length * columns);
  for (const [west, east, south, north] of region.boxes) {
    const inside = Array.from(grid.longitude, (value) => {
      const longitude = wrapLongitude(value);
      const at180 = longitude === -180 && (east === 180 || west === 180);
      return west <= east ? (longitude >= west && longitude <= east) || at180 : longitude >= west || longitude <= east;
    });
    for (let i = 0; i < grid.latitude.length; i++) {
      if (grid.latitude[i]! < south || grid.latitude[i]! > north) continue;
      for (let j = 0; j < columns; j++) if (inside[j]) mask[i * columns + j] = 1;
    }
  }
  return mask;
}
