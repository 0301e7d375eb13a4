/**
 * Light type inference over the whole project: which expressions are tensors, and which of them may be complex.
 *
 * Evidence: annotations, what the table's operators return, what functions are called with and return (to a fixed point), attributes that
 * classes assign, and that the unannotated arguments of a module's `forward` are tensors. Where evidence is missing the answer is `unknown`.
 */
import { annotationType } from './annotations.ts';
import { type CallRecord, callType } from './calls.ts';
import { type Classes, classesOf, enclosingClass, isProperty, isStatic, ownerOf } from './classes.ts';
import { reaching } from './flow.ts';
import type { Project, SourceModule } from './modules.ts';
import { type Binding, enclosingFunction, lookUp, parametersOf, resolve, type Scope, scopeAt } from './names.ts';
import { ancestor, bare, descendants, field, parts, type Syntax } from './parse.ts';
import {
  alternatives,
  COMPLEX,
  elementOf,
  isTensor,
  itemOf,
  join,
  limited,
  mayBeComplex,
  NONE,
  NUMBER,
  OTHER,
  SHAPE,
  TENSOR,
  TEXT,
  type Type,
  UNKNOWN,
} from './types.ts';

export interface Inference {
  project: Project;
  classes: Classes;
  typeOf(node: Syntax | undefined): Type | undefined;
  attributeType(owner: Syntax, name: string): Type | undefined;
  returnType(fn: Syntax): Type | undefined;
  /** A call was seen: its arguments say what the parameters are. */
  record(fn: Syntax, record: CallRecord): void;
  text(node: Syntax): string;
}

const ROUNDS = 6;

/** Types of attributes that every tensor has. */
const TENSOR_ATTRIBUTES: Record<string, Type> = {
  shape: SHAPE,
  ndim: NUMBER,
  dtype: { kind: 'dtype' },
  device: OTHER,
  is_cuda: NUMBER,
  requires_grad: NUMBER,
  real: TENSOR,
  imag: TENSOR,
  itemsize: NUMBER,
};

export function infer(project: Project, seen: ReadonlyMap<Syntax, Type> = new Map()): Inference {
  const classes = classesOf(project);
  const parameters = new Map<Syntax, Map<string, Type>>();
  const returns = new Map<Syntax, Type>();
  const appended = findAppends(project);
  let memo = new Map<Syntax, Type | undefined>();
  const busy = new Set<unknown>();
  let changed = false;

  const text = (node: Syntax) => classes.moduleOf(node).source.slice(node.start, node.end);

  function typeOf(node: Syntax | undefined): Type | undefined {
    if (!node) return undefined;
    if (memo.has(node)) return memo.get(node);
    if (busy.has(node)) return undefined;
    busy.add(node);
    const type = seen.get(node) ?? compute(node);
    busy.delete(node);
    memo.set(node, type);
    return type;
  }

  function compute(node: Syntax): Type | undefined {
    switch (node.type) {
      case 'identifier':
        return identifierType(node);
      case 'attribute':
        return memberType(node);
      case 'call':
        return callType(node, inference);
      case 'subscript':
        return subscriptType(node);
      case 'parenthesized_expression':
      case 'await':
      case 'type':
        return typeOf(parts(node)[0]);
      case 'named_expression':
        return typeOf(field(node, 'value'));
      case 'binary_operator':
        return binaryType(typeOf(field(node, 'left')), typeOf(field(node, 'right')));
      case 'unary_operator':
        return typeOf(field(node, 'argument'));
      case 'comparison_operator': {
        const tensor =
          !node.children.some((child) => ['is', 'is not', 'in', 'not in'].includes(child.type)) &&
          parts(node).some((one) => isTensor(typeOf(one)) === 'yes');
        return tensor ? TENSOR : NUMBER;
      }
      case 'boolean_operator':
        return join(typeOf(field(node, 'left')), typeOf(field(node, 'right')));
      case 'conditional_expression': {
        const [yes, , no] = parts(node);
        return join(typeOf(yes), typeOf(no));
      }
      case 'integer':
      case 'float':
      case 'true':
      case 'false':
      case 'not_operator':
        return NUMBER;
      case 'string':
      case 'concatenated_string':
        return TEXT;
      case 'none':
        return NONE;
      case 'tuple':
      case 'expression_list': {
        const items = parts(node);
        if (items.some((one) => one.type === 'list_splat'))
          return {
            kind: 'sequence',
            of: join(...items.map((one) => (one.type === 'list_splat' ? elementOf(typeOf(parts(one)[0])) : typeOf(one)))),
          };
        return { kind: 'tuple', items: items.map((one) => typeOf(one)) };
      }
      case 'list':
      case 'set':
        return {
          kind: 'sequence',
          of: join(...parts(node).map((one) => (one.type === 'list_splat' ? elementOf(typeOf(parts(one)[0])) : typeOf(one)))),
        };
      case 'list_comprehension':
      case 'set_comprehension':
      case 'generator_expression':
        return { kind: 'sequence', of: typeOf(field(node, 'body')) };
      case 'dictionary':
        return { kind: 'mapping', of: join(...parts(node).map((one) => (one.type === 'pair' ? typeOf(field(one, 'value')) : UNKNOWN))) };
      case 'dictionary_comprehension': {
        const pair = field(node, 'body');
        return { kind: 'mapping', of: pair && typeOf(field(pair, 'value')) };
      }
      case 'lambda':
        return OTHER;
      case 'slice':
      case 'ellipsis':
        return OTHER;
      default:
        return UNKNOWN;
    }
  }

  function identifierType(node: Syntax): Type | undefined {
    const module = classes.moduleOf(node);
    const scope = scopeAt(node, module);
    const found = lookUp(text(node), scope);
    const named = resolve(node, module, project);
    if (named && named.entity.kind !== 'local') return entityType(named.entity);
    if (!found) return UNKNOWN;
    const sameFunction = functionNode(found.scope) === functionNode(scope);
    return limited(
      join(
        ...reaching(found.bindings, node, sameFunction).map((binding) => bindingType(binding, found.scope)),
        appended.get(`${found.scope.node.start}:${module.name}:${text(node)}`) && {
          kind: 'sequence',
          of: join(...appended.get(`${found.scope.node.start}:${module.name}:${text(node)}`)!.map(typeOf)),
        },
      ),
    );
  }

  function entityType(entity: NonNullable<ReturnType<typeof resolve>>['entity']): Type {
    if (entity.kind === 'class' || entity.kind === 'function') return { kind: 'callable', entity };
    if (entity.kind === 'external') {
      if (/^torch\.(u?int\d+|float\d*|bfloat16|half|double|long|int|short|bool|complex\d+|cfloat|cdouble)$/.test(entity.name))
        return { kind: 'dtype' };
      if (/^(math|torch)\.(pi|e|inf|nan)$/.test(entity.name)) return NUMBER;
      return { kind: 'callable', entity };
    }
    return OTHER;
  }

  function bindingType(binding: Binding, scope: Scope): Type | undefined {
    if (binding.kind === 'parameter') return parameterType(binding.node, binding.of, scope.module);
    if (binding.kind === 'value') {
      if (!binding.value) return undefined;
      const augmented = binding.node.parent?.type === 'augmented_assignment' ? binding.node.parent : undefined;
      if (augmented) return isTensor(typeOf(binding.value)) === 'yes' ? typeOf(binding.value) : undefined;
      return follow(typeOf(binding.value), binding.path);
    }
    if (binding.kind === 'class' || binding.kind === 'function') return { kind: 'callable', entity: binding };
    return UNKNOWN;
  }

  function follow(type: Type | undefined, path: readonly (number | '*' | 'enter')[]): Type | undefined {
    let at = type;
    for (const step of path) at = step === '*' ? elementOf(at) : step === 'enter' ? at : itemOf(at, step);
    return at;
  }

  function parameterType(node: Syntax, fn: Syntax, module: SourceModule): Type | undefined {
    const all = parametersOf(fn);
    const at = all.findIndex((one) => one.node === node);
    const parameter = all[at]!;
    const owner = fn.type === 'function_definition' ? ownerOf(fn) : undefined;
    if (owner && at === 0 && !isStatic(fn, text)) return { kind: 'instance', of: owner };
    if (parameter.type) {
      const annotated = annotationType(parameter.type, module, project);
      if (annotated && annotated.kind !== 'unknown')
        return join(
          parameter.star ? { kind: parameter.star === '*' ? 'sequence' : 'mapping', of: annotated } : annotated,
          parameter.value && text(parameter.value) === 'None' ? NONE : undefined,
        );
    }
    const name = parameter.name && text(parameter.name);
    const called = name === undefined ? undefined : parameters.get(fn)?.get(name);
    const byDefault = parameter.value && typeOf(parameter.value);
    const forward = owner && fn.type === 'function_definition' && text(field(fn, 'name')!) === 'forward' && classes.isModule(owner);
    if (parameter.star) return called ?? { kind: parameter.star === '*' ? 'sequence' : 'mapping', of: forward ? TENSOR : UNKNOWN };
    if (called && alternatives(called).every((one) => one.kind !== 'unknown')) return join(called, byDefault);
    if (forward && (!byDefault || byDefault.kind === 'none')) return join(TENSOR, byDefault);
    return join(called, byDefault?.kind === 'none' && !called ? join(byDefault, UNKNOWN) : byDefault) ?? UNKNOWN;
  }

  function memberType(node: Syntax): Type | undefined {
    const module = classes.moduleOf(node);
    const named = resolve(node, module, project);
    if (named && named.entity.kind !== 'local') return entityType(named.entity);
    const name = text(field(node, 'attribute')!);
    const object = typeOf(field(node, 'object'));
    if (object === undefined) return undefined;
    return join(
      ...alternatives(object).map((one): Type | undefined => {
        switch (one.kind) {
          case 'instance':
            return attributeType(one.of, name);
          case 'tensor':
            if (name === 'real' || name === 'imag') return TENSOR;
            return TENSOR_ATTRIBUTES[name] ?? one;
          case 'layer':
            if (/^(weight|bias|running_mean|running_var|in_proj_weight|data)$/.test(name)) return TENSOR;
            return /^(in_|out_|num_|kernel|stride|padding|eps|training|normalized)/.test(name) ? NUMBER : UNKNOWN;
          case 'none':
            return undefined;
          default:
            return UNKNOWN;
        }
      }),
    );
  }

  function attributeType(owner: Syntax, name: string): Type | undefined {
    const key = `${classes.moduleOf(owner).name}:${owner.start}.${name}`;
    if (busy.has(key)) return undefined;
    busy.add(key);
    try {
      const types: (Type | undefined)[] = [];
      let known = false;
      for (const one of classes.ancestry(owner)) {
        const method = one.methods.get(name);
        if (method) return isProperty(method, text) ? returnType(method) : { kind: 'callable', entity: { kind: 'function', node: method } };
        for (const assigned of one.attributes.get(name) ?? []) {
          known = true;
          types.push(follow(typeOf(assigned.value), assigned.path));
        }
        for (const value of appended.get(`${one.node.start}:${one.module.name}:self.${name}`) ?? [])
          types.push({ kind: 'sequence', of: typeOf(value) });
      }
      if (known) return limited(join(...types));
      return name === 'training' ? NUMBER : UNKNOWN;
    } finally {
      busy.delete(key);
    }
  }

  function subscriptType(node: Syntax): Type | undefined {
    const value = typeOf(field(node, 'value'));
    const index = node.children.filter((child) => child.field === 'subscript');
    if (index.length === 1 && index[0]!.type === 'slice')
      return join(
        ...alternatives(value).map((one) => (one.kind === 'tuple' ? { kind: 'sequence' as const, of: join(...one.items) } : one)),
      );
    const literal = index.length === 1 && /^-?\d+$/.test(text(index[0]!)) ? Number(text(index[0]!)) : undefined;
    return itemOf(value, literal);
  }

  function binaryType(left: Type | undefined, right: Type | undefined): Type | undefined {
    if (isTensor(left) === 'yes' && alternatives(left).some((one) => one.kind === 'tensor'))
      return mayBeComplex(left) || mayBeComplex(right) ? COMPLEX : TENSOR;
    if (isTensor(right) === 'yes' && alternatives(right).some((one) => one.kind === 'tensor'))
      return mayBeComplex(right) ? COMPLEX : TENSOR;
    if (left?.kind === 'tuple' || right?.kind === 'tuple') return { kind: 'sequence', of: join(elementOf(left), elementOf(right)) };
    return join(left, right);
  }

  function returnType(fn: Syntax): Type | undefined {
    const annotation = field(fn, 'return_type');
    if (annotation) {
      const annotated = annotationType(annotation, classes.moduleOf(fn), project);
      if (annotated && annotated.kind !== 'unknown' && !(annotated.kind === 'tensor' && mayBeComplex(returns.get(fn)))) return annotated;
    }
    return returns.get(fn);
  }

  function record(fn: Syntax, seenCall: CallRecord): void {
    const known = parameters.get(fn) ?? new Map<string, Type>();
    parameters.set(fn, known);
    for (const [name, type] of seenCall) {
      if (type === undefined) continue;
      const joined = limited(join(known.get(name), type))!;
      if (JSON.stringify(shallow(known.get(name))) !== JSON.stringify(shallow(joined))) changed = true;
      known.set(name, joined);
    }
  }

  const inference: Inference = { project, classes, typeOf, attributeType, returnType, record, text };
  for (let round = 0; round < ROUNDS; round++) {
    memo = new Map();
    changed = false;
    for (const module of project.modules.values()) {
      for (const node of descendants(module.root)) {
        if (node.type === 'call') typeOf(node);
        else if (node.type === 'return_statement' || node.type === 'yield') {
          const fn = enclosingFunction(node);
          if (!fn) continue;
          const value = parts(node)[0];
          const joined = limited(join(returns.get(fn), value ? typeOf(value) : NONE));
          if (JSON.stringify(shallow(returns.get(fn))) !== JSON.stringify(shallow(joined))) changed = true;
          if (joined) returns.set(fn, joined);
        }
      }
    }
    if (!changed) break;
  }
  memo = new Map();
  return inference;

  function functionNode(scope: Scope): Syntax {
    let at: Scope = scope;
    while (at.parent && (at.node.type.endsWith('comprehension') || at.node.type === 'generator_expression')) at = at.parent;
    return at.node;
  }
}

/** A type without its syntax nodes, to compare two of them. */
function shallow(type: Type | undefined): unknown {
  if (type === undefined) return null;
  switch (type.kind) {
    case 'instance':
      return ['instance', type.of.start, type.of.end];
    case 'callable':
      return ['callable', type.entity.kind === 'external' ? type.entity.name : type.entity.node.start];
    case 'union':
      return type.of.map(shallow);
    case 'sequence':
    case 'mapping':
      return [type.kind, shallow(type.of)];
    case 'layer':
      return [type.kind, type.name, shallow(type.of)];
    case 'tuple':
      return type.items.map(shallow);
    default:
      return type;
  }
}

/** What is appended to lists, by scope and name: `items.append(x)`, `self.items.append(x)`. */
function findAppends(project: Project): Map<string, Syntax[]> {
  const found = new Map<string, Syntax[]>();
  for (const module of project.modules.values()) {
    const text = (node: Syntax) => module.source.slice(node.start, node.end);
    for (const node of descendants(module.root)) {
      if (node.type !== 'call') continue;
      const callee = field(node, 'function')!;
      if (callee.type !== 'attribute' || !/^(append|insert|appendleft)$/.test(text(field(callee, 'attribute')!))) continue;
      const value = parts(field(node, 'arguments')!).at(-1);
      const object = bare(field(callee, 'object')!);
      if (!value) continue;
      let key: string | undefined;
      if (object.type === 'identifier') {
        const scope = lookUp(text(object), scopeAt(object, module))?.scope;
        if (scope) key = `${scope.node.start}:${module.name}:${text(object)}`;
      } else if (object.type === 'attribute' && text(field(object, 'object')!) === 'self') {
        const owner = enclosingClass(node) ?? ancestor(node, 'class_definition');
        if (owner) key = `${owner.start}:${module.name}:self.${text(field(object, 'attribute')!)}`;
      }
      if (key) found.set(key, [...(found.get(key) ?? []), value]);
    }
  }
  return found;
}
