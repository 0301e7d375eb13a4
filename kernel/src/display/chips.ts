/** Chips as a table: what is here, its memory, the frameworks and their engines; asked for the catalogue, the paper's figures as well. */
import type { Card, ChipEntry, ChipFigures, ChipsRecord, EngineEntry, SourcedFigure } from '../records/chips.ts';
import type { Display } from './display.ts';
import { block, type Content, element, type Html, mark, provenance, STYLE, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { columns, memory, textTable, wrap } from './text.ts';

const PAPER =
  'Figures: Sun et al., arXiv 2510.17852 (documented, not measured here). Where the paper contradicts itself every figure is listed.';
const FRAMEWORK_TITLES = { pytorch: 'PyTorch', mindspore: 'MindSpore' } as const;

export function display(record: ChipsRecord): Display {
  return { text: asText(record), html: asHtml(record) };
}

/** `8 × 64 GiB (3.3 GiB used)` for each kind of card. */
function memoryLines(cards: readonly Card[]): string[] {
  const kinds = new Map<string, { count: number; card: Card; used: number }>();
  for (const card of cards) {
    const key = `${card.name} ${card.memoryTotalMB}`;
    const kind = kinds.get(key) ?? { count: 0, card, used: 0 };
    kinds.set(key, { ...kind, count: kind.count + 1, used: kind.used + (card.memoryUsedMB ?? 0) });
  }
  return [...kinds.values()].map(({ count, card, used }) => {
    const times = count > 1 ? `${count} × ` : '';
    if (card.memoryTotalMB === undefined) return `${times}size not reported`;
    return `${times}${memory(card.memoryTotalMB)}${card.memoryUsedMB === undefined ? '' : ` (${memory(used / count)} used)`}`;
  });
}

function engineWords(chip: ChipEntry, engine: EngineEntry | undefined): { kind: 'good' | 'bad' | 'neutral'; text: string } {
  if (!engine) return { kind: 'neutral', text: '' };
  const version = engine.version ? `${engine.version}, ` : '';
  if (engine.state === 'dead') return { kind: 'bad', text: `${version}dead` };
  if (engine.state !== 'stopped' && engine.state !== 'absent')
    return { kind: 'good', text: `${version}${engine.state}${engine.device ? ` ${engine.device}` : ''}` };
  if (engine.usable) return { kind: 'good', text: `${version}off` };
  return { kind: chip.present ? 'bad' : 'neutral', text: chip.present ? 'cannot run' : '' };
}

const engineOf = (chip: ChipEntry, framework: EngineEntry['framework']) => chip.engines.find((one) => one.framework === framework);
const isActive = (record: ChipsRecord, chip: ChipEntry) => record.active?.chip === chip.name;

function activeLine(record: ChipsRecord): string {
  return record.active ? `Cells run on ${record.active.chip} with ${FRAMEWORK_TITLES[record.active.framework]}.` : 'Chips of this machine';
}

interface Obstacle {
  names: string[];
  reason: string;
  remedies: string[];
}

/** Why a chip, or an engine on a chip that is here, cannot be used: each reason once, with the names that it holds for. */
function obstacles(record: ChipsRecord): Obstacle[] {
  const found = new Map<string, Obstacle>();
  const add = (name: string, reason: string, remedy?: string) => {
    const one = found.get(reason) ?? { names: [], reason, remedies: [] };
    one.names.push(name);
    if (remedy && !one.remedies.includes(remedy)) one.remedies.push(remedy);
    found.set(reason, one);
  };
  for (const chip of record.chips) {
    if (!chip.present) {
      add(
        chip.name,
        chip.lookedFor
          .filter((step) => !step.found)
          .map((step) => `${step.what}: ${step.detail}`)
          .join('; '),
        chip.remedy,
      );
      continue;
    }
    for (const engine of chip.engines) {
      if (engine.reason && (!engine.usable || engine.state === 'dead'))
        add(`${chip.name}/${engine.framework}`, engine.reason, engine.remedy);
    }
  }
  return [...found.values()];
}

function asText(record: ChipsRecord): string {
  const rows = record.chips.map((chip) => [
    isActive(record, chip) ? '▸' : '',
    chip.name,
    sign(chip.present ? 'good' : 'neutral', chip.present ? 'here' : 'not here'),
    memoryLines(chip.cards).join('; '),
    ...(['pytorch', 'mindspore'] as const).map((framework) => {
      const { kind, text } = engineWords(chip, engineOf(chip, framework));
      return text === '' ? '–' : sign(kind, text);
    }),
  ]);
  const heads = ['', 'chip', 'here', 'memory', 'PyTorch', 'MindSpore'].map((title) => ({ title }));
  const parts = [activeLine(record), textTable(heads, rows)];
  const reasons = obstacles(record).map(({ names, reason, remedies }): [string, string] => [
    names.join(', '),
    remedies.length > 0 ? `${reason} → ${remedies.join(' ')}` : reason,
  ]);
  if (reasons.length > 0) parts.push(`Not usable, and what was looked for\n${columns(reasons, 80)}`);
  if (record.catalogue) parts.push(figuresText(record));
  parts.push(wrap(provenanceOf(record), 80).join('\n'));
  return parts.join('\n\n');
}

const FIGURES: readonly { key: keyof ChipFigures; title: string }[] = [
  { key: 'memoryGB', title: 'memory, GB' },
  { key: 'fp16Tflops', title: 'FP16, TFLOPS' },
  { key: 'fp32Tflops', title: 'FP32, TFLOPS' },
  { key: 'bandwidthGBs', title: 'bandwidth, GB/s' },
];

/** Figures with small numbers for their sources; those of the commonest source stand bare. */
function figuresText(record: ChipsRecord): string {
  const chips = record.chips.filter((chip) => chip.figures);
  const sources: string[] = [];
  const cell = (figures: readonly SourcedFigure[]) =>
    figures
      .map(({ value, source }) => {
        if (source === COMMON_SOURCE) return String(value);
        if (!sources.includes(source)) sources.push(source);
        return `${value} [${sources.indexOf(source) + 1}]`;
      })
      .join(', ');
  const rows = chips.map((chip) => [chip.name, ...FIGURES.map(({ key }) => cell(chip.figures![key]))]);
  const grid = textTable([{ title: 'chip' }, ...FIGURES.map(({ title }) => ({ title, align: 'right' as const }))], rows);
  const legend = sources.map((source, at) => `[${at + 1}] ${source}`);
  return `${grid}\n${wrap(`${PAPER} Without a number: ${COMMON_SOURCE}${legend.length > 0 ? `; ${legend.join('; ')}` : ''}.`, 80).join('\n')}`;
}

const COMMON_SOURCE = 'Table 1';

function asHtml(record: ChipsRecord): string {
  const rows = record.chips.map((chip) => [
    element('span', element('code', chip.name), ` ${chip.title}`, isActive(record, chip) ? element('strong', ' (cells run here)') : ''),
    chip.present ? mark('good', 'here') : mark('neutral', 'not here'),
    lines([...chip.cards.map((card) => `${card.index}: ${card.name}`).slice(0, 8), ...memoryLines(chip.cards)]),
    engineCell(chip, engineOf(chip, 'pytorch')),
    engineCell(chip, engineOf(chip, 'mindspore')),
  ]);
  const contents: Content[] = [
    table({
      caption: activeLine(record),
      columns: [{ title: 'Chip' }, { title: 'Here' }, { title: 'Cards and memory' }, { title: 'PyTorch' }, { title: 'MindSpore' }],
      rows,
    }),
  ];
  const absent = obstacles(record);
  if (absent.length > 0) {
    contents.push(
      element(
        'details',
        { style: 'margin:4px 0' },
        element('summary', { style: 'cursor:pointer' }, 'What was looked for, and what would bring it'),
        table({
          caption: 'Each step that was taken on this machine',
          columns: [{ title: 'Chip or engine' }, { title: 'What came of it' }, { title: 'Remedy' }],
          rows: absent.map(({ names, reason, remedies }) => [names.join(', '), lines(reason.split('; ')), lines(remedies)]),
        }),
      ),
    );
  }
  if (record.catalogue) contents.push(figuresHtml(record));
  contents.push(provenance(provenanceOf(record)));
  return block(...contents).html;
}

function lines(all: readonly string[]): Html {
  return element('span', ...all.flatMap((line, at): Content[] => (at === 0 ? [line] : [{ html: '<br>' }, line])));
}

function engineCell(chip: ChipEntry, engine: EngineEntry | undefined): Content {
  const { kind, text } = engineWords(chip, engine);
  return text === '' ? '–' : mark(kind, text);
}

function figuresHtml(record: ChipsRecord): Html {
  const cell = (figures: readonly SourcedFigure[]) =>
    element(
      'span',
      ...figures.flatMap(({ value, source }, at): Content[] => [
        at === 0 ? '' : { html: '<br>' },
        value,
        element('span', { style: `${STYLE.muted};font-size:85%` }, ` (${source})`),
      ]),
    );
  return element(
    'div',
    table({
      caption: PAPER,
      columns: [{ title: 'Chip' }, ...FIGURES.map(({ title }) => ({ title, align: 'right' as const }))],
      rows: record.chips.filter((chip) => chip.figures).map((chip) => [chip.title, ...FIGURES.map(({ key }) => cell(chip.figures![key]))]),
    }),
  );
}
