/** The table of chips: which are here, their memory, and the state of every engine on them; why an absent one is absent. */
import type { Card, ChipEntry, ChipsRecord, EngineEntry } from '../../../kernel/src/records/chips.ts';
import { element, fill } from '../element.ts';
import { moment } from '../format.ts';
import type { DrawnWidget, WidgetServices } from '../widget.ts';
import { figures, memoryInUse } from './memory.ts';

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
      table(record),
      element('p', {
        class: 'tw-foot',
        text: `${live ? 'Live' : `As of ${moment(record.createdAt)}`} · ${record.environment.platform} · Tradewind ${record.tradewind}. Memory, TFLOPS and bandwidth are documented figures of the paper and its sources; cards are what the driver’s tool reports.`,
      }),
    );
  };

  const channel = services.connect('tradewind.chips', {
    opened: (open) => open.send({ type: 'list' }),
    message(data) {
      if (data.type !== 'state') return;
      record = data.record as ChipsRecord;
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

function table(record: ChipsRecord): HTMLElement {
  const heads = ['Chip', 'Here', 'Memory', 'Engines'];
  return element(
    'div',
    { class: 'tw-table-frame', attributes: { tabindex: 0, role: 'group', 'aria-label': 'Table of chips' } },
    element(
      'table',
      { class: 'tw-table tw-chips-table' },
      element('thead', {}, element('tr', {}, ...heads.map((text) => element('th', { attributes: { scope: 'col' }, text })))),
      element('tbody', {}, ...record.chips.map((chip) => chipRow(chip, record.active))),
    ),
  );
}

function chipRow(chip: ChipEntry, active: ChipsRecord['active']): HTMLElement {
  return element(
    'tr',
    { class: chip.present ? 'tw-chip-present' : 'tw-chip-absent', attributes: { 'data-chip': chip.name } },
    element(
      'th',
      { attributes: { scope: 'row' } },
      element('code', { text: chip.name }),
      element('span', { class: 'tw-chip-title', text: chip.title }),
    ),
    element(
      'td',
      { attributes: { 'data-label': 'Here' } },
      element('span', { class: `tw-mark ${chip.present ? 'tw-good' : 'tw-muted'}`, text: chip.present ? '● here' : '○ not here' }),
      ...chip.cards.map(cardLine),
      whyAbsent(chip),
    ),
    element('td', { attributes: { 'data-label': 'Memory' } }, ...memory(chip)),
    element(
      'td',
      { attributes: { 'data-label': 'Engines' } },
      ...chip.engines.map((engine) => engineLine(engine, active?.chip === chip.name && active.framework === engine.framework)),
    ),
  );
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

function whyAbsent(chip: ChipEntry): HTMLElement | null {
  if (chip.present && chip.lookedFor.length === 0) return null;
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
    chip.remedy && element('p', { class: 'tw-use-note' }, element('span', { class: 'tw-use-label', text: 'To do' }), chip.remedy),
  );
}

function memory(chip: ChipEntry): HTMLElement[] {
  const all = figures(chip.figures?.memoryGB ?? [], 'GB');
  if (all.length === 0) return [element('span', { class: 'tw-muted', text: '–' })];
  return all.map(({ text, sources }) =>
    element(
      'div',
      { class: 'tw-figure' },
      element('span', { class: 'tw-figure-value', text }),
      element('span', { class: 'tw-muted', text: sources.join('; ') }),
    ),
  );
}

const STATE_SIGNS: Record<EngineEntry['state'], string> = { absent: '○', stopped: '○', starting: '◐', idle: '●', busy: '◉', dead: '✕' };

function engineLine(engine: EngineEntry, active: boolean): HTMLElement {
  const usable = engine.usable || engine.state === 'idle' || engine.state === 'busy';
  return element(
    'div',
    { class: `tw-engine${active ? ' tw-engine-active' : ''}` },
    element(
      'div',
      { class: 'tw-engine-head' },
      element('span', {
        class: usable ? `tw-engine-sign tw-engine-${engine.state}` : 'tw-engine-sign tw-muted',
        attributes: { 'aria-hidden': 'true' },
        text: usable ? STATE_SIGNS[engine.state] : '○',
      }),
      element('span', { class: 'tw-engine-name', text: `${engine.framework}${engine.version ? ` ${engine.version}` : ''}` }),
      element('span', { class: 'tw-muted', text: usable ? engine.state : 'not usable' }),
      active && element('span', { class: 'tw-tag tw-tag-active', text: 'active' }),
    ),
    engine.reason && element('p', { class: 'tw-engine-reason', text: engine.reason }),
    engine.remedy && element('p', { class: 'tw-use-note' }, element('span', { class: 'tw-use-label', text: 'To do' }), engine.remedy),
  );
}
