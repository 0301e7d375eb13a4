/** Energy drawn: what was measured here first, the paper's Table S1 under it, each row marked by word; and what gave no number, with the reason. */
import type { EnergyRecord, MeasuredEnergy } from '../records/energy.ts';
import { PAPER, PAPER_ENERGY_NOTE } from '../records/paper.ts';
import type { Display } from './display.ts';
import { block, type Content, element, provenance, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { MARKS, threeFigures } from './quantities.ts';
import { duration, memory, textTable, wrap } from './text.ts';

const MEASURED_HEADS = ['what', 'on', 'energy', 'time', 'mean power', 'per W', 'relative'];

function energyWords(joules: number): string {
  return joules >= 3.6e6
    ? `${threeFigures(joules / 3.6e6)} kWh`
    : joules >= 1000
      ? `${threeFigures(joules / 1000)} kJ`
      : `${threeFigures(joules)} J`;
}

function measuredRow(row: MeasuredEnergy): string[] {
  return [
    row.name,
    [row.chip, row.framework].filter(Boolean).join(' · '),
    energyWords(row.use.joules),
    duration(row.use.seconds),
    `${threeFigures(row.use.watts)} W (${row.use.meter}${row.use.cards === 1 ? '' : `, ${row.use.cards} cards`})`,
    row.perWatt === undefined ? '–' : `${threeFigures(row.perWatt)} ${row.unit}/J`,
    row.relative === undefined ? '–' : row.relative.toFixed(0),
  ];
}

const PAPER_HEADS = ['chip', 'source', 'training, W', 'training, relative', 'forecast, W', 'forecast, relative'];

function paperRows(record: EnergyRecord): string[][] {
  return record.paper.map((row) => [
    row.chip,
    MARKS.paper,
    String(row.trainingWatts),
    row.trainingEfficiency.toFixed(0),
    String(row.forecastWatts),
    row.forecastEfficiency.toFixed(0),
  ]);
}

function headline(record: EnergyRecord): string {
  if (record.measured.length > 0) return `Energy, ${MARKS.measured}${record.base ? ` (${record.base} = 100)` : ''}`;
  return 'Nothing was metered here: no meter, no number.';
}

function cellLine(record: EnergyRecord): string[] {
  if (!record.cell) return [];
  const peaks = record.cell.peaks.map(({ name, memoryMB }) => `${name} ${memory(memoryMB)}`);
  return [`The cell ran ${duration(record.cell.seconds)}.${peaks.length > 0 ? ` Largest memory in use: ${peaks.join(', ')}.` : ''}`];
}

const without = (record: EnergyRecord) => record.without.map(({ name, reason }) => `${name}: no number (${reason})`);
const paperCaption = (record: EnergyRecord) => `Table S1, ${MARKS.paper}, throughput per watt with ${record.paperBase} = 100`;

export function display(record: EnergyRecord): Display {
  const left = { title: '', align: 'left' as const };
  const text = [
    headline(record),
    ...(record.measured.length > 0
      ? [
          textTable(
            MEASURED_HEADS.map((title) => ({ ...left, title })),
            record.measured.map(measuredRow),
          ),
        ]
      : []),
    ...[...cellLine(record), ...without(record)].map((line) => wrap(line, 80).join('\n')),
    paperCaption(record),
    textTable(
      PAPER_HEADS.map((title, at) => ({ title, align: at < 2 ? ('left' as const) : ('right' as const) })),
      paperRows(record),
    ),
    wrap(`${PAPER}. ${PAPER_ENERGY_NOTE}`, 80).join('\n'),
    wrap(provenanceOf(record), 80).join('\n'),
  ].join('\n\n');
  return {
    text,
    get html() {
      return asHtml(record);
    },
  };
}

function asHtml(record: EnergyRecord): string {
  const contents: Content[] = [];
  if (record.measured.length > 0)
    contents.push(
      table({ caption: headline(record), columns: MEASURED_HEADS.map((title) => ({ title })), rows: record.measured.map(measuredRow) }),
    );
  else contents.push(element('div', headline(record)));
  for (const line of [...cellLine(record), ...without(record)]) contents.push(element('div', line));
  // Under a cell its own numbers are the matter; the paper's table is a click away.
  const paper = table({
    caption: `${paperCaption(record)}. ${PAPER_ENERGY_NOTE}`,
    columns: PAPER_HEADS.map((title, at) => ({ title, align: at < 2 ? 'left' : 'right' })),
    rows: paperRows(record),
  });
  contents.push(record.cell ? element('details', element('summary', { style: 'cursor:pointer' }, 'The paper’s Table S1'), paper) : paper);
  contents.push(provenance(provenanceOf(record)));
  return block(...contents).html;
}
