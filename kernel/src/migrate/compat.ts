/** Builds tradewind_compat.py: the definitions of kernel/operators/compat that a migration needs, with everything that they name, in one file. */
import { TradewindError } from '../records/errors.ts';
import { descendants, field, fields, type Parsed, parts, type Syntax } from './parse.ts';
import { filesIn, remembered } from './snapshot.ts';

interface Definition {
  text: string;
  /** Names in it, each once. */
  uses: string[];
  /** Those of them that its definition evaluates (bases, decorators, defaults, values): they have to stand before it. */
  first: string[];
  file: string;
}

export interface CompatLibrary {
  definitions: Map<string, Definition>;
  /** Name bound → the import statement that binds it. */
  imports: Map<string, string>;
}

/** Reads the library's files by its rules (compat/__init__.py): the top level has imports and definitions alone. */
export async function readCompat(folder: string, parse: (text: string) => Parsed): Promise<CompatLibrary> {
  const { definitions, imports } = await remembered('compat', filesIn(folder, '.py'), (files) => {
    const library: CompatLibrary = { definitions: new Map(), imports: new Map() };
    for (const { name, text } of files) if (name !== '__init__.py') readFile(text, name, parse, library);
    return { definitions: [...library.definitions], imports: [...library.imports] };
  });
  return { definitions: new Map(definitions), imports: new Map(imports) };
}

function readFile(source: string, file: string, parse: (text: string) => Parsed, library: CompatLibrary): void {
  const text = (node: Syntax) => source.slice(node.start, node.end);
  let comments = '';
  for (const node of parse(source).root.children) {
    if (node.type === 'comment') {
      comments += `${text(node)}\n`;
      continue;
    }
    const names = definedNames(node, text);
    if (node.type === 'import_statement' || node.type === 'import_from_statement') readImport(node, text, library);
    for (const name of names) {
      const other = library.definitions.get(name);
      if (other)
        throw new TradewindError({ code: 'internal', message: `compat/${file} defines ${name}, which compat/${other.file} defines too` });
      const uses = new Set<string>();
      const first = new Set<string>();
      for (const one of descendants(node)) {
        if (one.type !== 'identifier' || one.field === 'attribute') continue;
        uses.add(text(one));
        if (!inFunctionBody(one)) first.add(text(one));
      }
      library.definitions.set(name, { text: comments + text(node), uses: [...uses], first: [...first], file });
    }
    comments = '';
  }
}

function inFunctionBody(node: Syntax): boolean {
  for (let at: Syntax | undefined = node; at?.parent; at = at.parent)
    if (at.field === 'body' && (at.parent.type === 'function_definition' || at.parent.type === 'lambda')) return true;
  return false;
}

function definedNames(node: Syntax, text: (node: Syntax) => string): string[] {
  const inner =
    node.type === 'decorated_definition' ? field(node, 'definition')! : node.type === 'expression_statement' ? parts(node)[0] : node;
  if (inner?.type === 'function_definition' || inner?.type === 'class_definition') return [text(field(inner, 'name')!)];
  if (inner?.type === 'assignment') {
    const left = field(inner, 'left')!;
    return left.type === 'identifier' ? [text(left)] : parts(left).map(text);
  }
  return [];
}

function readImport(node: Syntax, text: (node: Syntax) => string, library: CompatLibrary): void {
  const from = field(node, 'module_name');
  if (from && text(from).startsWith('.')) return;
  for (const item of fields(node, 'name')) {
    const bound = item.type === 'aliased_import' ? text(field(item, 'alias')!) : text(item).split('.')[0]!;
    library.imports.set(bound, from ? `from ${text(from)} import ${text(item)}` : `import ${text(item)}`);
  }
}

const HEADING = `"""Written by \`tradewind migrate\`: plain MindSpore code for what this model uses and MindSpore has no equal of.

It needs mindspore and numpy alone. load_torch_state loads PyTorch weights given as NumPy arrays; torch_parameters lists the parameters by PyTorch's names.
"""
`;

/** The file's text: the named definitions and what they need, each before its users; \`generated\` are functions made from the table. */
export function composeCompat(library: CompatLibrary, needed: Iterable<string>, generated: readonly string[] = []): string {
  const order: string[] = [];
  const reached = new Set<string>();
  const imports = new Set<string>();
  const reach = (name: string) => {
    const definition = library.definitions.get(name);
    if (!definition || reached.has(name)) return;
    reached.add(name);
    for (const used of definition.uses) {
      if (library.definitions.has(used)) reach(used);
      else if (library.imports.has(used)) imports.add(library.imports.get(used)!);
    }
  };
  // What a definition evaluates stands before it; what its functions name may stand anywhere (a class and its subclass name each other).
  const placed = new Set<string>();
  const place = (name: string) => {
    if (placed.has(name)) return;
    placed.add(name);
    for (const used of library.definitions.get(name)!.first) if (reached.has(used)) place(used);
    order.push(name);
  };
  const missing = [...needed].filter((name) => !library.definitions.has(name));
  if (missing.length)
    throw new TradewindError({
      code: 'internal',
      message: `kernel/operators/compat does not define ${missing.join(', ')}`,
      remedy: 'Define it there, or correct the row that names it.',
    });
  for (const name of [...needed].sort()) reach(name);
  for (const name of reached) place(name);
  for (const text of generated) {
    for (const [name] of text.matchAll(/[A-Za-z_]\w*/g)) if (library.imports.has(name)) imports.add(library.imports.get(name)!);
    if (text.includes('types.SimpleNamespace')) imports.add('import types');
  }
  const definitions = order.map((name) => library.definitions.get(name)!.text);
  return `${HEADING}\n${sortImports(imports).join('\n')}\n\n\n${[...definitions, ...generated].join('\n\n\n')}\n`;
}

/** `import x` before `from x import y`; the standard library before the rest; names of one package on one line. */
function sortImports(statements: Iterable<string>): string[] {
  const plain: string[] = [];
  const from = new Map<string, string[]>();
  for (const statement of statements) {
    const match = /^from (\S+) import (.+)$/.exec(statement);
    if (match) from.set(match[1]!, [...(from.get(match[1]!) ?? []), match[2]!]);
    else plain.push(statement);
  }
  const lines = [...plain.sort(), ...[...from].map(([name, members]) => `from ${name} import ${members.sort().join(', ')}`).sort()];
  const third = (line: string) => /^(import|from) (mindspore|numpy)\b/.test(line);
  const standard = lines.filter((line) => !third(line));
  return [...standard, ...(standard.length ? [''] : []), ...lines.filter(third)];
}
