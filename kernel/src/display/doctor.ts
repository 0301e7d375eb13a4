/** The doctor's findings as a table: what is here, what is not, and the remedy of each. */
import type { Check, DoctorRecord } from '../records/doctor.ts';
import type { Display } from './display.ts';
import { block, element, type Mark, mark, provenance, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { textTable, wrap } from './text.ts';

const MARKS: Record<Check['status'], { mark: Mark; word: string }> = {
  ok: { mark: 'good', word: 'ok' },
  missing: { mark: 'bad', word: 'missing' },
  wrong: { mark: 'bad', word: 'wrong' },
  optional: { mark: 'neutral', word: 'not here, optional' },
};

function verdict(record: DoctorRecord): string {
  const faults = record.checks.filter((check) => check.status === 'missing' || check.status === 'wrong').length;
  return record.healthy ? 'Everything that is needed is here.' : `${faults} ${faults === 1 ? 'thing is' : 'things are'} missing or wrong.`;
}

export function display(record: DoctorRecord): Display {
  const rows = record.checks.map(({ name, status, found }) => [sign(MARKS[status].mark, name), found]);
  const remedies = record.checks.filter((check) => check.remedy).flatMap(({ name, remedy }) => wrap(`${name} → ${remedy}`, 80));
  const text = [
    verdict(record),
    textTable([{ title: 'what' }, { title: 'found' }], rows),
    ...(remedies.length > 0 ? [`What to do\n${remedies.join('\n')}`] : []),
    wrap(provenanceOf(record), 80).join('\n'),
  ].join('\n\n');
  const html = block(
    table({
      caption: verdict(record),
      columns: [{ title: 'What' }, { title: 'Status' }, { title: 'Found' }, { title: 'Remedy' }],
      rows: record.checks.map(({ name, status, found, remedy }) => [
        element('code', name),
        mark(MARKS[status].mark, MARKS[status].word),
        found,
        remedy ?? '',
      ]),
    }),
    provenance(provenanceOf(record)),
  ).html;
  return { text, html };
}
