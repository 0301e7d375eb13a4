/** A long list of rows of unequal height that stays fast: only the rows near the visible part are in the document. */
import { element } from './element.ts';

export interface VirtualListOptions<T extends object> {
  label: string;
  /** A row's height in pixels before it has been measured. */
  estimate: number;
  /** Makes a row. Its first button, if any, is where the arrow keys stop. */
  render(item: T): HTMLElement;
}

export interface VirtualList<T extends object> {
  node: HTMLElement;
  show(items: readonly T[]): void;
  dispose(): void;
}

/** Rows drawn beyond both ends of what is visible, in pixels. */
const MARGIN = 300;

export function virtualList<T extends object>({ label, estimate, render }: VirtualListOptions<T>): VirtualList<T> {
  let items: readonly T[] = [];
  let offsets = new Float64Array(1);
  const heights = new WeakMap<T, number>();
  const rows = new Map<T, HTMLElement>();
  const above = element('div', { attributes: { 'aria-hidden': 'true' } });
  const below = element('div', { attributes: { 'aria-hidden': 'true' } });
  const body = element('div', { attributes: { role: 'list', 'aria-label': label } });
  const node = element('div', { class: 'tw-list', attributes: { tabindex: 0, 'aria-label': label, role: 'group' } }, above, body, below);

  const layOut = () => {
    offsets = new Float64Array(items.length + 1);
    items.forEach((item, at) => {
      offsets[at + 1] = offsets[at]! + (heights.get(item) ?? estimate);
    });
  };

  /** The place of the row that covers a height. */
  const placeAt = (height: number) => {
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (offsets[middle + 1]! <= height) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, Math.max(0, items.length - 1));
  };

  const draw = () => {
    // Empty as it is now it would have no height, and so no row would be near its visible part.
    if (rows.size === 0) below.style.height = `${offsets[items.length]}px`;
    if (items.length > 0 && node.clientHeight === 0) return;
    const first = placeAt(node.scrollTop - MARGIN);
    const last = placeAt(node.scrollTop + node.clientHeight + MARGIN);
    const wanted = new Set(items.length > 0 ? items.slice(first, last + 1) : []);
    for (const [item, row] of rows) {
      if (wanted.has(item)) continue;
      // A row that leaves with the focus on it would throw the focus out of the widget.
      if (row.contains(document.activeElement)) node.focus({ preventScroll: true });
      sizes.unobserve(row);
      row.remove();
      rows.delete(item);
    }
    if (items.length === 0) return;
    let previous: HTMLElement | undefined;
    for (let at = first; at <= last; at++) {
      const item = items[at]!;
      let row = rows.get(item);
      if (!row) {
        row = element('div', { class: 'tw-list-row', attributes: { role: 'listitem' } }, render(item));
        rows.set(item, row);
        owners.set(row, item);
        sizes.observe(row);
      }
      row.setAttribute('aria-posinset', String(at + 1));
      row.setAttribute('aria-setsize', String(items.length));
      const next: Element | null = previous ? previous.nextElementSibling : body.firstElementChild;
      if (next !== row) body.insertBefore(row, next);
      previous = row;
    }
    above.style.height = `${offsets[first]}px`;
    below.style.height = `${offsets[items.length]! - offsets[last + 1]!}px`;
  };

  const owners = new WeakMap<Element, T>();
  const sizes = new ResizeObserver((entries) => {
    let moved = false;
    for (const { target } of entries) {
      const item = owners.get(target);
      const height = (target as HTMLElement).offsetHeight;
      if (item && height > 0 && heights.get(item) !== height) {
        heights.set(item, height);
        moved = true;
      }
    }
    if (moved) layOut();
    draw();
  });

  /** Brings the row at a place into view and gives its first button the focus. */
  const focus = (place: number) => {
    const item = items[Math.max(0, Math.min(items.length - 1, place))];
    if (!item) return;
    const at = items.indexOf(item);
    if (offsets[at]! < node.scrollTop) node.scrollTop = offsets[at]!;
    else if (offsets[at + 1]! > node.scrollTop + node.clientHeight) node.scrollTop = offsets[at + 1]! - node.clientHeight;
    draw();
    const row = rows.get(item);
    (row?.querySelector<HTMLElement>('button') ?? row)?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  };

  const steps: Record<string, (at: number, page: number) => number> = {
    ArrowDown: (at) => at + 1,
    ArrowUp: (at) => at - 1,
    PageDown: (at, page) => at + page,
    PageUp: (at, page) => at - page,
    Home: () => 0,
    End: () => items.length - 1,
  };

  node.addEventListener('keydown', (event) => {
    const move = steps[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    // The notebook would move to another cell.
    event.preventDefault();
    event.stopPropagation();
    const row = document.activeElement?.closest('.tw-list-row');
    const item = row ? owners.get(row) : undefined;
    const at = item ? items.indexOf(item) : placeAt(node.scrollTop) - 1;
    focus(move(at, Math.max(1, Math.floor((node.clientHeight / estimate) * 0.8))));
  });
  node.addEventListener('scroll', draw, { passive: true });
  sizes.observe(node);

  return {
    node,
    show(next) {
      items = next;
      layOut();
      node.scrollTop = 0;
      draw();
    },
    dispose() {
      sizes.disconnect();
    },
  };
}
