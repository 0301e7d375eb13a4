/** A small menu under a button: choices with a note under each, those that can't be chosen greyed, with their reason. */
import { element } from '../element.ts';
import type { EngineChoice } from './choices.ts';

/** Opens the menu under `anchor`; returns what closes it. `closed` is called once, however it closes. */
export function openMenu(
  anchor: HTMLElement,
  choices: readonly EngineChoice[],
  choose: (engine: NonNullable<EngineChoice['engine']>) => void,
  closed: () => void,
): () => void {
  const items = choices.map((choice) =>
    element(
      'button',
      {
        class: 'tw-menu-item',
        attributes: {
          type: 'button',
          role: 'menuitemradio',
          'aria-checked': String(choice.active),
          'aria-disabled': String(!choice.engine),
          'data-choice': choice.key,
          tabindex: -1,
        },
        on: {
          click: () => {
            if (!choice.engine) return;
            close();
            if (!choice.active) choose(choice.engine);
          },
        },
      },
      element('span', { class: 'tw-menu-check', attributes: { 'aria-hidden': 'true' }, text: choice.active ? '✓' : '' }),
      element('span', { class: 'tw-menu-label', text: choice.label }),
      element('span', { class: 'tw-menu-note', text: choice.note }),
    ),
  );
  const menu = element('div', { class: 'tw-menu', attributes: { role: 'menu', 'aria-label': 'Where cells run' } }, ...items);
  document.body.append(menu);
  place(menu, anchor);

  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    document.removeEventListener('pointerdown', outside, true);
    window.removeEventListener('resize', close);
    const hadFocus = menu.contains(document.activeElement);
    menu.remove();
    closed();
    if (hadFocus) anchor.focus();
  };
  const outside = (event: Event) => {
    const target = event.target as Node;
    if (!menu.contains(target) && !anchor.contains(target)) close();
  };
  const moves: Record<string, (at: number) => number> = {
    ArrowDown: (at) => (at + 1) % items.length,
    ArrowUp: (at) => (at - 1 + items.length) % items.length,
    Home: () => 0,
    End: () => items.length - 1,
  };
  menu.addEventListener('keydown', (event) => {
    event.stopPropagation();
    const move = moves[event.key];
    if (move) {
      event.preventDefault();
      items[move(items.indexOf(document.activeElement as HTMLButtonElement))]?.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
    }
  });
  document.addEventListener('pointerdown', outside, true);
  window.addEventListener('resize', close);
  (items[choices.findIndex((choice) => choice.active)] ?? items[0])?.focus({ preventScroll: true });
  return close;
}

/** Under the anchor, within the window. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const { left, bottom } = anchor.getBoundingClientRect();
  const space = 8;
  menu.style.left = `${Math.max(space, Math.min(left, window.innerWidth - menu.offsetWidth - space))}px`;
  menu.style.top = `${bottom + 4}px`;
  menu.style.maxHeight = `${Math.max(120, window.innerHeight - bottom - 3 * space)}px`;
}
