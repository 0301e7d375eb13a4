/** What lies over the pixels of a map: coast, graticule, outlines of areas, dots of significance, degrees along the edges. Painted with a pen, for screen and file alike. */
import { geoGraticule, geoPath } from 'd3-geo';
import { type Area, type Place, unwrapped } from '../../../kernel/src/records/areas.ts';
import { LAND } from '../../../kernel/src/records/land.ts';
import type { Box } from '../../../kernel/src/records/regions.ts';
import { DOT_LAYERS } from '../../../kernel/src/records/stipple.ts';
import { degrees, degreeTicks } from '../../../kernel/src/records/ticks.ts';
import type { Palette, Pen, Stroke } from '../pens.ts';
import { type Frame, holds } from './projections.ts';

/** Paths of a frame, the same for every panel that shows it. */
export interface FramePaths {
  rim: string;
  graticule: string;
  coast: string;
}

export function pathsOf(frame: Frame): FramePaths {
  const path = geoPath(frame.projection).digits(1);
  return {
    rim: rimOf(frame),
    graticule: path(geoGraticule().step([30, 30])()) ?? '',
    coast: path(LAND) ?? '',
  };
}

/** The edge of the map as far as the frame shows it; where the frame cuts the map off, the frame's. */
function rimOf({ entry, projection, width, height }: Frame): string {
  const window = `M0 0H${width}V${height}H0Z`;
  if (entry.upright) return window;
  const beyond = projection.clipExtent();
  projection.clipExtent([
    [0, 0],
    [width, height],
  ]);
  const rim = geoPath(projection).digits(1)({ type: 'Sphere' });
  projection.clipExtent(beyond);
  return rim ?? window;
}

/** The outline of a box or polygon; its edges are straight in longitude and latitude, so they are cut into short pieces. */
export function outlinePath(frame: Frame, ring: readonly Place[]): string {
  const line = ring.flatMap((from, at) => (at + 1 < ring.length ? pieces(from, ring[at + 1]!) : [from]));
  return geoPath(frame.projection).digits(1)({ type: 'LineString', coordinates: line as [number, number][] }) ?? '';
}

function pieces([x0, y0]: Place, [x1, y1]: Place): Place[] {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) / 2));
  return Array.from({ length: steps }, (_, at) => [x0 + ((x1 - x0) * at) / steps, y0 + ((y1 - y0) * at) / steps]);
}

/** Corners of a box, closed, from the south-west eastwards. */
export function boxRing([west, east, south, north]: Box): Place[] {
  const right = east < west ? east + 360 : east;
  return [
    [west, south],
    [right, south],
    [right, north],
    [west, north],
    [west, south],
  ];
}

export function areaRing(area: Area): Place[] {
  if (area.kind === 'box') return boxRing(area.box);
  const ring = unwrapped(area.points);
  // A polygon round a pole has no edge at the pole.
  return ring.length > area.points.length ? ring.slice(0, area.points.length + 1) : [...ring, ring[0]!];
}

export interface Overlay {
  frame: Frame;
  paths: FramePaths;
  /** Outlined areas. */
  outlines: readonly string[];
  /** What is being drawn. */
  draft?: { path: string; corners: readonly (readonly [number, number])[] };
  /** Pixels, x and y by turns. */
  dots?: Float64Array;
}

export interface Margins {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function marginsOf(kind: Frame['entry']['kind']): Margins {
  return kind === 'rows' ? { left: 42, right: 16, top: 6, bottom: 22 } : { left: 26, right: 26, top: 18, bottom: 20 };
}

const SOLID: readonly number[] = [];
const line = (colour: string, width: number, opacity = 1, dash = SOLID): Stroke => ({ colour, width, dash, opacity });

/** Paints in the frame's own pixels: whoever calls has put the pen's origin at the frame's corner. */
export function paintOverlay(pen: Pen, { frame, paths, outlines, draft, dots }: Overlay, palette: Palette): void {
  const { width, height } = frame;
  pen.inside(0, 0, width, height, () => {
    pen.path(paths.graticule, { stroke: line('#ffffff', 0.6, 0.28) });
    // A light line under a dark one is seen on any colour.
    pen.path(paths.coast, { stroke: line('#ffffff', 1.7, 0.55) });
    pen.path(paths.coast, { stroke: line('#16181d', 0.7, 0.9) });
    if (dots) for (const { radius, colour } of DOT_LAYERS) pen.dots(dots, radius, colour);
    for (const outline of outlines) {
      pen.path(outline, { stroke: line('#ffffff', 3.4) });
      pen.path(outline, { stroke: line('#111111', 1.4) });
    }
    if (draft) {
      pen.path(draft.path, { stroke: line('#ffffff', 3.4) });
      pen.path(draft.path, { stroke: line('#111111', 1.4, 1, [5, 3]) });
      for (const [x, y] of draft.corners) {
        pen.dots([x, y], 4, '#ffffff');
        pen.dots([x, y], 2.5, '#111111');
      }
    }
  });
  pen.path(paths.rim, { stroke: line(palette.outline, 1) });
  paintDegrees(pen, frame, palette);
}

const LETTER = { size: 10.5, anchor: 'middle' as const };

function paintDegrees(pen: Pen, frame: Frame, palette: Palette): void {
  const { width, height, entry } = frame;
  const colour = palette.muted;
  if (entry.kind === 'polar') {
    for (let longitude = -120; longitude <= 180; longitude += 60) {
      const edge = entry.edge! * Math.sign(entry.pole!) + Math.sign(entry.pole!) * 1e-6;
      const at = frame.forward([longitude, edge]);
      const middle = frame.forward([0, entry.pole!]);
      if (!at || !middle || !holds(frame, at, 1)) continue;
      const away = Math.hypot(at[0] - middle[0], at[1] - middle[1]);
      const [dx, dy] = [(at[0] - middle[0]) / away, (at[1] - middle[1]) / away];
      const anchor = Math.abs(dx) < 0.2 ? 'middle' : dx > 0 ? 'start' : 'end';
      pen.text(degrees(longitude, 'longitude'), at[0] + 4 * dx, at[1] + 9 * dy + 3.5, { ...LETTER, colour, anchor });
    }
    return;
  }
  const middle = frame.projection.invert!([width / 2, height / 2])!;
  const top = frame.projection.invert!([width / 2, 0])![1];
  const bottom = frame.projection.invert!([width / 2, height])![1];
  const [north, south] = [Math.min(90, Number.isFinite(top) ? top : 90), Math.max(-90, Number.isFinite(bottom) ? bottom : -90)];
  for (const latitude of degreeTicks(south, north, 6)) {
    const at = frame.projection([middle[0], latitude]);
    if (!at || at[1] < -0.5 || at[1] > height + 0.5) continue;
    pen.line([-4, at[1], 0, at[1]], line(palette.outline, 1));
    pen.text(degrees(latitude, 'latitude', latitude % 1 === 0 ? 0 : 1), -7, at[1] + 3.5, { ...LETTER, colour, anchor: 'end' });
  }
  // Along the lowest parallel that is seen, which in a map that narrows towards the pole is shorter.
  const low = entry.upright ? (north + south) / 2 : south + 1e-6;
  const right = frame.projection([entry.meridian + 90, low])![0] - frame.projection([entry.meridian, low])![0];
  const centre = entry.meridian + ((width / 2 - frame.projection([entry.meridian, low])![0]) / right) * 90;
  const half = (width / 2 / right) * 90;
  const [from, to] = [Math.max(entry.meridian - 180, centre - half), Math.min(entry.meridian + 180, centre + half)];
  for (const longitude of degreeTicks(from, to, Math.max(3, Math.min(7, Math.floor(width / 62))))) {
    const x = frame.projection([entry.meridian, low])![0] + ((longitude - entry.meridian) / 90) * right;
    if (x < -0.5 || x > width + 0.5) continue;
    const wrapped = longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;
    pen.line([x, height, x, height + 4], line(palette.outline, 1));
    pen.text(degrees(wrapped, 'longitude', longitude % 1 === 0 ? 0 : 1), x, height + 15, { ...LETTER, colour });
  }
}
