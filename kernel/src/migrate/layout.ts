/** Where a statement stands in its lines: what is written in front of it, or moved to another place, takes its layout from here. */
import type { FileContext } from './context.ts';
import type { Syntax } from './parse.ts';

/** What stands in front of a statement on its line. */
export function lineBefore(statement: Syntax, context: FileContext): string {
  return context.module.source.slice(context.module.source.lastIndexOf('\n', statement.start - 1) + 1, statement.start);
}

/** Does a statement begin its line? Then others may be put in front of it. */
export function beginsItsLine(statement: Syntax, context: FileContext): boolean {
  return /^[ \t]*$/.test(lineBefore(statement, context));
}

/** The indentation of the line that a statement begins on. */
export function indentOf(statement: Syntax, context: FileContext): string {
  return /^[ \t]*/.exec(lineBefore(statement, context))![0];
}

/** The lines that stand for a statement in the result, all that was put in front of it and into it among them, without its own indentation. */
export function editedLines(statement: Syntax, context: FileContext): string[] {
  const own = indentOf(statement, context);
  const lines = context.edits.textOf(statement.start, statement.end).split('\n');
  return lines.map((line, at) => (at && line.startsWith(own) ? line.slice(own.length) : line));
}
