/** Edits of a text: non-overlapping ranges replaced, the rest kept to the byte. Edits nest: an outer one is built from the edited text of its parts. */

import { countUpTo } from './ascending.ts';
import { lineStarts } from './parse.ts';

/** The edited text of a part of the source, for the edit around it. */
export type Inner = (start: number, end: number) => string;

interface Edit {
  start: number;
  end: number;
  /** Called when the edits are applied, so that edits made later inside the range are seen. */
  text: (inner: Inner) => string;
  order: number;
}

/**
 * Collects edits of one text. An edit whose range lies inside another's is applied where the outer one asks for that part of the
 * text (`inner(start, end)`); ranges that cross are a fault of ours and throw.
 */
export function editor(source: string) {
  const edits: Edit[] = [];

  // Outermost first; insertions before what begins at the same place; then in the order they were made.
  let sorted: Edit[] | undefined;
  let outline: { starts: number[]; ends: number[]; lines: number[] } | undefined;
  let rows: number[] | undefined;

  function add(start: number, end: number, text: string | Edit['text']): void {
    if (start < 0 || end < start || end > source.length) throw new RangeError(`edit ${start}–${end} is outside the text`);
    edits.push({ start, end, text: typeof text === 'string' ? () => text : text, order: edits.length });
    sorted = undefined;
    outline = undefined;
  }

  /** Hands the outermost edits of a range to `each`, in the order of the text; `except` is the edit that asks. */
  function outermost(start: number, end: number, except: Edit | undefined, each: (edit: Edit) => void): void {
    sorted ??= [...edits].sort(
      (a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start) || b.end - a.end || b.order - a.order,
    );
    let at = start;
    for (let index = firstFrom(sorted, start); index < sorted.length; index++) {
      const edit = sorted[index]!;
      if (edit.start > end) break;
      if (edit === except || edit.end > end || (except && encloses(edit, except))) continue;
      if (except && edit.end === edit.start && (edit.start <= except.start || edit.start >= except.end)) continue;
      if (edit.end <= at && edit.end > edit.start) continue;
      if (edit.start < at) {
        if (edit.end <= at) continue;
        throw new RangeError(`edits cross at ${edit.start}: ${JSON.stringify(source.slice(edit.start, edit.end))}`);
      }
      each(edit);
      at = edit.end;
    }
  }

  /** The text of a range with every edit inside it applied. */
  function render(start: number, end: number, except?: Edit): string {
    let text = '';
    let at = start;
    outermost(start, end, except, (edit) => {
      text += source.slice(at, edit.start) + edit.text((from, to) => render(from, to, edit));
      at = edit.end;
    });
    return text + source.slice(at, end);
  }

  /** The outermost edits, and the line of the result on which each ends. */
  function outlined(): NonNullable<typeof outline> {
    if (outline) return outline;
    const made = { starts: [] as number[], ends: [] as number[], lines: [] as number[] };
    let line = 0;
    let at = 0;
    outermost(0, source.length, undefined, (edit) => {
      line += rowAt(edit.start) - rowAt(at) + breaks(edit.text((from, to) => render(from, to, edit)));
      at = edit.end;
      made.starts.push(edit.start);
      made.ends.push(edit.end);
      made.lines.push(line);
    });
    outline = made;
    return made;
  }

  function rowAt(offset: number): number {
    rows ??= lineStarts(source);
    return countUpTo(rows, offset) - 1;
  }

  return {
    /** Replaces `[start, end)`; of two edits of the same range the later one is outside. */
    replace: add,
    insert: (at: number, text: string) => add(at, at, text),
    get empty() {
      return edits.length === 0;
    },
    apply: () => (edits.length === 0 ? source : render(0, source.length)),
    /** The text that stands for a range in the result. */
    textOf: (start: number, end: number) => render(start, end),
    /** The 1-based line of the result where the text of an offset stands. */
    lineOf(offset: number): number {
      const { starts, ends, lines } = outlined();
      // The edit around the offset, if there is one, is the first that ends behind it.
      const next = countUpTo(ends, offset);
      const from = next < starts.length && starts[next]! <= offset ? starts[next]! : offset;
      const [line, at] = next > 0 ? [lines[next - 1]!, ends[next - 1]!] : [0, 0];
      return line + rowAt(from) - rowAt(at) + rowAt(offset) - rowAt(from) + 1;
    },
  };
}

export type Editor = ReturnType<typeof editor>;

/** Does `outer` lie around `edit` (same range: made later)? Then it is not inside it. */
function encloses(outer: Edit, edit: Edit): boolean {
  if (outer.start === edit.start && outer.end === edit.end) return outer.order > edit.order;
  return outer.start <= edit.start && outer.end >= edit.end;
}

/** The index of the first edit that starts at `start` or later. */
function firstFrom(sorted: readonly Edit[], start: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function breaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
