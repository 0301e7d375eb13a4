/** A converted checkpoint: totals, what is not in the target and why, then every tensor with its names, shapes and dtype. */
import type { ConvertedTensor, TensorStatus, WeightsRecord } from '../records/weights.ts';
import type { Display } from './display.ts';
import { block, element, type Html, type Mark, mark, provenance, STYLE, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { bytes, duration, printable, textTable, wrap } from './text.ts';

const MARKS: Record<TensorStatus, Mark> = {
  converted: 'good',
  renamed: 'good',
  reshaped: 'good',
  missing: 'bad',
  unexpected: 'bad',
  'shape-changed': 'bad',
  'left out': 'neutral',
};

/** At most so many tensors are drawn; the record has them all. */
const ROWS = 400;
/** In a terminal, so many of each status whose names or shapes changed. */
const SOME = 12;

const TITLES = { pytorch: 'PyTorch', mindspore: 'MindSpore' } as const;

const shape = (sizes: readonly number[] | undefined) => (sizes ? `[${sizes.join(', ')}]` : '–');
const isMade = ({ status }: ConvertedTensor) => status === 'converted' || status === 'renamed' || status === 'reshaped';

function headline({ summary, from, to }: WeightsRecord): string {
  const rest = [
    summary.missing ? `${summary.missing} missing` : '',
    summary.unexpected ? `${summary.unexpected} unexpected` : '',
    summary.shapeChanged ? `${summary.shapeChanged} of another shape` : '',
    summary.leftOut ? `${summary.leftOut} left out` : '',
  ].filter(Boolean);
  const changed = [summary.renamed ? `${summary.renamed} renamed` : '', summary.reshaped ? `${summary.reshaped} reshaped` : ''].filter(
    Boolean,
  );
  return `${TITLES[from]} → ${TITLES[to]}: ${summary.converted} tensors converted${changed.length ? ` (${changed.join(', ')})` : ''}${rest.length ? `, ${rest.join(', ')}` : ''}`;
}

const told = ({ source, target }: ConvertedTensor) =>
  source && target && source !== target ? `${source} → ${target}` : (source ?? target ?? '');

function shapes({ sourceShape, targetShape }: ConvertedTensor): string {
  const both = sourceShape && targetShape && shape(sourceShape) !== shape(targetShape);
  return both ? `${shape(sourceShape)} → ${shape(targetShape)}` : shape(sourceShape ?? targetShape);
}

function besideText({ beside }: WeightsRecord): string | undefined {
  if (!beside.length) return undefined;
  const parts = beside.map(({ name, tensors, values }) => {
    const what = [tensors ? `${tensors} tensors` : '', values ? `${values} values` : ''].filter(Boolean).join(', ');
    return `${name} (${what})`;
  });
  return `Also in the file, not converted: ${parts.join('; ')}`;
}

function textOf(record: WeightsRecord): string {
  const { summary } = record;
  const lines = [
    ...wrap(printable(`${record.source} → ${record.output}`), 80),
    ...wrap(headline(record), 80),
    ...wrap(
      printable(
        `${bytes(summary.bytes)}, ${duration(summary.seconds)}, names ${record.model ? `by ${record.model}` : 'by the checkpoint alone'}`,
      ),
      80,
    ),
  ];
  for (const status of ['missing', 'unexpected', 'shape-changed', 'left out', 'reshaped', 'renamed'] as const) {
    const some = record.tensors.filter((one) => one.status === status);
    if (!some.length) continue;
    const made = isMade(some[0]!);
    const shown = made ? some.slice(0, SOME) : some.slice(0, ROWS);
    lines.push(
      '',
      sign(MARKS[status], `${status}: ${some.length}`),
      textTable(
        [{ title: 'tensor' }, { title: 'shape' }, { title: 'why' }],
        shown.map((one) => [told(one), `${one.dtype} ${shapes(one)}`.trim(), one.note ?? one.layer ?? '']),
      ),
    );
    if (some.length > shown.length) lines.push(`and ${some.length - shown.length} more (--json has them all)`);
  }
  const beside = besideText(record);
  if (beside) lines.push('', ...wrap(printable(beside), 80));
  for (const note of record.notes) lines.push('', ...wrap(printable(note), 80));
  lines.push('', ...wrap(provenanceOf(record), 80));
  return lines.join('\n');
}

function htmlOf(record: WeightsRecord): string {
  const rank = (one: ConvertedTensor) => Number(isMade(one));
  const tensors = [...record.tensors].sort((a, b) => rank(a) - rank(b));
  const beside = besideText(record);
  const parts: Html[] = [
    element('div', { style: 'font-size:var(--jp-ui-font-size2,15px);font-weight:600' }, headline(record)),
    element(
      'div',
      { style: STYLE.muted },
      `${record.source} → ${record.output}; ${bytes(record.summary.bytes)}, ${duration(record.summary.seconds)}`,
    ),
    ...[...record.notes, ...(beside ? [beside] : [])].map((line) => element('div', line)),
    table({
      caption: `Every tensor${tensors.length > ROWS ? `, the first ${ROWS} of ${tensors.length}` : ''}`,
      columns: [
        { title: TITLES[record.from] },
        { title: TITLES[record.to] },
        { title: 'Dtype' },
        { title: 'Shape' },
        { title: 'What became of it' },
      ],
      rows: tensors
        .slice(0, ROWS)
        .map((one) => [
          one.source ?? '–',
          one.target ?? '–',
          one.dtype,
          shapes(one),
          element('span', mark(MARKS[one.status], one.status), one.note ? ` ${one.note}` : ''),
        ]),
    }),
    provenance(provenanceOf(record)),
  ];
  return block(...parts).html;
}

export function display(record: WeightsRecord): Display {
  return { text: textOf(record), html: htmlOf(record) };
}
