/** The picture on the screen: a canvas that is painted from a scene, with the reading line, zoom and pan by pointer and by keys over it. */
import { element } from '../element.ts';
import { type Palette, sizedPen } from '../pens.ts';
import { pixel, valueAt } from './axis.ts';
import { paint } from './paint.ts';
import type { Scene } from './scene.ts';

export interface PictureListener {
  /** A part of the horizontal axis was chosen; undefined: the whole. */
  zoomed(range: [number, number] | undefined): void;
  /** The reading line stands at a place, or is gone. `by`: keys ask for the place so many points further on. */
  read(place: number | undefined, by?: number): void;
  /** The place was chosen to stay. */
  pinned(place: number): void;
}

export interface Picture {
  node: HTMLElement;
  /** The box beside the reading line, to be filled by whoever knows the values. */
  readout: HTMLElement;
  draw(scene: Scene, palette: Palette, font: string): void;
  /** Puts the reading line at a place; without one takes it away. */
  readAt(place: number | undefined): void;
}

/** A pointer that has moved less than this has clicked. */
const CLICK = 4;
const KEY_ZOOM = 1.5;
const WHEEL_ZOOM = 1.0015;
const PAN_SHARE = 0.2;

const HELP =
  'Arrow keys move the reading line, Page Up and Page Down by a tenth, Enter pins it; plus and minus zoom, Shift with an arrow pans, 0 shows the whole run.';

export function pictureOf(listener: PictureListener): Picture {
  const canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
  const reading = element('div', { class: 'tw-reading', attributes: { hidden: true } });
  const chosen = element('div', { class: 'tw-chosen', attributes: { hidden: true } });
  const readout = element('div', { class: 'tw-readout', attributes: { hidden: true, 'aria-hidden': 'true' } });
  const node = element(
    'div',
    {
      class: 'tw-picture',
      attributes: { role: 'application', tabindex: 0, 'aria-roledescription': 'chart', 'data-lm-suppress-shortcuts': true },
      title: '',
    },
    canvas,
    chosen,
    reading,
    readout,
  );
  node.setAttribute('aria-description', HELP);
  let scene: Scene | undefined;
  let place: number | undefined;
  let drag: { from: number; pan: boolean; moved: boolean } | undefined;

  const within = (x: number) => Math.min(scene!.horizontal.to, Math.max(scene!.horizontal.from, x));
  const at = (event: { clientX: number }) => event.clientX - canvas.getBoundingClientRect().left;
  /** The range that is shown when its ends lie at these pixels of the present axis. */
  const rangeOf = (from: number, to: number): [number, number] => [valueAt(scene!.horizontal, from), valueAt(scene!.horizontal, to)];
  function zoomAbout(x: number, factor: number): void {
    const { from, to } = scene!.horizontal;
    listener.zoomed(rangeOf(x - (x - from) / factor, x + (to - x) / factor));
  }
  function pan(share: number): void {
    const { from, to } = scene!.horizontal;
    listener.zoomed(rangeOf(from + share * (to - from), to + share * (to - from)));
  }

  node.addEventListener('pointerdown', (event) => {
    if (!scene || event.button > 1) return;
    const x = at(event);
    if (x < scene.horizontal.from - 4 || x > scene.horizontal.to + 4) return;
    drag = { from: x, pan: event.shiftKey || event.button === 1, moved: false };
    node.setPointerCapture(event.pointerId);
    event.preventDefault();
    node.focus({ preventScroll: true });
  });
  node.addEventListener('pointermove', (event) => {
    if (!scene) return;
    const x = within(at(event));
    if (!drag) {
      listener.read(valueAt(scene.horizontal, x));
      return;
    }
    drag.moved ||= Math.abs(x - drag.from) >= CLICK;
    if (!drag.moved) return;
    if (drag.pan) {
      const shift = drag.from - x;
      drag.from = x;
      listener.zoomed(rangeOf(scene.horizontal.from + shift, scene.horizontal.to + shift));
      return;
    }
    chosen.hidden = false;
    Object.assign(chosen.style, { left: `${Math.min(drag.from, x)}px`, width: `${Math.abs(x - drag.from)}px` });
  });
  const ended = (event: PointerEvent) => {
    const { from = 0, moved = false, pan: panned = false } = drag ?? {};
    const begun = drag !== undefined;
    drag = undefined;
    chosen.hidden = true;
    if (!scene || !begun || event.type === 'pointercancel') return;
    const x = within(at(event));
    if (!moved) {
      if (place !== undefined) listener.pinned(place);
    } else if (!panned) listener.zoomed(rangeOf(Math.min(from, x), Math.max(from, x)));
  };
  node.addEventListener('pointerup', ended);
  node.addEventListener('pointercancel', ended);
  node.addEventListener('pointerleave', () => {
    if (!drag) listener.read(undefined);
  });
  node.addEventListener('dblclick', () => listener.zoomed(undefined));
  node.addEventListener(
    'wheel',
    (event) => {
      // The wheel alone scrolls the notebook.
      if (!scene || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      zoomAbout(within(at(event)), WHEEL_ZOOM ** -event.deltaY);
    },
    { passive: false },
  );
  const KEYS: Record<string, (shift: boolean) => void> = {
    ArrowLeft: (shift) => (shift ? pan(-PAN_SHARE) : listener.read(place, -1)),
    ArrowRight: (shift) => (shift ? pan(PAN_SHARE) : listener.read(place, 1)),
    PageUp: () => tenth(-0.1),
    PageDown: () => tenth(0.1),
    Home: () => listener.read(scene!.horizontal.lower, 0),
    End: () => listener.read(scene!.horizontal.upper, 0),
    Enter: () => place !== undefined && listener.pinned(place),
    Escape: () => listener.read(undefined),
    '+': () => zoomAbout(centre(), KEY_ZOOM),
    '=': () => zoomAbout(centre(), KEY_ZOOM),
    '-': () => zoomAbout(centre(), 1 / KEY_ZOOM),
    '0': () => listener.zoomed(undefined),
  };
  const centre = () => {
    const { from, to, lower, upper } = scene!.horizontal;
    return place !== undefined && place >= lower && place <= upper ? pixel(scene!.horizontal, place) : (from + to) / 2;
  };
  const tenth = (share: number) => {
    const { from, to } = scene!.horizontal;
    listener.read(valueAt(scene!.horizontal, within(centre() + share * (to - from))), 0);
  };
  node.addEventListener('keydown', (event) => {
    const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
    if (!scene || !act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act(event.shiftKey);
  });

  function readAt(next: number | undefined): void {
    place = next;
    const seen = scene !== undefined && next !== undefined && next >= scene.horizontal.lower && next <= scene.horizontal.upper;
    reading.hidden = !seen;
    readout.hidden = !seen;
    if (!seen) return;
    const x = pixel(scene!.horizontal, next!);
    reading.style.left = `${x}px`;
    const left = x > (scene!.horizontal.from + scene!.horizontal.to) / 2;
    Object.assign(readout.style, left ? { right: `${scene!.width - x + 12}px`, left: 'auto' } : { left: `${x + 12}px`, right: 'auto' });
  }

  return {
    node,
    readout,
    readAt,
    draw(next, palette, font) {
      scene = next;
      paint(next, sizedPen(canvas, next.width, next.height, font), palette);
      const [top, bottom] = [next.panels[0]?.top ?? 0, next.panels.at(-1)?.bottom ?? 0];
      for (const over of [reading, chosen]) Object.assign(over.style, { top: `${top}px`, height: `${bottom - top}px` });
      readAt(place);
    },
  };
}
