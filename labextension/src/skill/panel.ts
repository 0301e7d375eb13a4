/** One map of several that are linked: a canvas of pixels under one of lines, a mark for the place that is read, and what pointer and keys ask for. */
import { element } from '../element.ts';
import { type Palette, sizedPen } from '../pens.ts';
import { type Margins, type Overlay, paintOverlay } from './overlay.ts';
import { type Painted, paintPixels } from './raster.ts';

export interface PanelListener {
  pointer(kind: 'down' | 'move' | 'up' | 'leave' | 'double', x: number, y: number, event: PointerEvent | MouseEvent): void;
  wheel(x: number, y: number, delta: number): void;
  /** True where the key meant something. */
  key(event: KeyboardEvent): boolean;
  /** The keys go elsewhere. */
  blurred(): void;
}

export interface Panel {
  node: HTMLElement;
  title: HTMLElement;
  /** Pixels of the field, through a lookup (see `lookupOf`) of so many columns and rows. */
  paint(painted: Painted, lookup: Int32Array, columns: number, rows: number): void;
  /** Lays the canvases out and paints the lines. */
  lines(overlay: Overlay, margins: Margins, palette: Palette, font: string): void;
  /** Puts the mark at a pixel of the frame; without one takes it away. */
  mark(at: readonly [number, number] | undefined): void;
  /** The picture, for a file. */
  readonly picture: HTMLCanvasElement;
}

const HELP =
  'Arrow keys move the mark and read values, with Shift by ten cells; plus and minus zoom, 0 shows the whole map, Page Up and Page Down change the lead; ' +
  'B sets one corner of a box and then the other, P sets a corner of a polygon, Enter closes it, Escape takes it back.';

export function mapPanel(listener: PanelListener): Panel {
  const canvas = element('canvas', { class: 'tw-map-canvas', attributes: { 'aria-hidden': 'true' } });
  const lines = element('canvas', { class: 'tw-map-lines', attributes: { 'aria-hidden': 'true' } });
  const cursor = element('div', { class: 'tw-map-cursor', attributes: { hidden: true, 'aria-hidden': 'true' } });
  const node = element(
    'div',
    {
      class: 'tw-map',
      attributes: {
        tabindex: 0,
        role: 'application',
        'aria-roledescription': 'map',
        'aria-description': HELP,
        'data-lm-suppress-shortcuts': true,
      },
    },
    canvas,
    lines,
    cursor,
  );
  const title = element('div', { class: 'tw-map-title' });
  let margins: Margins = { left: 0, right: 0, top: 0, bottom: 0 };
  let image: ImageData | undefined;
  let pixels = new Uint32Array(0);

  const at = (event: { clientX: number; clientY: number }) => {
    const bounds = node.getBoundingClientRect();
    return [event.clientX - bounds.left - margins.left, event.clientY - bounds.top - margins.top] as const;
  };
  node.addEventListener('pointerdown', (event) => {
    if (event.button > 1) return;
    node.focus({ preventScroll: true });
    event.preventDefault();
    node.setPointerCapture(event.pointerId);
    listener.pointer('down', ...at(event), event);
  });
  node.addEventListener('pointermove', (event) => listener.pointer('move', ...at(event), event));
  node.addEventListener('pointerup', (event) => listener.pointer('up', ...at(event), event));
  node.addEventListener('pointercancel', (event) => listener.pointer('leave', ...at(event), event));
  node.addEventListener('pointerleave', (event) => listener.pointer('leave', ...at(event), event));
  node.addEventListener('dblclick', (event) => listener.pointer('double', ...at(event), event));
  node.addEventListener(
    'wheel',
    (event) => {
      // The wheel alone scrolls the notebook.
      if (!(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      listener.wheel(...at(event), event.deltaY);
    },
    { passive: false },
  );
  node.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !listener.key(event)) return;
    event.preventDefault();
    // JupyterLab's own keys would move to another cell.
    event.stopPropagation();
  });
  node.addEventListener('blur', () => listener.blurred());

  return {
    node,
    title,
    picture: canvas,
    paint(painted, lookup, columns, rows) {
      const context = canvas.getContext('2d')!;
      if (!image || image.width !== columns || image.height !== rows) {
        canvas.width = columns;
        canvas.height = rows;
        image = context.createImageData(columns, rows);
        pixels = new Uint32Array(image.data.buffer);
      }
      paintPixels(pixels, lookup, painted);
      context.putImageData(image, 0, 0);
    },
    lines(overlay, next, palette, font) {
      margins = next;
      const { width, height } = overlay.frame;
      const [wide, high] = [width + margins.left + margins.right, height + margins.top + margins.bottom];
      Object.assign(node.style, { width: `${wide}px`, height: `${high}px` });
      Object.assign(canvas.style, { left: `${margins.left}px`, top: `${margins.top}px`, width: `${width}px`, height: `${height}px` });
      const pen = sizedPen(lines, wide, high, font);
      pen.at(margins.left, margins.top, () => paintOverlay(pen, overlay, palette));
    },
    mark(place) {
      cursor.hidden = !place;
      if (place) Object.assign(cursor.style, { left: `${place[0] + margins.left}px`, top: `${place[1] + margins.top}px` });
    },
  };
}
