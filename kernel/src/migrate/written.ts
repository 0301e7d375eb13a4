/**
 * What follows from a write for other names of the same memory: a name that is a view hands what is written into it to its tensor, and a tensor
 * that is written into renews the views that are read later. PyTorch has one memory for them; MindSpore has a copy each.
 */
import type { FileContext } from './context.ts';
import { reaching } from './flow.ts';
import { lineBefore } from './hoist.ts';
import { type Binding, enclosingFunction, lookUp, type Scope, scopeAt } from './names.ts';
import { ancestor, bare, descendants, field, type Syntax, statementOf } from './parse.ts';
import { type Inner, isSame, partsOf, puttingBack, type View, viewOf } from './views.ts';

type ValueBinding = Binding & { kind: 'value' };

interface NamedView {
  view: View;
  /** Which of the parts that the value gives. */
  part?: number;
  binding: ValueBinding;
}

/** To be called once for each write into a name or attribute, with the node that writes. */
export function viewsWritten(written: Syntax, node: Syntax, context: FileContext): void {
  const target = bare(written);
  const fn = enclosingFunction(node);
  const scope = scopeAt(node, context.module);
  if (scope.kind === 'class') return;
  // `b = a[0]`, `a = x.T`: b hands on to a, and a to x.
  const told = new Set<string>();
  let at: Syntax = target;
  for (let depth = 0; depth < 5; depth++) {
    const view = at.type === 'identifier' ? namedView(at, node, scope, context) : undefined;
    told.add(context.text(at));
    const handed = view && view.binding.node !== at && handOn(view, at, node, context);
    renew(at, told, node, fn ?? context.module.root, scope, context);
    if (!handed) return;
    at = view.view.root;
  }
}

/** The one view that a name stands for at a node. */
function namedView(name: Syntax, at: Syntax, scope: Scope, context: FileContext): NamedView | undefined {
  const found = scope.names.get(context.text(name));
  if (!found) return undefined;
  const bindings = reaching(found, at, true).filter((one) => !(one.kind === 'value' && one.node.parent?.type === 'augmented_assignment'));
  return bindings.length === 1 ? viewOfBinding(bindings[0]!, context) : undefined;
}

function viewOfBinding(binding: Binding, context: FileContext): NamedView | undefined {
  if (binding.kind !== 'value' || !binding.value) return undefined;
  const value = bare(binding.value);
  const [part, ...rest] = binding.path;
  if (part === undefined) {
    const view = viewOf(value, context);
    return view && { view, binding };
  }
  if (typeof part !== 'number' || rest.length > 0) return undefined;
  // `a, b = x[0], x[1]`
  const items = value.type === 'expression_list' || value.type === 'tuple' ? value.children.filter((one) => one.named) : undefined;
  if (items) {
    const view = items[part] && viewOf(items[part], context);
    return view && { view, binding };
  }
  const view = partsOf(value, context);
  return view && { view, part, binding };
}

/** `row = x[0]`, `row += 1`: `x` gets the row, where somebody looks at it. */
function handOn({ view, part, binding }: NamedView, name: Syntax, node: Syntax, context: FileContext): boolean {
  const { root } = view;
  if (context.text(root) === context.text(name) || isBoundBetween(root, binding.node, node, context)) return false;
  if (root.type === 'identifier' && !isLookedAt(root, node, context)) return false;
  const held = isSame(view) || view.steps.some((step) => step.back === 'same');
  const put = puttingBack(view, context, part);
  const assign = held ? context.reach('compat.assign') : '';
  const text = (inner: Inner) => {
    const value = put(context.text(name), inner);
    const target = inner(root.start, root.end);
    return held ? `${assign}(${target}, ${value})` : `${root.type === 'attribute' ? context.text(root) : target} = ${value}`;
  };
  after(node, text, context);
  context.use({
    node,
    api: 'torch.Tensor.view',
    status: 'migrated',
    strategy: 'restructured',
    reason: `${context.text(name)} is a view of ${context.text(root)}: what is written into it is put there.`,
  });
  return true;
}

/** Does anybody read the tensor later, or a tensor that it is itself a view of? */
function isLookedAt(root: Syntax, node: Syntax, context: FileContext): boolean {
  if (isReadAfter(root, node, context)) return true;
  const above = namedView(root, node, scopeAt(node, context.module), context);
  if (!above || above.binding.node === root || context.text(above.view.root) === context.text(root)) return false;
  return above.view.root.type !== 'identifier' || isLookedAt(above.view.root, node, context);
}

/** `row = x[0]`, `x += 1`: the row is taken anew, where it is read later. */
function renew(written: Syntax, told: ReadonlySet<string>, node: Syntax, fn: Syntax, scope: Scope, context: FileContext): void {
  for (const [name, bindings] of scope.names) {
    if (told.has(name) || bindings.length !== 1) continue;
    const other = viewOfBinding(bindings[0]!, context);
    if (!other || context.text(other.view.root) !== context.text(written) || other.binding.node.start > node.start) continue;
    if (!isWithin(other.binding.node, fn) || isBoundBetween(other.view.root, other.binding.node, node, context)) continue;
    if (!isReadAfter(other.binding.node, node, context)) continue;
    const { last } = other.view;
    after(node, (inner) => `${name} = ${inner(last.start, last.end)}${other.part === undefined ? '' : `[${other.part}]`}`, context);
  }
}

const following = new WeakMap<Syntax, ((inner: Inner) => string)[]>();

/** Puts a statement behind the one that a node is in. */
function after(node: Syntax, text: (inner: Inner) => string, context: FileContext): void {
  const statement = statementOf(node);
  const known = following.get(statement);
  if (known) {
    known.push(text);
    return;
  }
  const all = [text];
  following.set(statement, all);
  const indent = lineBefore(statement, context);
  const separator = /^[ \t]*$/.test(indent) ? `\n${indent}` : '; ';
  const end = statement.end;
  context.edits.replace(end, end, (inner) => all.map((one) => separator + one(inner)).join(''));
}

function isWithin(node: Syntax, fn: Syntax): boolean {
  return node.start >= fn.start && node.end <= fn.end;
}

/** Does the root's name mean another tensor by then? */
function isBoundBetween(root: Syntax, from: Syntax, to: Syntax, context: FileContext): boolean {
  const text = context.text(root);
  const first = root.type === 'identifier' ? root : undefined;
  const scope = scopeAt(to, context.module);
  if (first)
    return (lookUp(text, scope)?.bindings ?? []).some(
      (one) =>
        one.kind === 'value' && one.node.parent?.type !== 'augmented_assignment' && one.node.start > from.start && one.node.end < to.start,
    );
  return descendants(enclosingFunction(to) ?? context.module.root).some(
    (one) => one.type === 'assignment' && one.start > from.start && one.end < to.start && context.text(field(one, 'left')!) === text,
  );
}

/** Is the name read again, in the same function or round a loop? */
function isReadAfter(name: Syntax, node: Syntax, context: FileContext): boolean {
  const text = context.text(name);
  const fn = enclosingFunction(node) ?? context.module.root;
  const loop = ancestor(node, 'for_statement') ?? ancestor(node, 'while_statement');
  const statement = statementOf(node);
  // What is bound anew in the loop is another tensor when it comes round.
  const bindings = lookUp(text, scopeAt(node, context.module))?.bindings ?? [];
  const isNew = (one: Binding) => one.kind === 'value' && one.node.parent?.type !== 'augmented_assignment' && isWithin(one.node, loop!);
  const around = loop && loop.start > fn.start && !bindings.some(isNew) ? loop : undefined;
  return descendants(fn).some((one) => {
    if (one.type !== 'identifier' || one.field === 'attribute' || context.text(one) !== text) return false;
    if (one.field === 'name' && one.parent?.type === 'keyword_argument') return false;
    if (one.field === 'left' && one.parent?.type === 'assignment') return false;
    if (one.start >= statement.end) return true;
    return around !== undefined && one.start >= around.start && one.start < statement.start && !isWithin(one, statement);
  });
}
