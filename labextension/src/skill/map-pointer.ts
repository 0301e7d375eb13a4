/** What a pointer does on a map: reads, moves the view, draws boxes and polygons. */
import type { Place } from '../../../kernel/src/records/areas.ts';
import type { PanelListener } from './panel.ts';
import { type Frame, holds, type MapView, zoomed } from './projections.ts';
import type { Tool } from './sketch.ts';
import type { Sketching } from './sketching.ts';

export interface PointedMap {
  readonly frame: Frame | undefined;
  readonly view: MapView;
  readonly tool: Tool;
  readonly sketch: Sketching;
  lookAt(view: MapView): void;
  read(place: Place | undefined): void;
}

/** Pixels that a click may stray. */
const CLICK = 4;

export function mapPointer(map: PointedMap): PanelListener['pointer'] {
  let drag: { x: number; y: number; moved: boolean; centre: readonly [number, number] } | undefined;

  function moveTo(frame: Frame, x: number, y: number, place: Place | undefined, panning: boolean): void {
    if (drag) drag.moved ||= Math.hypot(x - drag.x, y - drag.y) >= CLICK;
    if (drag?.moved && panning) {
      const { view } = map;
      const [dx, dy] = [(x - drag.x) / frame.width / view.zoom, (y - drag.y) / frame.height / view.zoom];
      map.lookAt({ ...view, centre: [drag.centre[0] - dx, drag.centre[1] - dy] });
      return;
    }
    if (place) map.sketch.hover(frame, place, x);
    map.read(place);
  }

  return (kind, x, y, event) => {
    const { frame, view, tool, sketch } = map;
    if (!frame) return;
    const place = holds(frame, [x, y]) ? frame.invert(x, y) : undefined;
    if (kind === 'down') {
      drag = { x, y, moved: false, centre: view.centre };
      if (tool === 'box' && place) sketch.drag(place);
      return;
    }
    if (kind === 'move') {
      moveTo(frame, x, y, place, tool === 'pan' || event.shiftKey);
      return;
    }
    const { moved = false } = drag ?? {};
    drag = undefined;
    if (kind === 'up' && tool === 'box') sketch.drop(place, moved);
    else if (kind === 'up' && tool === 'polygon' && !moved && place) sketch.corner('polygon', place);
    else if (kind === 'double' && tool === 'polygon') sketch.close();
    else if (kind === 'double' && tool === 'pan') map.lookAt(zoomed(view, 2, x, y, frame));
    else if (kind === 'leave') map.read(undefined);
  };
}
