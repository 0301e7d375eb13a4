/** The switches of the loss picture: which curves, which axes, how much smoothing, and the picture as a file. */
import { element, fill } from '../element.ts';
import { segmentRow } from '../segments.ts';
import { HORIZONTALS, type Horizontal } from './axis.ts';
import { FORMATS, type Format } from './export.ts';
import { metricOf } from './metrics.ts';

export interface LossChoice {
  /** Families of curves that are not drawn. */
  hidden: ReadonlySet<string>;
  horizontal: Horizontal;
  logarithmic: { horizontal: boolean; vertical: boolean };
  smoothing: number;
}

export interface LossControls {
  node: HTMLElement;
  /** Shows the families that there are, the choice, and which horizontal axes can be had. `coloured`: curves' colours are their metrics'. */
  show(families: readonly string[], choice: LossChoice, available: ReadonlySet<Horizontal>, zoomed: boolean, coloured: boolean): void;
}

export interface LossActions {
  choose(change: Partial<LossChoice>): void;
  whole(): void;
  save(format: Format): void;
}

const UNAVAILABLE: Record<Horizontal, string> = {
  step: '',
  epoch: 'the run has not said how many steps an epoch has',
  time: 'the saved output holds no times: they come from the run’s folder while the kernel lives',
};

export function lossControls({ choose, whole, save }: LossActions): LossControls {
  const curves = element('div', { class: 'tw-switches', attributes: { role: 'group', 'aria-label': 'Curves' } });
  let shownNames = '';
  let hidden: ReadonlySet<string> = new Set();
  let scales: LossChoice['logarithmic'] = { horizontal: false, vertical: false };

  const segment = (label: string, title: string, chosen: () => void) =>
    element('button', { text: label, title, attributes: { type: 'button', 'aria-pressed': 'false' }, on: { click: chosen } });
  const horizontals = HORIZONTALS.map((name) => ({
    name,
    button: segment(name, `Draw over ${name}`, () => choose({ horizontal: name })),
  }));
  const verticals = [false, true].map((logarithmic) => ({
    logarithmic,
    button: segment(logarithmic ? 'log' : 'linear', `${logarithmic ? 'Logarithmic' : 'Linear'} vertical axis`, () =>
      choose({ logarithmic: { ...scales, vertical: logarithmic } }),
    ),
  }));
  const along = segment('log', 'Logarithmic horizontal axis', () => choose({ logarithmic: { ...scales, horizontal: !scales.horizontal } }));
  along.setAttribute('aria-label', 'Logarithmic horizontal axis');
  const smoothingValue = element('output', { class: 'tw-smoothing-value' });
  const smoothing = element('input', {
    class: 'tw-smoothing',
    attributes: { type: 'range', min: 0, max: 0.99, step: 0.01, 'aria-label': 'Smoothing' },
    on: { input: () => choose({ smoothing: Number(smoothing.value) }) },
  });
  const reset = element('button', { class: 'tw-link', text: 'Whole run', attributes: { type: 'button' }, on: { click: whole } });
  const files = FORMATS.map((format) => segment(format, `Save as ${format}`, () => save(format)));

  return {
    node: element(
      'div',
      { class: 'tw-loss-controls' },
      curves,
      element(
        'div',
        { class: 'tw-loss-axes' },
        segmentRow('over', 'Horizontal axis', ...horizontals.map(({ button }) => button), along),
        segmentRow('scale', 'Vertical axis', ...verticals.map(({ button }) => button)),
        element('label', { class: 'tw-field' }, 'smoothing', smoothing, smoothingValue),
        reset,
        segmentRow('save', 'Save the picture', ...files),
      ),
    ),
    show(families, choice, available, zoomed, coloured) {
      hidden = choice.hidden;
      scales = choice.logarithmic;
      const key = [coloured, ...families].join('\n');
      if (key !== shownNames) {
        shownNames = key;
        fill(curves, ...families.map((name) => curveSwitch(name, coloured, () => choose({ hidden: toggled(hidden, name) }))));
      }
      for (const button of curves.querySelectorAll('button'))
        button.setAttribute('aria-pressed', String(!hidden.has(button.dataset.value!)));
      for (const { name, button } of horizontals) {
        button.setAttribute('aria-pressed', String(choice.horizontal === name));
        button.disabled = !available.has(name);
        button.title = available.has(name) ? `Draw over ${name}` : UNAVAILABLE[name];
      }
      for (const { logarithmic, button } of verticals)
        button.setAttribute('aria-pressed', String(choice.logarithmic.vertical === logarithmic));
      along.setAttribute('aria-pressed', String(choice.logarithmic.horizontal));
      smoothing.value = String(choice.smoothing);
      smoothingValue.textContent = choice.smoothing === 0 ? 'off' : choice.smoothing.toFixed(2);
      reset.hidden = !zoomed;
    },
  };
}

function curveSwitch(family: string, coloured: boolean, toggle: () => void): HTMLElement {
  const { label, colour, dash } = metricOf(family);
  const style = { color: `var(${coloured && colour ? colour : '--tw-muted'})` };
  return element(
    'button',
    { class: 'tw-pill', attributes: { type: 'button', 'aria-pressed': 'true', 'data-value': family }, on: { click: toggle } },
    element('span', { class: `tw-stroke tw-stroke-${dash}`, style, attributes: { 'aria-hidden': 'true' } }),
    label,
  );
}

function toggled(set: ReadonlySet<string>, value: string): Set<string> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
