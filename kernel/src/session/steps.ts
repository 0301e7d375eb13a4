/**
 * Runs a cell with commands, step by step: code on the active engine (its line numbers kept), commands in the kernel, in order.
 * The reply is made of the parts' replies; history and count are set once, at the end, in the engine that is active then.
 */
import type { Json } from '../wire/message.ts';
import { parseCell, type Step } from './cell.ts';
import { runCommand } from './command-run.ts';
import { alignCount, quietly, readyEngine } from './engine-use.ts';
import { announce, beforeFailure, deathOf } from './execute.ts';
import type { PooledEngine } from './pool.ts';
import type { SessionState } from './state.ts';
import { EngineEnded, type Request } from './switchboard.ts';

interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Runs the steps and answers the request; resolves to the reply's status. */
export async function runSteps(
  state: SessionState,
  request: Request,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<'ok' | 'error'> {
  const { message } = request;
  const { silent, store_history = !silent, user_expressions = {} } = message.content;
  const code = String(message.content.code);
  announce(state, message);
  const payload: unknown[] = [];
  let failure: Failure | undefined;
  let expressions: Json = {};
  const count = state.count;
  try {
    for (const step of steps) {
      failure = await runStep(state, request, step, signal, payload);
      if (failure) break;
    }
    if (!failure) expressions = await evaluate(state, request, user_expressions as Record<string, string>, signal);
  } catch (error) {
    failure = await state.commands.errorContent(error instanceof EngineEnded ? await deathOf(state, error) : error);
    if (!silent) state.voice.publish('error', failure, message.header);
  }
  if (store_history && !silent) await remember(state, code, count);
  const status = failure ? 'error' : 'ok';
  if (failure) await beforeFailure(state, message);
  state.voice.reply('shell', message, { status, ...failure, execution_count: count, user_expressions: expressions, payload });
  state.voice.status('idle', message.header);
  return status;
}

async function runStep(
  state: SessionState,
  request: Request,
  step: Step,
  signal: AbortSignal,
  payload: unknown[],
): Promise<Failure | undefined> {
  if (step.kind === 'code') return runCode(state, request, step.code, step.line, signal, payload);
  if (step.kind === 'help') {
    payload.push({ source: 'page', data: await state.commands.help(step.command), start: 0 });
    return undefined;
  }
  const header = request.message.header;
  let failed: Failure | undefined;
  const runRest = async (text: string) => {
    failed = await runBody(state, request, text, step.line + 1, signal, payload);
    return failed === undefined;
  };
  const outcome = await runCommand(state, step, header, signal, runRest);
  if (failed) return failed;
  if (outcome.error) {
    if (!request.message.content.silent) state.voice.publish('error', outcome.error, header);
    return outcome.error;
  }
  if (outcome.record && step.variable) {
    const pooled = await engineForCode(state, request, signal);
    const text = JSON.stringify(JSON.stringify({ record: outcome.record, bundle: outcome.bundle }));
    await quietly(state, pooled, `__import__('tradewind.engine.records').engine.records.assign(${JSON.stringify(step.variable)}, ${text})`);
  }
  // `%%chip NAME`: the rest of the cell runs there. Commands may stand in it too.
  if (step.body !== undefined && state.forCell) return runBody(state, request, step.body, step.line + 1, signal, payload);
  return undefined;
}

/** Runs the body of a `%%chip`, which begins at `line` of its cell. */
export async function runBody(
  state: SessionState,
  request: Request,
  body: string,
  line: number,
  signal: AbortSignal,
  payload: unknown[],
): Promise<Failure | undefined> {
  for (const step of parseCell(body, (name) => state.commands.names.has(name))) {
    const failure = await runStep(state, request, { ...step, line: step.line + line }, signal, payload);
    if (failure) return failure;
  }
  return undefined;
}

async function engineForCode(state: SessionState, { message }: Request, signal: AbortSignal): Promise<PooledEngine> {
  const pooled = await readyEngine(state, state.forCell ?? state.active, message, signal);
  alignCount(state, pooled);
  return pooled;
}

async function runCode(
  state: SessionState,
  request: Request,
  code: string,
  line: number,
  signal: AbortSignal,
  payload: unknown[],
): Promise<Failure | undefined> {
  if (code.trim() === '') return undefined;
  const { message } = request;
  const pooled = await engineForCode(state, request, signal);
  state.changed();
  const reply = await state.switchboard.step(
    pooled.engine,
    request,
    {
      code,
      silent: message.content.silent ?? false,
      store_history: false,
      user_expressions: {},
      allow_stdin: message.content.allow_stdin ?? false,
      stop_on_error: false,
    },
    { ...message.metadata, tradewind: { line, cell: message.content.code, count: state.count } },
  );
  if (Array.isArray(reply.payload)) payload.push(...reply.payload);
  if (reply.status === 'ok') return undefined;
  return { ename: String(reply.ename), evalue: String(reply.evalue), traceback: (reply.traceback as string[] | undefined) ?? [] };
}

async function evaluate(state: SessionState, request: Request, expressions: Record<string, string>, signal: AbortSignal): Promise<Json> {
  if (Object.keys(expressions).length === 0) return {};
  const pooled = await engineForCode(state, request, signal);
  return ((await quietly(state, pooled, '', expressions)).user_expressions as Json | undefined) ?? {};
}

/** The whole cell goes into the active engine's history under its number, and the count moves on. */
async function remember(state: SessionState, code: string, count: number): Promise<void> {
  state.count = count + 1;
  const pooled = state.pool.find(state.active);
  if (pooled?.state !== 'running') return;
  pooled.count = state.count;
  await quietly(
    state,
    pooled,
    `__import__('tradewind.engine.history').engine.history.remember(${count}, ${JSON.stringify(JSON.stringify(code))})`,
  ).catch(() => {});
}
