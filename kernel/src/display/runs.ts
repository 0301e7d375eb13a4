/** The list of training runs: state, how far, newest losses. */
import type { RunSummary, RunsRecord } from '../records/training.ts';
import type { Display } from './display.ts';
import { block, mark, provenance, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { figure, STATE_MARKS } from './runState.ts';
import { textTable } from './text.ts';

const COLUMNS = [
  { title: 'Run' },
  { title: 'State' },
  { title: 'Model' },
  { title: 'Framework' },
  { title: 'Step', align: 'right' },
  { title: 'Loss', align: 'right' },
  { title: 'Validation', align: 'right' },
] as const;

export function display(record: RunsRecord): Display {
  if (record.runs.length === 0) {
    const none = `No runs in ${record.folder}. tradewind train FILE.yaml makes one.`;
    return { text: none, html: block(none).html };
  }
  return {
    text: textTable(
      COLUMNS,
      record.runs.map((run) => row(run, sign(STATE_MARKS[run.status.state], run.status.state))),
    ),
    html: block(
      table({
        caption: `Training runs in ${record.folder}`,
        columns: COLUMNS,
        rows: record.runs.map((run) => row(run, mark(STATE_MARKS[run.status.state], run.status.state))),
      }),
      provenance(provenanceOf(record)),
    ).html,
  };
}

function row<State>(run: RunSummary, state: State): (string | State)[] {
  return [
    run.name,
    state,
    run.model,
    `${run.framework} on ${run.chip}`,
    run.status.steps ? `${run.status.step}/${run.status.steps}` : '–',
    figure(run.latest.loss),
    figure(run.latest.validation_loss),
  ];
}
