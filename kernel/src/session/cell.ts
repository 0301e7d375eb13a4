/**
 * A cell as steps: engine code and commands, in order. Only the commands' own lines are taken out, and only where IPython would
 * take a line magic at the top level: never inside a string, a comment, brackets, a continued line or the body of another cell magic.
 */

export type Step =
  | { kind: 'code'; code: string /** 0-based line of the cell where it begins. */; line: number }
  | {
      kind: 'command';
      command: string /** Its words, `%` taken off. */;
      text: string;
      line: number /** `name = %command`. */;
      variable?: string;
      body?: string;
    }
  | { kind: 'help'; command: string; line: number };

/** A cell without a `%` has no command: most cells are told by this alone. */
export function mayHaveCommands(code: string): boolean {
  return code.includes('%');
}

const MAGIC_LINE = /^[ \t]*(?:(?:[\w.,[\] \t*]+=[ \t]*)?[%!]|\?|[\w.*]+\?{1,2}[ \t]*$)/;
const COMMAND_LINE = /^(?:([^\W\d]\w*)[ \t]*=[ \t]*)?%([^\W\d]\w*)(?=$|[ \t])/;
const HELP_LINE = /^(?:\?{1,2}%{1,2}([^\W\d]\w*)|%{1,2}([^\W\d]\w*)\?{1,2})[ \t]*$/;

/** The steps of a cell; one `code` step that is the whole cell when there is no command of ours in it. */
export function parseCell(code: string, isCommand: (name: string) => boolean): Step[] {
  const lines = code.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  const cellMagic = /^[ \t]*%%([^\W\d]\w*)/.exec(lines[first] ?? '');
  if (cellMagic && !HELP_LINE.test(lines[first]!.trim())) {
    const command = cellMagic[1]!;
    if (!isCommand(command)) return [{ kind: 'code', code, line: 0 }];
    return [{ kind: 'command', command, text: lines[first]!.trim().slice(2), line: first, body: lines.slice(first + 1).join('\n') }];
  }
  const steps: Step[] = [];
  let begin = 0;
  const flush = (end: number) => {
    const part = lines.slice(begin, end);
    if (part.some((line) => line.trim() !== '')) steps.push({ kind: 'code', code: part.join('\n'), line: begin });
  };
  for (const { line, end, magic } of logicalLines(lines)) {
    if (!magic) continue;
    const text = joinContinued(lines.slice(line, end));
    const help = HELP_LINE.exec(text);
    const named = help?.[1] ?? help?.[2];
    const call = COMMAND_LINE.exec(text);
    if (named !== undefined && isCommand(named)) {
      flush(line);
      steps.push({ kind: 'help', command: named, line });
    } else if (call && isCommand(call[2]!)) {
      flush(line);
      steps.push({ kind: 'command', command: call[2]!, text: text.slice(text.indexOf('%') + 1).trimEnd(), line, variable: call[1] });
    } else {
      continue;
    }
    begin = end;
  }
  if (steps.length === 0) return [{ kind: 'code', code, line: 0 }];
  flush(lines.length);
  return steps;
}

/** `%migrate a \` + `-o b` is one line, as in IPython. */
function joinContinued(lines: readonly string[]): string {
  return lines.map((line, at) => (at < lines.length - 1 ? line.replace(/\\[ \t]*$/, ' ') : line)).join('');
}

interface LogicalLine {
  line: number;
  /** The line after its last one. */
  end: number;
  /** A line that IPython reads, not Python: its quotes and brackets mean nothing. */
  magic: boolean;
}

/** Where each logical line of Python (or IPython) begins and ends. */
function* logicalLines(lines: readonly string[]): Generator<LogicalLine> {
  let at = 0;
  while (at < lines.length) {
    const begin = at;
    const magic = MAGIC_LINE.test(lines[at]!);
    if (magic) {
      while (/\\[ \t]*$/.test(lines[at]!) && at + 1 < lines.length) at++;
      at++;
    } else {
      at = endOfPython(lines, at);
    }
    yield { line: begin, end: at, magic };
  }
}

/** The line after the logical line of Python that begins at `from`: strings, brackets and continuations are followed to their end. */
function endOfPython(lines: readonly string[], from: number): number {
  let depth = 0;
  let quote = '';
  for (let at = from; at < lines.length; at++) {
    const line = lines[at]!;
    let continued = false;
    for (let i = 0; i < line.length; i++) {
      const character = line[i]!;
      if (quote !== '') {
        if (character === '\\') {
          if (i === line.length - 1) continued = true;
          i++;
        } else if (line.startsWith(quote, i)) {
          i += quote.length - 1;
          quote = '';
        }
      } else if (character === '#') break;
      else if (character === '"' || character === "'") {
        quote = line.startsWith(character.repeat(3), i) ? character.repeat(3) : character;
        i += quote.length - 1;
      } else if ('([{'.includes(character)) depth++;
      else if (')]}'.includes(character)) depth = Math.max(0, depth - 1);
      else if (character === '\\' && i === line.length - 1) continued = true;
    }
    // A string in single quotes ends with its line, closed or not.
    if (quote.length === 1 && !continued) quote = '';
    if (quote === '' && depth === 0 && !continued) return at + 1;
  }
  return lines.length;
}
