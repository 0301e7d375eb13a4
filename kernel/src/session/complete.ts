/** Completion and inspection where the cursor is in one of our command lines; everything else is the engine's. */
import type { Json } from '../wire/message.ts';
import { sessionAccess } from './access.ts';
import { quietly } from './engine-use.ts';
import type { SessionState } from './state.ts';

const COMMAND_LINE = /^(\s*(?:[^\W\d]\w*\s*=\s*)?%{1,2})([^\W\d]\w*)([\s\S]*)$/;

interface Place {
  name: string;
  /** The command line without `%`, and where it begins in the cell, in code points. */
  line: string;
  offset: number;
  /** The caret in the line, in code points. */
  cursor: number;
}

/** The command line that the cursor is in; undefined when it is in none. */
export function commandAt(code: string, cursor: number, isCommand: (name: string) => boolean): Place | undefined {
  const head = [...code].slice(0, cursor).join('');
  const begin = head.lastIndexOf('\n') + 1;
  const end = code.indexOf('\n', head.length);
  const text = code.slice(begin, end < 0 ? undefined : end);
  const found = COMMAND_LINE.exec(text);
  if (!found || !isCommand(found[2]!)) return undefined;
  const start = begin + found[1]!.length;
  if (head.length < start) return undefined;
  return {
    name: found[2]!,
    line: text.slice(found[1]!.length),
    offset: [...code.slice(0, start)].length,
    cursor: [...head.slice(start)].length,
  };
}

/** The reply to a `complete_request`, or undefined when it is the engine's to answer. */
export function complete(state: SessionState, content: Json): Promise<object> | undefined {
  const place = commandAt(String(content.code), Number(content.cursor_pos), (name) => state.commands.names.has(name));
  // The name itself is completed by IPython, which knows our commands as magics.
  if (!place || place.cursor <= [...place.name].length) return undefined;
  return (async () => {
    const variables = async () => {
      const pooled = state.pool.find(state.active);
      if (!pooled || state.switchboard.busy(pooled.engine)) return [];
      const reply = await quietly(state, pooled, '', { names: "__import__('tradewind.engine.transfer').engine.transfer.names()" });
      const names = (reply.user_expressions as { names?: { data?: Record<string, string> } }).names?.data?.['text/plain'];
      return names ? (JSON.parse(names) as string[]) : [];
    };
    const { matches, start, end } = await state.commands.complete(place.line, place.cursor, {
      cwd: state.cwd,
      environment: state.environment,
      session: sessionAccess(state),
      variables,
    });
    return { status: 'ok', matches, cursor_start: place.offset + start, cursor_end: place.offset + end, metadata: {} };
  })();
}

/** The reply to an `inspect_request`, or undefined when it is the engine's to answer. */
export function inspect(state: SessionState, content: Json): Promise<object> | undefined {
  const place = commandAt(String(content.code), Number(content.cursor_pos), (name) => state.commands.names.has(name));
  if (!place) return undefined;
  return state.commands.help(place.name).then((data) => ({ status: 'ok', found: true, data, metadata: {} }));
}
