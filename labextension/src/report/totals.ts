/** The totals of a report: one bar of all uses by strategy, and a row of switches for each facet that filters the list. */
import type { ReportSummary, Strategy } from '../../../kernel/src/records/report.ts';
import { element } from '../element.ts';
import { count, counted } from '../format.ts';
import { STRATEGIES } from './filter.ts';

/** A bar whose parts are as long as their strategies' shares; each part also says its name and count. */
export function strategyBar(summary: ReportSummary): HTMLElement {
  const present = STRATEGIES.filter((strategy) => summary.byStrategy[strategy] > 0);
  const words = present.map((strategy) => `${strategy} ${count(summary.byStrategy[strategy])}`).join(', ');
  return element(
    'div',
    { class: 'tw-bar', attributes: { role: 'img', 'aria-label': `${counted(summary.uses, 'use')} by strategy: ${words}` } },
    ...present.map((strategy) => part(strategy, summary.byStrategy[strategy], summary.uses)),
  );
}

function part(strategy: Strategy, value: number, total: number): HTMLElement {
  const share = (100 * value) / Math.max(1, total);
  const label = `${strategy}: ${count(value)} of ${count(total)} (${share.toFixed(share < 10 ? 1 : 0)} %)`;
  return element(
    'span',
    { class: `tw-bar-part tw-strategy-${strategy}`, title: label, style: { 'flex-grow': String(value) } },
    // Where the part is too narrow for its name, the switch below names it.
    share >= 14 ? `${strategy} ${count(value)}` : share >= 4 ? count(value) : '',
  );
}

export interface Switch {
  value: string;
  class: string;
  sign?: string;
  title: string;
}

export interface SwitchRow {
  node: HTMLElement;
  /** Shows what is chosen, and how many uses each switch would give. */
  show(chosen: ReadonlySet<string>, counts: ReadonlyMap<string, number>): void;
}

/** Buttons that can be pressed one or several at a time; none pressed means all. */
export function switchRow(label: string, switches: readonly Switch[], toggle: (value: string) => void): SwitchRow {
  const buttons = switches.map((entry) => {
    const number = element('span', { class: 'tw-pill-count' });
    const button = element(
      'button',
      {
        class: 'tw-pill',
        title: entry.title,
        attributes: { type: 'button', 'aria-pressed': 'false', 'data-value': entry.value },
        on: { click: () => toggle(entry.value) },
      },
      element('span', { class: `tw-pill-sign ${entry.class}`, attributes: { 'aria-hidden': 'true' }, text: entry.sign ?? '' }),
      entry.value,
      number,
    );
    return { value: entry.value, button, number };
  });
  return {
    node: element(
      'div',
      { class: 'tw-switches', attributes: { role: 'group', 'aria-label': `Filter by ${label}` } },
      element('span', { class: 'tw-switches-label', text: label }),
      ...buttons.map(({ button }) => button),
    ),
    show(chosen, counts) {
      for (const { value, button, number } of buttons) {
        button.setAttribute('aria-pressed', String(chosen.has(value)));
        number.textContent = count(counts.get(value) ?? 0);
        button.classList.toggle('tw-pill-none', !counts.get(value));
      }
    },
  };
}
