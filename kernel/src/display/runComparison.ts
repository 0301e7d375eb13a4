/** Two runs side by side as text and static HTML: the verdict on their losses first, then last values, speed, configuration, and the curves. */
import { TOLERANCE_WORDS } from '../records/parting.ts';
import type { RunComparisonRecord } from '../records/training.ts';
import type { Display } from './display.ts';
import { block, element, mark, provenance, sign, table } from './html.ts';
import { lossFigure } from './lossFigure.ts';
import { provenanceOf } from './provenance.ts';
import { figure } from './runState.ts';
import { textTable, wrap } from './text.ts';

/** Rows of metrics and of configuration in the tables; the record has all. */
const MOST_ROWS = 40;

export function display(record: RunComparisonRecord): Display {
  const { kind, words } = verdict(record);
  const pace = paceWords(record);
  const values = metricRows(record);
  const keys = configurationRows(record);
  const heads = [{ title: '' }, { title: record.a, align: 'right' as const }, { title: record.b, align: 'right' as const }];
  const valueHeads = [...heads, { title: 'relative', align: 'right' as const }];
  const keyHeads = heads.map(({ title }) => ({ title }));
  const { training } = record;
  return {
    text: [
      ...wrap(sign(kind, words), 80),
      ...wrap(TOLERANCE_WORDS, 80),
      ...(pace ? ['', ...wrap(pace, 80)] : []),
      '',
      'Last values',
      textTable(valueHeads, values),
      '',
      ...(keys.length > 0 ? ['Configuration: what differs', textTable(keyHeads, keys)] : ['The configurations are the same.']),
      ...wrap(provenanceOf(record), 80),
    ].join('\n'),
    html: block(
      element('div', { style: 'font-weight:600' }, `${record.a} and ${record.b}`),
      element('div', mark(kind, words)),
      lossFigure({
        runs: [training, ...(training.others ?? [])].map(({ run, series }) => ({ name: run.name, series })),
        steps: training.run.status.steps,
        title: 'Loss',
        ...(record.parting && { marked: { step: record.parting.step, words: `they part at step ${record.parting.step}` } }),
      }),
      element('div', pace),
      table({ caption: 'Last values', columns: valueHeads, rows: values }),
      keys.length > 0
        ? table({ caption: 'Configuration: what differs', columns: keyHeads, rows: keys })
        : element('div', 'The configurations are the same.'),
      provenance(TOLERANCE_WORDS),
      provenance(provenanceOf(record)),
    ).html,
  };
}

function verdict({ a, b, parting, compared }: RunComparisonRecord): { kind: 'good' | 'bad' | 'warn'; words: string } {
  if (compared.steps === 0) return { kind: 'warn', words: `${a} and ${b} have logged no loss at a common step: nothing to compare.` };
  if (!parting && !compared.judged) {
    return { kind: 'warn', words: `${a} and ${b} have ${compared.steps} logged steps in common: too few to say whether they part.` };
  }
  if (!parting) {
    const words = `${a} and ${b} agree within rounding over ${compared.steps} common steps; the largest relative difference of the loss is ${figure(compared.largest)}.`;
    return { kind: 'good', words };
  }
  if (parting.difference === null)
    return { kind: 'bad', words: `${a} and ${b} part at step ${parting.step}: one loss is finite, the other not.` };
  const how = `the losses differ by ${figure(parting.difference)} there, rounding would explain ${figure(parting.tolerance)} (relative)`;
  return { kind: 'bad', words: `${a} and ${b} part beyond rounding at step ${parting.step}: ${how}.` };
}

function paceWords({ a, b, speed }: RunComparisonRecord): string {
  if (speed.a === null || speed.b === null || speed.ratio === null) return '';
  return `Measured: ${a} ${figure(speed.a)} steps/s, ${b} ${figure(speed.b)} steps/s; ${a} is ${Number(speed.ratio.toPrecision(3))} times as fast.`;
}

function metricRows({ metrics }: RunComparisonRecord): string[][] {
  const value = (one: number | null) => (one === null ? '–' : figure(one));
  return metrics.slice(0, MOST_ROWS).map(({ name, a, b, relative }) => [name.replaceAll('_', ' '), value(a), value(b), value(relative)]);
}

function configurationRows({ configuration }: RunComparisonRecord): string[][] {
  return configuration.slice(0, MOST_ROWS).map(({ key, a, b }) => [key, a ?? '–', b ?? '–']);
}
