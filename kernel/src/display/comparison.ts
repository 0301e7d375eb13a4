/** A comparison as text and static HTML: the verdict first, the deviation by lead, then the pictures of the evaluation inside it. */
import { percentTitle, verdictOf } from '../records/comparison.ts';
import { regionTitle } from '../records/regions.ts';
import { type ComparisonRecord, leadTitle, METRIC_TITLES, SKILL_METRICS } from '../records/skill.ts';
import type { Display } from './display.ts';
import { block, element, mark, sign, table } from './html.ts';
import { scorecards } from './scorecard.ts';
import { skillContents } from './skillHtml.ts';
import { listedLeads } from './skillText.ts';
import { textTable, wrap } from './text.ts';

export function display(record: ComparisonRecord): Display {
  return { text: asText(record), html: asHtml(record) };
}

function deviations(record: ComparisonRecord): { heads: string[]; rows: string[][] } {
  const columns = Object.keys(record.deviation).flatMap((variable) => SKILL_METRICS.map((metric) => ({ variable, metric })));
  return {
    heads: ['lead', ...columns.map(({ variable, metric }) => `${variable} ${METRIC_TITLES[metric]}`)],
    rows: listedLeads(record.leadTimes.length).map((lead) => [
      leadTitle(record.leadTimes[lead]!),
      ...columns.map(({ variable, metric }) => percentTitle(record.deviation[variable]![metric][lead])),
    ]),
  };
}

/** By variable: its largest deviation and the lead time gained at the last lead that has one. */
function byVariable(record: ComparisonRecord): string[] {
  const lines = Object.values(record.worstOf ?? {}).map(({ variable, metric, leadTime, deviation }) => {
    const largest = `${variable}: ${METRIC_TITLES[metric]} ${percentTitle(deviation)} at ${leadTitle(leadTime)}`;
    const gains = SKILL_METRICS.flatMap((name) => {
      const hours = record.gained?.[variable]?.[name] ?? [];
      const last = hours.findLastIndex((one) => one !== null);
      return last < 0
        ? []
        : [`${gainTitle(hours[last]!)} (${METRIC_TITLES[name]} of ${record.b} at ${leadTitle(record.leadTimes[last]!)})`];
    });
    return `${largest}${gains.length > 0 ? `; lead time gained at equal skill: ${gains.join(', ')}` : ''}`;
  });
  return record.claimByVariable && lines.length > 0 ? [...lines, `the paper: ${record.claimByVariable}`] : lines;
}

function gainTitle(hours: number): string {
  const [size, title] = Math.abs(hours) < 24 ? [Math.abs(hours), 'h'] : [Math.abs(hours) / 24, 'd'];
  const shown = size.toFixed(1);
  return `${Number(shown) === 0 ? '' : hours > 0 ? '+' : '−'}${shown} ${title}`;
}

/** The largest deviation over the leads, by region. */
function regionTable(record: ComparisonRecord): string[] {
  const regions = Object.entries(record.regions ?? {});
  if (regions.length === 0) return [];
  const largest = (values: readonly (number | null)[] = []) =>
    values.reduce<number | null>((best, one) => (one !== null && Math.abs(one) >= Math.abs(best ?? 0) ? one : best), null);
  const columns = Object.keys(record.deviation).flatMap((variable) => SKILL_METRICS.map((metric) => ({ variable, metric })));
  const rows = regions.map(([region, deviation]) => [
    regionTitle(region),
    ...columns.map(({ variable, metric }) => percentTitle(largest(deviation[variable]?.[metric]))),
  ]);
  const heads = columns.map(({ variable, metric }) => ({ title: `${variable} ${METRIC_TITLES[metric]}`, align: 'right' as const }));
  return ['', 'largest over the leads, by region', textTable([{ title: 'region' }, ...heads], rows), ''];
}

function asText(record: ComparisonRecord): string {
  const { heads, rows } = deviations(record);
  const { good, words } = verdictOf(record);
  return [
    ...wrap(sign(good ? 'good' : 'bad', words), 80),
    ...byVariable(record).flatMap((line) => wrap(line, 80)),
    '',
    '(A − B) / B',
    textTable(
      heads.map((title) => ({ title, align: 'right' as const })),
      rows,
    ),
    ...regionTable(record),
    ...record.skill.notes.flatMap((note) => wrap(`! ${note}`, 80)),
    ...wrap(record.skill.provenance, 80),
  ].join('\n');
}

function asHtml(record: ComparisonRecord): string {
  const { heads, rows } = deviations(record);
  const { good, words } = verdictOf(record);
  const scores = table({
    caption: `(A − B) / B, A: ${record.a}, B: ${record.b}`,
    columns: heads.map((title) => ({ title, align: 'right' as const })),
    rows,
  });
  return block(
    element('div', { style: 'font-size:1.05em;margin:2px 0 6px' }, mark(good ? 'good' : 'bad', words)),
    ...byVariable(record).map((line) => element('div', line)),
    scores,
    ...scorecards(record),
    ...skillContents(record.skill, ''),
  ).html;
}
