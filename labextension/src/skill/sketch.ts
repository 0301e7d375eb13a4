/** Drawing an area on a map: a box by its two corners, a polygon corner by corner. Pure: places in, an area out. */
import type { Area, Place } from '../../../kernel/src/records/areas.ts';
import { wrapLongitude } from '../../../kernel/src/records/regions.ts';

export type Tool = 'pan' | 'box' | 'polygon';

export const TOOLS: readonly { name: Tool; title: string; hint: string }[] = [
  { name: 'pan', title: 'Move', hint: 'Drag to move the maps; Ctrl and the wheel zoom' },
  { name: 'box', title: 'Box', hint: 'Drag a box: its scores are drawn below' },
  { name: 'polygon', title: 'Polygon', hint: 'Click the corners of a polygon; a double click closes it' },
];

export interface Sketch {
  kind: 'box' | 'polygon';
  points: Place[];
}

/**
 * The box between two places. `eastward`: the second lies to the right of the first on a map where that is east; otherwise (round a pole) the shorter way
 * is taken. Undefined where it has no width or height.
 */
export function boxBetween(from: Place, to: Place, eastward: boolean | undefined): Area | undefined {
  const round = (value: number) => Math.round(value * 100) / 100;
  const difference = wrapLongitude(to[0] - from[0]);
  const east = eastward ?? difference >= 0;
  const [west, right] = (east ? [from[0], to[0]] : [to[0], from[0]]).map((longitude) => round(wrapLongitude(longitude)));
  const [south, north] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])].map(round);
  if (west === right || south === north) return undefined;
  // The date line as an eastern edge.
  return { kind: 'box', box: [west!, right === -180 ? 180 : right!, south!, north!] };
}

/** A box to begin with: 30° × 20° about a place, as far as the globe goes. */
export function boxAbout(place: Place): Area {
  const [x, y] = place.map(Math.round) as [number, number];
  return { kind: 'box', box: [Math.max(-180, x - 15), Math.min(180, x + 15), Math.max(-90, y - 10), Math.min(90, y + 10)] };
}

export function polygonOf(points: readonly Place[]): Area | undefined {
  const round = ([longitude, latitude]: Place): Place => [
    Math.round(wrapLongitude(longitude) * 100) / 100,
    Math.round(latitude * 100) / 100,
  ];
  const corners = points.map(round).filter((point, at, all) => at === 0 || point[0] !== all[at - 1]![0] || point[1] !== all[at - 1]![1]);
  return corners.length >= 3 ? { kind: 'polygon', points: corners } : undefined;
}
