/**
 * Input: an engine's question goes to the client that runs the cell, the answer goes back to the engine that asked.
 * A magic of ours inside a block of Python asks the kernel in the same way; that question is the kernel's to answer (`engine/magics.py`).
 */
import type { Engine } from '../engines/engine.ts';
import { TradewindError } from '../records/errors.ts';
import { createHeader, type Envelope, type Header, type Message, parse } from '../wire/message.ts';
import { type Signer, seal } from '../wire/signature.ts';
import { type CommandResult, runCommand } from './command-run.ts';
import type { CellPlace, CellRun, SessionState } from './state.ts';
import { runBody } from './steps.ts';
import type { Request } from './switchboard.ts';

/** Begins the prompt of a question that is a magic's. */
const MARK = '\u0001tradewind:';

type Question =
  /** Runs a command: `evaluate a --truth b`; `sync` names the message that ends the output so far. */
  | { sync: string; line: string; body?: string | null }
  /** What came of a thing that the kernel asked the engine to do. */
  | { sync: string; done: string }
  | { sync: string; failed: string };

export interface Stdin {
  /** True when the kernel answers the question itself. */
  asked(engine: Engine, envelope: Envelope): boolean;
  /** A client's answer. */
  answered(request: Request): void;
}

export function createStdin(state: () => SessionState, signer: Signer): Stdin {
  /** The engine that asked a client last. */
  const asking = new Map<string, Engine>();
  /** What the kernel waits for, by the engine and cell of the magic. */
  const waiting = new Map<string, PromiseWithResolvers<string>>();

  function reply(engine: Engine, envelope: Envelope, question: Message, answer: object): void {
    const frames = seal(signer, {
      identities: envelope.identities,
      header: createHeader('input_reply', state().voice.session),
      parentHeader: question.header,
      metadata: {},
      content: { status: 'ok', value: JSON.stringify(answer) },
    });
    state().switchboard.pass(engine, 'stdin', frames);
  }

  /** The last question of each magic: what it is to do next goes there. */
  const questions = new Map<string, { envelope: Envelope; message: Message }>();

  async function call(engine: Engine, place: string, line: string, body: string | undefined): Promise<void> {
    const session = state();
    const first = questions.get(place)!;
    const parent = first.message.parentHeader as Header;
    const activity = { abort: new AbortController(), header: parent };
    session.activities.add(activity);
    session.conversations.set(engine.id, {
      ask(action, argument) {
        const answer = Promise.withResolvers<string>();
        waiting.set(place, answer);
        const last = questions.get(place)!;
        reply(engine, last.envelope, last.message, { do: action, argument });
        return answer.promise;
      },
    });
    const spot: CellPlace = { spreads: false };
    let result: CommandResult;
    try {
      result = await runCommand(session, { text: line, body }, parent, activity.abort.signal, spot);
      if (!result.error && body !== undefined && spot.spec) {
        const message: Message = { ...first.message, header: parent, parentHeader: {}, content: { code: body } };
        const request: Request = { envelope: first.envelope, message };
        const run: CellRun = { request, signal: activity.abort.signal, count: session.count, place: spot, payload: [], afterwards: [] };
        const failure = await runBody(session, run, body, 0);
        if (failure) result = { error: failure };
      }
    } finally {
      session.activities.delete(activity);
      session.conversations.delete(engine.id);
    }
    const last = questions.get(place)!;
    questions.delete(place);
    reply(engine, last.envelope, last.message, result);
  }

  function magic(engine: Engine, envelope: Envelope, message: Message, question: Question): void {
    const place = `${engine.id} ${message.parentHeader.msg_id}`;
    questions.set(place, { envelope, message });
    if ('line' in question) {
      state()
        .switchboard.synced(question.sync)
        .then(() => call(engine, place, question.line, question.body ?? undefined))
        .catch((error) => console.error('tradewind:', error));
      return;
    }
    const expected = waiting.get(place);
    waiting.delete(place);
    if ('done' in question) expected?.resolve(question.done);
    else expected?.reject(new TradewindError({ code: 'process', message: `the engine could not do it: ${question.failed}` }));
  }

  return {
    asked(engine, envelope) {
      const message = parse(envelope);
      const { prompt } = message.content;
      if (typeof prompt === 'string' && prompt.startsWith(MARK)) {
        magic(engine, envelope, message, JSON.parse(prompt.slice(MARK.length)) as Question);
        return true;
      }
      const client = envelope.identities[0];
      if (client) asking.set(client.toString('hex'), engine);
      return false;
    },
    answered({ envelope }) {
      const client = envelope.identities[0]?.toString('hex') ?? '';
      const engine = asking.get(client);
      if (engine) state().switchboard.pass(engine, 'stdin', envelope.frames);
    },
  };
}
