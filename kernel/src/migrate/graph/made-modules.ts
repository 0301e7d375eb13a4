/**
 * Modules with a `__getitem__` of their own, as factorised weights have: `self.weight[index]`, which gives another module of that kind. The compiler runs
 * such a subscript as Python beside the graph, without gradients, and makes no modules: it is called by name, and in a graph the tensor stands for the module.
 * And modules that a forward makes once and keeps in a ModuleDict.
 */
import { argumentsOf } from '../calls.ts';
import { ownerOf } from '../classes.ts';
import type { FileContext } from '../context.ts';
import type { Inference } from '../infer.ts';
import { enclosingFunction } from '../names.ts';
import { field, fields, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';
import { indexText } from '../views.ts';

const SELF_MADE = /^(self\.__class__|type\(self\))$/;
const CONTAINER = /\.(Sequential|ModuleList|ModuleDict|ParameterList|ParameterDict)$/;

/** Has the project modules that are subscripted by a method of their own? */
function subscriptedModules(inference: Inference): boolean {
  return inference.classes
    .all()
    .some(
      (one) =>
        inference.classes.isModule(one.node) &&
        one.methods.has('__getitem__') &&
        !inference.classes.externalBases(one.node).some((base) => CONTAINER.test(base)),
    );
}

const known = new WeakMap<Inference, boolean>();

function has(inference: Inference): boolean {
  if (!known.has(inference)) known.set(inference, subscriptedModules(inference));
  return known.get(inference)!;
}

/** In `__getitem__`: `return self.__class__(part)` → `return compat.made(self.__class__, part)`. */
export function madeOfOnePart(call: Syntax, context: FileContext): void {
  const callee = field(call, 'function')!;
  if (call.parent?.type !== 'return_statement' || !SELF_MADE.test(context.text(callee))) return;
  const fn = enclosingFunction(call);
  const owner = fn && ownerOf(fn);
  if (!owner || !context.inference.classes.isModule(owner) || context.text(field(fn, 'name')!) !== '__getitem__') return;
  const [only, ...more] = argumentsOf(call, context.text);
  if (!only || more.length || only.name || only.star) return;
  context.use({
    node: call,
    api: 'torch.nn.Module',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'A graph makes no modules: the tensor stands for this one there.',
  });
  const made = context.reach('compat.made');
  context.edits.replace(call.start, call.end, (inner) => `${made}(${context.text(callee)}, ${inner(only.value.start, only.value.end)})`);
}

/** `self.weight[index]` → `compat.part_of(self.weight, index)`, where the attribute may be such a module. */
export function partOfModule(node: Syntax, context: FileContext): void {
  if (!has(context.inference) || node.field === 'left') return;
  const object = field(node, 'value')!;
  if (object.type !== 'attribute' || node.parent?.type === 'delete_statement') return;
  if (context.text(field(object, 'object')!) !== 'self') return;
  const fn = enclosingFunction(node);
  const owner = fn && ownerOf(fn);
  if (!owner || !context.inference.classes.isModule(owner) || context.text(field(fn, 'name')!) !== 'forward') return;
  const types = alternatives(context.inference.typeOf(object));
  const open = types.length === 0 || types.some((one) => one.kind === 'unknown');
  const own = types.some(
    (one) => one.kind === 'instance' && context.inference.classes.isModule(one.of) && hasOwn(one.of, context.inference),
  );
  if (!open && !own) return;
  const part = context.reach('compat.part_of');
  context.use({
    node,
    api: 'torch.nn.Module',
    status: 'migrated',
    strategy: 'restructured',
    reason: "A module's own __getitem__ is called by name: the compiler would lose gradients through the subscript.",
  });
  context.edits.replace(node.start, node.end, (inner) => {
    const index = indexText(fields(node, 'subscript'), inner, context);
    return `${part}(${inner(object.start, object.end)}, ${index})`;
  });
}

/** `self.cache[key] = module` of a ModuleDict → `compat.put_module(self.cache, key, module)`: the compiler refuses the line even where it is never come to. */
export function moduleKept(node: Syntax, context: FileContext): string | undefined {
  const [left, right] = [field(node, 'left')!, field(node, 'right')];
  if (left.type !== 'subscript' || !right || right.type === 'assignment' || node.parent?.type !== 'expression_statement') return undefined;
  const [object, [key, ...more]] = [field(left, 'value')!, fields(left, 'subscript')];
  if (!key || more.length) return undefined;
  const types = alternatives(context.inference.typeOf(object));
  if (types.length === 0 || !types.every((one) => one.kind === 'layer' && one.name.endsWith('.ModuleDict'))) return undefined;
  const put = context.reach('compat.put_module');
  context.edits.replace(
    node.start,
    node.end,
    (inner) => `${put}(${inner(object.start, object.end)}, ${inner(key.start, key.end)}, ${inner(right.start, right.end)})`,
  );
  return 'A graph goes on with the modules that a call before it has made and kept.';
}

function hasOwn(owner: Syntax, inference: Inference): boolean {
  return inference.classes.ancestry(owner).some((one) => one.methods.has('__getitem__'));
}
