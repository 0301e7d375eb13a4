/** Runs a command of a cell: its progress, notes, live displays and record are output of that cell. */
import { randomUUID } from 'node:crypto';
import type { CommandContext, LiveDisplay } from '../commands/command.ts';
import type { TradewindRecord } from '../records/index.ts';
import type { Header, Json } from '../wire/message.ts';
import { sessionAccess } from './access.ts';
import { drawn } from './drawn.ts';
import type { CellPlace, Failure, SessionState } from './state.ts';

export interface CommandCall {
  /** The line without its `%`. */
  text: string;
  body?: string;
  /** `name = %command`: the record goes to the variable, and is shown only where a live display shows it already. */
  variable?: string;
}

export interface CommandResult {
  record?: TradewindRecord;
  /** How it is shown. */
  bundle?: Json;
  error?: Failure;
}

/** Runs the command; `parent` is the header of the cell that its output belongs to, `place` where that cell runs. Never throws for the command's own faults. */
export async function runCommand(
  state: SessionState,
  call: CommandCall,
  parent: Header,
  signal: AbortSignal,
  place: CellPlace,
  runBody?: (body: string) => Promise<boolean>,
): Promise<CommandResult> {
  const screen = createScreen(state, parent);
  const before = { ...place };
  const progress = await state.commands.progress(screen.draw(randomUUID()));
  const context: CommandContext = {
    cwd: state.cwd,
    environment: state.environment,
    signal,
    progress: (one) => progress.update(one),
    note: (line) => state.voice.publish('stream', { name: 'stdout', text: `${line}\n` }, parent),
    show: (record) => screen.show(record),
    session: {
      ...sessionAccess(state, signal, (one) => progress.update(one), place),
      ...(runBody && call.body !== undefined ? { runBody: () => runBody(call.body!) } : {}),
    },
  };
  const outcome = await state.commands.run(call.text, context, call.body);
  progress.end();
  if (outcome.kind === 'error') {
    await screen.settled();
    return { error: await state.commands.errorContent(outcome.error, `%${call.text}`) };
  }
  if (outcome.kind === 'help') {
    state.voice.publish('display_data', { data: outcome.bundle, metadata: {}, transient: {} }, parent);
    return {};
  }
  const placed = place.spec !== before.spec || place.spread !== before.spread;
  if (outcome.jsonToOutput) {
    state.voice.publish('stream', { name: 'stdout', text: `${JSON.stringify(outcome.record, null, 1)}\n` }, parent);
  } else if (!placed) {
    await screen.finish(outcome.bundle, call.variable === undefined);
  }
  return { record: outcome.record, bundle: outcome.bundle };
}

/** The displays of one command. */
function createScreen(state: SessionState, parent: Header) {
  let last: string | undefined;
  let drawing: Promise<void> = Promise.resolve();

  const draw = drawn(state, parent);
  let redraw: ((data: Json) => void) | undefined;
  return {
    draw,
    show(record: TradewindRecord): LiveDisplay {
      last = randomUUID();
      const paint = draw(last);
      redraw = paint;
      // Bundles are made one after another, so that an older one never covers a newer.
      const update = (one: TradewindRecord) => {
        drawing = drawing.then(async () => paint(await state.commands.bundleOf(one))).catch((error) => console.error(error));
      };
      update(record);
      return { update };
    },
    settled: () => drawing,
    /** The command's result: in place of its live display, else as a display of its own when `wanted`. */
    async finish(bundle: Json, wanted: boolean): Promise<void> {
      await drawing;
      if (redraw) redraw(bundle);
      else if (wanted) draw(randomUUID())(bundle);
    },
  };
}
