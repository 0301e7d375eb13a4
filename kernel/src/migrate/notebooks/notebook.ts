/**
 * A notebook as one Python module: its code cells in order, names flow from one to the next. What the migration changed goes back into
 * the cells that it came from; every other byte of the file stays.
 */
import { type Placed, placesIn } from './json-places.ts';
import { type Magics, withMagics, withoutMagics } from './magics.ts';

interface CodeCell {
  /** 1-based, of all cells. */
  number: number;
  /** The JSON value of its code, and of what goes stale with it. */
  source: Placed;
  outputs?: Placed;
  count?: Placed;
  text: string;
  magics: Magics;
  /** 0-based row of the module where its first line stands. */
  row: number;
}

export interface Notebook {
  /** The Python of all cells. */
  python: string;
  /** Where a 0-based row of the module lies. */
  placeAt(row: number): { cell: number; line: number };
  /** How much further right a row's text stands in the module than in the notebook. */
  shiftAt(row: number): number;
  /** The file with the migrated module in its cells. */
  write(migrated: string): WrittenNotebook | { reason: string };
}

export interface WrittenNotebook {
  text: string;
  /** Cells that were changed, and those of them whose outputs were cleared. */
  changed: number[];
  cleared: number[];
  /** Where a 1-based line of the migrated module lies in the new cells. */
  lineAt(line: number): number;
}

const markerOf = (cell: number) => `# __tradewind_cell_${cell}__`;
const MARKER = /^# __tradewind_cell_(\d+)__$/;

type Json = { [key: string]: unknown };

/** The notebook, or the reason why it is left as it is; `leave` names cells (by number) that are no Python. */
export function readNotebook(text: string, leave: ReadonlySet<number> = new Set()): Notebook | { reason: string } {
  let data: Json;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return { reason: `it is no valid JSON (${(error as Error).message.slice(0, 120)})` };
  }
  const format = typeof data === 'object' && data !== null ? data.nbformat : undefined;
  if (format !== 3 && format !== 4) return { reason: 'it is no notebook of format 3 or 4' };
  const lists = format === 4 ? [data.cells] : Array.isArray(data.worksheets) ? data.worksheets.map((one: Json) => one?.cells) : [undefined];
  if (!lists.every(Array.isArray)) return { reason: 'it has no list of cells' };
  const root = placesIn(text);
  const placed =
    format === 4
      ? root.members!.get('cells')!.items!
      : root.members!.get('worksheets')!.items!.flatMap((one) => one.members!.get('cells')!.items!);
  const cells: CodeCell[] = [];
  const key = format === 4 ? 'source' : 'input';
  const python = isPython(data);
  const lines: string[] = [];
  for (const [at, cell] of (lists.flat() as Json[]).entries()) {
    if (typeof cell !== 'object' || cell === null) return { reason: `cell ${at + 1} is no object` };
    if (cell.cell_type !== 'code' || !python || leave.has(at + 1)) continue;
    const source = textOf(cell[key]);
    if (source === undefined) return { reason: `cell ${at + 1} has no text` };
    if (source.trim() === '' || /__tradewind_(cell|magic)_/.test(source)) continue;
    const magics = withoutMagics(source, at + 1);
    if (magics.python === undefined) continue;
    const members = placed[at]!.members!;
    lines.push(markerOf(at + 1));
    cells.push({
      number: at + 1,
      source: members.get(key)!,
      outputs: members.get('outputs'),
      count: members.get('execution_count') ?? members.get('prompt_number'),
      text: source,
      magics,
      row: lines.length,
    });
    lines.push(...magics.python.split('\n'));
  }
  const cellAt = (row: number) => cells.findLast((cell) => cell.row <= row) ?? cells[0]!;
  return {
    python: lines.length ? `${lines.join('\n')}\n` : '',
    placeAt: (row) => ({ cell: cellAt(row).number, line: Math.max(1, row - cellAt(row).row + 1) }),
    shiftAt: (row) => cellAt(row)?.magics.shifts.get(row - cellAt(row).row) ?? 0,
    write: (migrated) => written(text, cells, migrated),
  };
}

function isPython({ metadata }: Json): boolean {
  const { kernelspec, language_info } = (metadata ?? {}) as { kernelspec?: Json; language_info?: Json };
  const language = language_info?.name ?? kernelspec?.language ?? 'python';
  return /python/i.test(String(language));
}

function textOf(source: unknown): string | undefined {
  if (typeof source === 'string') return source;
  return Array.isArray(source) && source.every((line) => typeof line === 'string') ? source.join('') : undefined;
}

function written(text: string, cells: readonly CodeCell[], migrated: string): WrittenNotebook | { reason: string } {
  const parts: { number: number; row: number; lines: string[] }[] = [];
  for (const [row, line] of migrated.replace(/\n$/, '').split('\n').entries()) {
    const marker = MARKER.exec(line);
    if (marker) parts.push({ number: Number(marker[1]), row: row + 1, lines: [] });
    else if (parts.length) parts.at(-1)!.lines.push(line);
    else return { reason: 'what the migration wrote stands before the first cell' };
  }
  if (parts.map((part) => part.number).join() !== cells.map((cell) => cell.number).join())
    return { reason: 'a statement that has to be rewritten reaches over several cells: join those cells, and migrate again' };
  const edits: { start: number; end: number; text: string }[] = [];
  const changed: number[] = [];
  const cleared: number[] = [];
  for (const [at, cell] of cells.entries()) {
    const code = parts[at]!.lines.join('\n');
    if (code === cell.magics.python) continue;
    const source = withMagics(trimmed(code, cell.text), cell.magics);
    if (source === undefined)
      return { reason: `a magic in cell ${cell.number} stands where the code has to be rewritten: move it to a cell of its own` };
    if (source === cell.text) continue;
    changed.push(cell.number);
    edits.push({ ...cell.source, text: sourceJson(text, cell.source, source) });
    if (cell.outputs?.items?.length) {
      cleared.push(cell.number);
      edits.push({ ...cell.outputs, text: '[]' });
    }
    if (cell.count && text.slice(cell.count.start, cell.count.end) !== 'null') edits.push({ ...cell.count, text: 'null' });
  }
  let result = text;
  for (const edit of edits.sort((a, b) => b.start - a.start)) result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  return {
    text: result,
    changed,
    cleared,
    lineAt: (line) => line - (parts.findLast((part) => part.row < line) ?? parts[0]!).row,
  };
}

/** Empty lines that the rewriting left at the cell's ends, where the cell had none. */
function trimmed(code: string, before: string): string {
  const head = /^\n/.test(before) ? code : code.replace(/^\n+/, '');
  return /\n$/.test(before) ? head : head.replace(/\n+$/, '');
}

/** A cell's new text in the form that the old one had: one string, or a line an item; lines that stay are the same bytes. */
function sourceJson(text: string, old: Placed, source: string): string {
  const raw = text.slice(old.start, old.end);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all that is not ASCII
  const beyond = /[^\u0000-\u007f]/g;
  const ascii = !beyond.test(text);
  const quoted = (line: string) => {
    const json = JSON.stringify(line);
    return ascii ? json.replace(beyond, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : json;
  };
  if (!old.items) return quoted(source);
  const lines = source === '' ? [] : source.split(/(?<=\n)/);
  const known = new Map(
    old.items.map((item) => [JSON.parse(text.slice(item.start, item.end)) as string, text.slice(item.start, item.end)]),
  );
  const items = lines.map((line) => known.get(line) ?? quoted(line));
  if (!items.length) return '[]';
  const [first, second] = old.items;
  const before = first ? raw.slice(1, first.start - old.start) : '';
  const between = first && second ? text.slice(first.end, second.start) : before.includes('\n') ? `,${before}` : ', ';
  const after = old.items.length ? raw.slice(old.items.at(-1)!.end - old.start, -1) : '';
  return `[${before}${items.join(between)}${after}]`;
}
