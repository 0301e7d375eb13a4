/** Coastlines for a small static map: no finer than its pixels, so that they weigh a few kilobytes. */
import { LAND } from '../records/land.ts';
import { stepsBetween } from './svg.ts';

type Ring = readonly (readonly number[])[];

/** A map's extent in degrees and its size in pixels. */
export interface Extent {
  west: number;
  east: number;
  south: number;
  north: number;
  wide: number;
  high: number;
}

/** Parts of a pixel that coordinates are counted in. */
const PARTS = 2;
/** Points nearer than this to the one before, in those parts, are left out; so are islands of fewer points. */
const [FINE, FEWEST] = [6, 4];

let rings: Ring[] | undefined;

function coastlines(): Ring[] {
  const features = LAND.type === 'FeatureCollection' ? LAND.features : [LAND];
  return features.flatMap(({ geometry }) => {
    if (geometry.type === 'Polygon') return geometry.coordinates;
    return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
  });
}

/** The coast as an SVG path in halves of a pixel from the map's upper left corner; what lies beyond its edge by more than a fifth is left out. */
export function coastPath({ west, east, south, north, wide, high }: Extent): string {
  rings ??= coastlines();
  const [right, down] = [(PARTS * wide) / (east - west), (PARTS * high) / (north - south)];
  const seen = ([x, y]: Point) => Math.abs(x / PARTS / wide - 0.5) < 0.7 && Math.abs(y / PARTS / high - 0.5) < 0.7;
  // Coordinates run from −180 to 180: a map beyond that meets them again a turn later.
  const turns = [-360, 0, 360].filter((turn) => turn - 180 < east && turn + 180 > west);
  return turns
    .flatMap((turn) => rings!.flatMap((ring) => lineOf(ring, turn)))
    .map((points) => `M${points[0]!.join(' ')}l${stepsBetween(points)}`)
    .join('');

  function lineOf(ring: Ring, turn: number): Point[][] {
    const points = ring.map(
      ([longitude, latitude]): Point => [Math.round((longitude! + turn - west) * right), Math.round((north - latitude!) * down)],
    );
    return runsOf(points, seen, 180 * right);
  }
}

type Point = readonly [number, number];

/** Stretches of points of which one or a neighbour is seen; a step of `turn` or more across is one over the edge of the coordinates, and no coast. */
function runsOf(points: readonly Point[], seen: (point: Point) => boolean, turn: number): Point[][] {
  const runs: Point[][] = [];
  let run: Point[] | undefined;
  for (const [at, point] of points.entries()) {
    const near = [points[at - 1], point, points[at + 1]].some((one) => one && seen(one));
    const before = run?.at(-1);
    if (!near) run = undefined;
    else if (!run || Math.abs(point[0] - points[at - 1]![0]) >= turn) {
      run = [point];
      runs.push(run);
    } else if (at === points.length - 1 || Math.hypot(point[0] - before![0], point[1] - before![1]) >= FINE) run.push(point);
  }
  return runs.filter(({ length }) => length >= FEWEST);
}
