/**
 * An engine on another machine, behind a Jupyter server: the same frames in and out as a local one's.
 *
 * The server drops identities, topics and signatures. Replies get the identities of their requests back, output gets its topic, and all is
 * signed with the kernel's key again. The kernel there is a plain ipykernel: `adopt.py` makes an engine of it.
 */
import { randomUUID } from 'node:crypto';
import type { HubPlace, ServerPlace } from '../chips/places.ts';
import { describe } from '../records/errors.ts';
import { createHeader, DELIMITER, type Header, type Json, open, serialise } from '../wire/message.ts';
import type { Signer } from '../wire/signature.ts';
import type { Engine, EngineReceiver } from './engine.ts';
import { startUserServer } from './hub.ts';
import { installCode } from './installing.ts';
import { type JupyterServer, jupyterServer } from './jupyter-server.ts';
import { outageNotices } from './outage.ts';
import type { EngineHello, Exit } from './process.ts';
import { connectRemote, type RemoteConnection } from './remote-connection.ts';
import { createResend, LATE, RESEND_PATIENCE, type ResendReply } from './resend.ts';
import { Unreachable } from './rest.ts';
import type { EngineSpec } from './spec.ts';
import { createProgress } from './starting.ts';

export interface RemoteOptions {
  signer: Signer;
  /** The session id of what the kernel says. */
  session: string;
  commands: readonly string[];
  environment: NodeJS.ProcessEnv;
}

/** A request that the engine has, until its reply is here. */
interface Asked {
  identities: Buffer[];
  header: Buffer;
  execute: boolean;
  /** Something was heard of it. */
  begun: boolean;
  /** Not sent yet: the connection is lost. */
  waits: boolean;
}

let started = 0;

export function startRemote(spec: EngineSpec & { place: ServerPlace | HubPlace }, options: RemoteOptions, receive: EngineReceiver): Engine {
  const { signer, session } = options;
  const starting = createProgress();
  const giveUp = new AbortController();
  /** Known when the place is: a hub tells where the user's server is. */
  let server: JupyterServer | undefined;
  const id = `r${++started}-${randomUUID().slice(0, 8)}`;
  const asked = new Map<string, Asked>();
  /** Requests of the kernel's own, and what is done with their replies. */
  const own = new Map<string, (content: Json, buffers: Buffer[]) => void>();
  const resend = createResend(heard);
  const notices = outageNotices(spec.title, notice);
  const ready = Promise.withResolvers<EngineHello>();
  const exited = Promise.withResolvers<Exit>();
  const before: [string, readonly Buffer[]][] = [];
  let kernel: string | undefined;
  let connection: RemoteConnection | undefined;
  let adopted = false;
  let over = false;
  let doubtful = false;
  let overdue: NodeJS.Timeout | undefined;

  const finish = (failure: string) => {
    if (over) return;
    over = true;
    giveUp.abort();
    clearTimeout(overdue);
    connection?.close();
    exited.resolve({ code: null, signal: null, failure, stderr: [], outOfMemory: false });
  };
  /** Ends the kernel on the server; what the server can't be told, its culling does. */
  const remove = async (why: string) => {
    if (server && kernel) await Promise.race([removeForGood(server, kernel), new Promise((resolve) => setTimeout(resolve, 1400))]);
    finish(why);
  };
  exited.promise.then((exit) => ready.reject(exit));
  ready.promise.catch(() => {});

  /** A message of the kernel's own that belongs to a request. */
  function say(to: Asked, channel: 'shell' | 'iopub', type: string, content: Json): void {
    const [header, , metadata, body] = message(type, content)[1];
    const parts = [header!, to.header, metadata!, body!];
    const front = channel === 'iopub' ? [topicOf(type, body!)] : to.identities;
    receive(engine, channel, [...front, DELIMITER, signer.sign(parts), ...parts]);
  }

  /** A line in the output of the cell that waits. */
  function notice(text: string): void {
    const running = [...asked.values()].findLast((one) => one.execute);
    if (running) say(running, 'iopub', 'stream', { name: 'stderr', text: `${text}\n` });
    else console.error(`tradewind: ${text}`);
  }

  /** Cells that neither run nor wait there, and whose replies the engine did not keep, or that it never got: they end with that. */
  function replyLost(cells: readonly string[]): void {
    for (const msgId of cells) {
      const one = asked.get(msgId);
      if (!one) continue;
      asked.delete(msgId);
      const evalue = one.begun
        ? 'the cell has ended on the remote engine, but its reply was lost with the connection; its variables are there'
        : 'the cell was lost with the connection before the remote engine began it: run it again';
      say(one, 'iopub', 'error', { ename: 'ConnectionLost', evalue, traceback: [`ConnectionLost: ${evalue}`] });
      say(one, 'shell', 'execute_reply', { status: 'error', ename: 'ConnectionLost', evalue, traceback: [] });
      say(one, 'iopub', 'status', { execution_state: 'idle' });
    }
  }

  function heard(channel: string, parts: Buffer[], { msg_type }: Header): void {
    const [header, parent, metadata, content, ...buffers] = parts as [Buffer, Buffer, Buffer, Buffer, ...Buffer[]];
    const parentId = (JSON.parse(parent.toString('utf8')) as Partial<Header>).msg_id ?? '';
    const signed = [DELIMITER, signer.sign([header, parent, metadata, content]), header, parent, metadata, content, ...buffers];
    if (channel === 'iopub') {
      if (msg_type === 'status') {
        const state = (JSON.parse(content.toString('utf8')) as { execution_state?: string }).execution_state;
        if (state === 'restarting' || state === 'dead') {
          remove('its process on the server ended (short of memory, or a crash in compiled code; the server’s log may say more)');
          return;
        }
      }
      const about = asked.get(parentId);
      if (about) about.begun = true;
      if (adopted && !own.has(parentId)) receive(engine, 'iopub', [topicOf(msg_type, content), ...signed]);
      return;
    }
    const mine = own.get(parentId);
    if (mine) {
      mine(JSON.parse(content.toString('utf8')) as Json, buffers);
      return;
    }
    const request = asked.get(parentId);
    if (!request) return;
    if (channel !== 'stdin') asked.delete(parentId);
    if (channel === 'shell' || channel === 'control' || channel === 'stdin') receive(engine, channel, [...request.identities, ...signed]);
  }

  function topicOf(type: string, content: Buffer): Buffer {
    if (type.startsWith('comm_')) return Buffer.from(`comm-${(JSON.parse(content.toString('utf8')) as { comm_id: string }).comm_id}`);
    if (type === 'tradewind_sync') return Buffer.from(`tradewind.${(JSON.parse(content.toString('utf8')) as { sync: string }).sync}`);
    return Buffer.from(`kernel.${id}.${type}`);
  }

  function message(type: string, content: Json): [string, Buffer[]] {
    const header = createHeader(type, session);
    return [header.msg_id, serialise({ header, parentHeader: {}, metadata: {}, content })];
  }

  function ask(channel: 'shell' | 'control', type: string, content: Json, answered: (content: Json, buffers: Buffer[]) => void): void {
    const [msgId, parts] = message(type, content);
    own.set(msgId, answered);
    connection?.send(channel, parts);
  }

  /** Hears what was said meanwhile, then ends the cells of which nothing will be heard any more. */
  function reconnected(seconds: number): void {
    doubtful = false;
    if (!adopted) {
      notices.back(seconds);
      return;
    }
    own.clear();
    const cells = [...asked].filter(([, one]) => one.execute && !one.waits).map(([msgId]) => msgId);
    for (const one of asked.values()) one.waits = false;
    let told = false;
    const tell = (state?: string) => {
      if (!told) notices.back(seconds, state);
      told = true;
    };
    clearTimeout(overdue);
    overdue = setTimeout(() => {
      tell();
      resend.release();
    }, RESEND_PATIENCE);
    ask('control', 'tradewind_resend_request', resend.hold(), (content, buffers) => {
      const reply: ResendReply = content;
      const { running = [], unkept = [], complete } = reply;
      clearTimeout(overdue);
      tell(running.length > 0 ? 'busy' : 'idle');
      resend.answered(reply, buffers);
      setTimeout(() => {
        if (complete === false || !unkept.every(resend.has))
          notice('Some of what it said meanwhile is lost: it was more than an engine keeps.');
      }, LATE).unref();
      // Requests are answered in their order: what came before this one has its reply then, but for cells in other threads.
      ask('shell', 'kernel_info_request', {}, () => replyLost(cells.filter((msgId) => !running.includes(msgId))));
    });
  }

  function adopt(): void {
    const argument = JSON.stringify({
      environment: { ...spec.environment, TRADEWIND_CHIP: spec.chip, TRADEWIND_FRAMEWORK: spec.framework },
      commands: options.commands,
    });
    const request = {
      code: installCode(),
      silent: true,
      store_history: false,
      user_expressions: { hello: `__import__('tradewind.engine.adopt').engine.adopt.adopt(${JSON.stringify(argument)})` },
      allow_stdin: false,
      stop_on_error: false,
    };
    ask('shell', 'execute_request', request, adoptionAnswered);
  }

  function adoptionAnswered(content: Json): void {
    const { hello: answer } = (content.user_expressions ?? {}) as { hello?: Json & { data?: Record<string, string> } };
    if (answer?.status !== 'ok') {
      const told = answer ?? content;
      remove(`it cannot be made an engine: ${told.ename}: ${told.evalue}`);
      return;
    }
    adopted = true;
    for (const [channel, frames] of before.splice(0)) engine.send(channel as 'shell', frames);
    ready.resolve(JSON.parse(answer.data!['text/plain']!) as EngineHello);
  }

  const engine: Engine = {
    id,
    spec,
    pid: undefined,
    ready: ready.promise,
    exited: exited.promise,
    starting: starting.watch,
    send(channel, frames) {
      if (!adopted) {
        before.push([channel, frames]);
        return;
      }
      const envelope = open(frames);
      const header = JSON.parse(envelope.header.toString('utf8')) as Header;
      // The server would start a kernel again that ends by itself: it has to end it.
      if (channel === 'control' && header.msg_type === 'shutdown_request') {
        remove('it was asked to end');
        return;
      }
      if (channel !== 'stdin' && header.msg_type.endsWith('_request')) {
        asked.set(header.msg_id, {
          identities: envelope.identities,
          header: envelope.header,
          execute: header.msg_type === 'execute_request',
          begun: false,
          waits: !connection?.connected,
        });
      }
      connection?.send(channel, frames.slice(envelope.identities.length + 2));
    },
    interrupt() {
      if (!server || !kernel) return finish('it was interrupted while it was starting');
      server.interrupt(kernel).catch((error) => {
        if (error instanceof Unreachable && doubtful)
          return finish('it was given up: it was interrupted twice while it could not be reached');
        doubtful = error instanceof Unreachable;
        notice(`The interrupt did not arrive: ${describe(error)}.${doubtful ? ' Interrupt again to give the engine up.' : ''}`);
      });
    },
    kill: () => void remove('it was ended'),
    dispose: () => connection?.close(),
  };

  async function begin(): Promise<void> {
    const place = 'hub' in spec.place ? await startUserServer(spec.place, options.environment, starting.tell, giveUp.signal) : spec.place;
    starting.tell(`starting ${place.kernelspec} at ${place.url}`);
    server = jupyterServer(place, options.environment);
    kernel = (await server.start(place.kernelspec, spec.environment)).id;
    if (over) return remove('it was ended');
    let probe = '';
    connection = connectRemote(server, kernel, session, {
      receive: resend.receive,
      lost: notices.lost,
      back: reconnected,
      gone: finish,
      probe() {
        const [msgId, parts] = message('kernel_info_request', {});
        own.delete(probe);
        own.set(msgId, () => {});
        probe = msgId;
        return parts;
      },
    });
    adopt();
  }
  begin().catch((error) => finish(describe(error)));
  return engine;
}

/** A server that is about to start a crashed kernel again may do so after it was told to end it: it is asked until the kernel is gone. */
async function removeForGood(server: JupyterServer, kernel: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    await server.remove(kernel).catch(() => {});
    if ((await server.find(kernel).catch(() => null)) === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
