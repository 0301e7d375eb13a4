/** Reads a notebook file and parses its cells as one module; a cell that is no valid Python is left out of it, by name. */
import { readFileSync, statSync } from 'node:fs';
import type { Parsed } from '../parse.ts';
import { type Notebook, readNotebook } from './notebook.ts';

/** With its pictures; what is larger holds data. */
const LARGEST = 100_000_000;

export interface ReadNotebook {
  /** Absent where the file stays as it is. */
  ready?: { source: string; parsed: Parsed; notebook: Notebook };
  /** Why the file, or cells of it, stay as they are. */
  reasons: string[];
}

export function readNotebookModule(path: string, parse: (text: string) => Parsed): ReadNotebook {
  const text = textOf(path);
  if (typeof text !== 'string') return { reasons: [text.reason] };
  const leave = new Set<number>();
  const reasons: string[] = [];
  for (;;) {
    const notebook = readNotebook(text, leave);
    if ('reason' in notebook) return { reasons: [notebook.reason] };
    if (notebook.python === '') return { reasons };
    const parsed = parse(notebook.python);
    if (!parsed.firstError) return { ready: { source: notebook.python, parsed, notebook }, reasons };
    const { cell, line } = notebook.placeAt(parsed.firstError.row);
    if (leave.has(cell)) return { reasons: [...reasons, `cell ${cell} is no valid Python`] };
    leave.add(cell);
    reasons.push(`cell ${cell}, line ${line} is no valid Python; the cell is left as it is`);
  }
}

function textOf(path: string): string | { reason: string } {
  try {
    if (statSync(path).size > LARGEST) return { reason: `larger than ${LARGEST / 1e6} MB` };
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { reason: code && code !== 'ERR_ENCODING_INVALID_ENCODED_DATA' ? `cannot be read (${code})` : 'it is not UTF-8' };
  }
}
