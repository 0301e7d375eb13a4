/** The choices of the skill map: variable, metric, which maps, projection, tool, area, lead with its slider and play button, files. */
import { areaTitle } from '../../../kernel/src/records/areas.ts';
import { regionTitle } from '../../../kernel/src/records/regions.ts';
import { leadTitle, type SkillRecord } from '../../../kernel/src/records/skill.ts';
import { element, fill } from '../element.ts';
import { segmentRow } from '../segments.ts';
import type { Place } from './area-sums.ts';
import type { PairOfForecasts } from './choice.ts';
import { FORMATS, type Format } from './export.ts';
import { type MapMetric, metricsIn, metricTitle } from './metrics.ts';
import { PROJECTIONS } from './projections.ts';
import { TOOLS, type Tool } from './sketch.ts';

/** Which maps: all beside one another, one forecast's, or the first's less the second's. */
export type Show = 'all' | 'a' | 'b' | 'difference';

export interface SkillChoice {
  variable: string;
  metric: MapMetric;
  /** Which of the record's forecasts are A and B. */
  pair: PairOfForecasts;
  show: Show;
  place: Place;
  /** Index into the record's lead times. */
  lead: number;
  projection: string;
  tool: Tool;
}

export interface SkillActions {
  choose(change: Partial<SkillChoice>): void;
  play(): void;
  zoom(factor: number | undefined): void;
  /** A box by its edges, to be edited. */
  box(): void;
  save(format: Format): void;
}

export interface SkillControls {
  /** Everything but the lead. */
  node: HTMLElement;
  /** Beside the maps. */
  tools: HTMLElement;
  lead: HTMLElement;
  /** `leads`: those that have a map. */
  show(record: SkillRecord, choice: SkillChoice, leads: readonly number[], playing: boolean): void;
}

/** Arrow keys and letters belong to the control, not to the notebook's cells. */
const OWN_KEYS = { 'data-lm-suppress-shortcuts': true };
const MANY = 6;
const FEW_METRICS = 3;
const DRAWN = ' drawn';
const TYPED = ' typed';

export function skillControls(actions: SkillActions): SkillControls {
  const { choose } = actions;
  const node = element('div', { class: 'tw-skill-controls' });
  const tools = element('div', { class: 'tw-skill-controls tw-skill-tools' });
  const button = element('button', { class: 'tw-play', attributes: { type: 'button' }, on: { click: actions.play } });
  const slider = element('input', {
    class: 'tw-lead-slider',
    attributes: { type: 'range', min: 0, step: 1, 'aria-label': 'Lead time', ...OWN_KEYS },
  });
  const value = element('output', { class: 'tw-lead-value' });
  let leads: readonly number[] = [];
  slider.addEventListener('input', () => choose({ lead: leads[Number(slider.value)]! }));
  let shown = '';

  return {
    node,
    tools,
    lead: element('div', { class: 'tw-lead', attributes: { role: 'group', 'aria-label': 'Lead time' } }, button, slider, value),
    show(record, choice, available, playing) {
      const { lead, ...rest } = choice;
      const key = JSON.stringify([rest, record.createdAt]);
      if (key !== shown) {
        shown = key;
        const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
        fill(node, ...choices(record, choice, choose));
        fill(tools, ...toolsOf(record, choice, actions));
        if (focused) for (const place of [node, tools]) place.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
      }
      leads = available;
      slider.max = String(Math.max(0, leads.length - 1));
      slider.value = String(Math.max(0, leads.indexOf(lead)));
      slider.disabled = leads.length < 2;
      const title = leadTitle(record.leadTimes[lead] ?? 0);
      slider.setAttribute('aria-valuetext', title);
      value.textContent = title;
      button.disabled = leads.length < 2;
      button.textContent = playing ? '❚❚' : '►';
      button.setAttribute('aria-label', playing ? 'Stop' : 'Play over the leads');
      button.title = playing ? 'Stop' : 'Play over the leads';
    },
  };
}

type Choose = SkillActions['choose'];

function choices(record: SkillRecord, choice: SkillChoice, choose: Choose): HTMLElement[] {
  const variables = Object.keys(record.variables);
  const named = (variable: string) => record.variables[variable]!.longName;
  const metrics = metricsIn(record, choice.variable);
  const variable = (name: string) => choose({ variable: name });
  const metric = (name: string) => choose({ metric: name });
  const fields = [
    variables.length > MANY
      ? select('variable', variables, choice.variable, (name) => `${name}, ${named(name)}`, variable)
      : segments('variable', variables, choice.variable, (name) => [name, named(name)], variable),
    metrics.length > FEW_METRICS
      ? select('metric', metrics, choice.metric, metricTitle, metric)
      : segments('metric', metrics, choice.metric, (name) => [metricTitle(name), METRIC_NAMES[name] ?? metricTitle(name)], metric),
  ];
  if (record.forecasts.length > 1) {
    const [a, b] = choice.pair.map((at) => record.forecasts[at]);
    if (record.forecasts.length > 2) fields.push(...pairSelects(record, choice.pair, choose));
    const titles: Record<Show, [string, string]> = {
      all: ['A, B, A − B', 'All three beside one another'],
      a: ['A', a!.name],
      b: ['B', b!.name],
      difference: ['A − B', `${a!.name} less ${b!.name}`],
    };
    fields.push(
      segments(
        'show',
        ['all', 'a', 'b', 'difference'] as const,
        choice.show,
        (show) => titles[show],
        (show) => choose({ show }),
      ),
    );
  }
  const title = (name: string) => PROJECTIONS.find((one) => one.name === name)!.title;
  const names = PROJECTIONS.map(({ name }) => name);
  fields.push(select('projection', names, choice.projection, title, (projection) => choose({ projection })));
  return fields;
}

/** Two of three or more forecasts; the same one on both sides changes places with the other. */
function pairSelects(record: SkillRecord, [a, b]: PairOfForecasts, choose: Choose): HTMLElement[] {
  const places = record.forecasts.map((_, at) => String(at));
  const name = (at: string) => record.forecasts[Number(at)]!.name;
  return [
    select('A', places, String(a), name, (at) => choose({ pair: Number(at) === b ? [b, a] : [Number(at), b] })),
    select('B', places, String(b), name, (at) => choose({ pair: Number(at) === a ? [b, a] : [a, Number(at)] })),
  ];
}

const METRIC_NAMES: Record<string, string> = { rmse: 'root-mean-square error', acc: 'anomaly correlation' };

function toolsOf(record: SkillRecord, { tool, place }: SkillChoice, { choose, zoom, box, save }: SkillActions): HTMLElement[] {
  const hint = (name: Tool) => TOOLS.find((one) => one.name === name)!;
  const area = 'area' in place ? place.area : undefined;
  const titles: Record<string, string> = { [TYPED]: 'A box by its edges …', ...(area && { [DRAWN]: `Drawn: ${areaTitle(area)}` }) };
  const names = [...(area ? [DRAWN] : []), ...record.regions, TYPED];
  const push = (text: string, name: string, pressed: () => void) =>
    element('button', { text, title: name, attributes: { type: 'button', 'aria-label': name, 'data-key': name }, on: { click: pressed } });
  return [
    segments(
      'drag',
      TOOLS.map(({ name }) => name),
      tool,
      (name) => [hint(name).title, hint(name).hint],
      (chosen) => choose({ tool: chosen }),
    ),
    segmentRow(
      'zoom',
      'Zoom',
      push('−', 'Zoom out', () => zoom(1 / 1.5)),
      push('whole', 'Show the whole map', () => zoom(undefined)),
      push('+', 'Zoom in', () => zoom(1.5)),
    ),
    select(
      'area',
      names,
      area ? DRAWN : (place as { region: string }).region,
      (name) => titles[name] ?? regionTitle(name),
      (name) => {
        if (name === TYPED) box();
        else if (name !== DRAWN) choose({ place: { region: name } });
      },
    ),
    segmentRow('save', 'Save the picture or its data', ...FORMATS.map((format) => push(format, `Save as ${format}`, () => save(format)))),
  ];
}

function segments<Name extends string>(
  label: string,
  names: readonly Name[],
  chosen: Name,
  title: (name: Name) => readonly [string, string],
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
  return segmentRow(label, label, ...buttons);
}

function select<Name extends string>(
  label: string,
  names: readonly Name[],
  chosen: Name,
  title: (name: Name) => string,
  choose: (name: Name) => void,
): HTMLElement {
  const field = element('select', { class: 'tw-select', attributes: { 'data-key': label, 'aria-label': label, ...OWN_KEYS } });
  for (const name of names) field.append(element('option', { text: title(name), attributes: { value: name, selected: name === chosen } }));
  field.addEventListener('change', () => choose(field.value as Name));
  return element('label', { class: 'tw-field' }, label, field);
}
