/** A training run: its state and figures, and the loss curve as a picture that needs nothing but the page. */
import type { TrainingRecord } from '../records/training.ts';
import { appliedLines } from './advice.ts';
import type { Display } from './display.ts';
import { block, element, mark, provenance, STYLE, sign, table } from './html.ts';
import { lossFigure } from './lossFigure.ts';
import { provenanceOf } from './provenance.ts';
import { figure, progressOf, STATE_MARKS } from './runState.ts';
import { columns, wrap } from './text.ts';

/** A run may log a score of each channel: the first metrics stand in the table, the widget and `--json` have all. */
const MOST_METRICS = 24;

export function display(record: TrainingRecord): Display {
  const { run, series, fault, others = [] } = record;
  const { status } = run;
  const size = run.parameters === undefined ? '' : `, ${run.parameters.toLocaleString('en').replaceAll(',', ' ')} parameters`;
  const title = `${run.name}: ${run.model}${size}, ${run.framework} on ${run.chip}`;
  const facts: [string, string][] = [
    ['State', sign(STATE_MARKS[status.state], status.state)],
    ['Done', progressOf(status)],
    ['Ways', (run.ways ?? []).join(', ')],
    ...Object.entries(run.latest)
      .slice(0, MOST_METRICS)
      .map(([name, value]): [string, string] => [name.replaceAll('_', ' '), figure(value)]),
    [
      'Message',
      [status.message, fault].filter((text, at, all) => text && !all.slice(at + 1).some((other) => other?.startsWith(text))).join(' · '),
    ],
    ...others.map(({ run: other }): [string, string] => [
      `Over it: ${other.name}`,
      [
        `${other.framework} on ${other.chip}`,
        ...(other.ways ?? []),
        other.status.state,
        progressOf(other.status),
        `loss ${figure(other.latest.loss)}`,
      ].join(', '),
    ]),
    ...appliedLines(record.optimisations ?? []).map((line, at): [string, string] => [
      `Optimised by: ${record.optimisations![at]!.name}`,
      line,
    ]),
    ['Folder', run.folder],
  ].filter(([, value]) => value !== '') as [string, string][];
  const shown = facts.filter(([name]) => name !== 'State');
  return {
    text: [...wrap(title, 80), columns(facts, 80), ...wrap(provenanceOf(record), 80)].join('\n'),
    html: block(
      element('div', { style: 'font-weight:600' }, title),
      element('div', mark(STATE_MARKS[status.state], status.state)),
      lossFigure({
        runs: [{ name: run.name, series }, ...others.map((one) => ({ name: one.run.name, series: one.series }))],
        steps: status.steps,
        title: 'Loss',
      }),
      table({
        caption: `The run ${run.name}`,
        columns: [{ title: 'What' }, { title: 'Value' }],
        rows: shown.map(([name, value]) => [name, name === 'Folder' ? element('span', { style: STYLE.code }, value) : value]),
      }),
      provenance(provenanceOf(record)),
    ).html,
  };
}
