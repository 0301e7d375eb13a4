/**
 * Python source → a syntax tree of plain objects (tree-sitter underneath).
 *
 * The tree is copied out of WebAssembly once, as numbers (which a worker thread can hand over without a copy), and becomes objects when
 * it is looked at: inference and rewriting walk it many times, and objects can be keys of maps. Offsets are UTF-16, as in JavaScript strings.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Language, Parser } from 'web-tree-sitter';
import { rootFolder } from '../processes/places.ts';

export interface Syntax {
  readonly type: string;
  /** The grammar's field that the node fills in its parent: `left`, `function`, … */
  readonly field: string | null;
  readonly named: boolean;
  readonly start: number;
  readonly end: number;
  /** 0-based. */
  readonly row: number;
  readonly endRow: number;
  readonly parent?: Syntax;
  /** Brackets, commas and full stops are left out. */
  readonly children: readonly Syntax[];
  /** The tree's nodes in the order of the text; a node's descendants are those from `at + 1` to `past`. */
  readonly tree: Tree;
  readonly at: number;
  readonly past: number;
}

interface Tree {
  nodes: Syntax[];
  source: string;
  lineStarts?: number[];
}

/** A tree as numbers, four a node in the order of the text: type and field, start, end, the index after its last descendant. */
export interface FlatTree {
  numbers: Int32Array;
  /** 0-based line where the grammar had to guess; absent for a file that parses. */
  errorRow?: number;
  /** How deep its deepest node lies. */
  depth: number;
}

export interface Parsed {
  /** Made when it is first asked for. */
  readonly root: Syntax;
  flat: FlatTree;
  /** Where the grammar had to guess; absent for a file that parses. */
  firstError?: { row: number };
}

export type Parse = (text: string) => Parsed;

const IMPORTS = new Set(['import_statement', 'import_from_statement']);

/** What numbers mean: the grammar's names. */
interface Grammar {
  types: readonly string[];
  fields: readonly (string | null)[];
  named: readonly boolean[];
  fieldNumbers: ReadonlyMap<string, number>;
  /** 0 for comments and what has no name. */
  part: Uint8Array;
  /** 1 for the types that the copy leaves out. */
  left: Uint8Array;
}

const ERROR = 0xffff;
const PER_NODE = 4;
const PUNCTUATION = new Set(['(', ')', '[', ']', '{', '}', ',', '.', ';']);
const NO_CHILDREN: readonly Syntax[] = Object.freeze([]);

let loading: Promise<{ parser: Parser; grammar: Grammar }> | undefined;
let grammar: Grammar | undefined;

/** The wasm files lie beside the bundle, or in node_modules when the sources run as they are. */
function wasmFile(packageName: string, file: string): string {
  const beside = join(import.meta.dirname, file);
  if (existsSync(beside)) return beside;
  return join(rootFolder(), 'node_modules', packageName, file);
}

async function load(): Promise<{ parser: Parser; grammar: Grammar }> {
  await Parser.init({ locateFile: () => wasmFile('web-tree-sitter', 'web-tree-sitter.wasm') });
  const python = await Language.load(wasmFile('tree-sitter-python', 'tree-sitter-python.wasm'));
  const types = python.types;
  grammar = {
    types,
    fields: python.fields.map((name) => name ?? null),
    named: types.map((_, id) => python.nodeTypeIsNamed(id)),
    fieldNumbers: new Map(python.fields.flatMap((name, id) => (name ? [[name, id] as const] : []))),
    part: Uint8Array.from(types, (name, id) => Number(python.nodeTypeIsNamed(id) && name !== 'comment')),
    left: Uint8Array.from(types, (name, id) => Number(PUNCTUATION.has(name) && !python.nodeTypeIsNamed(id))),
  };
  return { parser: new Parser().setLanguage(python), grammar };
}

/** Must be awaited once before anything is parsed, or a tree of another thread is looked at. */
export async function loadParser(): Promise<Parse> {
  loading ??= load();
  const { parser, grammar } = await loading;
  return (text) => parsed(text, flatten(text, parser, grammar));
}

/** The same as numbers, to be handed to another thread. */
export async function loadFlattener(): Promise<(text: string) => FlatTree> {
  loading ??= load();
  const { parser, grammar } = await loading;
  return (text) => flatten(text, parser, grammar);
}

/** A tree that another thread has parsed. */
export function parsed(source: string, flat: FlatTree): Parsed {
  let root: Syntax | undefined;
  return {
    flat,
    ...(flat.errorRow === undefined ? {} : { firstError: { row: flat.errorRow } }),
    get root() {
      if (!root) {
        root = grow(source, flat.numbers, 0);
        if (source.includes('getattr(') && !source.includes('def getattr'))
          for (const node of root.tree.nodes) readAsAttribute(node as Node);
      }
      return root;
    },
  };
}

function flatten(text: string, parser: Parser, { left }: Grammar): FlatTree {
  const tree = parser.parse(text);
  if (!tree) throw new Error('tree-sitter gave no tree');
  const broken = tree.rootNode.hasError;
  let errorRow: number | undefined;
  const numbers = new Int32Array(tree.rootNode.descendantCount * PER_NODE);
  const cursor = tree.walk();
  const open: number[] = [];
  let at = 0;
  let deepest = 0;
  let leave = false;
  while (true) {
    if (!leave) {
      const type = cursor.nodeTypeId;
      if (broken && errorRow === undefined && (type === ERROR || cursor.nodeIsMissing)) errorRow = cursor.startPosition.row;
      if (left[type] !== 1) {
        const offset = at++ * PER_NODE;
        numbers[offset] = type | (cursor.currentFieldId << 16);
        numbers[offset + 1] = cursor.startIndex;
        numbers[offset + 2] = cursor.endIndex;
        numbers[offset + 3] = at;
        if (cursor.gotoFirstChild()) {
          open.push(offset);
          if (open.length > deepest) deepest = open.length;
          continue;
        }
      }
    }
    if (cursor.gotoNextSibling()) {
      leave = false;
      continue;
    }
    const parent = open.pop();
    if (parent === undefined) break;
    numbers[parent + 3] = at;
    cursor.gotoParent();
    leave = true;
  }
  cursor.delete();
  tree.delete();
  return { numbers: numbers.slice(0, at * PER_NODE), depth: deepest, ...(errorRow === undefined ? {} : { errorRow }) };
}

/** What all trees share is computed, so that a node is as small as can be: a large project has millions. */
class Node implements Syntax {
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  readonly at: number;
  readonly past: number;
  readonly tree: Tree;
  readonly parent: Syntax | undefined;
  children: readonly Syntax[];

  constructor(kind: number, start: number, end: number, at: number, past: number, tree: Tree, parent: Syntax | undefined) {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.at = at;
    this.past = past;
    this.tree = tree;
    this.parent = parent;
    this.children = NO_CHILDREN;
  }

  get type(): string {
    return grammar!.types[this.kind & ERROR] ?? 'ERROR';
  }

  get field(): string | null {
    return grammar!.fields[this.kind >>> 16] ?? null;
  }

  get named(): boolean {
    return grammar!.named[this.kind & ERROR] ?? true;
  }

  get row(): number {
    return rowOf(this.tree, this.start);
  }

  get endRow(): number {
    return rowOf(this.tree, this.end);
  }
}

/** An import statement as it is written: `import a.b as c`, or with the module that `from` names (dots and all). */
export interface ImportLine {
  from?: string;
  /** Every name of `from x import *`. */
  star: boolean;
  names: { name: string; alias?: string }[];
}

/** The import statements of a tree, wherever they stand, without making the rest of it. */
export function importStatements(source: string, { numbers }: FlatTree): ImportLine[] {
  const found: ImportLine[] = [];
  for (let offset = 0; offset < numbers.length; offset += PER_NODE) {
    const type = grammar!.types[numbers[offset]! & ERROR];
    if (type === undefined || !IMPORTS.has(type) || !grammar!.named[numbers[offset]! & ERROR]) continue;
    const node = grow(source, numbers, offset / PER_NODE);
    const text = (one: Syntax) => source.slice(one.start, one.end);
    const from = field(node, 'module_name');
    found.push({
      ...(from ? { from: text(from) } : {}),
      star: node.children.some((child) => child.type === 'wildcard_import'),
      names: fields(node, 'name').map((item) => {
        const alias = field(item, 'alias');
        return { name: text(field(item, 'name') ?? item), ...(alias ? { alias: text(alias) } : {}) };
      }),
    });
  }
  return found;
}

/**
 * Makes the nodes from `first` to what it holds. Children are counted before: an array that grows by one keeps room for seventeen,
 * which was most of the memory of a large project.
 */
function grow(source: string, numbers: Int32Array, first: number): Syntax {
  const count = numbers[first * PER_NODE + 3]! - first;
  const past = (at: number) => numbers[(first + at) * PER_NODE + 3]! - first;
  const parents = new Int32Array(count);
  const counts = new Int32Array(count);
  for (let at = 0, above = -1; at < count; at++) {
    while (above >= 0 && at >= past(above)) above = parents[above]!;
    parents[at] = above;
    if (above >= 0) counts[above]!++;
    if (past(at) > at + 1) above = at;
  }
  const nodes = new Array<Node>(count);
  const tree: Tree = { nodes, source };
  const filled = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const offset = (first + at) * PER_NODE;
    const above = parents[at]!;
    const parent = above < 0 ? undefined : nodes[above]!;
    const node = new Node(numbers[offset]!, numbers[offset + 1]!, numbers[offset + 2]!, at, past(at), tree, parent);
    if (counts[at]! > 0) node.children = new Array<Syntax>(counts[at]!);
    nodes[at] = node;
    if (parent) (parent.children as Syntax[])[filled[above]!++] = node;
  }
  return nodes[0]!;
}

/** `getattr(x, "std")` is the attribute `x.std` to all that looks at the tree; its name lies between the quotes. */
function readAsAttribute(call: Node): void {
  if (call.type !== 'call') return;
  const { source } = call.tree;
  const [callee, list] = call.children;
  if (callee?.type !== 'identifier' || list?.type !== 'argument_list' || source.slice(callee.start, callee.end) !== 'getattr') return;
  const [object, literal, ...more] = list.children;
  if (!object || literal?.type !== 'string' || more.length || /^(\w+_argument|\w+_splat|comment)$/.test(object.type)) return;
  const [mark, name, end] = literal.children;
  if (name?.type !== 'string_content' || !end || source.slice(mark!.start, mark!.end).length > 1) return;
  if (!/^[A-Za-z_]\w*$/.test(source.slice(name.start, name.end))) return;
  const { types, named, fieldNumbers } = grammar!;
  const kindOf = (type: string) => types.findIndex((one, id) => one === type && named[id]);
  const become = (node: Node, kind: number, role: number, more: Partial<Node>) =>
    Object.assign(node, { kind: kind | (role << 16), ...more }) satisfies Syntax;
  const children = [
    become(object as Node, (object as Node).kind & ERROR, fieldNumbers.get('object')!, { parent: call }),
    become(name as Node, kindOf('identifier'), fieldNumbers.get('attribute')!, { parent: call }),
  ];
  become(call, kindOf('attribute'), call.kind >>> 16, { children });
}

function rowOf(tree: Tree, offset: number): number {
  tree.lineStarts ??= lineStarts(tree.source);
  const starts = tree.lineStarts;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Offsets at which lines begin. */
export function lineStarts(source: string): number[] {
  const found = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) found.push(at + 1);
  return found;
}

export function field(node: Syntax, name: string): Syntax | undefined {
  const wanted = grammar!.fieldNumbers.get(name);
  for (const child of node.children) if ((child as Node).kind >>> 16 === wanted) return child;
  return undefined;
}

export function fields(node: Syntax, name: string): Syntax[] {
  return node.children.filter((child) => child.field === name);
}

/** Named children without comments. */
export function parts(node: Syntax): Syntax[] {
  const { part } = grammar!;
  return node.children.filter((child) => part[(child as Node).kind & ERROR] !== 0);
}

/** All nodes below one, in the order of the text. */
export function descendants(node: Syntax): Syntax[] {
  return node.tree.nodes.slice(node.at + 1, node.past);
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
