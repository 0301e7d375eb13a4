/** A prepared data set: where it lies, what is in it, where it came from, and the digest that tells whether two machines have the same. */
import type { DatasetRecord } from '../records/dataset.ts';
import type { Display } from './display.ts';
import { block, provenance, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { bytes, columns, duration } from './text.ts';

export function display(record: DatasetRecord): Display {
  const shape = Object.entries(record.shape)
    .map(([name, size]) => `${name} ${size}`)
    .join(' × ');
  const rows: [string, string][] = [
    ['Store', record.store],
    ['Variables', record.variables.join(', ')],
    ['Shape', shape],
    ['Period', `${record.period[0]} to ${record.period[1]}`],
    ['Size', bytes(record.bytes)],
    ['Made in', duration(record.seconds)],
    ['Source', record.source],
    ['SHA-256 of the values', record.digest],
  ];

  return {
    text: columns(rows, 80),
    html: block(table({ caption: 'Data set', columns: [{ title: 'What' }, { title: 'Value' }], rows }), provenance(provenanceOf(record)))
      .html,
  };
}
