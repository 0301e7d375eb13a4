/** The colour bar: gradient, ticks at round values, what it measures; arrowheads of colour say that values may lie beyond. */
import { type ColourMap, colourStops } from '../../../kernel/src/records/colours.ts';
import { ticks } from '../../../kernel/src/records/ticks.ts';
import { element, fill } from '../element.ts';

export interface ColourBar {
  node: HTMLElement;
  show(colours: ColourMap, limits: readonly [number, number], title: string): void;
}

export function colourBar(): ColourBar {
  const strip = element('div', { class: 'tw-colour-bar-strip' });
  const labels = element('div', { class: 'tw-colour-bar-labels' });
  const caption = element('div', { class: 'tw-colour-bar-title' });
  return {
    node: element('div', { class: 'tw-colour-bar' }, strip, labels, caption),
    show(colours, limits, title) {
      strip.style.background = `linear-gradient(to right, ${colourStops(colours).join(', ')})`;
      const span = limits[1] - limits[0];
      fill(
        labels,
        ...ticks(limits[0], limits[1], 5).map((value) =>
          element('span', { text: String(value).replace('-', '−'), style: { left: `${((value - limits[0]) / span) * 100}%` } }),
        ),
      );
      caption.textContent = title;
    },
  };
}
