/** A comparison as text and static HTML: the verdict first, the deviation by lead, then the pictures of the evaluation inside it. */
import { significanceWords, variableVerdicts, verdictWords } from '../records/claimVerdict.ts';
import { markOf, pairsOf, percentTitle, verdictOf } from '../records/comparison.ts';
import { regionTitle } from '../records/regions.ts';
import { type ComparisonRecord, leadTitle, METRIC_TITLES, type Metric, type PairComparison, SKILL_METRICS } from '../records/skill.ts';
import type { Display } from './display.ts';
import { block, element, type Html, STYLE, sign, table } from './html.ts';
import { scorecardLegend, scorecards } from './scorecard.ts';
import { skillContents } from './skillHtml.ts';
import { listedLeads } from './skillText.ts';
import { right } from './tables.ts';
import { textTable, wrap } from './text.ts';

export function display(record: ComparisonRecord): Display {
  return { text: asText(record), html: asHtml(record) };
}

type Cells = { heads: string[]; rows: string[][] };

const MARKS = { discovered: '**', significant: '*' } as const;

const columnsOf = (variables: readonly string[]) =>
  variables.flatMap((variable) => SKILL_METRICS.map((metric) => ({ variable, metric, title: `${variable} ${METRIC_TITLES[metric]}` })));

/** A row a lead, a column a variable and metric. */
function byLead(
  variables: readonly string[],
  leadTimes: readonly number[],
  figure: (variable: string, metric: Metric, lead: number) => string,
): Cells {
  const columns = columnsOf(variables);
  return {
    heads: ['lead', ...columns.map(({ title }) => title)],
    rows: listedLeads(leadTimes.length).map((lead) => [
      leadTitle(leadTimes[lead]!),
      ...columns.map(({ variable, metric }) => figure(variable, metric, lead)),
    ]),
  };
}

/** The deviation by lead, behind it its mark. */
function deviations(pair: PairComparison, leadTimes: readonly number[], variables = Object.keys(pair.deviation)): Cells {
  return byLead(variables, leadTimes, (variable, metric, lead) => {
    const mark = markOf(pair, 'global', variable, metric, lead);
    return `${percentTitle(pair.deviation[variable]![metric][lead])}${mark ? MARKS[mark] : ''}`;
  });
}

/** 95 % bounds of the deviation by lead. */
function bounds(pair: PairComparison, leadTimes: readonly number[], variables = Object.keys(pair.deviation)): Cells | undefined {
  const { low, high } = pair.significance?.bootstrap ?? {};
  if (!low?.global || !high?.global) return undefined;
  return byLead(variables, leadTimes, (variable, metric, lead) => {
    const [from, to] = [low, high].map((table) => table.global![variable]![metric][lead]);
    return typeof from === 'number' && typeof to === 'number' ? `${percentTitle(from).replace(' %', '')} … ${percentTitle(to)}` : '–';
  });
}

/** By variable: against the paper's claim, and the lead time gained at the last lead that has one. */
function byVariable(pair: PairComparison, record: ComparisonRecord): string[] {
  return variableVerdicts(pair, record.leadTimes, record.claimPct).map((verdict) => {
    const gains = SKILL_METRICS.flatMap((name) => {
      const hours = pair.gained?.[verdict.variable]?.[name] ?? [];
      const last = hours.findLastIndex((one) => one !== null);
      return last < 0 ? [] : [`${gainTitle(hours[last]!)} (${METRIC_TITLES[name]} of ${pair.b} at ${leadTitle(record.leadTimes[last]!)})`];
    });
    const words = verdictWords(verdict, record.claimPct);
    return `${words}${gains.length > 0 ? `; lead time gained at equal skill: ${gains.join(', ')}` : ''}`;
  });
}

function gainTitle(hours: number): string {
  const [size, title] = Math.abs(hours) < 24 ? [Math.abs(hours), 'h'] : [Math.abs(hours) / 24, 'd'];
  const shown = size.toFixed(1);
  return `${Number(shown) === 0 ? '' : hours > 0 ? '+' : '−'}${shown} ${title}`;
}

/** The largest deviation over the leads, by region. */
function regionTable(pair: PairComparison): string[] {
  const regions = Object.entries(pair.regions ?? {});
  if (regions.length === 0) return [];
  const largest = (values: readonly (number | null)[] = []) =>
    values.reduce<number | null>((best, one) => (one !== null && Math.abs(one) >= Math.abs(best ?? 0) ? one : best), null);
  const columns = columnsOf(Object.keys(pair.deviation));
  const rows = regions.map(([region, deviation]) => [
    regionTitle(region),
    ...columns.map(({ variable, metric }) => percentTitle(largest(deviation[variable]?.[metric]))),
  ]);
  const heads = right(...columns.map(({ title }) => title));
  return ['', 'largest over the leads, by region', textTable([{ title: 'region' }, ...heads], rows), ''];
}

/** With its bounds a deviation is wide: a table a variable. */
function byVariableWithBounds(pair: PairComparison, leadTimes: readonly number[]): string[] {
  return Object.keys(pair.deviation).flatMap((variable, at) => {
    const [own, bound] = [deviations(pair, leadTimes, [variable]), bounds(pair, leadTimes, [variable])!];
    const beside = (cells: readonly string[], more: (column: number) => string) =>
      cells.flatMap((cell, column) => (column === 0 ? [cell] : [cell, more(column)]));
    const heads = beside(own.heads, () => '95 % bounds');
    const rows = own.rows.map((row, line) => beside(row, (column) => bound.rows[line]![column]!));
    return [...(at > 0 ? [''] : []), textTable(right(...heads), rows)];
  });
}

function asText(record: ComparisonRecord): string {
  const { good, words } = verdictOf(record);
  const pairs = pairsOf(record);
  return [
    ...wrap(sign(good ? 'good' : 'bad', words), 80),
    ...pairs.flatMap((pair) => {
      const [{ heads, rows }, bound] = [deviations(pair, record.leadTimes), bounds(pair, record.leadTimes)];
      return [
        ...(pairs.length > 1 ? ['', `${pair.a} against ${pair.b}`] : []),
        ...byVariable(pair, record).flatMap((line) => wrap(line, 80)),
        ...significanceWords(pair).flatMap((line) => wrap(line, 80)),
        '',
        `(A − B) / B${pair.significance ? '; * significant, ** also among all boxes' : ''}`,
        ...(bound ? byVariableWithBounds(pair, record.leadTimes) : [textTable(right(...heads), rows)]),
        ...regionTable(pair),
      ];
    }),
    ...record.skill.notes.flatMap((note) => wrap(`! ${note}`, 80)),
    ...wrap(record.skill.provenance, 80),
  ].join('\n');
}

function asHtml(record: ComparisonRecord): string {
  const { good, words } = verdictOf(record);
  const pairs = pairsOf(record);
  return block(
    element(
      'div',
      { style: `font-size:1.05em;margin:2px 0 6px;color:${good ? STYLE.good : STYLE.bad}` },
      sign(good ? 'good' : 'bad', words),
    ),
    ...pairs.flatMap((pair) => pairHtml(pair, record, pairs.length > 1)),
    ...(pairs.some(({ regions }) => regions) ? [scorecardLegend(pairs.some(({ significance }) => significance))] : []),
    ...skillContents(record.skill, '', false),
  ).html;
}

function pairHtml(pair: PairComparison, record: ComparisonRecord, titled: boolean): Html[] {
  const [{ heads, rows }, bound] = [deviations(pair, record.leadTimes), bounds(pair, record.leadTimes)];
  const cells = bound
    ? rows.map((row, line) =>
        row.map((cell, column) => (column === 0 ? cell : `${cell} (${bound.rows[line]![column]!.replace(' %', '')})`)),
      )
    : rows;
  const marks = pair.significance ? '; * significant, ** also among all boxes' : '';
  return [
    ...(titled ? [element('div', { style: 'font-weight:600;margin:8px 0 2px' }, `${pair.a} against ${pair.b}`)] : []),
    ...byVariable(pair, record).map((line) => element('div', line)),
    ...significanceWords(pair).map((line) => element('div', { style: STYLE.muted }, line)),
    table({
      caption: `(A − B) / B${bound ? ' and its 95 % bounds' : ''}, A: ${pair.a}, B: ${pair.b}${marks}`,
      columns: right(...heads),
      rows: cells,
    }),
    ...scorecards(pair, record.leadTimes),
  ];
}
