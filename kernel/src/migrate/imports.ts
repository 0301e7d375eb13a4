/** Import statements: names of migrated packages go, what the new code needs comes in their place. */
import type { FileContext } from './context.ts';
import type { Project, SourceModule } from './modules.ts';
import { absoluteName, resolveImport } from './names.ts';
import { descendants, field, fields, parts, type Syntax } from './parse.ts';

const IMPORTS = new Set(['import_statement', 'import_from_statement']);

interface ImportPart {
  node: Syntax;
  bound: string;
  removed: boolean;
}

/** Does an imported name lead into a package that the table migrates (directly, or through the project's re-exports)? */
export function isCovered(target: string, member: string | undefined, project: Project): boolean {
  const table = project.table!;
  const resolved = resolveImport(target, member, project, 0);
  if (resolved?.entity.kind !== 'external' || !resolved.direct) return false;
  return table.covers(resolved.entity.name);
}

function readImport(node: Syntax, module: SourceModule, project: Project): ImportPart[] {
  const text = (one: Syntax) => module.source.slice(one.start, one.end);
  const from = field(node, 'module_name');
  const origin = from && absoluteName(text(from), module);
  return fields(node, 'name').map((item): ImportPart => {
    const aliased = item.type === 'aliased_import';
    const name = text(aliased ? field(item, 'name')! : item);
    const bound = aliased ? text(field(item, 'alias')!) : name.split('.')[0]!;
    return { node: item, bound, removed: origin === undefined ? isCovered(name, undefined, project) : isCovered(origin, name, project) };
  });
}

/** The names that a module's imports ask for, each with what it is bound to: of `import a.b` the whole module. */
export function importedPairs(module: SourceModule): { target: string; name?: string; bound: string }[] {
  return module.imports.flatMap(({ from, names }) => {
    const origin = from === undefined ? undefined : absoluteName(from, module);
    return names.map(({ name, alias }) => ({
      ...(origin === undefined ? { target: name } : { target: origin, name }),
      bound: alias ?? name.split('.')[0]!,
    }));
  });
}

/** Names that importing migrated packages binds: free again in the output. */
export function freedNames(module: SourceModule, project: Project): Set<string> {
  return new Set(importedPairs(module).flatMap(({ target, name, bound }) => (isCovered(target, name, project) ? [bound] : [])));
}

/** Removes imports of migrated packages. Called before the rest of the file is rewritten. */
export function removeImports(context: FileContext): { anchor?: Syntax } {
  const { module, inference } = context;
  let anchor: Syntax | undefined;
  const gone: Syntax[] = [];
  for (const node of descendants(module.root)) {
    if (!IMPORTS.has(node.type)) continue;
    const found = readImport(node, module, inference.project);
    const from = field(node, 'module_name');
    const star =
      node.children.some((child) => child.type === 'wildcard_import') &&
      from &&
      inference.project.table!.covers(absoluteName(context.text(from), module));
    if (!star && !found.some((part) => part.removed)) continue;
    const kept = found.filter((part) => !part.removed);
    if (kept.length && !star) {
      const names = kept.map((part) => context.text(part.node)).join(', ');
      context.edits.replace(node.start, node.end, from ? `from ${context.text(from)} import ${names}` : `import ${names}`);
      continue;
    }
    if (!anchor && node.parent?.type === 'module') anchor = node;
    else gone.push(node);
  }
  for (const node of gone) removeStatement(node, context, gone);
  return { anchor };
}

/** Takes a statement out with its line; where all of a block goes, the first leaves `pass`. */
function removeStatement(node: Syntax, context: FileContext, gone: readonly Syntax[] = [node]): void {
  const block = node.parent!;
  const rest = parts(block).filter((one) => !gone.includes(one));
  if (block.type === 'block' && rest.length === 0 && parts(block)[0] === node) {
    context.edits.replace(node.start, node.end, 'pass');
    return;
  }
  const { source } = context.module;
  const lineStart = source.lastIndexOf('\n', node.start - 1) + 1;
  const ending = /^[ \t]*(\r?\n|$)/.exec(source.slice(node.end));
  if (source.slice(lineStart, node.start).trim() === '' && ending) context.edits.replace(lineStart, node.end + ending[0].length, '');
  else {
    const behind = /^[ \t]*;[ \t]*/.exec(source.slice(node.end));
    context.edits.replace(node.start, node.end + (behind ? behind[0].length : 0), behind ? '' : 'pass');
  }
}

/** Writes the imports that the new code needs: in place of the first removed import, else before the first statement; before `early`, which uses them. */
export function writeImports(context: FileContext, anchor: Syntax | undefined, early?: Syntax): void {
  const lines = withFolder(importLines(context.imports), context.module);
  const newline = context.module.source.includes('\r\n') ? '\r\n' : '\n';
  if (early && lines.length && (!anchor || early.start < anchor.start)) {
    context.edits.insert(early.start, lines.join(newline) + newline);
    if (anchor) removeStatement(anchor, context);
    return;
  }
  if (anchor) {
    if (lines.length) context.edits.replace(anchor.start, anchor.end, lines.join(newline));
    else removeStatement(anchor, context);
    return;
  }
  if (lines.length === 0) return;
  const statements = parts(context.module.root);
  const first = statements.find(
    (one, at) =>
      one.type !== 'future_import_statement' && !(at === 0 && one.type === 'expression_statement' && parts(one)[0]?.type === 'string'),
  );
  const at = first?.start ?? context.module.source.length;
  context.edits.insert(at, `${lines.join(newline)}${newline}${first && IMPORTS.has(first.type) ? '' : newline}`);
}

/** A notebook runs in its own folder: from one below OUT, our file has to be looked for above. */
function withFolder(lines: readonly string[], { file, notebook }: SourceModule): string[] {
  const up = file
    .split(/[\\/]/)
    .slice(1)
    .map(() => '..');
  if (!notebook || !up.length) return [...lines];
  const path = `__import__("sys").path.append("${up.join('/')}")  # tradewind_compat.py lies there`;
  return lines.flatMap((line) => (line.includes('import tradewind_compat') ? [path, line] : [line]));
}

/** `from mindspore import nn` and `… import ops` on one line; MindSpore first, our own file last. */
function importLines(wanted: ReadonlySet<string>): string[] {
  const members = [...wanted].flatMap((line) => /^from mindspore import (\w+)$/.exec(line)?.[1] ?? []).sort();
  const plain = [...wanted].filter((line) => line.startsWith('import ')).sort();
  const own = plain.filter((line) => line.includes('tradewind_compat'));
  return [
    ...plain.filter((line) => !line.includes('tradewind_compat')),
    ...(members.length ? [`from mindspore import ${members.join(', ')}`] : []),
    ...own,
  ];
}
