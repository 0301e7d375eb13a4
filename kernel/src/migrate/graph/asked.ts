/** What the rules of graph mode ask of a node. */
import { argumentsOf } from '../calls.ts';
import type { Inference } from '../infer.ts';
import { enclosingFunction, lookUp, resolve, scopeAt } from '../names.ts';
import { bare, descendants, field, parts, type Syntax } from '../parse.ts';
import { alternatives, elementOf, isSurelyTensor, type Type } from '../types.ts';

export const always = () => true;

/** The full name of what a call calls, where it comes from outside the project. */
export function calledName(call: Syntax, inference: Inference): string | undefined {
  const callee = field(call, 'function')!;
  const entity = resolve(callee, inference.classes.moduleOf(call), inference.project)?.entity;
  if (entity?.kind === 'external') return entity.name.replace(/^builtins\./, '');
  return callee.type === 'identifier' && !entity ? inference.text(callee) : undefined;
}

/** Is it a call of that function of Python's, which no name of the project hides? */
export const callsBuiltin = (call: Syntax, name: string, inference: Inference) => calledName(call, inference) === name;

export function isMethod(call: Syntax, names: RegExp, kinds: readonly Type['kind'][], inference: Inference): boolean {
  const callee = field(call, 'function')!;
  if (callee.type !== 'attribute' || !names.test(inference.text(field(callee, 'attribute')!))) return false;
  return alternatives(inference.typeOf(field(callee, 'object')!)).some((one) => kinds.includes(one.kind));
}

export const surelyTensor = (node: Syntax | undefined, inference: Inference) => isSurelyTensor(node && inference.typeOf(node));

/** The class of the project that a call makes an instance of, if it is a named tuple or a data class. */
export function makesRecord(call: Syntax, inference: Inference): boolean {
  const module = inference.classes.moduleOf(call);
  const found = resolve(field(call, 'function')!, module, inference.project)?.entity;
  if (found?.kind === 'class') {
    const decorated =
      found.node.parent?.type === 'decorated_definition' ? found.node.parent.children.filter((one) => one.type === 'decorator') : [];
    const facts = inference.classes.facts(found.node);
    return (
      decorated.some((one) => /\bdataclass\b/.test(inference.text(one))) ||
      facts.bases.some((base) => base.kind === 'external' && /\bNamedTuple$/.test(base.name))
    );
  }
  const made =
    alternatives(inference.typeOf(field(call, 'function')!)).length === 0 ? undefined : boundTo(field(call, 'function')!, inference);
  return made !== undefined && /^(collections\.)?namedtuple$/.test(calledName(made, inference) ?? '');
}

/** Does a call make an instance of a class of the project's, no module and no record, of tensors? */
export function givesTensorsToObject(call: Syntax, inference: Inference): boolean {
  const found = resolve(field(call, 'function')!, inference.classes.moduleOf(call), inference.project)?.entity;
  if (found?.kind !== 'class' || inference.classes.isModule(found.node) || makesRecord(call, inference)) return false;
  return argumentsOf(call, inference.text).some(({ value }) => surelyTensor(value, inference));
}

/** The call that a module's name is bound to: `Pair = namedtuple(…)`. */
function boundTo(node: Syntax, inference: Inference): Syntax | undefined {
  if (node.type !== 'identifier') return undefined;
  const binding = inference.classes.moduleOf(node).scope.names.get(inference.text(node))?.[0];
  return binding?.kind === 'value' && binding.value?.type === 'call' ? binding.value : undefined;
}

/** The attribute of self that a call calls, when it is a functools.partial of a function. */
export function callsPartial(call: Syntax, inference: Inference): boolean {
  const callee = field(call, 'function')!;
  if (callee.type !== 'attribute') return false;
  return alternatives(inference.typeOf(field(callee, 'object')!)).some(
    (one) =>
      one.kind === 'instance' &&
      inference.classes
        .ancestry(one.of)
        .flatMap((facts) => facts.attributes.get(inference.text(field(callee, 'attribute')!)) ?? [])
        .some((assigned) => {
          const value = assigned.value && bare(assigned.value);
          if (value?.type !== 'call' || calledName(value, inference) !== 'functools.partial') return false;
          const first = argumentsOf(value, inference.text)[0]?.value;
          return alternatives(first && inference.typeOf(first)).some((kind) => kind.kind === 'callable' && kind.entity.kind === 'function');
        }),
  );
}

export function comparesWithObject(node: Syntax, inference: Inference): boolean {
  if (!node.children.some((one) => one.type === 'is' || one.type === 'is not')) return false;
  const right = bare(parts(node).at(-1)!);
  if (right.type !== 'attribute') return false;
  const owner = alternatives(inference.typeOf(field(right, 'object')!))[0];
  return owner?.kind === 'callable' && owner.entity.kind === 'class';
}

/** `parts[i] = None`, where parts is a list. */
export function putsNone(node: Syntax, inference: Inference): boolean {
  const [left, right] = [field(node, 'left'), field(node, 'right')];
  if (left?.type !== 'subscript' || !right) return false;
  const lists = alternatives(inference.typeOf(field(left, 'value')!));
  if (lists.length === 0 || !lists.every((one) => one.kind === 'sequence')) return false;
  return right.type === 'none' || alternatives(inference.typeOf(right)).some((one) => one.kind === 'none');
}

/** Is a list that a method is called on one of tensors? */
export function holdsTensors(call: Syntax, inference: Inference): boolean {
  const object = field(field(call, 'function')!, 'object')!;
  return alternatives(elementOf(inference.typeOf(object))).some((one) => one.kind === 'tensor');
}

/** `parts.append(x)`, `named[key] = x` with a parameter, or a name of the function around, that this function does not return. */
export function changesTheCallers(node: Syntax, inference: Inference): boolean {
  const grows = node.type === 'call' && isMethod(node, /^(append|extend|insert|update|setdefault)$/, ['sequence', 'mapping'], inference);
  const target = grows ? field(field(node, 'function')!, 'object') : field(node, 'left');
  const object = grows ? target : target?.type === 'subscript' ? field(target, 'value') : undefined;
  const fn = enclosingFunction(node);
  if (object?.type !== 'identifier' || !fn) return false;
  const types = alternatives(inference.typeOf(object));
  if (!types.some((one) => one.kind === 'sequence' || one.kind === 'mapping')) return false;
  const name = inference.text(object);
  const module = inference.classes.moduleOf(node);
  const found = lookUp(name, scopeAt(object, module));
  if (found?.scope.kind !== 'function') return false;
  if (found.scope.node.start > fn.start) return false;
  if (found.scope.node === fn && !found.bindings.every((one) => one.kind === 'parameter' && !isGathered(one.node))) return false;
  return !descendants(fn).some(
    (one) =>
      one.type === 'return_statement' && enclosingFunction(one) === fn && descendants(one).some((part) => inference.text(part) === name),
  );
}

/** `*args` and `**kwargs` are the function's own. */
const isGathered = (parameter: Syntax) =>
  /splat_pattern$/.test(parameter.type) || parameter.children.some((one) => /splat_pattern$/.test(one.type));
