/**
 * Light type inference over the whole project: which expressions are tensors, and which of them may be complex.
 *
 * Evidence: annotations, what the table's operators return, what functions are called with and return (to a fixed point), attributes that
 * classes assign, and that the unannotated arguments of a module's `forward` are tensors. Where evidence is missing the answer is `unknown`.
 */
import { annotationType } from './annotations.ts';
import { appendsIn } from './appends.ts';
import type { Breathe } from './breath.ts';
import { type CallRecord, callType } from './calls.ts';
import { type Classes, classesOf, isProperty, isStatic, ownerOf } from './classes.ts';
import { evidenceOf } from './evidence.ts';
import { reaching } from './flow.ts';
import { heardOf } from './heard.ts';
import type { Project, SourceModule } from './modules.ts';
import { type Binding, enclosingFunction, lookUp, type Parameter, parametersOf, resolve, type Scope, scopeAt } from './names.ts';
import { NodeMap } from './node-map.ts';
import { descendants, field, parts, type Syntax } from './parse.ts';
import { readsOf } from './reads.ts';
import {
  alternatives,
  elementOf,
  isDouble,
  isSurelyTensor,
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
  tensorOf,
  UNKNOWN,
} from './types.ts';

export interface Inference {
  project: Project;
  classes: Classes;
  typeOf(node: Syntax | undefined): Type | undefined;
  attributeType(owner: Syntax, name: string): Type | undefined;
  returnType(fn: Syntax): Type | undefined;
  /** A call was seen: its arguments say what the parameters are. */
  record: (fn: Syntax, record: CallRecord, at: Syntax | undefined) => void;
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

export async function infer(
  project: Project,
  seen: ReadonlyMap<Syntax, Type> = new Map(),
  breathe: Breathe = () => undefined,
): Promise<Inference> {
  const classes = classesOf(project);
  const appended = appendsIn(project);
  const memo = new NodeMap<Type | undefined>();
  const busyNodes = new NodeMap<true>();
  const busy = new Set<string>();
  const reads = readsOf();
  const evidence = evidenceOf(() => inference);

  const text = (node: Syntax) => classes.moduleOf(node).source.slice(node.start, node.end);
  const heard = heardOf(text);

  function typeOf(node: Syntax | undefined): Type | undefined {
    if (!node) return undefined;
    reads.tree(node.tree);
    if (memo.has(node)) return memo.get(node);
    if (busyNodes.has(node)) return undefined;
    busyNodes.set(node, true);
    const type = seen.get(node) ?? reads.within(node.tree, () => compute(node));
    busyNodes.delete(node);
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
        return /j$/i.test(text(node)) ? { kind: 'number', complex: true } : NUMBER;
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
        return { kind: 'mapping', of: join(...parts(node).map(entryType)) };
      case 'dictionary_comprehension': {
        const pair = field(node, 'body');
        return { kind: 'mapping', of: pair && typeOf(field(pair, 'value')) };
      }
      case 'lambda':
        return { kind: 'callable', entity: { kind: 'function', node } };
      case 'slice':
      case 'ellipsis':
        return OTHER;
      default:
        return UNKNOWN;
    }
  }

  /** Of `key: value`, or of what `**entries` holds. */
  function entryType(node: Syntax): Type | undefined {
    if (node.type === 'pair') return typeOf(field(node, 'value'));
    return join(...alternatives(typeOf(parts(node)[0])).map((one) => (one.kind === 'mapping' ? one.of : UNKNOWN)));
  }

  function identifierType(node: Syntax): Type | undefined {
    const module = classes.moduleOf(node);
    const scope = scopeAt(node, module);
    const found = lookUp(text(node), scope);
    const named = resolve(node, module, project);
    if (named && named.entity.kind !== 'local') return entityType(named.entity);
    if (!found) return UNKNOWN;
    const sameFunction = functionNode(found.scope) === functionNode(scope);
    const type = limited(
      join(
        ...reaching(found.bindings, node, sameFunction).map((binding) => bindingType(binding, found.scope)),
        appended.get(`${found.scope.node.start}:${module.name}:${text(node)}`) && {
          kind: 'sequence',
          of: join(...appended.get(`${found.scope.node.start}:${module.name}:${text(node)}`)!.map(typeOf)),
        },
      ),
    );
    const fn = functionNode(found.scope);
    if (type?.kind !== 'unknown' || fn.type !== 'function_definition') return type;
    return evidence(text(node), fn) ?? type;
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
          parameter.star ? undefined : modulesGiven(annotated, parameter, fn),
        );
    }
    const name = parameter.name && text(parameter.name);
    reads.fn(fn);
    const called = name === undefined ? undefined : heard.parameter(fn, name);
    const byDefault = parameter.value && typeOf(parameter.value);
    const forward = owner && fn.type === 'function_definition' && text(field(fn, 'name')!) === 'forward' && classes.isModule(owner);
    if (parameter.star) return called ?? { kind: parameter.star === '*' ? 'sequence' : 'mapping', of: forward ? TENSOR : UNKNOWN };
    if (called && alternatives(called).every((one) => one.kind !== 'unknown')) return join(called, byDefault);
    if (forward && (!byDefault || byDefault.kind === 'none')) return join(TENSOR, byDefault);
    return join(called, byDefault?.kind === 'none' && !called ? join(byDefault, UNKNOWN) : byDefault) ?? UNKNOWN;
  }

  /** `backbone: nn.Module` says little: of which classes are the modules that callers give? */
  function modulesGiven(annotated: Type, parameter: Parameter, fn: Syntax): Type | undefined {
    if (!parameter.name || !alternatives(annotated).some((one) => one.kind === 'layer' && /\bModule$/.test(one.name))) return undefined;
    reads.fn(fn);
    return join(...alternatives(heard.parameter(fn, text(parameter.name))).filter((one) => one.kind === 'instance'));
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
            // What code hangs onto a tensor by itself may be anything.
            return TENSOR_ATTRIBUTES[name] ?? (/^(T|mT|H|mH|data|grad)$/.test(name) ? one : UNKNOWN);
          case 'layer':
            if (/^(weight|bias|running_mean|running_var|in_proj_weight|data)$/.test(name)) return TENSOR;
            return /^(in_|out_|num_|kernel|stride|padding|eps|training|normalized)/.test(name) ? NUMBER : UNKNOWN;
          case 'tuple': {
            const place = one.fields?.indexOf(name) ?? -1;
            return place < 0 ? UNKNOWN : one.items[place];
          }
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
    if (isSurelyTensor(left) || isSurelyTensor(right))
      return tensorOf(mayBeComplex(right) || (isSurelyTensor(left) && mayBeComplex(left)), isDouble(left, right));
    if (left?.kind === 'tuple' || right?.kind === 'tuple') return { kind: 'sequence', of: join(elementOf(left), elementOf(right)) };
    return join(left, right);
  }

  function returnType(fn: Syntax): Type | undefined {
    reads.fn(fn);
    const annotation = field(fn, 'return_type');
    if (annotation) {
      const annotated = annotationType(annotation, classes.moduleOf(fn), project);
      if (annotated && annotated.kind !== 'unknown' && !(annotated.kind === 'tensor' && mayBeComplex(heard.result(fn)))) return annotated;
    }
    return heard.result(fn);
  }

  const inference: Inference = { project, classes, typeOf, attributeType, returnType, record: heard.given, text };
  // The first round looks at all modules, the others at those that read what the one before has changed.
  let waiting = [...project.modules.values()];
  for (let round = 0; round < ROUNDS && waiting.length; round++) {
    for (const module of waiting) {
      await breathe();
      for (const node of descendants(module.root)) {
        if (node.type === 'call') typeOf(node);
        else if (node.type === 'return_statement' || node.type === 'yield') {
          const fn = enclosingFunction(node);
          if (!fn) continue;
          const value = parts(node)[0];
          heard.returned(fn, value ? typeOf(value) : NONE, value);
        }
      }
    }
    heard.settle(new Set(waiting.map((module) => module.root.tree)), reads.changed);
    const stale = reads.stale();
    for (const tree of stale) memo.clear(tree);
    waiting = [...project.modules.values()].filter((module) => stale.has(module.root.tree));
  }
  // What was worked out in the middle of a circle may be half known.
  memo.clear();
  return inference;

  function functionNode(scope: Scope): Syntax {
    let at: Scope = scope;
    while (at.parent && (at.node.type.endsWith('comprehension') || at.node.type === 'generator_expression')) at = at.parent;
    return at.node;
  }
}
