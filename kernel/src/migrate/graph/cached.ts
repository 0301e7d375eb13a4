/**
 * Methods that keep what they made for a shape (`if self._grid is None or self._res != shape: self._grid = …`). In a graph an attribute that was
 * written is of no type any more, and lists of tensors read from one go wrong; what such a method gives depends on constants alone, so it runs while compiling.
 */
import { decoratorsOf, ownerOf } from '../classes.ts';
import type { FileContext } from '../context.ts';
import type { Inference } from '../infer.ts';
import { lineBefore } from '../layout.ts';
import { enclosingFunction, parametersOf } from '../names.ts';
import { descendants, field, type Syntax } from '../parse.ts';
import { alternatives, elementOf, type Type } from '../types.ts';
import { calledFromForward, isConstant } from './compiling.ts';

export function holdsTensor(type: Type | undefined, depth = 0): boolean {
  return alternatives(type).some((one) => {
    if (one.kind === 'tensor') return true;
    if (one.kind === 'tuple') return one.items.some((item) => holdsTensor(item, depth + 1));
    return one.kind === 'sequence' && depth < 3 && holdsTensor(elementOf(one), depth + 1);
  });
}

const isSetting = (type: Type | undefined) =>
  alternatives(type).length > 0 && alternatives(type).every((one) => one.kind === 'dtype' || isConstant(one));

/** Attributes of self that this method alone writes, `__init__` aside, with what it writes. */
function keptBy(fn: Syntax, owner: Syntax, inference: Inference): Map<string, Syntax[]> {
  const kept = new Map<string, Syntax[]>();
  for (const facts of inference.classes.ancestry(owner))
    for (const [name, assigned] of facts.attributes) {
      const here = assigned.filter((one) => enclosingFunction(one.node) === fn);
      const elsewhere = assigned.filter((one) => !here.includes(one));
      if (here.length === 0 || here.some((one) => one.node.type === 'call' || !one.value)) continue;
      const started = elsewhere.every((one) => {
        const method = enclosingFunction(one.node);
        const inInit = method === undefined || inference.text(field(method, 'name')!) === '__init__';
        return inInit && one.node.type !== 'call' && one.value?.type === 'none';
      });
      if (started) kept.set(name, [...(kept.get(name) ?? []), ...here.map((one) => one.value!)]);
    }
  return kept;
}

const known = new WeakMap<Syntax, boolean>();

/** Does a module's method, on the way of a forward, see numbers and settings alone, and keep tensors that it makes of them? */
export function keepsWhatItMakes(fn: Syntax, inference: Inference): boolean {
  let found = known.get(fn);
  if (found === undefined) {
    found = looksSo(fn, inference);
    known.set(fn, found);
  }
  return found;
}

function looksSo(fn: Syntax, inference: Inference): boolean {
  const owner = ownerOf(fn);
  if (!owner || !inference.classes.isModule(owner) || decoratorsOf(fn).length) return false;
  if (/^(forward|construct|__\w+__)$/.test(inference.text(field(fn, 'name')!))) return false;
  const [self, ...given] = parametersOf(fn);
  if (!self?.name || !given.every((one) => one.name && !one.star && isSetting(inference.typeOf(one.name)))) return false;
  if (!calledFromForward(inference).has(fn)) return false;
  const kept = keptBy(fn, owner, inference);
  if (![...kept.values()].flat().some((value) => holdsTensor(inference.typeOf(value)))) return false;
  const own = inference.text(self.name);
  for (const node of descendants(field(fn, 'body')!)) {
    if (node.type === 'yield' || node.type === 'await' || node.type === 'lambda') return false;
    if (node.type !== 'identifier' || inference.text(node) !== own || node.field === 'attribute') continue;
    // Self may only be asked for settings, and for what is kept.
    const read = node.parent!;
    if (read.type !== 'attribute' || node.field !== 'object') return false;
    if (!kept.has(inference.text(field(read, 'attribute')!)) && !isSetting(inference.typeOf(read))) return false;
  }
  return true;
}

/** Such a method runs as Python while the graph is compiled. */
export function keptWhileCompiling(fn: Syntax, context: FileContext): void {
  if (!keepsWhatItMakes(fn, context.inference)) return;
  context.use({
    node: field(fn, 'name')!,
    api: 'self.attribute',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Keeps tensors that depend on shapes and settings alone: it runs while the graph is compiled.',
  });
  context.edits.insert(fn.start, `@${context.reach('compat.constant_method')}\n${lineBefore(fn, context)}`);
}

/** The method of that kind that a call calls. */
export function calledMethod(call: Syntax, inference: Inference): Syntax | undefined {
  const callee = field(call, 'function')!;
  if (callee.type !== 'attribute') return undefined;
  for (const type of alternatives(inference.typeOf(callee)))
    if (type.kind === 'callable' && type.entity.kind === 'function' && keepsWhatItMakes(type.entity.node, inference))
      return type.entity.node;
  return undefined;
}
