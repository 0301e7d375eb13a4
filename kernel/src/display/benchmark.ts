/** Benchmarks drawn: what was measured here, then every table of the paper with its projections. A mark and a word say which is which. */
import type { BenchmarkRecord, MeasuredBenchmark } from '../records/benchmark.ts';
import type { SourcedFigure } from '../records/chips.ts';
import { PAPER, PAPER_MODELS, type PaperModel } from '../records/paper.ts';
import type { Display } from './display.ts';
import { block, type Content, element, provenance } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { MARKS, spread, threeFigures, withError } from './quantities.ts';
import { type CaptionedTable, left, right, tableHtml, tableText } from './tables.ts';
import { wrap } from './text.ts';

const modelName = (model: string) => PAPER_MODELS[model as PaperModel] ?? model;
const figures = (all: readonly SourcedFigure[]) =>
  all.map(({ value, source }) => (source.startsWith('Table 1') ? `${value}` : `${value} (${source})`)).join(', ');

function measuredTable(record: BenchmarkRecord): CaptionedTable {
  const powered = record.measured.some((row) => row.watts !== undefined);
  return {
    caption: `${MARKS.measured}: seconds a step, median (middle half), one process each`,
    heads: [...left('model', 'engine'), ...right('size, batch', 'forecast, s', 'training, s', ...(powered ? ['W'] : []))],
    rows: record.measured.map((row: MeasuredBenchmark) => [
      modelName(row.model),
      `${row.chip}/${row.framework}`,
      `${row.size}, ${row.batch}`,
      spread(row.forecast),
      spread(row.training),
      ...(powered ? [row.watts === undefined ? '–' : threeFigures(row.watts)] : []),
    ]),
  };
}

function tablesOf(record: BenchmarkRecord): CaptionedTable[] {
  const trainings = (which: string) =>
    record.trainings
      .filter(({ paper }) => paper.table === which)
      .map(({ paper, projected }) => [
        paper.chip,
        String(paper.workers),
        String(paper.batch),
        String(paper.epochSeconds),
        withError(projected, record.trainingFactor),
        String(paper.epochs),
        String(paper.totalSeconds),
      ]);
  const trainingHeads = [...left('chip'), ...right('cards', 'batch', `${MARKS.paper}, s`, `${MARKS.projected}, s`, 'epochs', 'in all, s')];
  return [
    ...(record.measured.length > 0 ? [measuredTable(record)] : []),
    {
      caption: `Table 4, seconds a forecast step`,
      heads: [...left('model', 'engine'), ...right(MARKS.paper, MARKS.projected, MARKS.measured)],
      rows: record.forecasts.map(({ paper, projected, measured }) => [
        modelName(paper.model),
        `${paper.chip}/${paper.framework}`,
        threeFigures(paper.seconds),
        withError(projected, record.forecastFactor),
        measured === undefined ? '–' : threeFigures(measured),
      ]),
    },
    {
      caption: `Table 2, training of AI-GOMS with PyTorch, seconds an epoch (epochs and seconds in all: ${MARKS.paper})`,
      heads: trainingHeads,
      rows: trainings('Table 2'),
    },
    {
      caption: `Table 3, training of AI-GOMS with MindSpore, seconds an epoch (epochs and seconds in all: ${MARKS.paper})`,
      heads: trainingHeads,
      rows: trainings('Table 3'),
    },
    {
      caption: `Table 1, hardware (${MARKS.paper}; where it contradicts itself both figures)`,
      heads: [...left('chip'), ...right('memory, GB', 'FP16, TFLOPS', 'FP32, TFLOPS', 'GB/s')],
      rows: record.hardware.map(({ chip, figures: all }) => [
        chip,
        figures(all.memoryGB),
        figures(all.fp16Tflops),
        figures(all.fp32Tflops),
        figures(all.bandwidthGBs),
      ]),
    },
    {
      caption: `Table S1, energy (${MARKS.paper}; throughput per watt, A100 = 100; tradewind energy has what was measured)`,
      heads: [...left('chip'), ...right('training, W', 'training, relative', 'forecast, W', 'forecast, relative')],
      rows: record.energy.map((row) =>
        [row.chip, row.trainingWatts, row.trainingEfficiency, row.forecastWatts, row.forecastEfficiency].map(String),
      ),
    },
  ];
}

function firstCalls(record: BenchmarkRecord): string {
  const told = record.measured.map(
    (row) =>
      `${modelName(row.model)} on ${row.chip}/${row.framework} ${threeFigures(row.forecast.first)} and ${threeFigures(row.training.first)} s`,
  );
  return `First calls, forecast and training (a graph is compiled in them): ${told.join('; ')}.`;
}

function notes(record: BenchmarkRecord): string[] {
  return [
    ...(record.measured.length > 0 ? [firstCalls(record)] : []),
    ...record.without.map(({ name, reason }) => `${name}: not measured (${reason})`),
    ...(record.measured.some((row) => row.size === 'reduced')
      ? ['A reduced model is not the paper’s: its times are not set against the paper’s rows.']
      : []),
    `${MARKS.projected}: by a roofline that has not seen the row; error bars ×÷ ${record.forecastFactor.toFixed(2)} (forecast), ×÷ ${record.trainingFactor.toFixed(2)} (training). ${MARKS.paper}: ${PAPER}.`,
  ];
}

export function display(record: BenchmarkRecord): Display {
  return {
    text: [
      ...tablesOf(record).map(tableText),
      notes(record)
        .flatMap((line) => wrap(line, 80))
        .join('\n'),
      wrap(provenanceOf(record), 80).join('\n'),
    ].join('\n\n'),
    get html() {
      const contents: Content[] = [
        ...tablesOf(record).map(tableHtml),
        ...notes(record).map((line) => element('div', line)),
        provenance(provenanceOf(record)),
      ];
      return block(...contents).html;
    },
  };
}
