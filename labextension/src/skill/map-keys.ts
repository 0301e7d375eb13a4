/** What keys do on a map: the mark goes from cell to cell, the view zooms, leads change, corners of areas are set. */
import type { Place } from '../../../kernel/src/records/areas.ts';
import { cellOf, type GridAxes } from './lookup.ts';
import type { Sketch } from './sketch.ts';
import type { Sketching } from './sketching.ts';

export interface KeyedMap {
  readonly sketch: Sketching;
  /** Undefined: the whole map. */
  zoom(factor: number | undefined): void;
  /** The mark goes so many cells northwards and eastwards. */
  move(up: number, right: number): void;
  step(leads: number): void;
  /** A corner where the mark is. */
  corner(kind: Sketch['kind']): void;
}

const ZOOM = 1.5;
/** Cells of a step with Shift. */
const LEAP = 10;

const ARROWS: Record<string, readonly [number, number]> = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const ACTIONS: Record<string, (map: KeyedMap) => void> = {
  '+': (map) => map.zoom(ZOOM),
  '=': (map) => map.zoom(ZOOM),
  '-': (map) => map.zoom(1 / ZOOM),
  '0': (map) => map.zoom(undefined),
  PageUp: (map) => map.step(-1),
  PageDown: (map) => map.step(1),
  b: (map) => map.corner('box'),
  p: (map) => map.corner('polygon'),
  Enter: (map) => map.sketch.close(),
  Escape: (map) => map.sketch.giveUp(),
};

/** True where the key meant something; Enter and Escape do while an area is drawn. */
export function mapKey(map: KeyedMap, event: KeyboardEvent): boolean {
  const arrow = Object.hasOwn(ARROWS, event.key) ? ARROWS[event.key] : undefined;
  if (arrow) {
    const size = event.shiftKey ? LEAP : 1;
    map.move(arrow[0] * size, arrow[1] * size);
    return true;
  }
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!Object.hasOwn(ACTIONS, name) || ((name === 'Enter' || name === 'Escape') && !map.sketch.kind)) return false;
  ACTIONS[name]!(map);
  return true;
}

/** The middle of the cell so many rows and columns from that of `from`, round the globe where the grid goes round. */
export function cellBeside({ latitude, longitude }: GridAxes, from: Place, up: number, right: number): Place {
  const cell = cellOf({ latitude, longitude }, from) ?? { row: latitude.length >> 1, column: longitude.length >> 1 };
  const row = Math.max(0, Math.min(latitude.length - 1, cell.row + up));
  const next = cell.column + right;
  const column = ((next % longitude.length) + longitude.length) % longitude.length;
  return [longitude[column]!, latitude[row]!];
}
