/**
 * One cell on several engines at once: each engine's output is collected in a column, and all columns are one display of the cell,
 * drawn again while they fill. What fails in one column takes nothing from the others.
 */
import { randomUUID } from 'node:crypto';
import { baseRecord } from '../commands/base.ts';
import { type EngineSpec, engineName } from '../engines/spec.ts';
import { TradewindError } from '../records/errors.ts';
import type { Column, TogetherRecord } from '../records/together.ts';
import { parseCell } from './cell.ts';
import { type Collector, createCollector } from './column.ts';
import { drawn } from './drawn.ts';
import { failureOf } from './execute.ts';
import type { CellRun, Failure, SessionState } from './state.ts';
import { runCode } from './steps.ts';

/** Between two pictures, at least; more where there is much to draw. */
const PAUSE_MS = 150;
/** Characters of output that may be drawn in a second. */
const RATE = 4e6;

interface Track {
  column: Omit<Column, 'outputs' | 'seconds'>;
  collector: Collector;
  begun?: number;
  ended?: number;
}

/** Runs `body`, which begins at `line` of its cell, on all of `specs`. Its failure is that of the engines that failed. */
export async function runTogether(
  state: SessionState,
  run: CellRun,
  specs: readonly EngineSpec[],
  body: string,
  line: number,
): Promise<Failure | undefined> {
  refuseCommands(state, body, line);
  const picture = createPicture(state, run, () => tracks);
  const tracks: Track[] = specs.map((spec) => ({
    column: { engine: engineName(spec), title: spec.title, state: 'waiting' },
    collector: createCollector(picture.changed),
  }));
  picture.changed();
  const failures = await Promise.all(tracks.map((track, at) => runColumn(state, run, specs[at]!, track, body, line, picture.changed)));
  await picture.finish();
  const failed = failures.flatMap((failure, at) => (failure ? [{ ...failure, engine: tracks[at]!.column.engine }] : []));
  if (failed.length === 0) return undefined;
  return {
    ename: failed[0]!.ename,
    evalue: failed.map(({ engine, ename, evalue }) => `${engine}: ${ename}: ${evalue}`).join('; '),
    traceback: failed.flatMap(({ engine, traceback }) => [engine, ...traceback]),
  };
}

async function runColumn(
  state: SessionState,
  run: CellRun,
  spec: EngineSpec,
  track: Track,
  body: string,
  line: number,
  changed: () => void,
): Promise<Failure | undefined> {
  const { column, collector } = track;
  const own: CellRun = {
    ...run,
    place: { spec, beside: true },
    afterwards: [],
    ready() {
      track.begun = performance.now();
      column.state = 'running';
      run.ready?.();
      changed();
    },
  };
  let failure: Failure | undefined;
  try {
    failure = await runCode(state, own, body, line, collector.hear);
  } catch (error) {
    failure = await failureOf(state, error);
    collector.hear({ ...run.request.message, header: { ...run.request.message.header, msg_type: 'error' }, content: { ...failure } });
  }
  track.ended = performance.now();
  column.state = failure ? 'failed' : 'done';
  changed();
  return failure;
}

function refuseCommands(state: SessionState, body: string, line: number): void {
  const command = parseCell(body, (name) => state.commands.names.has(name)).find((step) => step.kind !== 'code');
  if (!command) return;
  throw new TradewindError({
    code: 'usage',
    message: `a cell on several engines is code for these engines, and line ${command.line + line + 1} is a command of the kernel`,
    remedy: 'Put the command into a cell of its own.',
  });
}

/** The display of the columns, drawn again whenever something has changed, but not too often. */
function createPicture(state: SessionState, run: CellRun, tracks: () => readonly Track[]) {
  const paint = drawn(state, run.request.message.header)(randomUUID());
  let begun = false;
  let timer: NodeJS.Timeout | undefined;
  let drawing: Promise<void> = Promise.resolve();

  const record = (): TogetherRecord => ({
    ...baseRecord('together', { session: { active: () => state.active } }),
    columns: tracks().map(({ column, collector, begun, ended }) => ({
      ...column,
      seconds: begun === undefined ? 0 : ((ended ?? performance.now()) - begun) / 1000,
      outputs: collector.outputs,
    })),
  });
  const draw = () => {
    timer = undefined;
    drawing = drawing.then(async () => paint(await state.commands.bundleOf(record()))).catch((error) => console.error('tradewind:', error));
  };
  return {
    /** Also after the cell's end: a thread of it may still speak. */
    changed() {
      if (!begun) {
        begun = true;
        return draw();
      }
      const size = tracks().reduce((sum, { collector }) => sum + collector.size, 0);
      timer ??= setTimeout(draw, PAUSE_MS + (1000 * size) / RATE);
    },
    async finish(): Promise<void> {
      clearTimeout(timer);
      draw();
      await drawing;
    },
  };
}
