/** An area while it is drawn, on all maps at once: its corners by pointer or by key, what it looks like, and what to do next in words. */
import type { Area, Place } from '../../../kernel/src/records/areas.ts';
import { areaRing, outlinePath } from './overlay.ts';
import type { Frame } from './projections.ts';
import { boxBetween, polygonOf, type Sketch } from './sketch.ts';

export interface Sketching {
  /** What is being drawn, if anything. */
  readonly kind: Sketch['kind'] | undefined;
  /** A box is dragged from here. */
  drag(from: Place): void;
  /** The drag ends; without a place where the pointer was last. One that has not `moved` was none. */
  drop(to: Place | undefined, moved: boolean): void;
  /** A corner by click or by key; the second one of a box makes it. */
  corner(kind: Sketch['kind'], place: Place): void;
  /** The pointer is here, right of `x` pixels on the map. */
  hover(frame: Frame, place: Place, x: number): void;
  /** The next corner comes by key: the box goes the shorter way. */
  byKey(): void;
  /** The polygon by the corners that it has; fewer than three make none. */
  close(): void;
  giveUp(): void;
  draft(frame: Frame): { path: string; corners: [number, number][] } | undefined;
}

/** `changed`: the maps have to be drawn again. */
export function sketching(listener: { sketching(words: string): void; drawn(area: Area): void }, changed: () => void): Sketching {
  let sketch: (Sketch & { hovered?: Place; eastward?: boolean }) | undefined;

  function finish(area: Area | undefined): void {
    sketch = undefined;
    listener.sketching('');
    changed();
    if (area) listener.drawn(area);
  }

  return {
    get kind() {
      return sketch?.kind;
    },
    drag(from) {
      sketch = { kind: 'box', points: [from] };
    },
    drop(to, moved) {
      if (sketch?.kind !== 'box' || sketch.points.length !== 1) return;
      const end = to ?? sketch.hovered;
      finish(moved && end ? boxBetween(sketch.points[0]!, end, sketch.eastward) : undefined);
    },
    corner(kind, place) {
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
      changed();
    },
    hover(frame, place, x) {
      if (!sketch) return;
      sketch.hovered = place;
      const from = sketch.points[0];
      if (sketch.kind === 'box' && from)
        sketch.eastward = frame.entry.kind === 'rows' ? x >= frame.projection(from as [number, number])![0] : undefined;
      changed();
    },
    byKey() {
      if (sketch?.kind === 'box') sketch.eastward = undefined;
    },
    close: () => finish(sketch && polygonOf(sketch.points)),
    giveUp: () => finish(undefined),
    draft(frame) {
      if (!sketch) return undefined;
      const points = sketch.hovered ? [...sketch.points, sketch.hovered] : sketch.points;
      const box = sketch.kind === 'box' && points.length === 2 ? boxBetween(points[0]!, points[1]!, sketch.eastward) : undefined;
      return {
        path: outlinePath(frame, box ? areaRing(box) : points),
        corners: sketch.points.flatMap((point) => {
          const at = frame.forward(point);
          return at ? [at] : [];
        }),
      };
    },
  };
}
