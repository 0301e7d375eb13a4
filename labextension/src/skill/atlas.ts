/** The maps beside one another: one view, one mark and one tool for all of them. */
import type { Area, Place } from '../../../kernel/src/records/areas.ts';
import { element, fill } from '../element.ts';
import type { Palette } from '../pens.ts';
import { cellOf, extentOf, type GridAxes, lookupOf } from './lookup.ts';
import { areaRing, type FramePaths, marginsOf, outlinePath, pathsOf } from './overlay.ts';
import { mapPanel, type Panel } from './panel.ts';
import { aspectOf, bounded, type Frame, frameOf, holds, type MapView, projectionOf, WHOLE, zoomed } from './projections.ts';
import type { Painted } from './raster.ts';
import { boxBetween, polygonOf, type Sketch, type Tool } from './sketch.ts';

export interface MapPicture {
  title: string;
  /** Read by a screen reader in place of the picture. */
  description: string;
  /** What its colours measure, with the unit. */
  measure: string;
  grid: GridAxes;
  painted: Painted;
  /** Cells of a grid that get a dot. */
  dots?: { mask: Uint8Array; grid: GridAxes };
}

export interface AtlasListener {
  /** A place is pointed at, or none. */
  read(place: Place | undefined, byKey: boolean): void;
  drawn(area: Area): void;
  step(leads: number): void;
  /** A sketch was begun, changed or given up: what to do next, in words. */
  sketching(words: string): void;
}

export interface Atlas {
  node: HTMLElement;
  /** Pictures from left to right; an absent one keeps what it showed. */
  show(pictures: readonly (MapPicture | undefined)[]): void;
  outline(rings: readonly (readonly Place[])[]): void;
  look(view: Partial<MapView>): void;
  zoom(factor: number): void;
  tool: Tool;
  resize(width: number): void;
  /** Reads the theme again. */
  restyle(): void;
  /** The panels with what they show, for a file. */
  readonly panels: readonly { panel: Panel; picture: MapPicture }[];
  readonly frame: Frame | undefined;
  readonly paths: FramePaths | undefined;
  readonly outlines: readonly string[];
  dotsOf(picture: MapPicture): Float64Array | undefined;
  dispose(): void;
}

const GAP = 14;
/** Narrower maps stand under one another. */
const NARROWEST = 250;
const TALLEST = 520;
const WHEEL_ZOOM = 1.0015;
const KEY_ZOOM = 1.5;
const CLICK = 4;

export function atlas(listener: AtlasListener, look: () => { palette: Palette; font: string }): Atlas {
  const node = element('div', { class: 'tw-maps' });
  const panels: Panel[] = [];
  let pictures: (MapPicture | undefined)[] = [];
  let view: MapView = { projection: 'plate-carree', ...WHOLE };
  let tool: Tool = 'pan';
  let width = 0;
  let frame: Frame | undefined;
  let paths: FramePaths | undefined;
  let rings: readonly (readonly Place[])[] = [];
  let outlines: string[] = [];
  let sketch: (Sketch & { hovered?: Place; eastward?: boolean }) | undefined;
  let marked: Place | undefined;
  let drag: { x: number; y: number; moved: boolean; centre: readonly [number, number]; place: Place | undefined } | undefined;
  const lookups = new Map<GridAxes, { frame: Frame; cells: Int32Array; columns: number; rows: number }>();
  /** The mask whose dots each panel shows. */
  const dotted: (Uint8Array | undefined)[] = [];
  let pending: 'nothing' | 'pixels' | 'all' = 'nothing';
  let handle = 0;

  function schedule(what: 'pixels' | 'all'): void {
    if (pending !== 'all') pending = what;
    if (handle === 0) handle = requestAnimationFrame(draw);
  }

  function draw(): void {
    handle = 0;
    const what = pending;
    pending = 'nothing';
    if (width <= 0 || pictures.every((one) => one === undefined)) return;
    if (what === 'all' || !frame) layOut();
    for (const [at, picture] of pictures.entries()) {
      if (!picture) continue;
      const { cells, columns, rows } = lookupFor(picture.grid);
      panels[at]!.paint(picture.painted, cells, columns, rows);
      if (what === 'all' || picture.dots?.mask !== dotted[at]) drawLines(at);
    }
    markAll();
  }

  /** Sizes follow from the width; the lines of all panels are made once. */
  function layOut(): void {
    const entry = projectionOf(view.projection);
    const first = pictures.find((one) => one !== undefined)!;
    const margins = marginsOf(entry.kind);
    const across = Math.max(1, Math.min(pictures.length, Math.floor((width + GAP) / (NARROWEST + GAP))));
    const wide = Math.floor((width - GAP * (across - 1)) / across) - margins.left - margins.right;
    const aspect = aspectOf(entry, extentOf(first.grid));
    const inner = Math.max(80, Math.min(wide, Math.round(TALLEST / aspect)));
    frame = frameOf(view, extentOf(first.grid), inner, Math.round(inner * aspect));
    paths = pathsOf(frame);
    outlines = rings.map((ring) => outlinePath(frame!, ring));
    lookups.clear();
    node.style.setProperty('--tw-map-columns', String(across));
  }

  function lookupFor(grid: GridAxes) {
    const known = lookups.get(grid);
    if (known?.frame === frame) return known!;
    const scale = devicePixelRatio || 1;
    const [columns, rows] = [Math.round(frame!.width * scale), Math.round(frame!.height * scale)];
    const made = { frame: frame!, columns, rows, cells: lookupOf(frame!, grid, columns, rows) };
    lookups.set(grid, made);
    return made;
  }

  function draftOf(): { path: string; corners: [number, number][] } | undefined {
    if (!sketch || !frame) return undefined;
    const points = sketch.hovered ? [...sketch.points, sketch.hovered] : sketch.points;
    const box = sketch.kind === 'box' && points.length === 2 ? boxBetween(points[0]!, points[1]!, sketch.eastward) : undefined;
    const ring = box ? areaRing(box) : points;
    return {
      path: outlinePath(frame, ring),
      corners: sketch.points.flatMap((point) => {
        const at = frame!.forward(point);
        return at ? [at] : [];
      }),
    };
  }

  function dotsOf({ dots }: MapPicture): Float64Array | undefined {
    if (!dots || !frame) return undefined;
    const { latitude, longitude } = dots.grid;
    const found: number[] = [];
    for (let cell = 0; cell < dots.mask.length; cell++) {
      if (dots.mask[cell] !== 1) continue;
      const at = frame.forward([longitude[cell % longitude.length]!, latitude[Math.floor(cell / longitude.length)]!]);
      if (at && holds(frame, at)) found.push(at[0], at[1]);
    }
    return Float64Array.from(found);
  }

  function drawLines(at: number): void {
    const picture = pictures[at];
    if (!picture || !frame || !paths) return;
    dotted[at] = picture.dots?.mask;
    const { palette, font } = look();
    panels[at]!.lines({ frame, paths, outlines, draft: draftOf(), dots: dotsOf(picture) }, marginsOf(frame.entry.kind), palette, font);
  }

  function drawAllLines(): void {
    for (const at of pictures.keys()) drawLines(at);
  }

  function markAll(): void {
    const at = marked && frame?.forward(marked);
    const seen = at && holds(frame!, at, 1) ? at : undefined;
    for (const panel of panels) panel.mark(seen);
  }

  function lookAt(next: MapView): void {
    view = bounded(next);
    schedule('all');
  }

  function read(place: Place | undefined, byKey: boolean): void {
    marked = place;
    markAll();
    listener.read(place, byKey);
  }

  function finish(area: Area | undefined): void {
    sketch = undefined;
    listener.sketching('');
    drawAllLines();
    if (area) listener.drawn(area);
  }

  /** A corner of the sketch, by click or by key. */
  function corner(kind: Sketch['kind'], place: Place): void {
    if (sketch?.kind !== kind) sketch = { kind, points: [] };
    sketch.points.push(place);
    if (kind === 'box' && sketch.points.length === 2) {
      const [from, to] = sketch.points as [Place, Place];
      finish(boxBetween(from, to, sketch.eastward));
      return;
    }
    listener.sketching(
      kind === 'box'
        ? 'One corner of the box is set: the other one makes it.'
        : `${sketch.points.length} corners: ${sketch.points.length < 3 ? 'set more' : 'a double click or Enter closes the polygon'}.`,
    );
    drawAllLines();
  }

  function rightOf(from: Place, x: number): boolean | undefined {
    return frame!.entry.kind === 'rows' ? x >= frame!.projection(from as [number, number])![0] : undefined;
  }

  function pointer(kind: string, x: number, y: number, event: PointerEvent | MouseEvent): void {
    if (!frame) return;
    const place = holds(frame, [x, y]) ? frame.invert(x, y) : undefined;
    if (kind === 'down') {
      drag = { x, y, moved: false, centre: view.centre, place };
      if (tool === 'box' && place) sketch = { kind: 'box', points: [place] };
      return;
    }
    if (kind === 'move') {
      if (drag) drag.moved ||= Math.hypot(x - drag.x, y - drag.y) >= CLICK;
      const panning = drag?.moved && (tool === 'pan' || event.shiftKey);
      if (panning) {
        const [dx, dy] = [(x - drag!.x) / frame.width / view.zoom, (y - drag!.y) / frame.height / view.zoom];
        lookAt({ ...view, centre: [drag!.centre[0] - dx, drag!.centre[1] - dy] });
        return;
      }
      if (sketch && place) {
        sketch.hovered = place;
        if (sketch.kind === 'box') sketch.eastward = rightOf(sketch.points[0]!, x);
        drawAllLines();
      }
      read(place, false);
      return;
    }
    const { moved = false } = drag ?? {};
    drag = undefined;
    if (kind === 'up' && tool === 'box' && sketch?.points.length === 1) {
      const to = place ?? sketch.hovered;
      finish(moved && to ? boxBetween(sketch.points[0]!, to, sketch.eastward) : undefined);
    } else if (kind === 'up' && tool === 'polygon' && !moved && place) corner('polygon', place);
    else if (kind === 'double' && tool === 'polygon') finish(sketch && polygonOf(sketch.points));
    else if (kind === 'double' && tool === 'pan') lookAt(zoomed(view, 2, x, y, frame));
    else if (kind === 'leave') read(undefined, false);
  }

  const STEPS: Record<string, readonly [number, number]> = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function key(event: KeyboardEvent): boolean {
    const picture = pictures.find((one) => one !== undefined);
    if (!picture || !frame) return false;
    const zoomBy = (factor: number) => {
      const at = (marked && frame!.forward(marked)) ?? [frame!.width / 2, frame!.height / 2];
      lookAt(zoomed(view, factor, at[0], at[1], frame!));
    };
    const actions: Record<string, () => void> = {
      '+': () => zoomBy(KEY_ZOOM),
      '=': () => zoomBy(KEY_ZOOM),
      '-': () => zoomBy(1 / KEY_ZOOM),
      '0': () => lookAt({ ...view, ...WHOLE }),
      PageUp: () => listener.step(-1),
      PageDown: () => listener.step(1),
      b: () => marked && corner('box', marked),
      p: () => marked && corner('polygon', marked),
      Enter: () => sketch && finish(polygonOf(sketch.points)),
      Escape: () => finish(undefined),
    };
    const step = Object.hasOwn(STEPS, event.key) ? STEPS[event.key] : undefined;
    if (step) move(picture.grid, step, event.shiftKey ? 10 : 1);
    else {
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (!Object.hasOwn(actions, name) || ((name === 'Enter' || name === 'Escape') && !sketch)) return false;
      actions[name]!();
    }
    return true;
  }

  /** The mark goes to the middle of a neighbouring cell, round the globe where the grid does, and the view follows. */
  function move({ latitude, longitude }: GridAxes, [up, right]: readonly [number, number], size: number): void {
    const middle = frame!.invert(frame!.width / 2, frame!.height / 2) ?? [0, frame!.entry.pole ?? 0];
    const from = cellOf({ latitude, longitude }, marked ?? middle) ?? { row: latitude.length >> 1, column: longitude.length >> 1 };
    const row = Math.max(0, Math.min(latitude.length - 1, from.row + up * size));
    const next = from.column + right * size;
    const column = ((next % longitude.length) + longitude.length) % longitude.length;
    const place: Place = [longitude[column]!, latitude[row]!];
    const at = frame!.forward(place);
    if (!at) return;
    if (!holds(frame!, at)) {
      const [dx, dy] = [at[0] / frame!.width - 0.5, at[1] / frame!.height - 0.5];
      lookAt({ ...view, centre: [view.centre[0] + dx / view.zoom, view.centre[1] + dy / view.zoom] });
    }
    if (sketch?.kind === 'box') sketch.eastward = undefined;
    read(place, true);
  }

  return {
    node,
    show(next) {
      const grew = next.length !== pictures.length;
      const first = next.find((one) => one !== undefined);
      const before = pictures.find((one) => one !== undefined);
      while (panels.length < next.length) {
        panels.push(
          mapPanel({
            pointer,
            wheel: (x, y, delta) => frame && lookAt(zoomed(view, WHEEL_ZOOM ** -delta, x, y, frame)),
            key,
            blurred: () => read(undefined, false),
          }),
        );
      }
      pictures = next.map((one, at) => one ?? pictures[at]);
      const shape = ({ grid }: MapPicture) => extentOf(grid).latitude.concat(extentOf(grid).longitude).join();
      const changed = grew || !before || (first !== undefined && shape(first) !== shape(before));
      for (const [at, picture] of next.entries()) {
        const panel = panels[at]!;
        panel.node.classList.toggle('tw-stale', picture === undefined);
        if (!picture) continue;
        panel.title.textContent = picture.title;
        panel.node.setAttribute('aria-label', picture.description);
      }
      if (grew) fill(node, ...pictures.map((_, at) => element('div', { class: 'tw-map-cell' }, panels[at]!.title, panels[at]!.node)));
      schedule(changed ? 'all' : 'pixels');
    },
    outline(next) {
      rings = next;
      if (!frame) return;
      outlines = rings.map((ring) => outlinePath(frame!, ring));
      drawAllLines();
    },
    look: (change) => lookAt({ ...view, ...change }),
    zoom(factor) {
      if (frame) lookAt(zoomed(view, factor, frame.width / 2, frame.height / 2, frame));
    },
    get tool() {
      return tool;
    },
    set tool(next) {
      tool = next;
      if (sketch) finish(undefined);
      node.dataset.tool = next;
    },
    resize(next) {
      if (next === width) return;
      width = next;
      schedule('all');
    },
    restyle: () => schedule('all'),
    get panels() {
      return pictures.flatMap((picture, at) => (picture ? [{ panel: panels[at]!, picture }] : []));
    },
    get frame() {
      return frame;
    },
    get paths() {
      return paths;
    },
    get outlines() {
      return outlines;
    },
    dotsOf,
    dispose() {
      cancelAnimationFrame(handle);
    },
  };
}
