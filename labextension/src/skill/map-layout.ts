/** How maps beside one another are laid out: their size from the room there is, the lines that they share, and which cell lies under each pixel. */
import { extentOf, type GridAxes, lookupOf } from './lookup.ts';
import { type FramePaths, marginsOf, pathsOf } from './overlay.ts';
import { aspectOf, type Frame, frameOf, type MapView, projectionOf } from './projections.ts';

export interface MapLayout {
  frame: Frame;
  paths: FramePaths;
  /** Maps in a row. */
  across: number;
  /** Of a grid: made once. */
  lookup(grid: GridAxes): { cells: Int32Array; columns: number; rows: number };
}

const GAP = 14;
/** Narrower maps stand under one another. */
const NARROWEST = 250;
const TALLEST = 520;

/** `maps` of `grid` in `width` pixels; the lines of all of them are made once. */
export function mapLayout(view: MapView, grid: GridAxes, maps: number, width: number): MapLayout {
  const entry = projectionOf(view.projection);
  const margins = marginsOf(entry.kind);
  const across = Math.max(1, Math.min(maps, Math.floor((width + GAP) / (NARROWEST + GAP))));
  const wide = Math.floor((width - GAP * (across - 1)) / across) - margins.left - margins.right;
  const aspect = aspectOf(entry, extentOf(grid));
  const inner = Math.max(80, Math.min(wide, Math.round(TALLEST / aspect)));
  const frame = frameOf(view, extentOf(grid), inner, Math.round(inner * aspect));
  const lookups = new Map<GridAxes, ReturnType<MapLayout['lookup']>>();
  return {
    frame,
    paths: pathsOf(frame),
    across,
    lookup(axes) {
      const known = lookups.get(axes);
      if (known) return known;
      const scale = devicePixelRatio || 1;
      const [columns, rows] = [Math.round(frame.width * scale), Math.round(frame.height * scale)];
      const made = { columns, rows, cells: lookupOf(frame, axes, columns, rows) };
      lookups.set(axes, made);
      return made;
    },
  };
}
