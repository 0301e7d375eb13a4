/** A migration's report as text and HTML: totals, what is left and how to do it, then every use by file and line, old beside new. */
import type { ReportRecord, Strategy, Use, UseStatus } from '../records/report.ts';
import type { Display } from './display.ts';
import { graphHtml, graphText } from './graphMode.ts';
import { block, element, type Html, type Mark, mark, provenance, STYLE, safe, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { duration, printable, textTable, wrap } from './text.ts';

const STRATEGIES: readonly Strategy[] = ['equivalent', 'custom', 'restructured', 'unsupported'];
const MARKS: Record<UseStatus, Mark> = { migrated: 'good', maybe: 'warn', unsupported: 'bad' };

/** At most so many rows are drawn of a long report; the record has them all. */
const ROWS = 400;

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

const LOOK = 'needs a look';

/** A use's status; a rewrite that was made and may be wrong says so. */
function wordOf(use: Use): string {
  return use.status === 'migrated' && use.grade === LOOK ? LOOK : use.status;
}

function markOf(use: Use): Mark {
  return wordOf(use) === LOOK ? 'warn' : MARKS[use.status];
}

/** Uses that are left, those of one reason and API together, unsupported ones first. */
function leftOver(record: ReportRecord): { use: Use; places: string[] }[] {
  const groups = new Map<string, { use: Use; places: string[] }>();
  for (const word of ['unsupported', 'maybe', LOOK]) {
    for (const use of record.uses) {
      if (wordOf(use) !== word) continue;
      const key = `${word} ${use.api} ${use.reason ?? ''}`;
      const group = groups.get(key) ?? { use, places: [] };
      group.places.push(`${use.file}:${use.line}`);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function measuredText({ measured, unmeasured }: Use): string {
  if (!measured) return unmeasured ? `not measured: ${unmeasured}` : 'not measured';
  const worst = Math.max(measured.forward ?? 0, measured.gradient ?? 0);
  return `${measured.passed}/${measured.samples} samples, ${worst.toPrecision(2)} roundings (${measured.dtypes.join(', ')})`;
}

function headline({ summary }: ReportRecord): string {
  const share = summary.uses ? ` (${((100 * summary.migrated) / summary.uses).toFixed(1)} %)` : '';
  const rest = [summary.unsupported ? `${summary.unsupported} unsupported` : '', summary.maybe ? `${summary.maybe} to look at` : '']
    .filter(Boolean)
    .join(', ');
  return `${summary.migrated} of ${summary.uses} uses migrated${share}${rest ? `, ${rest}` : ''}`;
}

function byFile(record: ReportRecord): [file: string, counts: Record<UseStatus, number>][] {
  const files = new Map<string, Record<UseStatus, number>>();
  for (const use of record.uses) {
    const counts = files.get(use.file) ?? { migrated: 0, maybe: 0, unsupported: 0 };
    counts[use.status]++;
    files.set(use.file, counts);
  }
  return [...files];
}

function textOf(record: ReportRecord): string {
  const { summary } = record;
  const lines = wrap(printable(`${record.source} → ${record.output}`), 80);
  lines.push(
    headline(record),
    `${summary.files} files, ${duration(summary.seconds)}, target ${record.target}, ${record.traced ? 'traced by running the original once' : 'not traced: types are inferred from the text'}`,
    '',
    textTable(
      [{ title: 'strategy' }, { title: 'uses', align: 'right' }],
      STRATEGIES.map((one) => [one, String(summary.byStrategy[one])]),
    ),
  );
  for (const { use, places } of leftOver(record)) {
    lines.push(
      '',
      ...wrap(
        printable(
          `${sign(markOf(use), wordOf(use))}: ${use.api}, ${places.length > 3 ? `${places.slice(0, 3).join(', ')} and ${places.length - 3} more` : places.join(', ')}`,
        ),
        80,
      ),
    );
    if (use.reason) lines.push(...wrap(printable(use.reason), 76).map((line) => `    ${line}`));
    if (use.remedy) lines.push(...wrap(printable(`→ ${use.remedy}`), 76).map((line) => `    ${line}`));
  }
  for (const one of record.audit)
    lines.push(
      '',
      ...wrap(printable(`${sign('warn', one.rule)}: ${one.file}:${one.line} ${one.message}`), 80),
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
        files.slice(0, ROWS).map(([file, counts]) => [file, String(counts.migrated), String(counts.maybe), String(counts.unsupported)]),
      ),
    );
    if (files.length > ROWS) lines.push(`and ${files.length - ROWS} more files`);
  }
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
      `${record.source} → ${record.output}; ${summary.files} files, ${duration(summary.seconds)}, target ${record.target}`,
    ),
    bar(record),
  ];
  const left = leftOver(record);
  if (left.length) {
    parts.push(
      table({
        caption: 'What is left to do',
        columns: [{ title: 'API' }, { title: 'Where' }, { title: 'Why, and what to do' }],
        rows: left
          .slice(0, ROWS)
          .map(({ use, places }) => [
            element('span', mark(markOf(use), wordOf(use)), ' ', code(use.api)),
            places.length > 6 ? `${places.slice(0, 6).join(', ')} and ${places.length - 6} more` : places.join(', '),
            element(
              'div',
              ...[use.reason, use.remedy && `→ ${use.remedy}`].filter((line) => line !== undefined).map((line) => element('div', line)),
              ...(use.shapes ? [code(use.shapes.join(' '))] : []),
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
        rows: record.audit.map((one) => [`${one.file}:${one.line}`, `${one.rule}: ${one.message}`, one.remedy]),
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

function fileTable(record: ReportRecord, file: string, counts: Record<UseStatus, number>): Html {
  const uses = record.uses.filter((use) => use.file === file);
  const words = `${file}: ${counts.migrated} migrated${counts.maybe ? `, ${counts.maybe} to look at` : ''}${counts.unsupported ? `, ${counts.unsupported} unsupported` : ''}`;
  return element(
    'details',
    element('summary', { style: 'cursor:pointer' }, words),
    table({
      caption: `Uses in ${file}${uses.length > ROWS ? `, the first ${ROWS} of ${uses.length}` : ''}`,
      columns: [
        { title: 'Line', align: 'right' },
        { title: 'PyTorch' },
        { title: 'MindSpore' },
        { title: 'Strategy' },
        { title: 'Measured' },
      ],
      rows: uses
        .slice(0, ROWS)
        .map((use) => [
          String(use.line),
          code(short(use.from)),
          code(short(use.to)),
          mark(markOf(use), wordOf(use) === LOOK ? `${use.strategy}, ${LOOK}` : use.strategy),
          `${measuredText(use)}${use.documented?.length ? `; documented: ${use.documented.join(', ')}` : ''}`,
        ]),
    }),
  );
}

function short(text: string): string {
  return text.length > 240 ? `${text.slice(0, 239)}…` : text;
}
