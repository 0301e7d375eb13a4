/** The colour bar: gradient, ticks at round values, what it measures, and its limits, which stay until they are edited or reset. */
import { type ColourMap, colourStops } from '../../../kernel/src/records/colours.ts';
import { ticks } from '../../../kernel/src/records/ticks.ts';
import { element, fill } from '../element.ts';
import { number } from '../format.ts';

export interface ColourBar {
  node: HTMLElement;
  /** `edited`: the limits are the reader's own. */
  show(colours: ColourMap, limits: readonly [number, number], title: string, edited: boolean): void;
}

/** `changed` with undefined: back to the limits that the record gives. */
export function colourBar(changed: (limits: [number, number] | undefined) => void): ColourBar {
  const strip = element('div', { class: 'tw-colour-bar-strip', attributes: { 'aria-hidden': 'true' } });
  const labels = element('div', { class: 'tw-colour-bar-labels', attributes: { 'aria-hidden': 'true' } });
  const caption = element('span', { class: 'tw-colour-bar-title' });
  const fault = element('div', { class: 'tw-bad tw-limits-fault', attributes: { role: 'status' } });
  let limits: readonly [number, number] = [0, 1];
  let shown = '';
  const field = (name: string) =>
    element('input', {
      class: 'tw-input tw-limit',
      attributes: { type: 'number', step: 'any', 'aria-label': `${name} limit of the colours` },
      on: { change: () => take(), keydown: (event) => event.stopPropagation() },
    });
  const [low, high] = [field('lower'), field('upper')];
  const reset = element('button', {
    class: 'tw-link',
    text: 'reset',
    attributes: { type: 'button' },
    on: {
      click() {
        say('');
        changed(undefined);
      },
    },
  });
  /** What is wrong stays in the fields, to be mended: both limits may be on their way to other values. */
  function take(): void {
    const [from, to] = [Number(low.value), Number(high.value)];
    // A number field has no value where what is typed is none.
    if (low.value === '' || high.value === '') say('Both limits must be numbers.');
    else if (from >= to) say('The lower limit must lie below the upper one.');
    else {
      say('');
      changed([from, to]);
    }
  }
  function say(words: string): void {
    fault.textContent = words;
    for (const input of [low, high]) input.setAttribute('aria-invalid', String(words !== ''));
    if (words !== '') reset.hidden = false;
  }
  function fillFields(): void {
    low.value = String(Number(limits[0].toPrecision(6)));
    high.value = String(Number(limits[1].toPrecision(6)));
  }
  return {
    node: element(
      'div',
      { class: 'tw-colour-bar', attributes: { role: 'group' } },
      strip,
      labels,
      element('div', { class: 'tw-colour-bar-foot' }, low, caption, reset, high),
      fault,
    ),
    show(colours, next, title, edited) {
      limits = next;
      strip.style.background = `linear-gradient(to right, ${colourStops(colours).join(', ')})`;
      const span = limits[1] - limits[0];
      fill(
        labels,
        ...ticks(limits[0], limits[1], 5).map((value) =>
          element('span', { text: number(value, 4), style: { left: `${((value - limits[0]) / span) * 100}%` } }),
        ),
      );
      caption.textContent = title;
      if (title !== shown) say('');
      shown = title;
      const wrong = fault.textContent !== '';
      reset.hidden = !edited && !wrong;
      this.node.setAttribute('aria-label', `Colours: ${title}, from ${number(limits[0])} to ${number(limits[1])}`);
      if (!wrong && document.activeElement !== low && document.activeElement !== high) fillFields();
    },
  };
}
