/** "Did you mean": the nearest known word, by edit distance with transpositions (Damerau's, restricted). */

/** How many insertions, deletions, substitutions and swaps of neighbours lead from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  const rows = a.length + 1;
  const columns = b.length + 1;
  const table = new Uint16Array(rows * columns);
  for (let row = 0; row < rows; row++) table[row * columns] = row;
  for (let column = 0; column < columns; column++) table[column] = column;
  for (let row = 1; row < rows; row++) {
    for (let column = 1; column < columns; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        table[(row - 1) * columns + column]! + 1,
        table[row * columns + column - 1]! + 1,
        table[(row - 1) * columns + column - 1]! + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, table[(row - 2) * columns + column - 2]! + 1);
      table[row * columns + column] = best;
    }
  }
  return table[rows * columns - 1]!;
}

/** The candidate that the word was probably meant to be: one that it begins, or one within a third of its length in edits. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.slice(0, 64).toLowerCase();
  if (wanted === '') return undefined;
  let best: { text: string; distance: number } | undefined;
  for (const text of candidates) {
    const candidate = text.toLowerCase();
    const begins = wanted.length >= 2 && candidate.startsWith(wanted);
    const distance = begins ? 0.5 : editDistance(wanted, candidate);
    if (distance <= Math.max(1, Math.max(wanted.length, candidate.length) / 3) && (!best || distance < best.distance))
      best = { text, distance };
  }
  return best?.text;
}

/** ` (did you mean …?)`, or nothing where no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>, prefix = ''): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : ` (did you mean ${prefix}${meant}?)`;
}
