/** Scopes and names: which binding an identifier means, and which PyTorch API or which of the project's own definitions an expression names. */

import { contains, importAmong } from './flow.ts';
import { documentedName } from './homes.ts';
import type { Project, SourceModule } from './modules.ts';
import { ancestor, bare, descendants, field, fields, type ImportLine, parts, type Syntax } from './parse.ts';

export type Binding =
  | { kind: 'import'; target: string; member?: string; node: Syntax }
  | { kind: 'class' | 'function'; node: Syntax }
  | { kind: 'parameter'; node: Syntax; of: Syntax }
  /** `path` leads from the value to what the name gets: `*` an element of an iterable, a number a place in a tuple, `enter` a context manager's result. */
  | { kind: 'value'; node: Syntax; value?: Syntax; path: (number | '*' | 'enter')[] };

export interface Scope {
  kind: 'module' | 'class' | 'function';
  node: Syntax;
  parent?: Scope;
  module: SourceModule;
  names: Map<string, Binding[]>;
  /** Modules whose names `from x import *` brings. */
  stars: string[];
}

export type Entity =
  | { kind: 'external'; name: string }
  | { kind: 'module'; module: SourceModule }
  | { kind: 'class' | 'function'; node: Syntax; scope: Scope }
  | { kind: 'local' };

export interface Resolved {
  entity: Entity;
  /** Reached through imports alone, so that the text itself names the API; false behind an alias such as `Tensor = torch.Tensor`. */
  direct: boolean;
}

const SCOPE_NODES = new Set([
  'function_definition',
  'class_definition',
  'lambda',
  'list_comprehension',
  'set_comprehension',
  'dictionary_comprehension',
  'generator_expression',
]);

/** Builds the scopes of a module and of everything in it. */
export function buildScopes(module: SourceModule): void {
  const scope: Scope = { kind: 'module', node: module.root, module, names: new Map(), stars: [] };
  module.scope = scope;
  module.scopes.set(module.root, scope);
  collect(module.root, scope);
}

function bind(scope: Scope, name: string, binding: Binding): void {
  const list = scope.names.get(name);
  if (list) list.push(binding);
  else scope.names.set(name, [binding]);
}

/** Binds every name in a target: `a`, `a, b`, `(a, *b)`; attributes and subscripts bind nothing. */
function bindTarget(
  scope: Scope,
  target: Syntax,
  text: (node: Syntax) => string,
  value: Syntax | undefined,
  path: (number | '*' | 'enter')[],
): void {
  if (target.type === 'identifier') bind(scope, text(target), { kind: 'value', node: target, value, path });
  else if (
    target.type === 'pattern_list' ||
    target.type === 'tuple_pattern' ||
    target.type === 'list_pattern' ||
    target.type === 'tuple' ||
    target.type === 'list'
  ) {
    parts(target).forEach((item, at) => {
      bindTarget(scope, item, text, value, [...path, at]);
    });
  } else if (
    target.type === 'list_splat_pattern' ||
    target.type === 'list_splat' ||
    target.type === 'as_pattern_target' ||
    target.type === 'parenthesized_expression'
  ) {
    for (const item of parts(target)) bindTarget(scope, item, text, value, path);
  }
}

function collect(node: Syntax, scope: Scope): void {
  const { module } = scope;
  const text = (one: Syntax) => module.source.slice(one.start, one.end);
  for (const child of node.children) {
    switch (child.type) {
      case 'import_statement':
      case 'import_from_statement':
        collectImport(child, scope, text);
        continue;
      case 'class_definition':
      case 'function_definition': {
        const name = field(child, 'name');
        if (name) bind(scope, text(name), { kind: child.type === 'class_definition' ? 'class' : 'function', node: child });
        break;
      }
      case 'assignment':
      case 'augmented_assignment':
      case 'named_expression': {
        const target = field(child, 'left') ?? field(child, 'name');
        const holder = child.type === 'named_expression' ? functionScope(scope) : scope;
        if (target) bindTarget(holder, target, text, field(child, 'right') ?? field(child, 'value'), []);
        break;
      }
      case 'for_statement':
      case 'for_in_clause': {
        const target = field(child, 'left');
        if (target) bindTarget(scope, target, text, field(child, 'right'), ['*']);
        break;
      }
      case 'as_pattern': {
        const [value, target] = parts(child);
        if (target) bindTarget(scope, target, text, value, ['enter']);
        break;
      }
    }
    if (SCOPE_NODES.has(child.type)) {
      const inner: Scope = {
        kind: child.type === 'class_definition' ? 'class' : 'function',
        node: child,
        parent: scope,
        module,
        names: new Map(),
        stars: [],
      };
      module.scopes.set(child, inner);
      for (const parameter of parametersOf(child))
        if (parameter.name) bind(inner, text(parameter.name), { kind: 'parameter', node: parameter.node, of: child });
      collect(child, inner);
    } else collect(child, scope);
  }
}

function functionScope(scope: Scope): Scope {
  let at = scope;
  while (at.parent && at.node.type.endsWith('comprehension')) at = at.parent;
  return at;
}

function collectImport(node: Syntax, scope: Scope, text: (node: Syntax) => string): void {
  if (node.type === 'import_statement') {
    for (const item of fields(node, 'name')) {
      if (item.type === 'aliased_import') {
        bind(scope, text(field(item, 'alias')!), { kind: 'import', target: scope.module.imported(text(field(item, 'name')!)), node: item });
      } else {
        // `import a.b` binds `a`; the path below it is looked up by attribute.
        const top = text(item).split('.')[0]!;
        bind(scope, top, { kind: 'import', target: scope.module.imported(top), node: item });
      }
    }
    return;
  }
  const from = absoluteName(text(field(node, 'module_name')!), scope.module);
  if (node.children.some((child) => child.type === 'wildcard_import')) {
    scope.stars.push(from);
    return;
  }
  for (const item of fields(node, 'name')) {
    const aliased = item.type === 'aliased_import';
    const member = text(aliased ? field(item, 'name')! : item);
    bind(scope, aliased ? text(field(item, 'alias')!) : member, { kind: 'import', target: from, member, node: item });
  }
}

/** `..layers` in `pkg.sub.mod` → `pkg.layers`. */
export function absoluteName(written: string, module: SourceModule): string {
  const dots = /^\s*(\.*)\s*/.exec(written)![1]!.length;
  const rest = written.replace(/^[\s.]+/, '').replace(/\s+/g, '');
  if (dots === 0) return module.imported(rest);
  const own = module.name.split('.');
  const base = own.slice(0, own.length - dots + (module.isPackage ? 1 : 0));
  return [...base, ...(rest ? [rest] : [])].join('.');
}

/** The modules that an import statement names, by the project's own names. */
export function modulesOf({ from, names }: ImportLine, module: SourceModule): string[] {
  return from === undefined ? names.map(({ name }) => module.imported(name)) : [absoluteName(from, module)];
}

export interface Parameter {
  name?: Syntax;
  type?: Syntax;
  value?: Syntax;
  /** `*` or `**`. */
  star?: '*' | '**';
  node: Syntax;
}

const knownParameters = new WeakMap<Syntax, Parameter[]>();

/** The parameters of a function or lambda, in order. */
export function parametersOf(node: Syntax): Parameter[] {
  let found = knownParameters.get(node);
  if (!found) {
    found = readParameters(node);
    knownParameters.set(node, found);
  }
  return found;
}

function readParameters(node: Syntax): Parameter[] {
  const list = field(node, 'parameters');
  if (!list) return [];
  return parts(list).map((one): Parameter => {
    switch (one.type) {
      case 'identifier':
        return { name: one, node: one };
      case 'default_parameter':
      case 'typed_default_parameter':
        return { name: field(one, 'name'), type: field(one, 'type'), value: field(one, 'value'), node: one };
      case 'typed_parameter': {
        const inner = one.children[0]!;
        return { ...(inner.type === 'identifier' ? { name: inner } : splat(inner)), type: field(one, 'type'), node: one };
      }
      default:
        return { ...splat(one), node: one };
    }
  });
}

function splat(node: Syntax): { name?: Syntax; star?: '*' | '**' } {
  if (node.type === 'list_splat_pattern') return { name: parts(node)[0], star: '*' };
  if (node.type === 'dictionary_splat_pattern') return { name: parts(node)[0], star: '**' };
  return {};
}

/** The scope that the code at a node runs in. */
export function scopeAt(node: Syntax, module: SourceModule): Scope {
  for (let at: Syntax | undefined = node; at; at = at.parent) {
    const scope = module.scopes.get(at);
    // Decorators, defaults and bases belong to the scope outside.
    if (scope && (at === node ? at.type === 'module' : !outsideParts(at, node))) return scope;
  }
  return module.scope;
}

function outsideParts(scopeNode: Syntax, node: Syntax): boolean {
  const { type } = scopeNode;
  if (type === 'class_definition') return !contains(field(scopeNode, 'body'), node);
  if (type === 'function_definition') {
    if (contains(field(scopeNode, 'body'), node)) return false;
    // The parameters' own names are inside, what their defaults and annotations name is not.
    return !parametersOf(scopeNode).some((one) => one.name === node);
  }
  return false;
}

/** The bindings of a name seen from a scope (class scopes are not seen from inside their methods). */
export function lookUp(name: string, from: Scope): { scope: Scope; bindings: Binding[] } | undefined {
  for (let scope: Scope | undefined = from; scope; scope = scope.parent) {
    if (scope !== from && scope.kind === 'class') continue;
    const bindings = scope.names.get(name);
    if (bindings) return { scope, bindings };
  }
  return undefined;
}

/** What an expression names: an external API, a module, class or function of the project; undefined for anything computed. */
export function resolve(node: Syntax, module: SourceModule, project: Project, depth = 0): Resolved | undefined {
  if (depth > 20) return undefined;
  if (depth > 0 || !project.resolved) return resolveAnew(node, module, project, depth);
  if (!project.resolved.has(node)) project.resolved.set(node, resolveAnew(node, module, project, 0));
  return project.resolved.get(node);
}

function resolveAnew(node: Syntax, module: SourceModule, project: Project, depth: number): Resolved | undefined {
  const expression = bare(node);
  if (expression.type === 'identifier')
    return resolveIdentifier(module.source.slice(expression.start, expression.end), scopeAt(expression, module), project, depth);
  if (expression.type === 'attribute') {
    const object = resolve(field(expression, 'object')!, module, project, depth + 1);
    if (!object) return undefined;
    const attribute = field(expression, 'attribute')!;
    return member(object, module.source.slice(attribute.start, attribute.end), project, depth);
  }
  if (expression.type === 'dotted_name') return resolveDotted(module.source.slice(expression.start, expression.end), module, project);
  return undefined;
}

function resolveDotted(name: string, module: SourceModule, project: Project): Resolved | undefined {
  const [first, ...rest] = name.split('.');
  let found = resolveIdentifier(first!, module.scope, project, 0);
  for (const part of rest) found = found && member(found, part, project, 0);
  return found;
}

export function resolveIdentifier(name: string, scope: Scope, project: Project, depth: number): Resolved | undefined {
  const found = lookUp(name, scope);
  if (!found) {
    for (const star of scope.module.scope.stars) {
      const target = project.modules.get(star);
      const resolved = target
        ? exported(target, name, project, depth + 1)
        : project.table?.has(documentedName(`${star}.${name}`))
          ? external(`${star}.${name}`)
          : undefined;
      if (resolved) return resolved;
    }
    return BUILTINS.has(name) ? external(`builtins.${name}`) : undefined;
  }
  const bindings = found.bindings;
  // `try: import x except ImportError: x = None`: the import is what counts.
  const imported = importAmong(bindings);
  if (imported) return resolveImport(imported.target, imported.member, project, depth);
  const last = bindings.at(-1)!;
  if (last.kind === 'class' || last.kind === 'function')
    return { entity: { kind: last.kind, node: last.node, scope: found.scope }, direct: true };
  if (bindings.length === 1 && last.kind === 'value' && last.path.length === 0 && last.value && found.scope.kind !== 'function') {
    const value = bare(last.value);
    if (value.type === 'identifier' || value.type === 'attribute') {
      const aliased = resolve(value, scope.module, project, depth + 1);
      if (aliased && aliased.entity.kind !== 'local') {
        // An alias of a namespace (`F = nn.functional`) is as good as an import; one of a thing holds the migrated thing.
        const namespace =
          aliased.entity.kind === 'module' || (aliased.entity.kind === 'external' && project.table?.isNamespace(aliased.entity.name));
        return { entity: aliased.entity, direct: Boolean(namespace) && aliased.direct };
      }
    }
  }
  return LOCAL;
}

const LOCAL: Resolved = { entity: { kind: 'local' }, direct: false };

function external(name: string): Resolved {
  return { entity: { kind: 'external', name: documentedName(name) }, direct: true };
}

export function resolveImport(target: string, name: string | undefined, project: Project, depth: number): Resolved | undefined {
  const module = project.modules.get(target);
  if (name === undefined) return module ? { entity: { kind: 'module', module }, direct: true } : external(target);
  if (!module) {
    // A namespace package of the project has no module of its own.
    const below = project.modules.get(`${target}.${name}`);
    return below ? { entity: { kind: 'module', module: below }, direct: true } : external(`${target}.${name}`);
  }
  return exported(module, name, project, depth + 1);
}

/** What `module.name` is: by its row where the table has one, whatever source is there as well. */
export function exported(module: SourceModule, name: string, project: Project, depth: number): Resolved | undefined {
  if (depth > 20) return undefined;
  if (project.table?.has(`${module.name}.${name}`)) return external(`${module.name}.${name}`);
  const below = project.modules.get(`${module.name}.${name}`);
  const bindings = module.scope.names.get(name);
  // `from . import paths`: the package's own module, not a name that leads back to itself.
  const itself = bindings?.every((one) => one.kind === 'import' && one.target === module.name && one.member === name);
  if (bindings && !(below && itself)) return resolveIdentifier(name, module.scope, project, depth + 1);
  if (below) return { entity: { kind: 'module', module: below }, direct: true };
  for (const star of module.scope.stars) {
    const target = project.modules.get(star);
    const found = target
      ? exported(target, name, project, depth + 1)
      : project.table?.has(documentedName(`${star}.${name}`))
        ? external(`${star}.${name}`)
        : undefined;
    if (found) return found;
  }
  return undefined;
}

function member(object: Resolved, name: string, project: Project, depth: number): Resolved | undefined {
  const { entity } = object;
  if (entity.kind === 'external') {
    const below = project.modules.get(`${entity.name}.${name}`);
    if (below) return { entity: { kind: 'module', module: below }, direct: object.direct };
    return { ...external(`${entity.name}.${name}`), direct: object.direct };
  }
  if (entity.kind === 'module') {
    const found = exported(entity.module, name, project, depth + 1);
    return found && { entity: found.entity, direct: object.direct && found.direct };
  }
  return undefined;
}

/** The function that a node's code belongs to. */
export function enclosingFunction(node: Syntax): Syntax | undefined {
  return ancestor(node, 'function_definition');
}

/** Every identifier that occurs in a tree: names that generated code must not take. */
export function identifiersIn(module: SourceModule): Set<string> {
  const found = new Set<string>();
  for (const node of descendants(module.root)) if (node.type === 'identifier') found.add(module.source.slice(node.start, node.end));
  return found;
}

const BUILTINS = new Set(
  'abs all any bool bytes callable complex dict divmod enumerate filter float frozenset getattr hasattr hash id int isinstance issubclass iter len list map max min next object open pow print property range repr reversed round set setattr slice sorted staticmethod classmethod str sum super tuple type vars zip'.split(
    ' ',
  ),
);
