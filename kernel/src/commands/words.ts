/**
 * A command line split into words, the way a shell's user expects: blanks separate, '…' is literal, "…" takes \" and \\,
 * a backslash outside quotes takes the next character as it is.
 *
 * Nothing is interpolated: `$name`, `{name}` and `*` stay what they are, in a shell's words and in a notebook's alike, so that a
 * command does the same thing in both and a path with braces needs no escape. (A notebook's value goes through Python: `run_line_magic`.)
 */
import { TradewindError } from '../records/errors.ts';

export interface Word {
  text: string;
  /** Where it stands in the line: UTF-16 offsets, quotes included. */
  start: number;
  end: number;
  /** The quote that is still open at the line's end. */
  open?: '"' | "'";
}

const BLANK = /\s/u;

/** The words of a line; an open quote ends with the line (completion wants that; `wordsOf` refuses it). */
export function scanWords(line: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (BLANK.test(line[at]!)) {
      at++;
      continue;
    }
    const start = at;
    let text = '';
    let quote: '"' | "'" | undefined;
    for (; at < line.length; at++) {
      const character = line[at]!;
      if (quote === undefined) {
        if (BLANK.test(character)) break;
        if (character === '"' || character === "'") quote = character;
        else if (character === '\\' && at + 1 < line.length) text += line[++at];
        else text += character;
      } else if (character === quote) quote = undefined;
      else if (quote === '"' && character === '\\' && (line[at + 1] === '"' || line[at + 1] === '\\')) text += line[++at];
      else text += character;
    }
    words.push({ text, start, end: at, open: quote });
  }
  return words;
}

/** The words of a whole line. Throws where a quote is not closed. */
export function wordsOf(line: string): string[] {
  const words = scanWords(line);
  const last = words.at(-1);
  if (last?.open) {
    throw new TradewindError({
      code: 'usage',
      message: `the quote ${last.open} is not closed: ${line.slice(last.start)}`,
      remedy: `Close it, or write \\${last.open} for the character itself.`,
    });
  }
  return words.map((word) => word.text);
}

/** The text as one word of a line: as it is where that is safe, else in quotes. `wordsOf(quoteWord(text))` is `[text]`. */
export function quoteWord(text: string, style?: '"' | "'"): string {
  if (style === undefined && text !== '' && !/[\s"'\\]/u.test(text)) return text;
  if (style !== '"' && !text.includes("'")) return `'${text}'`;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
