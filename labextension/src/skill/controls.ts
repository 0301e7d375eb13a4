/** The choices of the skill map: variable, metric, forecast or difference, region of the curves, lead with its slider and play button. */
import { regionTitle } from '../../../kernel/src/records/regions.ts';
import { leadTitle, METRIC_TITLES, type Metric, SKILL_METRICS, type SkillRecord } from '../../../kernel/src/records/skill.ts';
import { element, fill } from '../element.ts';
import type { View } from './fields.ts';

export interface SkillChoice {
  variable: string;
  metric: Metric;
  view: View;
  region: string;
  /** Index into the record's lead times. */
  lead: number;
}

export interface SkillControls {
  /** Everything but the lead. */
  node: HTMLElement;
  lead: HTMLElement;
  /** `leads`: those that have a map. */
  show(record: SkillRecord, choice: SkillChoice, leads: readonly number[], playing: boolean): void;
}

const MANY = 6;

export function skillControls(choose: (change: Partial<SkillChoice>) => void, play: () => void): SkillControls {
  const node = element('div', { class: 'tw-skill-controls' });
  const button = element('button', { class: 'tw-play', attributes: { type: 'button' }, on: { click: play } });
  const slider = element('input', { class: 'tw-lead-slider', attributes: { type: 'range', min: 0, step: 1, 'aria-label': 'Lead time' } });
  const value = element('output', { class: 'tw-lead-value' });
  let leads: readonly number[] = [];
  slider.addEventListener('input', () => choose({ lead: leads[Number(slider.value)]! }));
  // Arrow keys belong to the slider, not to the notebook's cells.
  slider.addEventListener('keydown', (event) => event.stopPropagation());
  let shown = '';

  return {
    node,
    lead: element('div', { class: 'tw-lead', attributes: { role: 'group', 'aria-label': 'Lead time' } }, button, slider, value),
    show(record, choice, available, playing) {
      const key = JSON.stringify([choice.variable, choice.metric, choice.view, choice.region, record.createdAt]);
      if (key !== shown) {
        shown = key;
        const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
        fill(node, ...groups(record, choice, choose));
        if (focused) node.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
      }
      leads = available;
      slider.max = String(Math.max(0, leads.length - 1));
      slider.value = String(Math.max(0, leads.indexOf(choice.lead)));
      slider.disabled = leads.length < 2;
      const title = leadTitle(record.leadTimes[choice.lead] ?? 0);
      slider.setAttribute('aria-valuetext', title);
      value.textContent = title;
      button.disabled = leads.length < 2;
      button.textContent = playing ? '❚❚' : '►';
      button.setAttribute('aria-label', playing ? 'Stop' : 'Play over the leads');
      button.title = playing ? 'Stop' : 'Play over the leads';
    },
  };
}

function groups(record: SkillRecord, choice: SkillChoice, choose: (change: Partial<SkillChoice>) => void): HTMLElement[] {
  const variables = Object.keys(record.variables);
  const named = (variable: string) => record.variables[variable]!.longName;
  const fields = [
    variables.length > MANY
      ? select(
          'variable',
          variables,
          choice.variable,
          (name) => `${name}, ${named(name)}`,
          (variable) => choose({ variable }),
        )
      : segments(
          'variable',
          variables,
          choice.variable,
          (name) => [name, named(name)],
          (variable) => choose({ variable }),
        ),
    segments(
      'metric',
      SKILL_METRICS,
      choice.metric,
      (metric) => [METRIC_TITLES[metric], METRIC_NAMES[metric]],
      (metric) => choose({ metric }),
    ),
  ];
  if (record.forecasts.length > 1) {
    const [a, b] = record.forecasts;
    const titles: Record<View, [string, string]> = {
      a: ['A', a!.name],
      b: ['B', b!.name],
      difference: ['A − B', `${a!.name} less ${b!.name}`],
    };
    fields.push(
      segments(
        'show',
        ['a', 'b', 'difference'] as const,
        choice.view,
        (view) => titles[view],
        (view) => choose({ view }),
      ),
    );
  }
  if (record.regions.length > 1) fields.push(select('region', record.regions, choice.region, regionTitle, (region) => choose({ region })));
  return fields;
}

const METRIC_NAMES: Record<Metric, string> = { rmse: 'root-mean-square error', acc: 'anomaly correlation' };

function segments<Name extends string>(
  label: string,
  names: readonly Name[],
  chosen: Name,
  title: (name: Name) => [string, string],
  choose: (name: Name) => void,
): HTMLElement {
  const buttons = names.map((name) => {
    const [text, hint] = title(name);
    return element('button', {
      text,
      title: hint,
      attributes: { type: 'button', 'aria-pressed': String(name === chosen), 'data-key': `${label}/${name}` },
      on: { click: () => choose(name) },
    });
  });
  return element(
    'div',
    { class: 'tw-field' },
    label,
    element('div', { class: 'tw-segments', attributes: { role: 'group', 'aria-label': label } }, ...buttons),
  );
}

function select<Name extends string>(
  label: string,
  names: readonly Name[],
  chosen: Name,
  title: (name: Name) => string,
  choose: (name: Name) => void,
): HTMLElement {
  const field = element('select', { class: 'tw-select', attributes: { 'data-key': label } });
  for (const name of names) field.append(element('option', { text: title(name), attributes: { value: name, selected: name === chosen } }));
  field.addEventListener('change', () => choose(field.value as Name));
  return element('label', { class: 'tw-field' }, label, field);
}
