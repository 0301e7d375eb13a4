/** Cells in the background: where each runs, how it stands, and how it is stopped. */
import { type BackgroundCell, isOver, type JobState, type JobsRecord } from '../records/jobs.ts';
import type { Display } from './display.ts';
import { block, type Content, element, type Mark, mark, sign, table } from './html.ts';
import { duration, textTable } from './text.ts';

const MARKS: Record<JobState, Mark> = { waiting: 'neutral', running: 'warn', done: 'good', failed: 'bad', stopped: 'neutral' };

/** Characters of code that a terminal's table has room for. */
const SHORT = 20;

/** What there is to know besides its state. */
function note({ id, state, seconds, reason }: BackgroundCell): string {
  if (state === 'waiting') return `for its engine (%chip --stop ${id} gives it up)`;
  if (state === 'running') return `(%chip --stop ${id} ends it)`;
  return [state === 'stopped' && seconds === 0 ? 'before it began' : `after ${duration(seconds)}`, reason].filter(Boolean).join(': ');
}

export function display({ cells }: JobsRecord): Display {
  const caption = cells.length === 0 ? 'No cell runs in the background.' : 'Cells in the background';
  const stamp = (cell: BackgroundCell) =>
    isOver(cell.state) || cell.state === 'waiting' ? '' : ` since ${cell.startedAt.slice(11, 19)} UTC`;
  if (cells.length === 0) return { text: caption, html: block(element('p', caption)).html };
  return {
    text: textTable(
      ['number', 'engine', 'code', 'state'].map((title) => ({ title })),
      cells.map((cell) => [
        String(cell.id),
        cell.engines.join(', '),
        `[${cell.cell}] ${cell.code.slice(0, SHORT)}`,
        sign(MARKS[cell.state], `${cell.state}${stamp(cell)} ${note(cell)}`),
      ]),
    ),
    html: block(
      table({
        caption,
        columns: ['Number', 'Engine', 'Code', 'State', ''].map((title) => ({ title })),
        rows: cells.map((cell): Content[] => [
          String(cell.id),
          cell.engines.join(', '),
          element('code', `[${cell.cell}] ${cell.code}`),
          mark(MARKS[cell.state], `${cell.state}${stamp(cell)}`),
          note(cell),
        ]),
      }),
    ).html,
  };
}
