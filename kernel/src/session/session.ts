/**
 * The kernel without its sockets: messages in, messages out. Tells what the kernel answers itself from what goes to an engine,
 * and keeps the order of execution. `main.ts` gives it sockets and processes; tests give it lists and fakes.
 */
import type { CommTarget } from '../commands/comm.ts';
import type { Engine } from '../engines/engine.ts';
import type { EngineSpec } from '../engines/spec.ts';
import type { Framework } from '../records/chips.ts';
import { describe } from '../records/errors.ts';
import { WireError } from '../wire/message.ts';
import { createReceiver, type Signer } from '../wire/signature.ts';
import { sessionAccess } from './access.ts';
import { createComms } from './comms.ts';
import { complete, inspect } from './complete.ts';
import { interrupt, kernelInfo, SUBSHELL_HANDLERS, stopEngines, usage } from './control.ts';
import { readyEngine } from './engine-use.ts';
import { abortCell, deathOf, execute } from './execute.ts';
import { createStdin } from './input.ts';
import { createJobs } from './jobs.ts';
import { createPool } from './pool.ts';
import { createQueue } from './queue.ts';
import type { CommandRoom, SessionState } from './state.ts';
import { createSubshells } from './subshells.ts';
import { createSwitchboard, EngineEnded, type Request } from './switchboard.ts';
import { createVoice, type SendToClients } from './voice.ts';

export interface SessionOptions {
  signer: Signer;
  /** The session id of the kernel's messages; its engines speak under the same. */
  id: string;
  send: SendToClients;
  cwd: string;
  environment: NodeJS.ProcessEnv;
  /** The engine that cells run on at first. */
  first: EngineSpec;
  /** Starts an engine whose frames go to `session.fromEngine`. */
  start(spec: EngineSpec): Engine;
  /** The engine of a chip; without a framework the preferred one where that runs there. */
  resolve(chip: string, framework: Framework | undefined, preferred: Framework, signal: AbortSignal): Promise<EngineSpec>;
  commands: CommandRoom;
  commTarget(name: string): Promise<CommTarget | undefined>;
  /** A client asked the kernel to end; its engines have ended already. */
  ended(): void;
  log(line: string): void;
}

export interface Session {
  /** Frames from a client, on the channel that they came in on. */
  fromClient(channel: 'shell' | 'control' | 'stdin', frames: Buffer[]): void;
  fromEngine(engine: Engine, channel: 'shell' | 'control' | 'stdin' | 'iopub', frames: Buffer[]): void;
  /** A client subscribed to output. */
  subscribed(topic: Buffer): void;
  /** Starts the first engine and tells subscribers that the kernel starts. */
  begin(): void;
  interrupt(): void;
  /** A line about an engine for whoever waits: in the output of the cell at work, else in the log. */
  notice(text: string): void;
  /** Ends every engine in good order. */
  stop(): Promise<void>;
  /** Ends every engine at once. */
  kill(): void;
}

export function createSession(options: SessionOptions): Session {
  const { signer, log } = options;
  const receive = createReceiver(signer);
  const voice = createVoice(signer, options.id, options.send);
  const subshells = createSubshells(() => state);
  const stdin = createStdin(() => state, signer);
  const observers = new Set<() => void>();
  const state: SessionState = {
    cwd: options.cwd,
    environment: options.environment,
    voice,
    commands: options.commands,
    resolve: options.resolve,
    active: options.first,
    count: 1,
    activities: new Set(),
    queues: new Map(),
    observers,
    conversations: new Map(),
    changed() {
      for (const observer of observers) observer();
    },
    switchboard: createSwitchboard(signer, voice.session, {
      toClients: options.send,
      comm: (engine, id, envelope) => state.comms.heard(engine, id, envelope),
      input: (engine, envelope) => stdin.asked(engine, envelope),
    }),
    pool: createPool(
      options.start,
      (pooled, exit) => {
        pooled.unmourned = !state.stopping && !state.switchboard.busy(pooled.engine);
        state.switchboard.ended(pooled.engine, exit);
        state.comms.engineEnded(pooled.engine);
        if (!state.stopping && pooled.death) log(pooled.death.message);
      },
      () => state.changed(),
    ),
    comms: undefined as never,
    jobs: createJobs(() => state.changed()),
    stopping: false,
  };
  const onChange = (observer: () => void) => {
    observers.add(observer);
    return () => observers.delete(observer);
  };
  const commContext = { cwd: options.cwd, environment: options.environment, session: sessionAccess(state), onChange };
  state.comms = createComms(voice, commContext, options.commTarget);

  /** Busy, the answer, idle: for what the kernel answers itself. */
  async function answer(channel: 'shell' | 'control', request: Request, content: () => object | Promise<object>): Promise<void> {
    const { message } = request;
    voice.status('busy', message.header);
    try {
      voice.reply(channel, message, await content());
    } catch (error) {
      const [ename, evalue] = error instanceof Error ? [error.name, describe(error)] : ['Error', String(error)];
      voice.reply(channel, message, { status: 'error', ename, evalue, traceback: [] });
    }
    voice.status('idle', message.header);
  }

  /** Gives a request to the active engine, whose reply goes to the client as it is. */
  async function forward(channel: 'shell' | 'control', request: Request): Promise<void> {
    try {
      const pooled = await readyEngine(state, state.active, request.message, new AbortController().signal);
      const id = request.message.header.subshell_id;
      if (id) await subshells.ensure(pooled, id);
      await state.switchboard.forward(pooled.engine, channel, request);
    } catch (error) {
      const cause = error instanceof EngineEnded ? await deathOf(state, error) : error;
      await answer(channel, request, () => Promise.reject(cause));
    }
  }

  async function comm(request: Request): Promise<void> {
    const { message, envelope } = request;
    const active = state.pool.get(state.active).engine;
    const owner = state.comms.ownerOf(message, active);
    if (owner === 'kernel') {
      voice.status('busy', message.header);
      await state.comms.answer(message);
      voice.status('idle', message.header);
      return;
    }
    const pooled = owner && state.pool.of(owner);
    if (!pooled) return;
    const id = message.header.subshell_id;
    if (id) await subshells.ensure(pooled, id);
    state.switchboard.pass(pooled.engine, 'shell', envelope.frames);
  }

  async function info(channel: 'shell' | 'control', request: Request): Promise<void> {
    const pooled = state.pool.find(state.active);
    // The first reply waits for the engine, whose language it tells; a kernel whose engine can't start still answers.
    if (pooled?.state === 'starting') await state.pool.ready(pooled).catch(() => {});
    await answer(channel, request, () => kernelInfo(state, pooled));
  }

  async function shutdown(channel: 'shell' | 'control', request: Request): Promise<void> {
    const restart = request.message.content.restart === true;
    state.stopping = true;
    interrupt(state);
    await stopEngines(state, restart);
    state.comms.close();
    await answer(channel, request, () => ({ status: 'ok', restart }));
    voice.publish('shutdown_reply', { status: 'ok', restart }, request.message.header);
    options.ended();
  }

  function enqueue(request: Request, cell: boolean, run: () => ReturnType<typeof execute>): void {
    const id = request.message.header.subshell_id || '';
    let queue = state.queues.get(id);
    if (!queue) {
      queue = createQueue();
      state.queues.set(id, queue);
    }
    queue.add({ cell, run, abort: () => abortCell(state, request) });
  }

  const either: Record<string, (channel: 'shell' | 'control', request: Request) => unknown> = {
    kernel_info_request: info,
    interrupt_request: (channel, request) => answer(channel, request, () => interrupt(state)),
    shutdown_request: shutdown,
    usage_request: (channel, request) => answer(channel, request, () => usage(state)),
    comm_info_request: (channel, request) =>
      answer(channel, request, () => ({
        status: 'ok',
        comms: state.comms.list(request.message.content.target_name as string | undefined),
      })),
    comm_open: (_, request) => comm(request),
    comm_msg: (_, request) => comm(request),
    comm_close: (_, request) => comm(request),
  };

  function onShell(request: Request): void {
    const { header } = request.message;
    const handler = either[header.msg_type];
    if (handler) {
      handler('shell', request);
    } else if (header.subshell_id && !subshells.has(header.subshell_id)) {
      const evalue = `Unknown subshell_id '${header.subshell_id}'`;
      answer('shell', request, () => ({ status: 'error', ename: 'UnknownSubshellError', evalue, traceback: [] }));
    } else if (header.msg_type === 'execute_request') {
      enqueue(request, true, async () => {
        if (header.subshell_id) await subshells.ensure(state.pool.get(state.active), header.subshell_id).catch(() => {});
        return execute(state, request);
      });
    } else {
      const own = { complete_request: complete, inspect_request: inspect }[header.msg_type];
      const reply = own?.(state, request.message.content);
      if (reply) answer('shell', request, () => reply);
      else {
        enqueue(request, false, async () => {
          forward('shell', request);
          return 'go on';
        });
      }
    }
  }

  function onControl(request: Request): void {
    const { header, content } = request.message;
    const subshell = SUBSHELL_HANDLERS[header.msg_type];
    const handler = either[header.msg_type];
    if (subshell) answer('control', request, () => subshell(subshells, content));
    else if (handler) handler('control', request);
    else forward('control', request);
  }

  return {
    fromClient(channel, frames) {
      let request: Request;
      try {
        request = receive(frames);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        log(`a message on ${channel} was dropped (${error.fault}): ${error.message}`);
        return;
      }
      if (channel === 'shell') onShell(request);
      else if (channel === 'control') onControl(request);
      else stdin.answered(request);
    },
    fromEngine: state.switchboard.receive,
    subscribed: voice.welcome,
    begin() {
      voice.status('starting', {});
      state.pool.get(state.active);
    },
    interrupt: () => {
      interrupt(state);
    },
    notice(text) {
      const cell = [...state.activities].at(-1);
      if (cell) voice.publish('stream', { name: 'stderr', text: `${text}\n` }, cell.header);
      else log(text);
    },
    async stop() {
      state.stopping = true;
      await stopEngines(state, false);
      state.comms.close();
    },
    kill() {
      for (const pooled of state.pool.engines) if (pooled.state !== 'dead') pooled.engine.kill();
    },
  };
}
