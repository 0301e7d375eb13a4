/** What moved between two engines: each variable with its type, size and time, or why it stayed. */
import type { TransferRecord } from '../records/transfer.ts';
import type { Display } from './display.ts';
import { block, element, mark, provenance, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { bytes, duration, textTable, wrap } from './text.ts';

export function display(record: TransferRecord): Display {
  const title = `${record.from} → ${record.to}`;
  const moved = record.variables.reduce((sum, one) => sum + (one.moved ? one.bytes : 0), 0);
  // A rate of a few bytes says nothing of the line.
  const rate =
    record.seconds && moved >= 1e6 ? `${bytes(moved)} in ${duration(record.seconds)}, ${bytes(moved / record.seconds)}/s` : undefined;
  const text = [
    title,
    textTable(
      [{ title: 'variable' }, { title: 'type' }, { title: 'size', align: 'right' }, { title: 'time', align: 'right' }],
      record.variables.map((one) => [
        sign(one.moved ? 'good' : 'bad', one.name),
        one.moved ? one.type : `${one.type ? `${one.type}: ` : ''}${one.reason ?? 'it could not be moved'}`,
        one.moved ? bytes(one.bytes) : '–',
        one.moved ? duration(one.seconds) : '–',
      ]),
    ),
    ...(rate ? [rate] : []),
    wrap(provenanceOf(record), 80).join('\n'),
  ].join('\n\n');
  const html = block(
    table({
      caption: `Variables moved, ${title}`,
      columns: [
        { title: 'Variable' },
        { title: 'Moved' },
        { title: 'Type' },
        { title: 'Size', align: 'right' },
        { title: 'Time', align: 'right' },
      ],
      rows: record.variables.map((one) => [
        element('code', one.name),
        one.moved ? mark('good', 'moved') : mark('bad', 'not moved'),
        one.moved ? one.type : `${one.type ? `${one.type}: ` : ''}${one.reason ?? ''}`,
        one.moved ? bytes(one.bytes) : '–',
        one.moved ? duration(one.seconds) : '–',
      ]),
    }),
    ...(rate ? [element('p', rate)] : []),
    provenance(provenanceOf(record)),
  ).html;
  return { text, html };
}
