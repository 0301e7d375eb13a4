/** Edits of a text: non-overlapping ranges replaced, the rest kept to the byte. Edits nest: an outer one is built from the edited text of its parts. */

interface Edit {
  start: number;
  end: number;
  /** Called when the edits are applied, so that edits made later inside the range are seen. */
  text: (inner: (start: number, end: number) => string) => string;
  order: number;
}

/**
 * Collects edits of one text. An edit whose range lies inside another's is applied where the outer one asks for that part of the
 * text (`inner(start, end)`); ranges that cross are a fault of ours and throw.
 */
export function editor(source: string) {
  const edits: Edit[] = [];

  function add(start: number, end: number, text: string | Edit['text']): void {
    if (start < 0 || end < start || end > source.length) throw new RangeError(`edit ${start}–${end} is outside the text`);
    edits.push({ start, end, text: typeof text === 'string' ? () => text : text, order: edits.length });
  }

  /** The text of a range with every edit inside it applied; `except` is the edit that asks. */
  function render(start: number, end: number, except?: Edit): string {
    // Outermost first; insertions before what begins at the same place; then in the order they were made.
    const inside = edits
      .filter((edit) => edit !== except && edit.start >= start && edit.end <= end && !(except && encloses(edit, except)))
      .filter((edit) => !except || edit.end > edit.start || (edit.start > except.start && edit.start < except.end))
      .sort((a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start) || b.end - a.end || b.order - a.order);
    let text = '';
    let at = start;
    for (const edit of inside) {
      if (edit.end <= at && edit.end > edit.start) continue;
      if (edit.start < at) {
        if (edit.end <= at) continue;
        throw new RangeError(`edits cross at ${edit.start}: ${JSON.stringify(source.slice(edit.start, edit.end))}`);
      }
      text += source.slice(at, edit.start) + edit.text((from, to) => render(from, to, edit));
      at = edit.end;
    }
    return text + source.slice(at, end);
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
      const outer = edits.filter((edit) => edit.start <= offset && edit.end > offset).sort((a, b) => a.start - b.start || b.end - a.end)[0];
      const from = outer ? outer.start : offset;
      return breaks(render(0, from)) + breaks(source.slice(from, offset)) + 1;
    },
  };
}

export type Editor = ReturnType<typeof editor>;

/** Does `outer` lie around `edit` (same range: made later)? Then it is not inside it. */
function encloses(outer: Edit, edit: Edit): boolean {
  if (outer.start === edit.start && outer.end === edit.end) return outer.order > edit.order;
  return outer.start <= edit.start && outer.end >= edit.end;
}

function breaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
