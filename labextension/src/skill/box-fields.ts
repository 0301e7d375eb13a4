/** The edges of a box as four numbers: to set an area without a pointer, or to the hundredth of a degree. */
import { type Area, areaTitle, checkedArea } from '../../../kernel/src/records/areas.ts';
import { element } from '../element.ts';

export interface BoxFields {
  node: HTMLElement;
  /** Shows a box; anything else hides the fields. */
  show(area: Area | undefined): void;
}

const EDGES = [
  ['west', -180, 180],
  ['east', -180, 180],
  ['south', -90, 90],
  ['north', -90, 90],
] as const;

export function boxFields(changed: (area: Area) => void): BoxFields {
  const inputs = EDGES.map(([edge, min, max]) =>
    element('input', {
      class: 'tw-input tw-edge',
      attributes: { type: 'number', min, max, step: 'any', 'aria-label': `${edge} edge of the box, degrees` },
      on: {
        change: () => take(),
        // Digits and arrows belong to the field.
        keydown: (event) => event.stopPropagation(),
      },
    }),
  );
  const fault = element('span', { class: 'tw-bad', attributes: { role: 'status' } });
  const node = element(
    'div',
    { class: 'tw-box-fields', attributes: { role: 'group', 'aria-label': 'Edges of the box', hidden: true } },
    'box',
    ...inputs.flatMap((input, at) => [element('label', { class: 'tw-field' }, EDGES[at]![0], input)]),
    '°',
    fault,
  );
  function take(): void {
    const values = inputs.map((input) => Number(input.value));
    const outside = EDGES.map(([, min, max], at) => inputs[at]!.value === '' || values[at]! < min || values[at]! > max);
    const area = outside.some(Boolean) ? undefined : checkedArea({ kind: 'box', box: values });
    const bad = EDGES[outside.indexOf(true)];
    const wrong = bad ? `${bad[0]} must be a number from −${bad[2]} to ${bad[2]}` : 'south must lie below north';
    say(area ? '' : `${wrong}; the box stays as it was`, outside);
    if (area) changed(area);
  }
  /** South and north are at odds where no edge is wrong by itself. */
  function say(words: string, outside: readonly boolean[] = []): void {
    fault.textContent = words;
    for (const [at, input] of inputs.entries()) {
      const wrong = outside.includes(true) ? outside[at]! : EDGES[at]![2] === 90;
      input.setAttribute('aria-invalid', String(words !== '' && wrong));
    }
  }
  return {
    node,
    show(area) {
      node.hidden = area?.kind !== 'box';
      if (area?.kind !== 'box') return;
      say('');
      node.title = areaTitle(area);
      for (const [at, input] of inputs.entries()) if (input !== document.activeElement) input.value = String(area.box[at]);
    },
  };
}
