/** A place in a source as a reader names it: `model.py:12`, or in a notebook `model.ipynb, cell 3, line 2`. */

export interface Place {
  file: string;
  /** 1-based; in a notebook, of its cell. */
  line: number;
  /** 1-based, of all cells of a notebook. */
  cell?: number;
}

export function placeOf({ file, line, cell }: Place): string {
  return cell === undefined ? `${file}:${line}` : `${file}, cell ${cell}, line ${line}`;
}
