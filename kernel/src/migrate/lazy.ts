/** Imports of what may be missing in OUT: packages that are not MindSpore's, and re-exports that lead to them. */
import type { FileContext } from './context.ts';
import { lineBefore } from './layout.ts';
import type { Project, SourceModule } from './modules.ts';
import { absoluteName } from './names.ts';
import { type Packages, runsUnguarded } from './packages.ts';
import { ancestor, descendants, field, fields, type Syntax } from './parse.ts';

const IMPORTS = new Set(['import_statement', 'import_from_statement']);

/**
 * `import s3fs` → `s3fs = compat.optional("s3fs")`. Gives the first statement of the module that has such an import.
 * What SOURCE's own files import and is installed here stays as it is; a library that is brought along asks for as little as possible.
 */
export function replaceMissing(context: FileContext, packages: Packages): Syntax | undefined {
  const { module, text } = context;
  const mayBeMissing = (name: string) =>
    packages.originOf(module.imported(name)) === 'other' && (module.outside || !packages.isInstalled(name));
  let first: Syntax | undefined;
  for (const node of descendants(module.root)) {
    if (!IMPORTS.has(node.type) || !runsUnguarded(node, module)) continue;
    const written = field(node, 'module_name');
    const lines: string[] = [];
    if (written) {
      const from = absoluteName(text(written), module);
      if (text(written).startsWith('.') || !mayBeMissing(from)) continue;
      for (const item of fields(node, 'name')) {
        const name = text(item.type === 'aliased_import' ? field(item, 'name')! : item);
        lines.push(
          `${text(field(item, 'alias') ?? item)} = ${context.reach('compat.optional')}(${JSON.stringify(from)}, ${JSON.stringify(name)})`,
        );
      }
      if (lines.length === 0) continue;
    } else {
      const items = fields(node, 'name');
      if (!items.some((item) => mayBeMissing(text(field(item, 'name') ?? item)))) continue;
      const bound = new Set<string>();
      for (const item of items) {
        const name = text(field(item, 'name') ?? item);
        const alias = field(item, 'alias');
        if (!mayBeMissing(name)) lines.push(`import ${text(item)}`);
        else if (alias) lines.push(`${text(alias)} = ${context.reach('compat.optional')}(${JSON.stringify(name)})`);
        else bound.add(name.split('.')[0]!);
      }
      for (const name of bound) lines.push(`${name} = ${context.reach('compat.optional')}(${JSON.stringify(name)})`);
    }
    first ??= topStatement(node);
    const indent = /[ \t]*$/.exec(lineBefore(node, context))![0];
    context.edits.replace(node.start, node.end, lines.join(`\n${indent}`));
    context.use({
      node,
      api: written ? text(written) : text(field(fields(node, 'name')[0]!, 'name') ?? fields(node, 'name')[0]!),
      status: 'migrated',
      strategy: 'restructured',
      reason: 'Not part of MindSpore: imported at first use, so that OUT runs without it as long as it is not called.',
    });
  }
  return first;
}

function topStatement(node: Syntax): Syntax {
  let at = node;
  while (at.parent && at.parent.type !== 'module') at = at.parent;
  return at;
}

/** Modules that importing a module runs: itself, its packages, and what these import unguarded. */
function importClosure(project: Project, fragile: ReadonlySet<string>): (name: string) => boolean {
  const known = new Map<string, boolean>();
  function reaches(name: string): boolean {
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, false);
    const module = project.modules.get(name);
    let found = fragile.has(name) || Boolean(module?.outside);
    if (module && !found) found = targets(module, project).some(reaches);
    known.set(name, found);
    return found;
  }
  return reaches;
}

function targets(module: SourceModule, project: Project): string[] {
  const found: string[] = [];
  for (const node of descendants(module.root)) {
    if (!IMPORTS.has(node.type) || !runsUnguarded(node, module)) continue;
    found.push(...importedModules(node, module, project));
  }
  return found;
}

function importedModules(node: Syntax, module: SourceModule, project: Project): string[] {
  const text = (one: Syntax) => module.source.slice(one.start, one.end);
  const written = field(node, 'module_name');
  if (!written) return fields(node, 'name').map((item) => module.imported(text(field(item, 'name') ?? item)));
  const from = absoluteName(text(written), module);
  return [
    from,
    ...fields(node, 'name')
      .map((item) => `${from}.${text(field(item, 'name') ?? item)}`)
      .filter((name) => project.modules.has(name)),
  ];
}

/**
 * Re-exports of a package's `__init__` that lead to something fragile (a missing package, an unsupported call at import) are made
 * when they are asked for: the package keeps all its names, and importing one of its modules doesn't need all the others.
 */
export function makeLazy(contexts: readonly FileContext[], fragile: ReadonlySet<string>, project: Project): void {
  const reaches = importClosure(project, fragile);
  const starred = new Set(contexts.flatMap((context) => context.module.scope.stars));
  for (const context of contexts) {
    const { module } = context;
    if (!module.isPackage) continue;
    if (module.outside) dropUnreached(context, project);
    if (starred.has(module.name) || module.scope.names.has('__getattr__')) continue;
    const lazy = new Map<string, [string, string | undefined]>();
    for (const node of module.root.children) {
      if (node.type !== 'import_from_statement' || node.children.some((child) => child.type === 'wildcard_import')) continue;
      const from = absoluteName(context.text(field(node, 'module_name')!), module);
      const inside =
        project.modules.has(from) ||
        fields(node, 'name').some((item) => project.modules.has(`${from}.${context.text(field(item, 'name') ?? item)}`)) ||
        (module.outside && from.split('.')[0] === module.name.split('.')[0]);
      if (module.outside && !reached(node, from, context, project)) continue;
      if (!inside || !(module.outside || importedModules(node, module, project).some(reaches))) continue;
      if (module.outside && project.modules.get(from)?.ran && from !== module.name) continue;
      const items = fields(node, 'name')
        .filter((item) => !module.outside || cameAlong(item, from, context, project))
        .map((item) => ({ bound: context.text(field(item, 'alias') ?? item), member: context.text(field(item, 'name') ?? item) }));
      if (items.some(({ bound }) => usedInside(bound, context))) continue;
      // `from .einsum import einsum`: once imported, the module of that name is there, and nobody would be asked for the function.
      if (items.some(({ bound }) => project.modules.has(`${module.name}.${bound}`) && from !== module.name)) continue;
      for (const { bound, member } of items) lazy.set(bound, [from, member]);
      context.edits.replace(node.start, node.end, '');
      context.lazyImports.push(node);
    }
    if (lazy.size === 0) continue;
    const entries = [...lazy].map(
      ([name, [from, member]]) => `    ${JSON.stringify(name)}: (${JSON.stringify(from)}, ${JSON.stringify(member)}),`,
    );
    const last = context.lazyImports.at(-1)!;
    const call = `__getattr__ = ${context.reach('compat.lazily')}(\n    __name__,\n    {\n${entries.map((line) => `    ${line}`).join('\n')}\n    },\n)`;
    context.edits.replace(last.start, last.end, call);
    context.use({
      node: last,
      api: 'import',
      status: 'migrated',
      strategy: 'restructured',
      reason: 'Names that this package re-exports are imported when they are asked for.',
    });
  }
}

/** Does an import of a package outside SOURCE lead to a module that was brought along? */
function reached(node: Syntax, from: string, context: FileContext, project: Project): boolean {
  return (
    project.modules.has(from) &&
    (from !== context.module.name ||
      fields(node, 'name').some((item) => project.modules.has(`${from}.${context.text(field(item, 'name') ?? item)}`)))
  );
}

/** In `from . import brought, left`: is this one of those that are there? */
function cameAlong(item: Syntax, from: string, context: FileContext, project: Project): boolean {
  const { module } = context;
  const name = context.text(field(item, 'name') ?? item);
  return from !== module.name || project.modules.has(`${from}.${name}`) || (module.scope.names.get(name)?.length ?? 0) > 1;
}

/** Re-exports of modules that nothing reaches, and that were therefore not brought along, go: whole statements, or the names of such modules in them. */
function dropUnreached(context: FileContext, project: Project): void {
  const { module } = context;
  for (const node of module.root.children) {
    if (node.type !== 'import_from_statement') continue;
    const from = absoluteName(context.text(field(node, 'module_name')!), module);
    if (from.split('.')[0] !== module.name.split('.')[0]) continue;
    const items = fields(node, 'name');
    if (items.some((item) => usedInside(context.text(field(item, 'alias') ?? item), context))) continue;
    if (!reached(node, from, context, project)) {
      context.edits.replace(node.start, node.end, '');
      continue;
    }
    const kept = items.filter((item) => cameAlong(item, from, context, project));
    if (kept.length && kept.length < items.length)
      context.edits.replace(items[0]!.start, items.at(-1)!.end, kept.map((item) => context.text(item)).join(', '));
  }
}

function usedInside(name: string, context: FileContext): boolean {
  for (const node of descendants(context.module.root)) {
    if (node.type === 'identifier' && context.text(node) === name && !ancestor(node, IMPORTS) && node.field !== 'attribute') return true;
  }
  return false;
}
