/** The protocol drawn: what was measured here in the shape of the paper's Tables 2 to 4, the paper's rows beneath, deviations, loss curves. */
import { ACCURACY_CLAIM } from '../records/claims.ts';
import { percentTitle } from '../records/comparison.ts';
import { PAPER, PAPER_FORECASTS, PAPER_MODELS, PAPER_TRAINING } from '../records/paper.ts';
import type { ProtocolDeviation, ProtocolRecord } from '../records/protocol.ts';
import type { Display } from './display.ts';
import { block, type Content, element, mark, provenance, sign } from './html.ts';
import { lossFigure } from './lossFigure.ts';
import { provenanceOf } from './provenance.ts';
import { gibibytes, MARKS, spread, threeFigures } from './quantities.ts';
import { type CaptionedTable, left, right, tableHtml, tableText } from './tables.ts';
import { wrap } from './text.ts';

const engine = (one: { chip: string; framework: string }) => `${one.chip}/${one.framework}`;
const short = (value: number) => String(Number(value.toPrecision(4)));

/** Tables 2 and 3: number of cards, batch, seconds an epoch, epochs, seconds in all. */
function trainingTable(record: ProtocolRecord, which: 'Table 2' | 'Table 3'): CaptionedTable | undefined {
  const framework = which === 'Table 2' ? 'pytorch' : 'mindspore';
  const measured = record.trainings.filter((one) => one.framework === framework);
  if (measured.length === 0) return undefined;
  return {
    caption: `${which}’s shape: training with ${framework === 'pytorch' ? 'PyTorch' : 'MindSpore'} (${MARKS.measured}: ${record.model}; ${MARKS.paper}: AI-GOMS)`,
    heads: [...left('chip', 'precision'), ...right('number', 'batch', 'epoch, s', 'epochs', 'total, s'), ...left('source')],
    rows: [
      ...measured.map((one) => [
        one.chip,
        one.precision,
        String(one.workers),
        String(one.batch),
        threeFigures(one.epochSeconds),
        `${one.converged ? '' : '> '}${one.epochs}`,
        threeFigures(one.totalSeconds),
        MARKS.measured,
      ]),
      ...PAPER_TRAINING.filter((row) => row.table === which).map((row) => [
        row.chip,
        '–',
        ...[row.workers, row.batch, row.epochSeconds, row.epochs, row.totalSeconds].map(String),
        MARKS.paper,
      ]),
    ],
  };
}

function forecastTable(record: ProtocolRecord): CaptionedTable {
  const measured = record.trainings.filter((one) => one.forecast);
  return {
    caption: 'Table 4’s shape: seconds a forecast step, one card, one sample (median, middle half)',
    heads: [...left('model', 'engine', 'precision'), ...right('s'), ...left('source')],
    rows: [
      ...measured.map((one) => [record.model, engine(one), one.precision, spread(one.forecast!), MARKS.measured]),
      ...PAPER_FORECASTS.map((row) => [PAPER_MODELS[row.model], engine(row), '–', threeFigures(row.seconds), MARKS.paper]),
    ],
  };
}

function measuredTable(record: ProtocolRecord): CaptionedTable {
  const powered = record.trainings.some((one) => one.watts !== undefined);
  return {
    caption: `${MARKS.measured}: each training of ${record.model}, ${record.parameters.toLocaleString('en').replaceAll(',', ' ')} parameters, seed ${record.seed}; peak of memory, validation loss of the best epoch`,
    heads: [...left('engine', 'precision'), ...right('samples/s', '1st epoch, s', 'memory', ...(powered ? ['W'] : []), 'loss')],
    rows: record.trainings.map((one) => [
      engine(one),
      one.precision,
      short(one.samplesPerSecond),
      threeFigures(one.firstEpochSeconds),
      one.memoryPeak === undefined ? '–' : gibibytes(one.memoryPeak),
      ...(powered ? [one.watts === undefined ? '–' : threeFigures(one.watts)] : []),
      short(one.validationLoss),
    ]),
  };
}

function scoreTable(record: ProtocolRecord): CaptionedTable {
  const names = [...new Set(record.trainings.flatMap((one) => Object.keys(one.rmse)))];
  return {
    caption: `${MARKS.measured}: validation of the best epoch, RMSE (and ACC) by variable`,
    heads: [...left('engine', 'precision'), ...right(...names)],
    rows: record.trainings.map((one) => [
      engine(one),
      one.precision,
      ...names.map((name) => {
        const [rmse, acc] = [one.rmse[name], one.acc[name]];
        return rmse === undefined ? '–' : `${short(rmse)}${acc === undefined ? '' : ` (${acc.toFixed(3)})`}`;
      }),
    ]),
  };
}

/** The run by its engine and precision. */
function label(record: ProtocolRecord, run: string): string {
  const one = record.trainings.find((training) => training.run === run);
  return one ? `${engine(one)} ${one.precision}` : run;
}

const verdict = (one: ProtocolDeviation) => (one.passed ? 'within' : 'beyond');

function deviationTable<Cell extends Content>(
  record: ProtocolRecord,
  draw: (one: ProtocolDeviation) => Cell,
): CaptionedTable<Cell | string> {
  const names = [...new Set(record.deviations.flatMap((one) => Object.keys(one.rmsePct)))];
  return {
    caption: `RMSE against the other run; the paper claims ${ACCURACY_CLAIM.deviationPct} % at most`,
    heads: [...left('run', 'against'), ...right(...names), ...left(`${ACCURACY_CLAIM.deviationPct} %`)],
    rows: record.deviations.map((one) => [
      label(record, one.run),
      label(record, one.against),
      ...names.map((name) => (one.rmsePct[name] === undefined ? '–' : percentTitle(one.rmsePct[name]))),
      draw(one),
    ]),
  };
}

function tablesOf(record: ProtocolRecord): CaptionedTable[] {
  return [
    trainingTable(record, 'Table 2'),
    trainingTable(record, 'Table 3'),
    forecastTable(record),
    measuredTable(record),
    scoreTable(record),
  ].filter((one) => one !== undefined);
}

function notes(record: ProtocolRecord): string[] {
  const meters = new Set(record.trainings.flatMap((one) => one.meter ?? []));
  const open = record.trainings.filter((one) => !one.converged).map((one) => one.run);
  return [
    `The same for all: ${Object.entries(record.settings)
      .map(([name, value]) => `${name} ${value}`)
      .join('; ')}.`,
    ...(record.published
      ? []
      : [
          `${record.model} here is not the paper’s AI-GOMS at its published size: its rows and the paper’s stand beside each other, they do not compare.`,
        ]),
    ...(open.length ? [`Not stable within the epochs allowed (shown as > epochs): ${open.join(', ')}.`] : []),
    ...record.without.map(({ name, reason }) => `${name}: not measured (${reason})`),
    meters.size ? `W: mean power while it trained, by ${[...meters].join(', ')}.` : 'No meter of power is here: no energy.',
    `Seconds an epoch: median of the epochs after the first, validation included; the first holds MindSpore’s compilation. ${MARKS.paper}: ${PAPER}.`,
  ];
}

/** The validation losses, a picture for each chip and precision: the frameworks in it are told apart by colour. */
function curves(record: ProtocolRecord): Content[] {
  const groups = [...new Set(record.trainings.map((one) => `${one.chip}, ${one.precision}`))];
  return groups.map((group) => {
    const runs = record.trainings
      .filter((one) => `${one.chip}, ${one.precision}` === group)
      .map((one) => ({ name: one.framework, series: one.series.filter((curve) => curve.name === 'validation_loss') }));
    return lossFigure({ runs, steps: 1, title: `Validation: ${group}` });
  });
}

export function display(record: ProtocolRecord): Display {
  const title = `The paper’s protocol with ${record.file}`;
  return {
    get text() {
      const compared = deviationTable(record, (one) => sign(one.passed ? 'good' : 'bad', verdict(one)));
      const drawn = [...tablesOf(record), ...(record.deviations.length ? [compared] : [])];
      return [
        wrap(title, 80).join('\n'),
        ...drawn.map(tableText),
        notes(record)
          .flatMap((line) => wrap(line, 80))
          .join('\n'),
        wrap(provenanceOf(record), 80).join('\n'),
      ].join('\n\n');
    },
    get html() {
      const compared = deviationTable(record, (one) => mark(one.passed ? 'good' : 'bad', verdict(one)));
      return block(
        element('div', { style: 'font-weight:600' }, title),
        ...curves(record),
        ...tablesOf(record).map(tableHtml),
        ...(record.deviations.length ? [tableHtml(compared)] : []),
        ...notes(record).map((line) => element('div', line)),
        provenance(provenanceOf(record)),
      ).html;
    },
  };
}
