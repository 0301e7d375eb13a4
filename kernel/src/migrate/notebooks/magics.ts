/**
 * A code cell as Python: lines that IPython alone understands (`%matplotlib inline`, `!ls`, `x?`, `%%bash`) stand aside as names that
 * Python can parse, and come back as they were.
 */

/** Cell magics whose body is Python of the notebook's own; the body of any other (`%%bash`, `%%html`) is left alone. */
const WITH_PYTHON = new Set(['time', 'timeit', 'capture', 'prun']);
/** Line magics whose rest is a Python statement. */
const STATEMENT = /^(%(?:time|timeit)[ \t]+)(?!-)(\S.*)$/;

export interface Magics {
  /** Placeholder → what stands in its place in the notebook. */
  texts: Map<string, string>;
  /** Python, line by line as the cell; undefined where the whole cell is another language's. */
  python: string | undefined;
  /** The placeholder of a cell magic, which has to stay the cell's first line. */
  header?: string;
  /** Row in the cell → how many columns the placeholder is longer than what it stands for. */
  shifts: Map<number, number>;
}

const CONTINUED = '# __tradewind_continued__';
/** Names of placeholders: `__tradewind_magic_3_0__` is the first of cell 3. */
const nameOf = (cell: number, at: number) => `__tradewind_magic_${cell}_${at}__`;

export function withoutMagics(source: string, cell: number): Magics {
  const lines = source.split('\n');
  const texts = new Map<string, string>();
  const shifts = new Map<number, number>();
  const first = lines.findIndex((line) => line.trim() !== '');
  let header: string | undefined;
  const stand = (text: string) => {
    const name = nameOf(cell, texts.size);
    texts.set(name, text);
    return name;
  };
  if (first >= 0 && lines[first]!.startsWith('%%')) {
    if (!WITH_PYTHON.has(/^%%(\w*)/.exec(lines[first]!)![1]!)) return { texts, python: undefined, shifts };
    header = stand(lines[first]!);
    lines[first] = header;
  }
  const state = { depth: 0, quote: '', continued: false };
  for (let row = 0; row < lines.length; row++) {
    const line = lines[row]!;
    const fresh = state.depth === 0 && state.quote === '' && !state.continued;
    const found = fresh && line !== header ? magicOf(line) : undefined;
    if (!found) {
      scan(line, state);
      continue;
    }
    const rest = STATEMENT.exec(line.trim());
    if (rest && found.before.trim() === '') {
      const name = stand(rest[1]!);
      lines[row] = `${found.before}${name}; ${rest[2]!}`;
      shifts.set(row, name.length + 2 - rest[1]!.length);
      texts.set(`${name}; `, rest[1]!);
      texts.delete(name);
      scan(lines[row]!, state);
      continue;
    }
    const whole = [line.slice(found.before.length)];
    // A shell command goes on behind a backslash.
    let last = row;
    while (lines[last]!.endsWith('\\') && last + 1 < lines.length) {
      last++;
      whole.push(lines[last]!);
    }
    const name = stand(whole.join('\n'));
    lines[row] = found.before + name;
    for (let at = row + 1; at <= last; at++) lines[at] = CONTINUED;
    texts.set([name, ...whole.slice(1).map(() => CONTINUED)].join('\n'), texts.get(name)!);
    if (whole.length > 1) texts.delete(name);
    row = last;
  }
  return { texts, python: lines.join('\n'), header, shifts };
}

/** `%magic`, `!command`, `name?`, and `x = %magic`, `x = !command`: what stands before it is kept. */
function magicOf(line: string): { before: string } | undefined {
  const direct = /^(\s*)([%!]|\?)/.exec(line);
  if (direct) return { before: direct[1]! };
  const assigned = /^(\s*[A-Za-z_][\w.]*(?:\s*,\s*[A-Za-z_]\w*)*\s*=\s*)([%!])(?!=)/.exec(line);
  if (assigned) return { before: assigned[1]! };
  const help = /^(\s*)[A-Za-z_%][\w.*%]*\?{1,2}\s*$/.exec(line);
  return help ? { before: help[1]! } : undefined;
}

/** Follows brackets, strings and line continuations over one line. */
function scan(line: string, state: { depth: number; quote: string; continued: boolean }): void {
  state.continued = false;
  for (let at = 0; at < line.length; at++) {
    const c = line[at]!;
    if (state.quote) {
      if (c === '\\') at++;
      else if (line.startsWith(state.quote, at)) {
        at += state.quote.length - 1;
        state.quote = '';
      }
    } else if (c === '#') break;
    else if (c === '"' || c === "'") {
      state.quote = line.startsWith(c.repeat(3), at) ? c.repeat(3) : c;
      at += state.quote.length - 1;
    } else if ('([{'.includes(c)) state.depth++;
    else if (')]}'.includes(c)) state.depth = Math.max(0, state.depth - 1);
    else if (c === '\\' && at === line.length - 1) state.continued = true;
  }
  // A string in single quotes ends with its line, unless a backslash carries it on.
  if (state.quote.length === 1 && !line.endsWith('\\')) state.quote = '';
}

/** The cell's text again, with what stood aside. Undefined where a placeholder was lost or doubled: then the cell can't be written. */
export function withMagics(python: string, { texts, header }: Pick<Magics, 'texts' | 'header'>): string | undefined {
  let text = python;
  if (header && !text.startsWith(header)) {
    const lines = text.split('\n');
    const at = lines.indexOf(header);
    if (at < 0) return undefined;
    // A cell magic stays first, whatever was put before it.
    lines.splice(at, 1);
    text = [header, ...lines].join('\n');
  }
  for (const [name, original] of texts) {
    const parts = text.split(name);
    if (parts.length !== 2) return undefined;
    text = parts.join(original);
  }
  return text.includes('__tradewind_') ? undefined : text;
}
