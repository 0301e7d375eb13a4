/** A migration's report as Markdown, for a code-hosting page or a lab book: the same words as the page, tables in GitHub's form, every text escaped. */
import { placeOf } from '../records/place.ts';
import type { ReportRecord } from '../records/report.ts';
import { strategyText } from '../records/strategy.ts';
import { graphWords, obstacles } from './graphMode.ts';
import { sign } from './html.ts';
import { provenanceOf } from './provenance.ts';
import {
  adviceText,
  byFile,
  documentedText,
  headline,
  leftOver,
  lineText,
  markOf,
  measuredText,
  notebookTexts,
  placesText,
  ROWS,
  some,
  totals,
  unmeasuredText,
  unreachedText,
  vendoredText,
  WORDS,
  wordOf,
} from './reportWords.ts';
import { duration } from './text.ts';

const oneLine = (text: string) => text.replace(/\s*[\r\n\u0085\u2028\u2029]+\s*/g, ' ').trim();

/** Text that Markdown takes as it is; HTML in it too. */
export function plain(text: string): string {
  return (
    oneLine(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
      .replace(/[\\`*_{}[\]<>()#+!|~&-]/g, (character) => (/[-()+]/.test(character) ? character : `\\${character}`))
      .replace(/^(\s*)([-+]|\d+\.)(\s)/, '$1\\$2$3')
  );
}

/** A code span, whatever backticks and bars are in it; inside a table a bar has to be escaped. */
export function code(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  const line = oneLine(text).replace(/[\u0000-\u001f\u007f]/g, '\ufffd');
  if (line === '') return '';
  const fence = '`'.repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const room = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${room}${line.replaceAll('|', '\\|')}${room}${fence}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(heads), row(heads.map((_, at) => (right.includes(at) ? '--:' : '---'))), ...rows.map(row)].join('\n');
}

const cut = (text: string) => (text.length > 240 ? `${text.slice(0, 239)}…` : text);

/** The whole report; ends with a line break. */
export function markdown(record: ReportRecord): string {
  const { summary } = record;
  const parts = [
    `# Migration of ${code(record.source)}`,
    `**${plain(headline(record))}**`,
    `To ${code(record.output)}; ${summary.files} file${summary.files === 1 ? '' : 's'}, ${duration(summary.seconds)}, target ${record.target}, ${record.traced ? 'traced by running the original once' : 'not traced: types are inferred from the text'}.`,
    table(
      ['strategy', 'uses', ...WORDS],
      totals(record).map(({ strategy, uses, counts }) => [strategy, String(uses), ...WORDS.map((word) => String(counts[word]))]),
      [1, 2, 3, 4, 5],
    ),
  ];
  for (const line of [unreachedText(record), unmeasuredText(record), adviceText(record), ...notebookTexts(record)])
    if (line) parts.push(plain(line));
  const left = leftOver(record);
  if (left.length)
    parts.push(
      '## What is left to do',
      table(
        ['', 'API', 'where', 'why, and what to do'],
        left
          .slice(0, ROWS)
          .map((group) => [
            sign(markOf(group.use), wordOf(group.use)),
            group.apis.slice(0, 6).map(code).join(', ') + (group.apis.length > 6 ? ` and ${group.apis.length - 6} more` : ''),
            plain(placesText(group, 6)),
            [
              ...(group.use.reason ? [plain(group.use.reason)] : []),
              ...(group.use.remedy ? [`→ ${plain(group.use.remedy)}`] : []),
              ...(group.shapes.length ? [`seen in the trace: ${code(some(group.shapes, 3))}`] : []),
            ].join('<br>'),
          ]),
      ),
    );
  if (record.audit.length)
    parts.push(
      '## Audit of the code',
      table(
        ['where', 'what', 'remedy'],
        record.audit.map((one) => [plain(placeOf(one)), `${plain(one.rule)}: ${plain(one.message)}`, plain(one.remedy)]),
      ),
    );
  if (record.graph?.length) {
    parts.push('## Graph mode', plain(graphWords(record.graph)));
    const all = obstacles(record.graph);
    if (all.length)
      parts.push(
        table(
          ['where', 'what', 'reached by', 'why, and what to do'],
          all
            .slice(0, ROWS)
            .map(({ finding, classes }) => [
              plain(placeOf(finding)),
              plain(finding.rule),
              plain(some([...new Set(classes)], 4)),
              `${plain(finding.why)}<br>→ ${plain(finding.remedy)}`,
            ]),
        ),
      );
  }
  if (record.skipped.length)
    parts.push(
      '## Files left as they are',
      table(
        ['file', 'reason'],
        record.skipped.map((one) => [plain(one.file), plain(one.reason)]),
      ),
    );
  if (record.vendored?.length)
    parts.push('## Libraries brought along, with their licences', record.vendored.map((one) => `- ${plain(vendoredText(one))}`).join('\n'));
  const files = byFile(record);
  if (files.length) parts.push('## Every use, old beside new');
  for (const [file] of files) parts.push(...fileTable(record, file));
  parts.push(
    'Errors are in roundings of float32. *measured*: it ran on both frameworks; *documented*: by MindSpore’s own “Supported Platforms”.',
    plain(`${provenanceOf(record)}${record.traced ? '; traced' : '; not traced'}`),
  );
  return `${parts.join('\n\n')}\n`;
}

function fileTable(record: ReportRecord, file: string): string[] {
  const uses = record.uses.filter((use) => use.file === file);
  const rows = uses
    .slice(0, ROWS)
    .map((use) => [
      use.toLine === undefined || use.cell !== undefined ? lineText(use) : `${use.line} → ${use.toLine}`,
      code(cut(use.from)),
      code(cut(use.to)),
      `${sign(markOf(use), wordOf(use))}: ${plain(strategyText(use))}`,
      [plain(measuredText(use)), plain(documentedText(use))].filter(Boolean).join('<br>'),
      use.shapes ? code(use.shapes.join(' ')) : '',
    ]);
  return [
    `### ${code(file)}${uses.length > ROWS ? `, the first ${ROWS} of ${uses.length} uses` : ''}`,
    table(['line', 'PyTorch', 'MindSpore', 'strategy', 'measured, documented', 'seen in the trace'], rows),
  ];
}
