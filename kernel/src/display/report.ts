/** A migration's report as text and HTML: totals, what is left and how to do it, then every use by file and line, old beside new. */
import { placeOf } from '../records/place.ts';
import type { ReportRecord, Strategy, UseStatus } from '../records/report.ts';
import { strategyText } from '../records/strategy.ts';
import type { Display } from './display.ts';
import { graphHtml, graphText } from './graphMode.ts';
import { block, element, type Html, mark, provenance, STYLE, safe, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import {
  adviceText,
  byFile,
  documentedText,
  headline,
  LOOK,
  leftOver,
  lineText,
  markOf,
  measuredText,
  notebookTexts,
  placesText,
  ROWS,
  STRATEGIES,
  some,
  totals,
  unmeasuredText,
  unreachedText,
  vendoredText,
  WORDS,
  wordOf,
} from './reportWords.ts';
import { duration, printable, shortened, textTable, wrap } from './text.ts';

export function display(record: ReportRecord): Display {
  let html: string | undefined;
  return {
    text: textOf(record),
    get html() {
      html ??= htmlOf(record);
      return html;
    },
  };
}

function textOf(record: ReportRecord): string {
  const { summary } = record;
  const lines = wrap(printable(`${record.source} → ${record.output}`), 80);
  lines.push(
    headline(record),
    `${summary.files} file${summary.files === 1 ? '' : 's'}, ${duration(summary.seconds)}, target ${record.target}, ${record.traced ? 'traced by running the original once' : 'not traced: types are inferred from the text'}`,
    '',
    textTable(
      [{ title: 'strategy' }, { title: 'uses', align: 'right' }, ...WORDS.map((title) => ({ title, align: 'right' as const }))],
      totals(record).map(({ strategy, uses, counts }) => [strategy, String(uses), ...WORDS.map((word) => String(counts[word]))]),
    ),
  );
  for (const line of [unreachedText(record), unmeasuredText(record), adviceText(record), ...notebookTexts(record)])
    if (line) lines.push('', ...wrap(printable(line), 80));
  for (const group of leftOver(record)) {
    const { use } = group;
    lines.push('', ...wrap(printable(`${sign(markOf(use), wordOf(use))}: ${some(group.apis, 6)}, ${placesText(group, 3)}`), 80));
    if (use.reason) lines.push(...wrap(printable(use.reason), 76).map((line) => `    ${line}`));
    if (group.shapes.length) lines.push(...wrap(printable(`seen: ${some(group.shapes, 3)}`), 76).map((line) => `    ${line}`));
    if (use.remedy) lines.push(...wrap(printable(`→ ${use.remedy}`), 76).map((line) => `    ${line}`));
  }
  for (const one of record.audit)
    lines.push(
      '',
      ...wrap(printable(`${sign('warn', one.rule)}: ${placeOf(one)} ${one.message}`), 80),
      ...wrap(printable(`→ ${one.remedy}`), 76).map((line) => `    ${line}`),
    );
  lines.push(...graphText(record));
  for (const one of record.skipped) lines.push('', ...wrap(printable(`${sign('warn', 'skipped')}: ${one.file}: ${one.reason}`), 80));
  const files = byFile(record);
  if (files.length) {
    lines.push(
      '',
      textTable(
        [
          { title: 'file' },
          { title: 'migrated', align: 'right' },
          { title: 'maybe', align: 'right' },
          { title: 'unsupported', align: 'right' },
        ],
        files
          .slice(0, ROWS)
          .map(([file, counts]) => [shortened(file, 46), String(counts.migrated), String(counts.maybe), String(counts.unsupported)]),
      ),
    );
    if (files.length > ROWS) lines.push(`and ${files.length - ROWS} more files`);
  }
  if (record.vendored?.length)
    lines.push(
      '',
      'libraries brought along:',
      ...record.vendored.flatMap((one) => wrap(printable(vendoredText(one)), 76).map((line, at) => `${at ? '    ' : '  '}${line}`)),
    );
  return lines.join('\n');
}

function code(text: string): Html {
  return element(
    'code',
    { style: `${STYLE.code};white-space:pre-wrap;overflow-wrap:anywhere;background:none;color:inherit;padding:0` },
    text,
  );
}

function htmlOf(record: ReportRecord): string {
  const { summary } = record;
  const parts: Html[] = [
    element('div', { style: 'font-size:var(--jp-ui-font-size2,15px);font-weight:600' }, headline(record)),
    element(
      'div',
      { style: STYLE.muted },
      `${record.source} → ${record.output}; ${summary.files} file${summary.files === 1 ? '' : 's'}, ${duration(summary.seconds)}, target ${record.target}`,
    ),
    bar(record),
    totalsTable(record),
  ];
  for (const line of [unreachedText(record), unmeasuredText(record), adviceText(record), ...notebookTexts(record)])
    if (line) parts.push(element('p', { style: STYLE.muted }, line));
  const left = leftOver(record);
  if (left.length) {
    parts.push(
      table({
        caption: 'What is left to do',
        columns: [{ title: 'API' }, { title: 'Where' }, { title: 'Why, and what to do' }],
        rows: left
          .slice(0, ROWS)
          .map((group) => [
            element('span', mark(markOf(group.use), wordOf(group.use)), ' ', code(some(group.apis, 6))),
            placesText(group, 6),
            element(
              'div',
              ...[group.use.reason, group.use.remedy && `→ ${group.use.remedy}`]
                .filter((line) => line !== undefined)
                .map((line) => element('div', line)),
              ...(group.shapes.length ? [element('div', 'Seen in the trace: ', code(some(group.shapes, 3)))] : []),
            ),
          ]),
      }),
    );
  }
  if (record.audit.length) {
    parts.push(
      table({
        caption: 'Audit of the code',
        columns: [{ title: 'Where' }, { title: 'What' }, { title: 'Remedy' }],
        rows: record.audit.map((one) => [placeOf(one), `${one.rule}: ${one.message}`, one.remedy]),
      }),
    );
  }
  parts.push(...graphHtml(record));
  if (record.skipped.length)
    parts.push(
      table({
        caption: 'Files left as they are',
        columns: [{ title: 'File' }, { title: 'Reason' }],
        rows: record.skipped.map((one) => [one.file, one.reason]),
      }),
    );
  if (record.vendored?.length)
    parts.push(
      element('div', { style: STYLE.muted }, 'Libraries brought along, with their licences'),
      element('ul', { style: 'margin:4px 0 8px' }, ...record.vendored.map((one) => element('li', vendoredText(one)))),
    );
  for (const [file, counts] of byFile(record).slice(0, 60)) parts.push(fileTable(record, file, counts));
  parts.push(provenance(`${provenanceOf(record)}${record.traced ? '; traced' : '; not traced'}`));
  return block(...parts).html;
}

/** Shares of the strategies as one bar, with its words below. */
function bar({ summary }: ReportRecord): Html {
  const colours: Record<Strategy, string> = {
    equivalent: STYLE.good,
    custom: STYLE.accent,
    restructured: STYLE.warn,
    unsupported: STYLE.bad,
  };
  const total = Math.max(1, summary.uses);
  let x = 0;
  const rects = STRATEGIES.map((one) => {
    const width = (600 * summary.byStrategy[one]) / total;
    const rect = `<rect x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="10" style="fill:${colours[one]}"></rect>`;
    x += width;
    return rect;
  }).join('');
  const words = STRATEGIES.map((one) => `${one} ${summary.byStrategy[one]}`).join(' · ');
  return element(
    'div',
    { style: 'margin:8px 0' },
    safe(
      `<svg role="img" aria-label="${words}" viewBox="0 0 600 10" preserveAspectRatio="none" style="width:100%;max-width:600px;height:10px;display:block">${rects}</svg>`,
    ),
    element('div', { style: STYLE.muted }, words),
  );
}

/** Strategies against what became of the uses. */
function totalsTable(record: ReportRecord): Html {
  return table({
    caption: 'Uses by strategy and by what became of them',
    columns: [{ title: 'Strategy' }, { title: 'Uses', align: 'right' }, ...WORDS.map((title) => ({ title, align: 'right' as const }))],
    rows: totals(record).map(({ strategy, uses, counts }) => [strategy, String(uses), ...WORDS.map((word) => String(counts[word]))]),
  });
}

function fileTable(record: ReportRecord, file: string, counts: Record<UseStatus, number>): Html {
  const uses = record.uses.filter((use) => use.file === file);
  const words = `${file}: ${counts.migrated} migrated${counts.maybe ? `, ${counts.maybe} to look at` : ''}${counts.unsupported ? `, ${counts.unsupported} unsupported` : ''}`;
  return element(
    'details',
    element('summary', { style: 'cursor:pointer' }, words),
    table({
      caption: `Uses in ${file}${uses.length > ROWS ? `, the first ${ROWS} of ${uses.length}` : ''}`,
      columns: [
        { title: 'Line' },
        { title: 'PyTorch' },
        { title: 'MindSpore' },
        { title: 'Strategy' },
        { title: 'Measured, documented, seen' },
      ],
      rows: uses
        .slice(0, ROWS)
        .map((use) => [
          use.toLine === undefined || use.cell !== undefined ? lineText(use) : `${use.line} → ${use.toLine}`,
          code(short(use.from)),
          code(short(use.to)),
          mark(markOf(use), wordOf(use) === LOOK ? `${strategyText(use)}, ${LOOK}` : strategyText(use)),
          element(
            'div',
            element('div', measuredText(use)),
            ...(use.documented?.length ? [element('div', documentedText(use))] : []),
            ...(use.shapes ? [element('div', 'seen: ', code(use.shapes.join(' ')))] : []),
          ),
        ]),
    }),
  );
}

function short(text: string): string {
  return text.length > 240 ? `${text.slice(0, 239)}…` : text;
}
