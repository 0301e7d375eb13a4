/**
 * The traffic between clients and engines: requests go out and are remembered, replies and output come back and are passed on verbatim.
 *
 * Only what must be known is read: the parent of a reply, the state in a status, the ids of comms. Output is told apart by its topic.
 * Requests of the kernel's own are recognised by their session, so that neither their replies nor their status reach a client.
 */
import type { Engine, EngineChannel } from '../engines/engine.ts';
import type { Exit } from '../engines/process.ts';
import { createHeader, DELIMITER, type Envelope, type Header, type Json, type Message, open, parse } from '../wire/message.ts';
import { type Signer, seal } from '../wire/signature.ts';
import type { SendToClients } from './voice.ts';

/** A client's request, read and as it came. */
export interface Request {
  envelope: Envelope;
  message: Message;
}

/** Thrown to whoever waits for a reply from an engine that ended. */
export class EngineEnded extends Error {
  readonly engine: Engine;
  readonly exit: Exit;

  constructor(engine: Engine, exit: Exit) {
    super('the engine ended');
    this.engine = engine;
    this.exit = exit;
  }
}

export interface Switchboard {
  /** Passes a client's request on as it is; resolves with the reply's content once the client has it, a cell's when its output is out too. A failed cell's reply waits for `beforeFailure`. */
  forward(engine: Engine, channel: 'shell' | 'control', request: Request, beforeFailure?: () => Promise<void>): Promise<Json>;
  /** Passes a message on that has no reply. */
  pass(engine: Engine, channel: EngineChannel, frames: readonly Buffer[]): void;
  /** A request of the kernel's own. */
  ask(engine: Engine, channel: 'shell' | 'control', type: string, content: object): Promise<Json>;
  /** The same with buffers, there and back. */
  exchange(
    engine: Engine,
    channel: 'shell' | 'control',
    type: string,
    content: object,
    buffers: readonly Buffer[],
  ): Promise<{ content: Json; buffers: readonly Buffer[] }>;
  /**
   * Runs a part of a client's cell: output reaches the client as that cell's, status and reply don't. Resolves when all output is out.
   * `hear` is offered the output first, and what it takes (true) does not reach the client; it is offered what comes late, too.
   */
  step(engine: Engine, request: Request, content: object, metadata: Json, hear?: Hearer): Promise<Json>;
  /** Resolves when the output that the engine sent before its sync message has been passed on. */
  synced(mark: string): Promise<void>;
  /** Frames from an engine. */
  receive(engine: Engine, channel: EngineChannel | 'iopub', frames: Buffer[]): void;
  /** The engine has ended: whoever waits for it is told. */
  ended(engine: Engine, exit: Exit): void;
  /** Does it work on a client's execute request? */
  busy(engine: Engine): boolean;
}

export interface Listeners {
  toClients: SendToClients;
  /** A comm message of an engine, before it is passed on. */
  comm(engine: Engine, id: string, envelope: Envelope): void;
  /** An engine asks for input; true when the kernel answers that itself. */
  input(engine: Engine, envelope: Envelope): boolean;
}

/** Takes a message of output (true), or leaves it to the client. */
export type Hearer = (message: Message) => boolean;

interface Pending {
  engine: Engine;
  /** Is the reply the client's? */
  relay: boolean;
  execute: boolean;
  beforeFailure?: () => Promise<void>;
  resolve(content: Json, buffers: readonly Buffer[]): void;
  reject(error: Error): void;
}

/** A cell, or a part of one, at work in an engine. */
interface Work {
  engine: Engine;
  /** Its status is the kernel's to tell. */
  step: boolean;
  idle: PromiseWithResolvers<void>;
}

export function createSwitchboard(signer: Signer, session: string, listeners: Listeners): Switchboard {
  const pending = new Map<string, Pending>();
  const work = new Map<string, Work>();
  /** Who collects what an engine says of a cell: at most one an engine, which hears threads of that cell until the next one comes. */
  const hearers = new Map<Engine, { id: string; hear: Hearer }>();
  const marks = new Map<string, PromiseWithResolvers<void>>();
  const ownSession = Buffer.from(`"${session}"`);

  /** A cell may run in two engines at once: a magic in one has the rest of its body run in another. */
  const key = (engine: Engine, id: string) => `${engine.id} ${id}`;

  const expect = (id: string, engine: Engine, relay: boolean, execute: boolean, beforeFailure?: () => Promise<void>): Promise<Json> =>
    new Promise((resolve, reject) => pending.set(key(engine, id), { engine, relay, execute, beforeFailure, resolve, reject }));

  /** Sends a cell or a step; resolves when its reply has come and all its output has been passed on. */
  async function atWork(engine: Engine, id: string, step: boolean, send: () => void, beforeFailure?: () => Promise<void>): Promise<Json> {
    const idle = Promise.withResolvers<void>();
    work.set(key(engine, id), { engine, step, idle });
    try {
      const answer = expect(id, engine, !step, true, beforeFailure);
      send();
      const content = await answer;
      await idle.promise;
      return content;
    } finally {
      work.delete(key(engine, id));
    }
  }

  function exchange(engine: Engine, channel: 'shell' | 'control', type: string, content: object, buffers: readonly Buffer[]) {
    const header = createHeader(type, session);
    const answer = new Promise<{ content: Json; buffers: readonly Buffer[] }>((resolve, reject) =>
      pending.set(key(engine, header.msg_id), {
        engine,
        relay: false,
        execute: false,
        resolve: (replied, itsBuffers) => resolve({ content: replied, buffers: itsBuffers }),
        reject,
      }),
    );
    engine.send(channel, seal(signer, { identities: [], header, parentHeader: {}, metadata: {}, content: content as Json, buffers }));
    return answer;
  }

  const mark = (id: string) => {
    let one = marks.get(id);
    if (!one) {
      one = Promise.withResolvers<void>();
      marks.set(id, one);
    }
    return one;
  };

  function reply(engine: Engine, channel: 'shell' | 'control', frames: Buffer[]): void {
    const envelope = open(frames);
    const id = (JSON.parse(envelope.parentHeader.toString('utf8')) as Partial<Header>).msg_id ?? '';
    const waiting = pending.get(key(engine, id));
    if (!waiting) {
      listeners.toClients(channel, frames);
      return;
    }
    pending.delete(key(engine, id));
    // A reply's content may hold NaN (Python's JSON does): then it is only passed on.
    let content: Json = {};
    let buffers: readonly Buffer[] = [];
    try {
      ({ content, buffers } = parse(envelope));
    } catch (error) {
      if (!waiting.relay) waiting.reject(error as Error);
    }
    const deliver = () => {
      if (waiting.relay) listeners.toClients(channel, frames);
      waiting.resolve(content, buffers);
    };
    if (content.status === 'error' && waiting.beforeFailure) waiting.beforeFailure().then(deliver);
    else deliver();
  }

  /** Has whoever collects the output of that cell taken it? */
  function collected(engine: Engine, frames: Buffer[]): boolean {
    const collector = hearers.get(engine);
    if (!collector) return false;
    const envelope = open(frames);
    if (!envelope.parentHeader.includes(collector.id)) return false;
    try {
      return collector.hear(parse(envelope));
    } catch {
      return false; // NaN in its content: it is only passed on
    }
  }

  function output(engine: Engine, frames: Buffer[]): void {
    const topic = frames[0]!;
    if (topic.length === DELIMITER.length && topic.equals(DELIMITER)) return; // its welcome to us
    if (collected(engine, frames)) return;
    const name = topic.toString('latin1');
    if (name.endsWith('.status')) {
      const envelope = open(frames);
      if (envelope.parentHeader.includes(ownSession) || envelope.parentHeader.length <= 2) return;
      if (work.size > 0) {
        const id = (JSON.parse(envelope.parentHeader.toString('utf8')) as Partial<Header>).msg_id ?? '';
        const one = work.get(key(engine, id));
        if (!one?.step) listeners.toClients('iopub', frames);
        if (one && envelope.content.includes('"idle"')) one.idle.resolve();
        return;
      }
    } else if (name.endsWith('.error') || name === 'error') {
      if (open(frames).parentHeader.includes(ownSession)) return; // whoever asked has it in the reply
    } else if (name.endsWith('.execute_input')) {
      if (work.size > 0 && work.get(key(engine, parse(open(frames)).parentHeader.msg_id ?? ''))?.step) return;
    } else if (name.startsWith('comm-')) {
      listeners.comm(engine, name.slice(5), open(frames));
    } else if (name.startsWith('tradewind.')) {
      mark(name.slice('tradewind.'.length)).resolve();
      return;
    }
    listeners.toClients('iopub', frames);
  }

  return {
    async forward(engine, channel, { envelope, message }, beforeFailure) {
      const execute = message.header.msg_type === 'execute_request';
      const send = () => engine.send(channel, envelope.frames);
      if (!execute) {
        const answer = expect(message.header.msg_id, engine, true, false);
        send();
        return answer;
      }
      return atWork(engine, message.header.msg_id, false, send, beforeFailure);
    },
    pass: (engine, channel, frames) => engine.send(channel, frames),
    ask: async (engine, channel, type, content) => (await exchange(engine, channel, type, content, [])).content,
    exchange,
    step(engine, { message }, content, metadata, hear) {
      if (hear) hearers.set(engine, { id: message.header.msg_id, hear });
      else hearers.delete(engine);
      return atWork(engine, message.header.msg_id, true, () =>
        engine.send('shell', seal(signer, { ...message, metadata, content: content as Json, buffers: [] })),
      );
    },
    async synced(id) {
      await mark(id).promise;
      marks.delete(id);
    },
    receive(engine, channel, frames) {
      if (channel === 'iopub') return output(engine, frames);
      if (channel !== 'stdin') return reply(engine, channel, frames);
      if (!listeners.input(engine, open(frames))) listeners.toClients('stdin', frames);
    },
    ended(engine, exit) {
      hearers.delete(engine);
      for (const one of work.values()) if (one.engine === engine) one.idle.resolve();
      for (const [id, waiting] of pending) {
        if (waiting.engine !== engine) continue;
        pending.delete(id);
        waiting.reject(new EngineEnded(engine, exit));
      }
    },
    busy(engine) {
      for (const waiting of pending.values()) if (waiting.engine === engine && waiting.execute) return true;
      return false;
    },
  };
}
