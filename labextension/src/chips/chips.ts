/** The table of chips: which are here, their memory, and the state of every engine on them; why an absent one is absent. */
import type { Card, ChipEntry, ChipFigures, ChipsRecord, EngineEntry, SourcedFigure } from '../../../kernel/src/records/chips.ts';
import { element, fill, prose } from '../element.ts';
import { moment } from '../format.ts';
import type { DrawnWidget, WidgetServices } from '../widget.ts';
import { figures, memoryInUse } from './figures.ts';

export function drawChips(host: HTMLElement, first: ChipsRecord, services: WidgetServices): DrawnWidget<ChipsRecord> {
  let record = first;
  let live = false;

  const show = () => {
    const here = record.chips.filter((chip) => chip.present).length;
    fill(
      host,
      element(
        'header',
        { class: 'tw-head' },
        element(
          'div',
          { class: 'tw-title' },
          element('h3', { text: 'Chips' }),
          record.active &&
            element(
              'span',
              { class: 'tw-verdict' },
              'cells run on ',
              element('strong', { text: `${record.active.chip} · ${record.active.framework}` }),
            ),
          element('span', { class: 'tw-subtitle', text: `${here} of ${record.chips.length} here` }),
        ),
      ),
      presence(record),
      ...(record.catalogue ? catalogue(record) : []),
      element('p', {
        class: 'tw-foot',
        text: `${live ? 'Live' : `As of ${moment(record.createdAt)}`} · ${record.environment.platform} · Tradewind ${record.tradewind}. Memory${record.catalogue ? ', TFLOPS and bandwidth are' : ' is'} documented by the paper, at the place named (both where it contradicts itself); cards are what their driver reports now.`,
      }),
    );
  };

  const channel = services.connect('tradewind.chips', {
    opened: (open) => open.send({ type: 'list' }),
    message(data) {
      if (data.type !== 'state') return;
      // The comm tells states; whether the figures are shown is this output's own matter.
      record = { ...(data.record as ChipsRecord), catalogue: record.catalogue };
      live = true;
      show();
    },
    lost() {
      live = false;
      show();
    },
  });
  show();

  return {
    update(next) {
      record = next;
      show();
    },
    dispose: () => channel?.dispose(),
  };
}

/** The documented figures of a chip. */
const FIGURES: { key: keyof ChipFigures; title: string }[] = [
  { key: 'memoryGB', title: 'Memory, GB' },
  { key: 'fp16Tflops', title: 'FP16, TFLOPS' },
  { key: 'fp32Tflops', title: 'FP32, TFLOPS' },
  { key: 'bandwidthGBs', title: 'Bandwidth, GB/s' },
];

function table(label: string, heads: readonly string[], rows: HTMLElement[]): HTMLElement {
  return element(
    'div',
    { class: 'tw-table-frame', attributes: { tabindex: 0, role: 'group', 'aria-label': label } },
    element(
      'table',
      { class: 'tw-table tw-chips-table', attributes: { 'aria-label': label } },
      element('thead', {}, element('tr', {}, ...heads.map((text) => element('th', { attributes: { scope: 'col' }, text })))),
      element('tbody', {}, ...rows),
    ),
  );
}

/** What is here; of the figures memory alone, and not even that where the catalogue stands below. */
function presence(record: ChipsRecord): HTMLElement {
  const columns = record.catalogue ? [] : FIGURES.slice(0, 1);
  const heads = ['Chip', 'Here', ...columns.map(({ title }) => title), 'Engines'];
  return table(
    'Chips and engines',
    heads,
    record.chips.map((chip) => chipRow(chip, columns, record.active)),
  );
}

/** The figures of every chip that has some. */
function catalogue(record: ChipsRecord): HTMLElement[] {
  return [
    element('h4', { class: 'tw-section-title', text: 'Figures' }),
    table(
      'Documented figures',
      ['Chip', ...FIGURES.map(({ title }) => title)],
      record.chips
        .filter(({ figures }) => figures)
        .map((chip) => element('tr', { attributes: { 'data-chip': chip.name } }, nameCell(chip), ...figureCells(chip, FIGURES))),
    ),
  ];
}

function chipRow(chip: ChipEntry, columns: typeof FIGURES, active: ChipsRecord['active']): HTMLElement {
  return element(
    'tr',
    { class: chip.present ? 'tw-chip-present' : 'tw-chip-absent', attributes: { 'data-chip': chip.name } },
    nameCell(chip),
    element(
      'td',
      { attributes: { 'data-label': 'Here' } },
      element('span', { class: `tw-mark ${chip.present ? 'tw-good' : 'tw-muted'}`, text: chip.present ? '● here' : '○ not here' }),
      ...chip.cards.map(cardLine),
      lookedFor(chip),
    ),
    ...figureCells(chip, columns),
    element('td', { attributes: { 'data-label': 'Engines' } }, ...engineLines(chip, active)),
  );
}

function nameCell(chip: ChipEntry): HTMLElement {
  return element(
    'th',
    { attributes: { scope: 'row' } },
    element('code', { text: chip.name }),
    chip.title.toLowerCase() !== chip.name && element('span', { class: 'tw-chip-title', text: chip.title }),
  );
}

function figureCells(chip: ChipEntry, columns: typeof FIGURES): HTMLElement[] {
  return columns.map(({ key, title }) => element('td', { attributes: { 'data-label': title } }, ...figureLines(chip.figures?.[key] ?? [])));
}

function cardLine(card: Card): HTMLElement {
  const parts = [
    memoryInUse(card.memoryTotalMB, card.memoryUsedMB),
    card.utilisationPct !== undefined && `${card.utilisationPct} % busy`,
    card.powerW !== undefined && `${card.powerW} W`,
    card.temperatureC !== undefined && `${card.temperatureC} °C`,
  ].filter(Boolean);
  return element(
    'div',
    { class: 'tw-card' },
    element('span', { text: `${card.index}: ${card.name}` }),
    parts.length > 0 && element('span', { class: 'tw-muted', text: parts.join(' · ') }),
  );
}

function lookedFor(chip: ChipEntry): HTMLElement | null {
  if (chip.lookedFor.length === 0) return null;
  return element(
    'details',
    { class: 'tw-looked' },
    element('summary', { text: chip.present ? 'how it was found' : 'what was looked for' }),
    element(
      'ul',
      {},
      ...chip.lookedFor.map(({ what, found, detail }) =>
        element(
          'li',
          {},
          element('span', { class: found ? 'tw-good' : 'tw-muted', text: found ? '✓ ' : '✕ ' }),
          element('strong', { text: what }),
          detail && `: ${detail}`,
        ),
      ),
    ),
  );
}

function figureLines(all: readonly SourcedFigure[]): HTMLElement[] {
  if (all.length === 0) return [element('span', { class: 'tw-muted', text: '–' })];
  return figures(all).map(({ text, sources }) =>
    element(
      'div',
      { class: 'tw-figure' },
      element('span', { class: 'tw-figure-value', text }),
      element('span', { class: 'tw-muted', text: sources.join('; ') }),
    ),
  );
}

const STATE_SIGNS: Record<EngineEntry['state'], string> = { absent: '○', stopped: '○', starting: '◐', idle: '●', busy: '◉', dead: '✕' };

/** A line for each usable engine; those that can't be used for the same reason share theirs. */
function engineLines(chip: ChipEntry, active: ChipsRecord['active']): HTMLElement[] {
  const usable = chip.engines.filter((engine) => engine.usable);
  const reasons = new Map<string, EngineEntry[]>();
  for (const engine of chip.engines.filter((one) => !one.usable)) {
    const key = JSON.stringify([engine.reason, engine.remedy]);
    reasons.set(key, [...(reasons.get(key) ?? []), engine]);
  }
  return [
    ...usable.map((engine) => usableEngine(engine, active?.chip === chip.name && active.framework === engine.framework)),
    ...[...reasons.values()].map(unusableEngines),
  ];
}

function usableEngine(engine: EngineEntry, active: boolean): HTMLElement {
  return element(
    'div',
    { class: `tw-engine${active ? ' tw-engine-active' : ''}`, attributes: { 'data-framework': engine.framework } },
    element(
      'div',
      { class: 'tw-engine-head' },
      element('span', {
        class: `tw-engine-sign tw-engine-${engine.state}`,
        attributes: { 'aria-hidden': 'true' },
        text: STATE_SIGNS[engine.state],
      }),
      element('span', { class: 'tw-engine-name', text: [engine.framework, engine.version].filter(Boolean).join(' ') }),
      element('span', { class: 'tw-muted', text: [engine.state, engine.device].filter(Boolean).join(' ') }),
      active && element('span', { class: 'tw-tag tw-tag-active', text: 'active' }),
    ),
    engine.reason && element('p', { class: 'tw-engine-reason', text: engine.reason }),
    remedyLine(engine),
  );
}

function unusableEngines(engines: readonly EngineEntry[]): HTMLElement {
  const [first] = engines;
  return element(
    'div',
    { class: 'tw-engine' },
    element(
      'div',
      { class: 'tw-engine-head tw-muted' },
      element('span', { class: 'tw-engine-sign', attributes: { 'aria-hidden': 'true' }, text: '○' }),
      element('span', { text: engines.map(({ framework }) => framework).join(', ') }),
      element('span', { text: 'not usable' }),
    ),
    first?.reason && element('p', { class: 'tw-engine-reason', text: first.reason }),
    first && remedyLine(first),
  );
}

function remedyLine({ remedy }: EngineEntry): HTMLElement | null {
  if (!remedy) return null;
  return element(
    'p',
    { class: 'tw-use-note' },
    element('span', { class: 'tw-use-label', text: 'To do' }),
    element('span', {}, ...prose(remedy)),
  );
}
