/**
 * Python source → a syntax tree of plain objects (tree-sitter underneath).
 *
 * The tree is copied out of WebAssembly once: inference and rewriting walk it many times, and plain objects can be keys of maps.
 * Offsets are UTF-16, as in JavaScript strings.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Language, Parser, type TreeCursor } from 'web-tree-sitter';
import { rootFolder } from '../processes/places.ts';

export interface Syntax {
  type: string;
  /** The grammar's field that the node fills in its parent: `left`, `function`, … */
  field: string | null;
  named: boolean;
  start: number;
  end: number;
  /** 0-based. */
  row: number;
  endRow: number;
  parent?: Syntax;
  children: Syntax[];
}

export interface Parsed {
  root: Syntax;
  /** Where the grammar had to guess; absent for a file that parses. */
  firstError?: { row: number };
}

let parser: Promise<Parser> | undefined;

/** The wasm files lie beside the bundle, or in node_modules when the sources run as they are. */
function wasmFile(packageName: string, file: string): string {
  const beside = join(import.meta.dirname, file);
  if (existsSync(beside)) return beside;
  return join(rootFolder(), 'node_modules', packageName, file);
}

async function createParser(): Promise<Parser> {
  await Parser.init({ locateFile: () => wasmFile('web-tree-sitter', 'web-tree-sitter.wasm') });
  const python = await Language.load(wasmFile('tree-sitter-python', 'tree-sitter-python.wasm'));
  return new Parser().setLanguage(python);
}

/** Must be awaited once before `parse`. */
export async function loadParser(): Promise<(text: string) => Parsed> {
  parser ??= createParser();
  const ready = await parser;
  return (text) => {
    const tree = ready.parse(text);
    if (!tree) throw new Error('tree-sitter gave no tree');
    const state: { firstError?: { row: number } } = {};
    const cursor = tree.walk();
    const root = copy(cursor, state);
    cursor.delete();
    tree.delete();
    return { root, firstError: state.firstError };
  };
}

function copy(cursor: TreeCursor, state: { firstError?: { row: number } }): Syntax {
  const node: Syntax = {
    type: cursor.nodeType,
    field: cursor.currentFieldName,
    named: cursor.nodeIsNamed,
    start: cursor.startIndex,
    end: cursor.endIndex,
    row: cursor.startPosition.row,
    endRow: cursor.endPosition.row,
    children: [],
  };
  if (!state.firstError && (node.type === 'ERROR' || cursor.nodeIsMissing)) state.firstError = { row: node.row };
  if (cursor.gotoFirstChild()) {
    do {
      const child = copy(cursor, state);
      child.parent = node;
      node.children.push(child);
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return node;
}

export function field(node: Syntax, name: string): Syntax | undefined {
  return node.children.find((child) => child.field === name);
}

export function fields(node: Syntax, name: string): Syntax[] {
  return node.children.filter((child) => child.field === name);
}

/** Named children without comments. */
export function parts(node: Syntax): Syntax[] {
  return node.children.filter((child) => child.named && child.type !== 'comment');
}

export function* descendants(node: Syntax): Generator<Syntax> {
  for (const child of node.children) {
    yield child;
    yield* descendants(child);
  }
}

export function ancestor(node: Syntax, types: ReadonlySet<string> | string): Syntax | undefined {
  for (let up = node.parent; up; up = up.parent) {
    if (typeof types === 'string' ? up.type === types : types.has(up.type)) return up;
  }
  return undefined;
}

const STATEMENT_PARENTS = new Set(['block', 'module']);

/** The statement that the node is in: the child of the nearest block or of the module. */
export function statementOf(node: Syntax): Syntax {
  let at = node;
  while (at.parent && !STATEMENT_PARENTS.has(at.parent.type)) at = at.parent;
  return at;
}

/** `((x))` → `x`. */
export function bare(node: Syntax): Syntax {
  let at = node;
  while (at.type === 'parenthesized_expression') at = parts(at)[0] ?? at;
  return at;
}
