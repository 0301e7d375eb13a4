/** Map projections as a table, each with d3-geo's mathematics, and the frame that a view of one makes in pixels. */
import { type GeoProjection, geoAzimuthalEqualArea, geoEqualEarth, geoEquirectangular, geoStereographic } from 'd3-geo';
import type { Place } from '../../../kernel/src/records/areas.ts';

export interface ProjectionEntry {
  name: string;
  title: string;
  /** `rows`: a parallel is a horizontal line; `polar`: a circle round the middle. */
  kind: 'rows' | 'polar';
  /** The meridian in the middle (of a polar map: the one that points down in the north, up in the south). */
  meridian: number;
  /** Of rows: meridians are vertical lines, so that any part of the map fills its frame. */
  upright?: true;
  /** Of a polar map: the pole that it shows, and the latitude of its edge without a sign. */
  pole?: 90 | -90;
  edge?: number;
  make: () => GeoProjection;
}

const polar = (name: string, title: string, make: () => GeoProjection, pole: 90 | -90, edge: number): ProjectionEntry => ({
  name,
  title,
  kind: 'polar',
  meridian: 0,
  pole,
  edge,
  make: () =>
    make()
      .rotate([0, -pole])
      .clipAngle(90 - edge + 1e-6),
});

export const PROJECTIONS: readonly ProjectionEntry[] = [
  { name: 'plate-carree', title: 'Plate carrée', kind: 'rows', upright: true, meridian: 0, make: geoEquirectangular },
  {
    name: 'plate-carree-180',
    title: 'Plate carrée, Pacific',
    kind: 'rows',
    upright: true,
    meridian: 180,
    make: () => geoEquirectangular().rotate([180, 0]),
  },
  { name: 'equal-earth', title: 'Equal Earth (equal areas)', kind: 'rows', meridian: 0, make: geoEqualEarth },
  { name: 'equal-earth-180', title: 'Equal Earth, Pacific', kind: 'rows', meridian: 180, make: () => geoEqualEarth().rotate([180, 0]) },
  polar('north', 'North polar stereographic', geoStereographic, 90, 40),
  polar('south', 'South polar stereographic', geoStereographic, -90, 35),
  polar('south-equal-area', 'South polar, equal areas', geoAzimuthalEqualArea, -90, 0),
];

export function projectionOf(name: string): ProjectionEntry {
  return PROJECTIONS.find((entry) => entry.name === name) ?? PROJECTIONS[0]!;
}

/** What part of a map is seen: `zoom` times as large as the whole, with the point in the middle in shares of the whole map. */
export interface MapView {
  projection: string;
  zoom: number;
  centre: readonly [x: number, y: number];
}

export const WHOLE = { zoom: 1, centre: [0.5, 0.5] } as const;
export const MOST_ZOOM = 80;

/** The view with its zoom in bounds and nothing but map in its window. */
export function bounded(view: MapView): MapView {
  const zoom = Math.max(1, Math.min(MOST_ZOOM, view.zoom));
  const half = 0.5 / zoom;
  const within = (value: number) => Math.max(half, Math.min(1 - half, value));
  return { projection: view.projection, zoom, centre: [within(view.centre[0]), within(view.centre[1])] };
}

/** The view in which a pixel keeps its place while the zoom changes by `factor`. */
export function zoomed(view: MapView, factor: number, x: number, y: number, { width, height }: { width: number; height: number }): MapView {
  const zoom = Math.max(1, Math.min(MOST_ZOOM, view.zoom * factor));
  const [dx, dy] = [x / width - 0.5, y / height - 0.5];
  const change = 1 / view.zoom - 1 / zoom;
  return bounded({ ...view, zoom, centre: [view.centre[0] + dx * change, view.centre[1] + dy * change] });
}

/** Edges of the data in degrees. */
export interface Extent {
  longitude: readonly [number, number];
  latitude: readonly [number, number];
}

export interface Frame {
  entry: ProjectionEntry;
  projection: GeoProjection;
  width: number;
  height: number;
  /** Pixels of a place; undefined where the map doesn't show it. */
  forward(place: Place): [number, number] | undefined;
  /** The place at a pixel; undefined beside the map. */
  invert(x: number, y: number): Place | undefined;
}

/** Does a pixel lie in the frame, or no more than `slack` pixels beside it? */
export function holds({ width, height }: Frame, [x, y]: readonly [number, number], slack = 0): boolean {
  return x >= -slack && y >= -slack && x <= width + slack && y <= height + slack;
}

/** Does the data go all the way round? */
function goesRound({ longitude: [west, east] }: Extent): boolean {
  return east - west > 359.5;
}

interface Rim {
  type: 'MultiPoint';
  coordinates: [number, number][];
}

/** What has to be seen of the whole map: the rim of the data, or of the polar cap. */
function rim(entry: ProjectionEntry, extent: Extent): Rim {
  const steps = Array.from({ length: 73 }, (_, at) => at / 72);
  if (entry.kind === 'polar')
    return {
      type: 'MultiPoint',
      coordinates: steps.map((share) => [share * 360, entry.edge! * Math.sign(entry.pole!) * (1 - 1e-9) + 1e-9]),
    };
  const round = goesRound(extent);
  // Just this side of the seam, which is on both edges of the map.
  const [west, east] = round ? [entry.meridian - 180 + 1e-4, entry.meridian + 180 - 1e-4] : extent.longitude;
  const [south, north] = extent.latitude.map((value) => Math.max(-90, Math.min(90, value))) as [number, number];
  const along = steps.map((share) => west + share * (east - west));
  const up = steps.map((share) => south + share * (north - south));
  const around = [
    ...along.flatMap((one) => [
      [one, south],
      [one, north],
    ]),
    ...up.flatMap((one) => [
      [west, one],
      [east, one],
    ]),
  ];
  return { type: 'MultiPoint', coordinates: around as [number, number][] };
}

/** Height over width of the whole map. */
export function aspectOf(entry: ProjectionEntry, extent: Extent): number {
  const seen = rim(entry, extent);
  const box = measured(entry.make().fitWidth(1000, seen), seen);
  return Math.max(0.25, Math.min(1.1, (box[3] - box[1]) / (box[2] - box[0])));
}

function measured(projection: GeoProjection, object: Rim): [number, number, number, number] {
  const box: [number, number, number, number] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const point of object.coordinates) {
    const at = projection(point);
    if (!at) continue;
    box[0] = Math.min(box[0], at[0]);
    box[1] = Math.min(box[1], at[1]);
    box[2] = Math.max(box[2], at[0]);
    box[3] = Math.max(box[3], at[1]);
  }
  return box;
}

export function frameOf(view: MapView, extent: Extent, width: number, height: number): Frame {
  const entry = projectionOf(view.projection);
  const projection = entry.make().fitSize([width, height], rim(entry, extent));
  const [x, y] = projection.translate();
  const { zoom, centre } = bounded(view);
  projection
    .scale(projection.scale() * zoom)
    .translate([(x - centre[0] * width) * zoom + width / 2, (y - centre[1] * height) * zoom + height / 2])
    .clipExtent([
      [-20, -20],
      [width + 20, height + 20],
    ]);
  const forward = (place: Place) => {
    if (entry.pole && (entry.pole > 0 ? place[1] < entry.edge! : place[1] > -entry.edge!)) return undefined;
    const at = projection(place as [number, number]);
    return at && Number.isFinite(at[0]) ? at : undefined;
  };
  return {
    entry,
    projection,
    width,
    height,
    forward,
    invert(px, py) {
      const place = projection.invert?.([px, py]);
      if (!place || !Number.isFinite(place[0]) || !Number.isFinite(place[1]) || Math.abs(place[1]) > 90) return undefined;
      // Beside the map a projection's inverse gives a place that lies elsewhere.
      const back = forward(place);
      return back && Math.hypot(back[0] - px, back[1] - py) < 0.5 ? place : undefined;
    },
  };
}
