/** The maps beside one another: one view, one mark and one tool for all of them. */
import type { Area, Place } from '../../../kernel/src/records/areas.ts';
import { element, fill } from '../element.ts';
import type { Palette } from '../pens.ts';
import { extentOf, type GridAxes } from './lookup.ts';
import { cellBeside, mapKey } from './map-keys.ts';
import { type MapLayout, mapLayout } from './map-layout.ts';
import type { MapPicture } from './map-picture.ts';
import { mapPointer } from './map-pointer.ts';
import { type FramePaths, marginsOf, outlinePath } from './overlay.ts';
import { mapPanel, type Panel } from './panel.ts';
import { bounded, type Frame, holds, type MapView, WHOLE, zoomed } from './projections.ts';
import type { Tool } from './sketch.ts';
import { sketching } from './sketching.ts';
import { dotsOf } from './stippling.ts';

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
  readonly panels: readonly { panel: Panel; picture: MapPicture; dots: Float64Array | undefined }[];
  readonly frame: Frame | undefined;
  readonly paths: FramePaths | undefined;
  readonly outlines: readonly string[];
  dispose(): void;
}

const WHEEL_ZOOM = 1.0015;

export function atlas(listener: AtlasListener, look: () => { palette: Palette; font: string }): Atlas {
  const node = element('div', { class: 'tw-maps' });
  const panels: Panel[] = [];
  let pictures: (MapPicture | undefined)[] = [];
  let view: MapView = { projection: 'plate-carree', ...WHOLE };
  let tool: Tool = 'pan';
  let width = 0;
  let layout: MapLayout | undefined;
  let rings: readonly (readonly Place[])[] = [];
  let outlines: string[] = [];
  let marked: Place | undefined;
  const sketch = sketching(listener, drawAllLines);
  /** By what each panel's dots were drawn. */
  const dotted: { mask: Uint8Array | undefined; grid: GridAxes }[] = [];
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
    const first = pictures.find((one) => one !== undefined);
    if (width <= 0 || !first) return;
    if (what === 'all' || !layout) {
      layout = mapLayout(view, first.grid, pictures.length, width);
      findOutlines();
      node.style.setProperty('--tw-map-columns', String(layout.across));
    }
    for (const [at, picture] of pictures.entries()) {
      if (!picture) continue;
      const { cells, columns, rows } = layout.lookup(picture.grid);
      panels[at]!.paint(picture.painted, cells, columns, rows);
      const before = dotted[at];
      if (what === 'all' || before?.mask !== picture.dots?.mask || (before?.mask && before.grid !== picture.grid)) drawLines(at);
    }
    markAll();
  }

  function findOutlines(): void {
    if (layout) outlines = rings.map((ring) => outlinePath(layout!.frame, ring));
  }

  function drawLines(at: number): void {
    const picture = pictures[at];
    if (!picture || !layout) return;
    const { frame, paths } = layout;
    dotted[at] = { mask: picture.dots?.mask, grid: picture.grid };
    const { palette, font } = look();
    const overlay = { frame, paths, outlines, draft: sketch.draft(frame), dots: dotsOf(layout, picture) };
    panels[at]!.lines(overlay, marginsOf(frame.entry.kind), palette, font);
  }

  function drawAllLines(): void {
    for (const at of pictures.keys()) drawLines(at);
  }

  function markAll(): void {
    const at = marked && layout?.frame.forward(marked);
    const seen = at && holds(layout!.frame, at, 1) ? at : undefined;
    for (const panel of panels) panel.mark(seen);
  }

  function lookAt(next: MapView): void {
    view = bounded(next);
    schedule('all');
  }

  /** About a place of the map in pixels; the middle where none is given. */
  function zoomBy(factor: number, about?: readonly [number, number]): void {
    if (!layout) return;
    const { frame } = layout;
    const [x, y] = about ?? [frame.width / 2, frame.height / 2];
    lookAt(zoomed(view, factor, x, y, frame));
  }

  function read(place: Place | undefined, byKey: boolean): void {
    marked = place;
    markAll();
    listener.read(place, byKey);
  }

  const pointer = mapPointer({
    get frame() {
      return layout?.frame;
    },
    get view() {
      return view;
    },
    get tool() {
      return tool;
    },
    sketch,
    lookAt,
    read: (place) => read(place, false),
  });

  const keyed = {
    sketch,
    zoom(factor: number | undefined) {
      if (factor === undefined) lookAt({ ...view, ...WHOLE });
      else zoomBy(factor, marked && layout?.frame.forward(marked));
    },
    move,
    step: listener.step,
    corner(kind: 'box' | 'polygon') {
      if (marked) sketch.corner(kind, marked);
    },
  };

  function key(event: KeyboardEvent): boolean {
    return layout !== undefined && pictures.some((one) => one !== undefined) && mapKey(keyed, event);
  }

  /** The mark goes to the middle of another cell, and the view follows. */
  function move(up: number, right: number): void {
    const picture = pictures.find((one) => one !== undefined);
    if (!picture || !layout) return;
    const { frame } = layout;
    const middle = frame.invert(frame.width / 2, frame.height / 2) ?? [0, frame.entry.pole ?? 0];
    const place = cellBeside(picture.grid, marked ?? middle, up, right);
    const at = frame.forward(place);
    if (!at) return;
    if (!holds(frame, at)) {
      const [dx, dy] = [at[0] / frame.width - 0.5, at[1] / frame.height - 0.5];
      lookAt({ ...view, centre: [view.centre[0] + dx / view.zoom, view.centre[1] + dy / view.zoom] });
    }
    sketch.byKey();
    read(place, true);
  }

  return {
    node,
    show(next) {
      const grew = next.length !== pictures.length;
      const first = next.find((one) => one !== undefined);
      const before = pictures.find((one) => one !== undefined);
      while (panels.length < next.length) {
        const wheel = (x: number, y: number, delta: number) => zoomBy(WHEEL_ZOOM ** -delta, [x, y]);
        panels.push(mapPanel({ pointer, wheel, key, blurred: () => read(undefined, false) }));
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
      findOutlines();
      drawAllLines();
    },
    look: (change) => lookAt({ ...view, ...change }),
    zoom: (factor) => zoomBy(factor),
    get tool() {
      return tool;
    },
    set tool(next) {
      tool = next;
      if (sketch.kind) sketch.giveUp();
      node.dataset.tool = next;
    },
    resize(next) {
      if (next === width) return;
      width = next;
      schedule('all');
    },
    restyle: () => schedule('all'),
    get panels() {
      return pictures.flatMap((picture, at) => (picture ? [{ panel: panels[at]!, picture, dots: layout && dotsOf(layout, picture) }] : []));
    },
    get frame() {
      return layout?.frame;
    },
    get paths() {
      return layout?.paths;
    },
    get outlines() {
      return outlines;
    },
    dispose() {
      cancelAnimationFrame(handle);
    },
  };
}
