/** A projection drawn: does it fit, what holds the memory, what recompute or half precision would give, seconds with their error bars. */
import type { FitRecord, FitVariant, FitWay, LeftOutRow, MemoryVerdict } from '../records/fit.ts';
import type { Display } from './display.ts';
import { block, type Content, element, mark, provenance, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { gibibytes, MARKS, threeFigures, withError } from './quantities.ts';
import { textTable, wrap } from './text.ts';

/** What every way of a step has. */
type Way = Pick<FitVariant, 'peak' | 'exchange' | 'weights' | 'gradients' | 'optimizerStates' | 'activations' | 'memories'>;

function verdictWords(variant: Way, memory: MemoryVerdict): string {
  const needed = gibibytes(variant.peak + variant.exchange);
  const margin = gibibytes(Math.abs(memory.left));
  return memory.fits
    ? `fits in ${memory.gib} GiB (${memory.source}): ${needed} needed, ${margin} to spare`
    : `does not fit in ${memory.gib} GiB (${memory.source}): ${needed} needed, ${margin} too much`;
}

const wayOf = (variant: FitVariant) => `${variant.precision}${variant.recompute ? ', recompute' : ''}`;

function headline(record: FitRecord): string {
  const asked = record.variants[0]!;
  return `${record.model} on ${record.title}, ${record.workers} ${record.workers === 1 ? 'card' : 'cards'}, batch ${asked.batch} a card, ${wayOf(asked)} (${MARKS.projected})`;
}

function bytesOf(way: Way): string[] {
  return [
    gibibytes(way.weights + way.gradients + way.optimizerStates),
    gibibytes(way.activations),
    gibibytes(way.peak + way.exchange),
    way.memories.map((memory) => memory.largestBatch).join(' / '),
  ];
}

function rowsOf(record: FitRecord): string[][] {
  const { forecastFactor } = record.roofline;
  return [
    ...record.variants.map((variant, at) => [
      `${at === 0 ? '▸ ' : ''}${wayOf(variant)}`,
      ...bytesOf(variant),
      variant.seconds.map((one) => withError(one.seconds, forecastFactor)).join(' / '),
    ]),
    ...(record.ways ?? []).map((way) => [titleOf(way), ...bytesOf(way), '–']),
  ];
}

/** A later version's record may have others. */
const WAYS: Readonly<Partial<Record<FitWay['name'], { title: (way: FitWay) => string; what: string }>>> = {
  'fp16-weights': {
    title: (way) => `${way.precision} weights${way.recompute ? ', recompute' : ''}`,
    what: 'weights and gradients in half precision, the optimiser’s states in float32; the trainer keeps float32 weights, so that the skill can be compared',
  },
  'model-parallel': {
    title: (way) => `${way.precision}${way.recompute ? ', recompute' : ''}, model over ${way.cards} cards`,
    what: 'weights, gradients and states are divided, activations counted as on one card, which is the most that they can be; train does it with MindSpore on Ascends and GPUs (workers.parallel: operators), elsewhere it divides the batch alone',
  },
};

const titleOf = (way: FitWay) => WAYS[way.name]?.title(way) ?? way.name;

/** What a way would give, and whether it then fits. */
function adviceOf(way: FitWay): string {
  const verdicts = way.memories.map((memory) => `${verdictWords(way, memory)}, largest batch ${memory.largestBatch}`);
  const what = WAYS[way.name]?.what;
  return `${titleOf(way)} (${MARKS.projected}): ${verdicts.join('; ')}.${what ? ` That is ${what}.` : ''}`;
}

const HEADS = ['way', 'fixed', 'activations', 'peak', 'largest batch', 's a step (kernels)'];

function notes(record: FitRecord): string[] {
  const { roofline, forecast } = record;
  const asked = record.variants[0]!;
  const shown = forecast.seconds.map(
    (one) =>
      `${withError(one.seconds, roofline.forecastFactor)} s${forecast.seconds.length > 1 ? ` by ${one.tflops} TFLOPS (${one.source})` : ''}`,
  );
  const both = asked.memories.map((memory) => `${memory.gib} GiB (${memory.source})`).join(' / ');
  return [
    `A forecast step (batch ${forecast.batch}): ${shown.join('; ')}; ${(forecast.operations / 1e12).toPrecision(3)} TFLOP, ${gibibytes(forecast.peak)}.`,
    `Fixed: weights ${gibibytes(asked.weights)}, gradients ${gibibytes(asked.gradients)}, optimiser's states ${gibibytes(asked.optimizerStates)}${asked.exchange > 0 ? `; and ${gibibytes(asked.exchange)} of buckets for the exchange between workers` : ''}.`,
    `A training step computes ${(asked.operations / 1e12).toPrecision(3)} TFLOP and moves ${gibibytes(asked.bytes)}; most memory is held in the ${asked.peakPhase} pass.`,
    ...(asked.memories.length > 1 ? [`Largest batches are for ${both}: the paper gives both.`] : []),
    ...(asked.seconds.length > 1
      ? [`Seconds are for ${asked.seconds.map((one) => `${one.tflops} TFLOPS (${one.source})`).join('; ')}.`]
      : []),
    ...(record.framework === 'mindspore'
      ? [
          `MindSpore in PyNative mode keeps copies where PyTorch has views: about ${gibibytes(asked.mindsporePyNative)} in its memory pool by what it takes on the CPU (npm run bench:fit)${asked.mindsporeCpu === undefined ? '' : `, where the whole process takes ${gibibytes(asked.mindsporeCpu)}`}; a compiled graph needs less.`,
        ]
      : []),
    ...(record.ways ?? []).map(adviceOf),
    ...(record.uncounted ?? []).map(({ name, reason }) => `Not projected: ${name}, as ${reason}.`),
    'Not in it: what the driver, the framework and its kernels take for themselves.',
    `As the paper trains (besides its kernels ${threeFigures(roofline.stepOverhead)} s a step of loading and exchange${record.workers > 16 ? `, more beyond 16 workers` : ''}) a step takes ${asked.seconds.map((one) => withError(one.asThePaper, roofline.trainingFactor)).join(' / ')} s.`,
    `Roofline: ${(100 * roofline.efficiency).toFixed(0)} % of ${record.title}'s figures, from ${roofline.efficiencyFrom}. The paper tells neither its precision nor its models' sizes: single precision and the published sizes were counted.`,
    ...(record.advice?.length
      ? [
          `A training there gains from ${record.advice.map(({ name, reason }) => `${name} (${reason})`).join(', ')}: train --chip ${record.chip} --optimise advised. Documented (advise --chip ${record.chip}), not projected.`,
        ]
      : []),
    `Error bars, by leaving each of the paper's rows out: forecast ×÷ ${roofline.forecastFactor.toFixed(2)}, training ×÷ ${roofline.trainingFactor.toFixed(2)}.`,
  ];
}

function leftOutRows(rows: readonly LeftOutRow[]): string[][] {
  return rows.map(({ row, paper, projected, error }) => [
    row,
    threeFigures(paper),
    threeFigures(projected),
    `${error > 0 ? '+' : ''}${(100 * error).toFixed(0)} %`,
  ]);
}

const LEFT_OUT_HEADS = [
  { title: 'row of the paper' },
  ...['paper, s', 'projected, s', 'error'].map((title) => ({ title, align: 'right' as const })),
];

export function display(record: FitRecord): Display {
  const asked = record.variants[0]!;
  const all = [...record.roofline.leftOut.forecast, ...record.roofline.leftOut.training];
  const text = () =>
    [
      headline(record),
      asked.memories.map((memory) => sign(memory.fits ? 'good' : 'bad', verdictWords(asked, memory))).join('\n'),
      textTable(
        HEADS.map((title, at) => ({ title, align: at === 0 ? 'left' : 'right' })),
        rowsOf(record),
      ),
      notes(record)
        .flatMap((line) => wrap(line, 80))
        .join('\n'),
      textTable(LEFT_OUT_HEADS, leftOutRows(all)),
      wrap(provenanceOf(record), 80).join('\n'),
    ].join('\n\n');
  return {
    text: text(),
    get html() {
      return asHtml(record, asked, all);
    },
  };
}

function asHtml(record: FitRecord, asked: FitVariant, all: readonly LeftOutRow[]): string {
  const contents: Content[] = [
    element('div', element('strong', headline(record))),
    ...asked.memories.map((memory) => element('div', mark(memory.fits ? 'good' : 'bad', verdictWords(asked, memory)))),
    table({
      caption: 'Projected memory and time of a training step, and what other ways would give',
      columns: HEADS.map((title, at) => ({ title, align: at === 0 ? 'left' : 'right' })),
      rows: rowsOf(record),
    }),
    element('ul', { style: 'margin:4px 0;padding-left:20px' }, ...notes(record).map((line) => element('li', line))),
    element(
      'details',
      element('summary', { style: 'cursor:pointer' }, "How well the paper's own rows are projected when each is left out"),
      table({ caption: 'Leave-one-out', columns: LEFT_OUT_HEADS, rows: leftOutRows(all) }),
    ),
    provenance(provenanceOf(record)),
  ];
  return block(...contents).html;
}
