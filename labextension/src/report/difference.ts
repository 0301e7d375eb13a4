/** What changed between a source text and its replacement, token by token, so that both can be shown with the change marked. */

export interface Piece {
  text: string;
  changed: boolean;
}

/** Beyond this many tokens a side only the common beginning and end are told apart (the exact way costs their product). */
const EXACT_LIMIT = 600;

/** A common run between two changes counts as common only if its words have this many characters: a lone `(` or `=` is chance. */
const SHORTEST_RUN = 2;

/**
 * The longest common subsequence of the tokens of both texts.
 *
 * @returns both texts cut into pieces; the texts of each side's pieces joined give that side again
 */
export function difference(from: string, to: string): { from: Piece[]; to: Piece[] } {
  const a = tokens(from);
  const b = tokens(to);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const common = longRuns(matches(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), a.slice(head));
  const keptA = new Set(common.map(([at]) => at + head));
  const keptB = new Set(common.map(([, at]) => at + head));
  return {
    from: pieces(a, (at) => at < head || at >= a.length - tail || keptA.has(at)),
    to: pieces(b, (at) => at < head || at >= b.length - tail || keptB.has(at)),
  };
}

/** Names, numbers, runs of blanks, and single signs. */
function tokens(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

/** Pairs of places where the longest common subsequence of `a` and `b` lies. */
function matches(a: string[], b: string[]): [number, number][] {
  if (a.length === 0 || b.length === 0 || a.length > EXACT_LIMIT || b.length > EXACT_LIMIT) return [];
  const width = b.length + 1;
  const length = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i * width + j] =
        a[i] === b[j] ? length[(i + 1) * width + j + 1]! + 1 : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!);
    }
  }
  const found: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) found.push([i++, j++]);
    else if (length[(i + 1) * width + j]! >= length[i * width + j + 1]!) i++;
    else j++;
  }
  return found;
}

/** Leaves out the runs of matches that are too short to mean anything. */
function longRuns(matched: [number, number][], a: string[]): [number, number][] {
  const runs: [number, number][][] = [];
  for (const pair of matched) {
    const last = runs.at(-1)?.at(-1);
    if (last && last[0] + 1 === pair[0] && last[1] + 1 === pair[1]) runs.at(-1)!.push(pair);
    else runs.push([pair]);
  }
  const letters = (run: [number, number][]) => run.map(([at]) => a[at]!.replace(/[^\p{L}\p{N}_]/gu, '')).join('').length;
  return runs.filter((run) => letters(run) >= SHORTEST_RUN).flat();
}

function pieces(all: string[], kept: (at: number) => boolean): Piece[] {
  const out: Piece[] = [];
  all.forEach((text, at) => {
    const changed = !kept(at);
    const last = out.at(-1);
    if (last && last.changed === changed) last.text += text;
    else out.push({ text, changed });
  });
  return out;
}
