/**
 * Runs a cell with commands, step by step: code on the active engine (its line numbers kept), commands in the kernel, in order.
 * The reply is made of the parts' replies; history and count are set once, at the end, in the engine that is active then.
 */
import type { Json } from '../wire/message.ts';
import { runSpread } from './background.ts';
import { parseCell, type Step } from './cell.ts';
import { runCommand } from './command-run.ts';
import { alignCount, quietly, readyEngine, untilFree } from './engine-use.ts';
import { announce, beforeFailure, failureOf } from './execute.ts';
import type { PooledEngine } from './pool.ts';
import type { CellRun, Failure, SessionState } from './state.ts';
import type { Hearer, Request } from './switchboard.ts';

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
  const run: CellRun = { request, signal, count: state.count, place: {}, payload: [], afterwards: [] };
  let failure: Failure | undefined;
  let expressions: Json = {};
  const { count, payload } = run;
  try {
    for (const step of steps) {
      failure = await runStep(state, run, step);
      if (failure) break;
    }
    if (!failure) expressions = await evaluate(state, run, user_expressions as Record<string, string>);
  } catch (error) {
    failure = await failureOf(state, error);
    if (!silent) state.voice.publish('error', failure, message.header);
  }
  if (store_history && !silent) await remember(state, code, count);
  const status = failure ? 'error' : 'ok';
  if (failure) await beforeFailure(state, message);
  state.voice.reply('shell', message, { status, ...failure, execution_count: count, user_expressions: expressions, payload });
  state.voice.status('idle', message.header);
  for (const begin of run.afterwards) begin();
  return status;
}

async function runStep(state: SessionState, run: CellRun, step: Step): Promise<Failure | undefined> {
  const { request, place } = run;
  if (step.kind === 'code') return runCode(state, run, step.code, step.line);
  if (step.kind === 'help') {
    run.payload.push({ source: 'page', data: await state.commands.help(step.command), start: 0 });
    return undefined;
  }
  const header = request.message.header;
  let failed: Failure | undefined;
  const runRest = async (text: string) => {
    failed = await runBody(state, run, text, step.line + 1);
    return failed === undefined;
  };
  const outcome = await runCommand(state, step, header, run.signal, place, runRest);
  if (failed) return failed;
  if (outcome.error) {
    if (!request.message.content.silent) state.voice.publish('error', outcome.error, header);
    return outcome.error;
  }
  if (outcome.record && step.variable) {
    const pooled = await engineForCode(state, run);
    const text = JSON.stringify(JSON.stringify({ record: outcome.record, bundle: outcome.bundle }));
    await quietly(state, pooled, `__import__('tradewind.engine.records').engine.records.assign(${JSON.stringify(step.variable)}, ${text})`);
  }
  if (step.body === undefined) return undefined;
  // `%%chip NAME`: the rest of the cell runs there. Commands may stand in it too.
  if (place.spread) return runSpread(state, run, place.spread, step.body, step.line + 1);
  return place.spec && runBody(state, run, step.body, step.line + 1);
}

/** Runs the body of a `%%chip`, which begins at `line` of its cell. */
export async function runBody(state: SessionState, run: CellRun, body: string, line: number): Promise<Failure | undefined> {
  for (const step of parseCell(body, (name) => state.commands.names.has(name))) {
    const failure = await runStep(state, run, { ...step, line: step.line + line });
    if (failure) return failure;
  }
  return undefined;
}

async function engineForCode(state: SessionState, run: CellRun): Promise<PooledEngine> {
  const { request, signal, place, job } = run;
  const spec = place.spec ?? state.active;
  if (!request.message.header.subshell_id) await untilFree(state, spec, request.message, signal, job);
  job?.begin();
  const pooled = await readyEngine(state, spec, request.message, signal);
  // A background cell has its number already, and the count has gone on.
  if (!job) alignCount(state, pooled);
  return pooled;
}

/** Runs code of the cell, which begins at `line` of it, on the cell's engine; `hear` is offered its output. */
export async function runCode(state: SessionState, run: CellRun, code: string, line: number, hear?: Hearer): Promise<Failure | undefined> {
  if (code.trim() === '') return undefined;
  const { request } = run;
  const { message } = request;
  const pooled = await engineForCode(state, run);
  run.ready?.();
  state.changed();
  const reply = await state.switchboard.step(
    pooled.engine,
    request,
    {
      code,
      silent: message.content.silent ?? false,
      store_history: false,
      user_expressions: {},
      // Who works beside others has nobody to ask.
      allow_stdin: hear === undefined && run.job === undefined && (message.content.allow_stdin ?? false),
      stop_on_error: false,
    },
    { ...message.metadata, tradewind: { line, cell: message.content.code, count: run.count } },
    hear,
  );
  if (Array.isArray(reply.payload)) run.payload.push(...reply.payload);
  if (reply.status === 'ok') return undefined;
  return { ename: String(reply.ename), evalue: String(reply.evalue), traceback: (reply.traceback as string[] | undefined) ?? [] };
}

async function evaluate(state: SessionState, run: CellRun, expressions: Record<string, string>): Promise<Json> {
  if (Object.keys(expressions).length === 0) return {};
  const pooled = await engineForCode(state, run);
  return ((await quietly(state, pooled, '', expressions)).user_expressions as Json | undefined) ?? {};
}

/** The whole cell goes into the active engine's history under its number, and the count moves on. */
async function remember(state: SessionState, code: string, count: number): Promise<void> {
  state.count = count + 1;
  const pooled = state.pool.find(state.active);
  if (pooled?.state !== 'running') return;
  pooled.count = state.count;
  const kept = quietly(
    state,
    pooled,
    `__import__('tradewind.engine.history').engine.history.remember(${count}, ${JSON.stringify(JSON.stringify(code))})`,
  ).catch(() => {});
  // An engine that works in the background does it afterwards.
  if (!state.jobs.running(state.active)) await kept;
}
