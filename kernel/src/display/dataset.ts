/** A prepared data set: where it lies, what is in it and wrong with it, where it came from, and the digest that tells whether two machines have the same. */
import type { DatasetRecord } from '../records/dataset.ts';
import type { Display } from './display.ts';
import { block, provenance, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { bytes, columns, duration, textTable } from './text.ts';

const SHOWN = 30;
const STATISTICS = ['mean', 'deviation', 'change', 'minimum', 'maximum'] as const;

/** Six figures, whatever the size. */
const figure = (value: number | undefined | null): string =>
  value === undefined || value === null ? '' : String(Number(value.toPrecision(6)));

export function display(record: DatasetRecord): Display {
  const shape = Object.entries(record.shape)
    .map(([name, size]) => `${name} ${size}`)
    .join(' × ');
  const { masked, training, files, statistics, problems = [] } = record;
  const rows: [string, string][] = [
    ['Store', record.store],
    ...(files ? [['Files', files.join(', ')] as [string, string]] : []),
    ['Variables', record.variables.join(', ')],
    ['Shape', shape],
    ['Period', `${record.period[0]} to ${record.period[1]}`],
    ...(training ? [['Training part', `${training[0]} to ${training[1]}`] as [string, string]] : []),
    ...(masked === undefined ? [] : [['Masked steps', `${masked} of ${record.shape.time}`] as [string, string]]),
    ['Size', bytes(record.bytes)],
    ['Took', duration(record.seconds)],
    ['Source', record.source],
    ['SHA-256 of the values', record.digest],
  ];
  const faults = problems.slice(0, SHOWN).map(({ where, what }): [string, string] => [where, what]);
  const all = record.problemCount ?? problems.length;
  if (all > faults.length) faults.push(['…', `${all - faults.length} more, in the record`]);
  const measured = Object.entries(statistics ?? {}).map(([name, one]) => [name, one.units, ...STATISTICS.map((kind) => figure(one[kind]))]);

  const numbers = STATISTICS.map((title) => ({ title, align: 'right' as const }));

  const text = [columns(rows, 80)];
  if (measured.length > 0) text.push(textTable([{ title: 'Variable' }, { title: 'Units' }, ...numbers], measured));
  if (faults.length > 0) text.push(`Problems\n${columns(faults, 80)}`);
  const tables = [table({ caption: 'Data set', columns: [{ title: 'What' }, { title: 'Value' }], rows })];
  if (measured.length > 0) {
    tables.push(table({ caption: 'Statistics', columns: [{ title: 'Variable' }, { title: 'Units' }, ...numbers], rows: measured }));
  }
  if (faults.length > 0) tables.push(table({ caption: 'Problems', columns: [{ title: 'Where' }, { title: 'What' }], rows: faults }));
  return { text: text.join('\n\n'), html: block(...tables, provenance(provenanceOf(record))).html };
}
