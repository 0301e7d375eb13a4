/** Graph mode in a migration's report: how many classes the compiler takes, and what stands in the way of the others, each once with its line. */
import { placeOf } from '../records/place.ts';
import type { GraphAnswer, GraphFinding, GraphVerdict, ReportRecord } from '../records/report.ts';
import { element, type Html, type Mark, mark, STYLE, sign, table } from './html.ts';
import { some } from './reportWords.ts';
import { printable, wrap } from './text.ts';

const MARKS: Record<GraphAnswer, Mark> = { yes: 'good', no: 'bad', unknown: 'warn' };
const ROWS = 200;

interface Obstacle {
  finding: GraphFinding;
  classes: string[];
  answer: GraphAnswer;
}

/** What stands in the way, each place once, with the classes that reach it; sure obstacles first. */
export function obstacles(verdicts: readonly GraphVerdict[]): Obstacle[] {
  const found = new Map<string, Obstacle>();
  for (const verdict of verdicts) {
    for (const finding of verdict.findings) {
      const key = `${placeOf(finding)} ${finding.rule}`;
      const known = found.get(key);
      if (known) known.classes.push(verdict.class);
      else found.set(key, { finding, classes: [verdict.class], answer: finding.effect === 'unknown' ? 'unknown' : 'no' });
    }
  }
  return [...found.values()].sort((a, b) => (a.answer === b.answer ? 0 : a.answer === 'no' ? -1 : 1));
}

export function graphWords(verdicts: readonly GraphVerdict[]): string {
  const count = (answer: GraphAnswer) => verdicts.filter((one) => one.graph === answer).length;
  const rest = [count('no') ? `no for ${count('no')}` : '', count('unknown') ? `unknown for ${count('unknown')}` : ''].filter(Boolean);
  return `graph mode: yes for ${count('yes')} of ${verdicts.length} classes${rest.length ? `, ${rest.join(', ')}` : ''}`;
}

const reached = ({ classes }: Obstacle) => some([...new Set(classes)], 4);

export function graphText(record: ReportRecord): string[] {
  if (!record.graph?.length) return [];
  const lines = ['', graphWords(record.graph)];
  const all = obstacles(record.graph);
  for (const one of all.slice(0, ROWS)) {
    const { finding } = one;
    lines.push(
      '',
      ...wrap(printable(`${sign(MARKS[one.answer], finding.rule)}: ${placeOf(finding)}, reached by ${reached(one)}`), 80),
      ...wrap(printable(finding.why), 76).map((line) => `    ${line}`),
      ...wrap(printable(`→ ${finding.remedy}`), 76).map((line) => `    ${line}`),
    );
  }
  if (all.length > ROWS) lines.push(`and ${all.length - ROWS} more`);
  return lines;
}

export function graphHtml(record: ReportRecord): Html[] {
  if (!record.graph?.length) return [];
  const all = obstacles(record.graph);
  const said = element('div', { style: STYLE.muted }, graphWords(record.graph));
  if (!all.length) return [said];
  return [
    said,
    table({
      caption: 'What stands in the way of graph mode',
      columns: [{ title: 'Where' }, { title: 'What' }, { title: 'Reached by' }, { title: 'Why, and what to do' }],
      rows: all
        .slice(0, ROWS)
        .map((one) => [
          placeOf(one.finding),
          mark(MARKS[one.answer], one.finding.rule),
          reached(one),
          element('div', element('div', one.finding.why), element('div', `→ ${one.finding.remedy}`)),
        ]),
    }),
  ];
}
