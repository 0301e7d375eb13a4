/** A comparison as text and static HTML: the verdict first, the deviation by lead, then the pictures of the evaluation inside it. */
import { type ComparisonRecord, leadTitle, METRIC_TITLES } from '../records/skill.ts';
import type { Display } from './display.ts';
import { block, element, mark, sign, table } from './html.ts';
import { skillContents } from './skillHtml.ts';
import { listedLeads } from './skillText.ts';
import { textTable, wrap } from './text.ts';

export function display(record: ComparisonRecord): Display {
  return { text: asText(record), html: asHtml(record) };
}

function percent(value: number | null | undefined): string {
  if (typeof value !== 'number') return '–';
  const size = Math.abs(value);
  const shown = size >= 100 ? value.toFixed(0) : size >= 0.005 || size === 0 ? value.toFixed(2) : value.toExponential(0);
  return `${value > 0 ? '+' : ''}${shown} %`.replaceAll('-', '−');
}

function verdict(record: ComparisonRecord): { kind: 'good' | 'bad'; words: string } {
  const { a, b, worst, claimPct, claimSource, withinClaim } = record;
  if (!worst) return { kind: 'bad', words: `${a} and ${b} have no score in common.` };
  const where = `${worst.variable} ${METRIC_TITLES[worst.metric]} at ${leadTitle(worst.leadTime)}`;
  const claim = `the paper's claim is less than ${claimPct} % (${claimSource})`;
  const words = withinClaim
    ? `${a} agrees with ${b}: the largest deviation is ${percent(worst.deviation)} (${where}); ${claim}.`
    : `${a} parts from ${b} by ${percent(worst.deviation)} (${where}); ${claim}.`;
  return { kind: withinClaim ? 'good' : 'bad', words };
}

function deviations(record: ComparisonRecord): { heads: string[]; rows: string[][] } {
  const columns = Object.keys(record.deviation).flatMap((variable) => (['rmse', 'acc'] as const).map((metric) => ({ variable, metric })));
  return {
    heads: ['lead', ...columns.map(({ variable, metric }) => `${variable} ${METRIC_TITLES[metric]}`)],
    rows: listedLeads(record.leadTimes.length).map((lead) => [
      leadTitle(record.leadTimes[lead]!),
      ...columns.map(({ variable, metric }) => percent(record.deviation[variable]![metric][lead])),
    ]),
  };
}

function asText(record: ComparisonRecord): string {
  const { heads, rows } = deviations(record);
  const { kind, words } = verdict(record);
  return [
    ...wrap(sign(kind, words), 80),
    '',
    '(A − B) / B',
    textTable(
      heads.map((title) => ({ title, align: 'right' as const })),
      rows,
    ),
    ...record.skill.notes.flatMap((note) => wrap(`! ${note}`, 80)),
    ...wrap(record.skill.provenance, 80),
  ].join('\n');
}

function asHtml(record: ComparisonRecord): string {
  const { heads, rows } = deviations(record);
  const { kind, words } = verdict(record);
  const scores = table({
    caption: `(A − B) / B, A: ${record.a}, B: ${record.b}`,
    columns: heads.map((title) => ({ title, align: 'right' as const })),
    rows,
  });
  return block(
    element('div', { style: 'font-size:1.05em;margin:2px 0 6px' }, mark(kind, words)),
    scores,
    ...skillContents(record.skill, ''),
  ).html;
}
