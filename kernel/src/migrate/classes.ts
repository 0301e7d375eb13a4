/** The project's classes: their bases over files, their methods and the attributes that they assign. */

import type { Project, SourceModule } from './modules.ts';
import { type Entity, parametersOf, resolve } from './names.ts';
import { ancestor, descendants, field, parts, type Syntax } from './parse.ts';

export interface Assigned {
  /** The value assigned, and the path into it, as for a name's binding; or the arguments of `register_buffer('x', value)`. */
  value?: Syntax;
  path: (number | '*' | 'enter')[];
  node: Syntax;
}

export interface ClassFacts {
  module: SourceModule;
  node: Syntax;
  name: string;
  bases: Entity[];
  methods: Map<string, Syntax>;
  attributes: Map<string, Assigned[]>;
}

export interface Classes {
  facts(node: Syntax): ClassFacts;
  /** Own and inherited classes of the project, nearest first. */
  ancestry(node: Syntax): ClassFacts[];
  /** Names of the API classes that it is built on, however far up. */
  externalBases(node: Syntax): string[];
  /** Is it built on torch.nn.Module? */
  isModule(node: Syntax): boolean;
  method(node: Syntax, name: string): Syntax | undefined;
  moduleOf(node: Syntax): SourceModule;
  all(): ClassFacts[];
  /** Has any class of the project a method of that name? */
  definesMethod(name: string): boolean;
}

const NOT_MODULES = /^torch\.(Tensor|autograd|utils|optim|Size|dtype|device|distributed|jit|fx)\b/;

export function classesOf(project: Project): Classes {
  const modules = new Map<Syntax, SourceModule>();
  for (const module of project.modules.values()) modules.set(module.root, module);
  const known = new Map<Syntax, ClassFacts>();

  const moduleOf = (node: Syntax) => modules.get(node.tree.nodes[0]!)!;

  function facts(node: Syntax): ClassFacts {
    let found = known.get(node);
    if (!found) {
      found = readClass(node, moduleOf(node), project);
      known.set(node, found);
    }
    return found;
  }

  function ancestry(node: Syntax): ClassFacts[] {
    const found: ClassFacts[] = [];
    const visit = (one: Syntax) => {
      const own = facts(one);
      if (found.includes(own)) return;
      found.push(own);
      for (const base of own.bases) if (base.kind === 'class') visit(base.node);
    };
    visit(node);
    return found;
  }

  let every: ClassFacts[] | undefined;
  let methodNames: Set<string> | undefined;
  function all(): ClassFacts[] {
    if (!every) {
      for (const module of project.modules.values())
        for (const node of module.scopes.keys()) if (node.type === 'class_definition') facts(node);
      every = [...known.values()];
    }
    return every;
  }

  const externalBases = (node: Syntax) =>
    ancestry(node).flatMap((one) => one.bases.flatMap((base) => (base.kind === 'external' ? [base.name] : [])));
  return {
    facts,
    ancestry,
    externalBases,
    isModule: (node) =>
      externalBases(node).some((name) => project.table!.covers(name) && !NOT_MODULES.test(name) && !name.startsWith('jaxtyping.')),
    method(node, name) {
      for (const one of ancestry(node)) {
        const found = one.methods.get(name);
        if (found) return found;
      }
      return undefined;
    },
    moduleOf,
    all,
    definesMethod(name) {
      methodNames ??= new Set(all().flatMap((one) => [...one.methods.keys()]));
      return methodNames.has(name);
    },
  };
}

function readClass(node: Syntax, module: SourceModule, project: Project): ClassFacts {
  const text = (one: Syntax) => module.source.slice(one.start, one.end);
  const superclasses = field(node, 'superclasses');
  const bases = superclasses
    ? parts(superclasses).flatMap((one): Entity[] => {
        if (one.type === 'keyword_argument') return [];
        const found = resolve(one.type === 'subscript' ? field(one, 'value')! : one, module, project);
        return [found?.entity ?? { kind: 'local' }];
      })
    : [];
  const found: ClassFacts = { module, node, name: text(field(node, 'name')!), bases, methods: new Map(), attributes: new Map() };
  const add = (name: string, assigned: Assigned) => {
    const list = found.attributes.get(name);
    if (list) list.push(assigned);
    else found.attributes.set(name, [assigned]);
  };
  for (const statement of parts(field(node, 'body')!)) {
    const definition = statement.type === 'decorated_definition' ? field(statement, 'definition')! : statement;
    if (definition.type === 'function_definition') {
      found.methods.set(text(field(definition, 'name')!), definition);
      readMethod(definition, text, add);
    } else if (definition.type === 'expression_statement') {
      const assignment = parts(definition)[0];
      const left = assignment?.type === 'assignment' ? field(assignment, 'left') : undefined;
      if (left?.type === 'identifier') add(text(left), { value: field(assignment!, 'right'), path: [], node: left });
    }
  }
  return found;
}

function readMethod(method: Syntax, text: (node: Syntax) => string, add: (name: string, assigned: Assigned) => void): void {
  const self = parametersOf(method)[0]?.name;
  if (!self) return;
  const own = text(self);
  const target = (left: Syntax, value: Syntax | undefined, path: Assigned['path']): void => {
    if (left.type === 'attribute' && text(field(left, 'object')!) === own)
      add(text(field(left, 'attribute')!), { value, path, node: left });
    else if (left.type === 'pattern_list' || left.type === 'tuple_pattern') {
      parts(left).forEach((one, at) => {
        target(one, value, [...path, at]);
      });
    }
  };
  for (const node of descendants(method)) {
    if (node.type === 'assignment') target(field(node, 'left')!, field(node, 'right'), []);
    else if (node.type === 'call') {
      const callee = field(node, 'function')!;
      if (callee.type !== 'attribute' || text(field(callee, 'object')!) !== own) continue;
      const name = text(field(callee, 'attribute')!);
      if (!['register_buffer', 'register_parameter', 'add_module', 'register_module'].includes(name)) continue;
      const [first, value] = parts(field(node, 'arguments')!);
      if (first?.type === 'string')
        add(text(first).replace(/^\w*['"]|['"]$/g, ''), {
          value: value?.type === 'keyword_argument' ? field(value, 'value') : value,
          path: [],
          node,
        });
    }
  }
}

/** The class that a method is defined in. */
export function ownerOf(method: Syntax): Syntax | undefined {
  const holder = method.parent?.type === 'decorated_definition' ? method.parent.parent : method.parent;
  return holder?.parent?.type === 'class_definition' ? holder.parent : undefined;
}

export function decoratorsOf(definition: Syntax): Syntax[] {
  return definition.parent?.type === 'decorated_definition' ? definition.parent.children.filter((child) => child.type === 'decorator') : [];
}

export function isProperty(method: Syntax, text: (node: Syntax) => string): boolean {
  return decoratorsOf(method).some((one) => /^@\s*(functools\.)?(property|cached_property)\b|\.(setter|getter)$/.test(text(one)));
}

export function isStatic(method: Syntax, text: (node: Syntax) => string): boolean {
  return decoratorsOf(method).some((one) => /^@\s*staticmethod\b/.test(text(one)));
}

/** The class whose method a node's code is in. */
export function enclosingClass(node: Syntax): Syntax | undefined {
  const method = ancestor(node, 'function_definition');
  if (!method) return undefined;
  return ownerOf(method) ?? enclosingClass(method);
}
