/** Readings in words: the box beside the reading line, the sentence for a screen reader, and the table of pinned places. */
import { element, fill } from '../element.ts';
import { number } from '../format.ts';
import { type Horizontal, placeText } from './axis.ts';
import type { Reading } from './readout.ts';

export function fillReadout(box: HTMLElement, horizontal: Horizontal, place: number, readings: readonly Reading[], several: boolean): void {
  const nearest = readings[0]?.step;
  fill(
    box,
    element('div', { class: 'tw-readout-place', text: `${horizontal} ${placeText(place, horizontal)}` }),
    ...readings.map((reading) =>
      element(
        'div',
        { class: 'tw-readout-row' },
        element('span', { class: 'tw-swatch', style: { background: reading.colour } }),
        element('span', { text: several ? `${reading.run} · ${reading.label}` : reading.label }),
        element('b', { text: valueText(reading) }),
        reading.step !== nearest && element('span', { class: 'tw-muted', text: `step ${placeText(reading.step, 'step')}` }),
      ),
    ),
  );
}

export function sentenceOf(horizontal: Horizontal, place: number, readings: readonly Reading[], several: boolean): string {
  const values = readings.map((one) => `${several ? `${one.run} ` : ''}${one.label} ${valueText(one)}`);
  return `${horizontal} ${placeText(place, horizontal)}: ${values.join(', ')}`;
}

function valueText({ value, smoothed }: Reading): string {
  return smoothed === undefined ? number(value, 5) : `${number(value, 5)} (smoothed ${number(smoothed, 5)})`;
}

export interface Pin {
  horizontal: Horizontal;
  place: number;
  readings: Reading[];
}

export interface PinTable {
  node: HTMLElement;
  show(pins: readonly Pin[], several: boolean): void;
}

/** One row a pinned place, one column a curve. */
export function pinTable(remove: (pin: number) => void): PinTable {
  const table = element('table', { class: 'tw-values tw-pins' });
  const node = element('div', { class: 'tw-pins-scroll', attributes: { hidden: true } }, table);
  return {
    node,
    show(pins, several) {
      node.hidden = pins.length === 0;
      const columns = new Map(pins.flatMap((pin) => pin.readings.map((one) => [`${one.run}\n${one.name}`, one])));
      const title = (one: Reading) => (several ? `${one.run} · ${one.label}` : one.label);
      fill(
        table,
        element('caption', { text: 'Pinned' }),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            element('th', { text: 'at', attributes: { scope: 'col' } }),
            ...[...columns.values()].map((one) => element('th', { text: title(one), attributes: { scope: 'col' } })),
            element('td', {}),
          ),
        ),
        element(
          'tbody',
          {},
          ...pins.map((pin, at) => {
            const where = `${pin.horizontal} ${placeText(pin.place, pin.horizontal)}`;
            const cells = [...columns.keys()].map((key) => {
              const found = pin.readings.find((one) => `${one.run}\n${one.name}` === key);
              return element('td', { text: found ? number(found.value, 6) : '–' });
            });
            const gone = element('button', {
              class: 'tw-link',
              text: 'unpin',
              attributes: { type: 'button', 'aria-label': `Unpin ${where}` },
              on: { click: () => remove(at) },
            });
            return element('tr', {}, element('th', { text: where, attributes: { scope: 'row' } }), ...cells, element('td', {}, gone));
          }),
        ),
      );
    },
  };
}
