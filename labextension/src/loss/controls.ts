/** The switches of the loss picture: which curves, which axes, how much smoothing. */
import { element, fill } from '../element.ts';
import type { Horizontal } from './figure.ts';
import { metricOf } from './metrics.ts';

export interface LossChoice {
  /** Curves that are not drawn. */
  hidden: ReadonlySet<string>;
  horizontal: Horizontal;
  logarithmic: boolean;
  smoothing: number;
}

export interface LossControls {
  node: HTMLElement;
  /** Shows the curves that there are, the choice, and which horizontal axes can be had. */
  show(names: readonly string[], choice: LossChoice, available: ReadonlySet<Horizontal>, zoomed: boolean): void;
}

const UNAVAILABLE: Record<Horizontal, string> = {
  step: '',
  epoch: 'the run has not said how many steps an epoch has',
  time: 'the saved output holds no times: they come from the run’s folder while the kernel lives',
};

export function lossControls(choose: (change: Partial<LossChoice>) => void, resetZoom: () => void): LossControls {
  const curves = element('div', { class: 'tw-switches', attributes: { role: 'group', 'aria-label': 'Curves' } });
  let shownNames = '';
  let hidden: ReadonlySet<string> = new Set();

  const segment = (label: string, title: string, chosen: () => void) =>
    element('button', { text: label, title, attributes: { type: 'button', 'aria-pressed': 'false' }, on: { click: chosen } });
  const horizontals = (['step', 'epoch', 'time'] as const).map((name) => ({
    name,
    button: segment(name, `Draw over ${name}`, () => choose({ horizontal: name })),
  }));
  const linear = segment('linear', 'Linear vertical axis', () => choose({ logarithmic: false }));
  const logarithmic = segment('log', 'Logarithmic vertical axis', () => choose({ logarithmic: true }));
  const smoothingValue = element('output', { class: 'tw-smoothing-value' });
  const smoothing = element('input', {
    class: 'tw-smoothing',
    attributes: { type: 'range', min: 0, max: 0.99, step: 0.01, 'aria-label': 'Smoothing' },
    on: { input: () => choose({ smoothing: Number(smoothing.value) }) },
  });
  const reset = element('button', { class: 'tw-link', text: 'Whole run', attributes: { type: 'button' }, on: { click: resetZoom } });

  return {
    node: element(
      'div',
      { class: 'tw-loss-controls' },
      curves,
      element(
        'div',
        { class: 'tw-loss-axes' },
        group('over', 'Horizontal axis', ...horizontals.map(({ button }) => button)),
        group('scale', 'Vertical axis', linear, logarithmic),
        element('label', { class: 'tw-field' }, 'smoothing', smoothing, smoothingValue),
        reset,
      ),
    ),
    show(names, choice, available, zoomed) {
      hidden = choice.hidden;
      const key = names.join('\n');
      if (key !== shownNames) {
        shownNames = key;
        fill(curves, ...names.map((name) => curveSwitch(name, () => choose({ hidden: toggled(hidden, name) }))));
      }
      for (const button of curves.querySelectorAll('button'))
        button.setAttribute('aria-pressed', String(!hidden.has(button.dataset.value!)));
      for (const { name, button } of horizontals) {
        button.setAttribute('aria-pressed', String(choice.horizontal === name));
        button.disabled = !available.has(name);
        button.title = available.has(name) ? `Draw over ${name}` : UNAVAILABLE[name];
      }
      linear.setAttribute('aria-pressed', String(!choice.logarithmic));
      logarithmic.setAttribute('aria-pressed', String(choice.logarithmic));
      smoothing.value = String(choice.smoothing);
      smoothingValue.textContent = choice.smoothing === 0 ? 'off' : choice.smoothing.toFixed(2);
      reset.hidden = !zoomed;
    },
  };
}

function group(label: string, name: string, ...buttons: HTMLElement[]): HTMLElement {
  return element(
    'div',
    { class: 'tw-field' },
    label,
    element('div', { class: 'tw-segments', attributes: { role: 'group', 'aria-label': name } }, ...buttons),
  );
}

function curveSwitch(name: string, toggle: () => void): HTMLElement {
  const { label, colour, dash } = metricOf(name);
  return element(
    'button',
    { class: 'tw-pill', attributes: { type: 'button', 'aria-pressed': 'true', 'data-value': name }, on: { click: toggle } },
    element('span', { class: `tw-stroke tw-stroke-${dash}`, style: { color: `var(${colour})` }, attributes: { 'aria-hidden': 'true' } }),
    label,
  );
}

function toggled(set: ReadonlySet<string>, value: string): Set<string> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
