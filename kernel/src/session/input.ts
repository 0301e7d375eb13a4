/**
 * Input: an engine's question goes to the client that runs the cell, the answer goes back to the engine that asked.
 * A magic of ours inside a block of Python asks the kernel in the same way; that question is the kernel's to answer.
 */
import type { Engine } from '../engines/engine.ts';
import { createHeader, type Envelope, type Header, parse } from '../wire/message.ts';
import { type Signer, seal } from '../wire/signature.ts';
import { type CommandResult, runCommand } from './command-run.ts';
import type { SessionState } from './state.ts';
import type { Request } from './switchboard.ts';

/** Begins the prompt of a question that is a call of a command; `engine/magics.py` writes it. */
const MARK = '\u0001tradewind:';

interface MagicCall {
  /** The name of the sync message that ends the output so far. */
  sync: string;
  /** `evaluate a --truth b`. */
  line: string;
  body?: string | null;
}

export interface Stdin {
  /** True when the kernel answers the question itself. */
  asked(engine: Engine, envelope: Envelope): boolean;
  /** A client's answer. */
  answered(request: Request): void;
}

export function createStdin(state: () => SessionState, signer: Signer): Stdin {
  /** The engine that asked a client last. */
  const asking = new Map<string, Engine>();

  async function call(engine: Engine, envelope: Envelope, question: MagicCall): Promise<void> {
    const session = state();
    const message = parse(envelope);
    const activity = { abort: new AbortController() };
    session.activities.add(activity);
    await session.switchboard.synced(question.sync);
    const before = session.active;
    let result: CommandResult;
    try {
      // Assigned records are not shown; whether this one is assigned only the engine knows, so it shows the record itself.
      result = await runCommand(
        session,
        { text: question.line, body: question.body ?? undefined },
        message.parentHeader as Header,
        activity.abort.signal,
      );
    } finally {
      session.activities.delete(activity);
    }
    const answer = { ...result, switched: session.active !== before };
    const frames = seal(signer, {
      identities: envelope.identities,
      header: createHeader('input_reply', session.voice.session),
      parentHeader: message.header,
      metadata: {},
      content: { status: 'ok', value: JSON.stringify(answer) },
    });
    session.switchboard.pass(engine, 'stdin', frames);
  }

  return {
    asked(engine, envelope) {
      const { prompt } = parse(envelope).content;
      if (typeof prompt === 'string' && prompt.startsWith(MARK)) {
        call(engine, envelope, JSON.parse(prompt.slice(MARK.length)) as MagicCall).catch((error) => console.error('tradewind:', error));
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
