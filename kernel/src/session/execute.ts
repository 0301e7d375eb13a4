/**
 * Runs a cell. One without commands goes to the active engine byte for byte, and everything that the engine says goes to the client
 * byte for byte. One with commands runs step by step, and its reply, status and input are the kernel's.
 */
import { TradewindError } from '../records/errors.ts';
import type { Json, Message } from '../wire/message.ts';
import { mayHaveCommands, parseCell } from './cell.ts';
import { alignCount, readyEngine, untilFree } from './engine-use.ts';
import type { Verdict } from './queue.ts';
import type { Failure, SessionState } from './state.ts';
import { runSteps } from './steps.ts';
import { EngineEnded, type Request } from './switchboard.ts';

interface ExecuteContent {
  code: string;
  silent?: boolean;
  store_history?: boolean;
  stop_on_error?: boolean;
}

/** Runs the cell and answers it; never throws. */
export async function execute(state: SessionState, request: Request): Promise<Verdict> {
  const { message } = request;
  const content = message.content as Json & ExecuteContent;
  const code = String(content.code ?? '');
  const activity = { abort: new AbortController(), header: message.header };
  state.activities.add(activity);
  let status: unknown;
  try {
    const steps = mayHaveCommands(code) ? parseCell(code, (name) => state.commands.names.has(name)) : [];
    const plain = steps.length === 0 || (steps.length === 1 && steps[0]!.kind === 'code');
    status = plain ? await relayCell(state, request, activity.abort.signal) : await runSteps(state, request, steps, activity.abort.signal);
  } catch (error) {
    status = 'error';
    // An engine that took the cell has announced it; one that never did, has not.
    if (!(error instanceof EngineEnded)) announce(state, message);
    await fail(state, message, error);
  } finally {
    state.activities.delete(activity);
    state.changed();
  }
  return status === 'error' && !content.silent && content.stop_on_error !== false ? 'abort the rest' : 'go on';
}

async function relayCell(state: SessionState, request: Request, signal: AbortSignal): Promise<unknown> {
  const wait = request.message.header.subshell_id ? undefined : untilFree(state, state.active, request.message, signal);
  if (wait) await wait;
  const pooled = await readyEngine(state, state.active, request.message, signal);
  alignCount(state, pooled);
  state.changed();
  const reply = await state.switchboard.forward(pooled.engine, 'shell', request, () => beforeFailure(state, request.message));
  if (typeof reply.execution_count === 'number') {
    pooled.count = reply.execution_count + 1;
    state.count = pooled.count;
  }
  return reply.status;
}

/** Tells the clients that the cell runs, as an engine does for the cells that go to it whole. */
export function announce(state: SessionState, { header, content }: Message): void {
  state.voice.status('busy', header);
  if (!content.silent) state.voice.publish('execute_input', { code: content.code, execution_count: state.count }, header);
}

/** The cell's error as output and reply, when there is no engine that could give them. */
async function fail(state: SessionState, message: Message, error: unknown): Promise<void> {
  const content = await failureOf(state, error);
  if (!message.content.silent) state.voice.publish('error', content, message.header);
  await beforeFailure(state, message);
  state.voice.reply('shell', message, { status: 'error', ...content, execution_count: state.count, user_expressions: {}, payload: [] });
  state.voice.status('idle', message.header);
}

/** Before the client learns that its cell failed: the cells that it has sent already are marked, so that these alone are aborted. */
export async function beforeFailure(state: SessionState, { header }: Message): Promise<void> {
  await state.queues.get(header.subshell_id || '')?.doom();
}

/** What was thrown while a cell ran, as its failure; of an engine that ended, why. */
export async function failureOf(state: SessionState, error: unknown): Promise<Failure> {
  return state.commands.errorContent(error instanceof EngineEnded ? await deathOf(state, error) : error);
}

/** Why the engine ended, as the error to show; told once. */
export async function deathOf(state: SessionState, ended: EngineEnded): Promise<TradewindError> {
  const pooled = state.pool.of(ended.engine);
  if (!pooled?.death) return new TradewindError({ code: 'internal', message: 'an engine ended, and nothing is known of it' });
  pooled.unmourned = false;
  return new TradewindError(pooled.death);
}

/** Answers a cell that will not run, because one before it failed. */
export function abortCell(state: SessionState, { message }: Request): void {
  state.voice.status('busy', message.header);
  state.voice.reply('shell', message, { status: 'aborted' }, { status: 'aborted' });
  state.voice.status('idle', message.header);
}
