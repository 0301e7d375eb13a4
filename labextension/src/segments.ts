/** A row of joined buttons under one label, as widgets' controls have it. */
import { element } from './element.ts';

/** `label` stands before the buttons; `name` is what a screen reader calls them. */
export function segmentRow(label: string, name: string, ...buttons: HTMLElement[]): HTMLElement {
  return element(
    'div',
    { class: 'tw-field' },
    label,
    element('div', { class: 'tw-segments', attributes: { role: 'group', 'aria-label': name } }, ...buttons),
  );
}
