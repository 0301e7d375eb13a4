/** A verification as a ladder of rungs, with the first diverging layer in the model's tree and both frameworks' loss curves. */
import { CURVE_COLOURS } from '../records/colours.ts';
import { ticks } from '../records/ticks.ts';
import type { Rung, VerificationRecord } from '../records/verification.ts';
import type { Display } from './display.ts';
import { block, element, type Html, mark, preformatted, provenance, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { gridLine, picture, words } from './svg.ts';
import { duration, textTable, wrap } from './text.ts';

/** `2.4e-7`; a dash where there is no number. */
export function scientific(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return value === 0 ? '0' : value.toExponential(1).replace('e-', 'e−').replace('e+', 'e');
}

const factor = (rung: Rung) => (rung.ratio === null || rung.mindsporeError === 0 ? '–' : `${Number(rung.ratio.toPrecision(2))}×`);

function verdict({ passed, rungs, notRun = [] }: VerificationRecord): string {
  const broken = rungs.find((rung) => !rung.passed);
  const left = notRun.length > 0 ? ` ${notRun.length} could not be run here.` : '';
  if (passed) return `Verified: all ${rungs.length} rungs passed.${left}`;
  return `Not verified: ${broken ? `the rung “${broken.name}” broke` : 'a rung broke'}, after ${rungs.length - 1} that passed.`;
}

export function display(record: VerificationRecord): Display {
  const { rungs, firstDivergence, losses, notRun = [] } = record;
  const notes = rungs.filter((rung) => rung.note).flatMap((rung) => wrap(`${rung.name}: ${rung.note}`, 80));
  notes.push(...notRun.flatMap(({ name, reason }) => wrap(`${name}: not run here: ${reason}`, 80)));
  const text = [
    verdict(record),
    textTable(
      [
        { title: 'rung' },
        { title: 'PyTorch', align: 'right' },
        { title: 'MindSpore', align: 'right' },
        { title: 'ratio', align: 'right' },
        { title: 'time', align: 'right' },
      ],
      rungs
        .map((rung) => [
          sign(rung.passed ? 'good' : 'bad', rung.name),
          scientific(rung.torchError),
          scientific(rung.mindsporeError),
          factor(rung),
          duration(rung.seconds),
        ])
        .concat(notRun.map(({ name }) => [sign('neutral', name), '–', '–', '–', 'not run'])),
    ),
    'Errors: distance of each float32 result to a float64 run of the original,\nrelative to its largest magnitude.',
    ...(notes.length > 0 ? [notes.join('\n')] : []),
    ...(firstDivergence ? [divergenceText(firstDivergence)] : []),
    ...(losses ? [lossText(losses)] : []),
    wrap(provenanceOf(record), 80).join('\n'),
  ].join('\n\n');
  const html = block(
    table({
      caption: `${verdict(record)} Errors are distances to a float64 run of the original, relative to its largest magnitude.`,
      columns: [
        { title: 'Rung' },
        { title: 'Result' },
        { title: 'PyTorch', align: 'right' },
        { title: 'MindSpore', align: 'right' },
        { title: 'Ratio', align: 'right' },
        { title: 'Time', align: 'right' },
        { title: 'Note' },
      ],
      rows: rungs
        .map((rung) => [
          rung.name,
          rung.passed ? mark('good', 'passed') : mark('bad', 'failed'),
          scientific(rung.torchError),
          scientific(rung.mindsporeError),
          factor(rung),
          duration(rung.seconds),
          rung.note ?? '',
        ])
        .concat(notRun.map(({ name, reason }) => [name, mark('neutral', 'not run here'), '–', '–', '–', '–', reason])),
    }),
    ...(firstDivergence
      ? [
          element('div', { style: 'font-weight:600' }, 'First diverging layer, when every layer is fed the original’s inputs'),
          preformatted(divergenceText(firstDivergence)),
        ]
      : []),
    ...(losses && losses.torch.length > 1 ? [lossFigure(losses)] : []),
    provenance(provenanceOf(record)),
  ).html;
  return { text, html };
}

type Divergence = NonNullable<VerificationRecord['firstDivergence']>;

/** The model's tree, cut to the diverging layer, its parents, brothers and children, with `<--- HERE`. */
function divergenceText({ layer, sourceLine, migratedLine, error, layers = [] }: Divergence): string {
  const path = layer.startsWith('(') ? '' : layer;
  const parent = path.split('.').slice(0, -1).join('.');
  const near = layers.filter(
    (one) => one.path === path || isParent(one.path, path) || parentOf(one.path) === path || (path !== '' && parentOf(one.path) === parent),
  );
  const tree = near.map((one) => {
    const depth = one.path === '' ? 0 : one.path.split('.').length;
    const name = one.path === '' ? one.class : `${one.path.split('.').at(-1)}: ${one.class}`;
    return `${'  '.repeat(depth)}${name}${one.path === path ? '   <--- HERE' : ''}`;
  });
  const size = error === null ? 'it did not run, or is not finite' : `error ${scientific(error)}`;
  if (tree.length === 0) tree.push(`${layer}   <--- HERE`);
  return [...tree, '', `original: ${sourceLine || '–'}`, `migrated: ${migratedLine || '–'}`, size].join('\n');
}

const parentOf = (path: string) => (path === '' ? undefined : path.split('.').slice(0, -1).join('.'));
const isParent = (path: string, child: string) => path === '' || child.startsWith(`${path}.`);

function lossText({ torch, mindspore }: NonNullable<VerificationRecord['losses']>): string {
  const last = torch.length - 1;
  return `Loss over ${torch.length} steps: PyTorch ${torch[0]?.toPrecision(7)} → ${torch[last]?.toPrecision(7)}, MindSpore ${mindspore[0]?.toPrecision(7)} → ${mindspore[last]?.toPrecision(7)}`;
}

const WIDTH = 380;
const HEIGHT = 150;
const LEFT = 52;
const RIGHT = 84;
const TOP = 10;
const BOTTOM = 32;

/** Both curves: PyTorch's wide and pale, MindSpore's thin on top, so that one sees when they part. */
function lossFigure({ torch, mindspore }: NonNullable<VerificationRecord['losses']>): Html {
  const values = [...torch, ...mindspore].filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  const x = (step: number) => (LEFT + (step / Math.max(1, torch.length - 1)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number) => (HEIGHT - BOTTOM - ((value - low + room) / (high - low + 2 * room)) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const path = (curve: readonly number[]) =>
    curve.map((value, step) => (Number.isFinite(value) ? `${step === 0 ? 'M' : 'L'}${x(step)} ${y(value)}` : '')).join('');
  const end = WIDTH - RIGHT + 6;
  const key = (at: number, colour: string, stroke: number, opacity: number, name: string) =>
    `<path d="M${end} ${at}h14" stroke="${colour}" stroke-width="${stroke}" stroke-opacity="${opacity}"/>${words('start', end + 18, at + 3, name, 10)}`;
  const parts = [
    ...ticks(low - room, high + room, 4).map(
      (value) =>
        gridLine(LEFT, WIDTH - RIGHT, y(value)) +
        words('end', LEFT - 5, (Number(y(value)) + 3).toFixed(1), String(Number(value.toPrecision(4))), 10),
    ),
    `<path d="${path(torch)}" fill="none" stroke="${CURVE_COLOURS[0]}" stroke-width="5" stroke-opacity=".35"/>`,
    `<path d="${path(mindspore)}" fill="none" stroke="${CURVE_COLOURS[1]}" stroke-width="1.5"/>`,
    key(TOP + 8, CURVE_COLOURS[0], 5, 0.35, 'PyTorch'),
    key(TOP + 24, CURVE_COLOURS[1], 1.5, 1, 'MindSpore'),
    words('middle', (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, `training loss, ${torch.length} steps`, 10),
  ];
  return picture(`Training loss of both frameworks over ${torch.length} steps`, [WIDTH, HEIGHT], parts);
}
