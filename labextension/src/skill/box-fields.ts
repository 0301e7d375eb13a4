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
    const inside = inputs.every((input, at) => input.value !== '' && values[at]! >= EDGES[at]![1] && values[at]! <= EDGES[at]![2]);
    const area = inside ? checkedArea({ kind: 'box', box: values }) : undefined;
    fault.textContent = area ? '' : 'south must lie below north, longitudes from −180 to 180';
    if (area) changed(area);
  }
  return {
    node,
    show(area) {
      node.hidden = area?.kind !== 'box';
      if (area?.kind !== 'box') return;
      fault.textContent = '';
      node.title = areaTitle(area);
      for (const [at, input] of inputs.entries()) if (input !== document.activeElement) input.value = String(area.box[at]);
    },
  };
}
