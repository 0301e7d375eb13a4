/**
 * What follows from a write for other names of the same memory: a name that is a view hands what is written into it to its tensor, and a tensor
 * that is written into renews the views that are read later. PyTorch has one memory for them; MindSpore has a copy each.
 */
import type { FileContext } from './context.ts';
import type { Inner } from './edit.ts';
import { contains, isAugmented, reaching } from './flow.ts';
import { keepsObject } from './held.ts';
import { lineBefore } from './layout.ts';
import { type Binding, enclosingFunction, lookUp, type Scope, scopeAt } from './names.ts';
import { ancestor, bare, descendants, field, type Syntax, statementOf } from './parse.ts';
import { isKnownTensor, partsOf, puttingBack, type View, viewOf } from './views.ts';
import { isWritingName, writtenArgument } from './written-arguments.ts';

type ValueBinding = Binding & { kind: 'value' };

interface NamedView {
  view: View;
  /** Which of the parts that the value gives. */
  part?: number;
  binding: ValueBinding;
}

/** One write: where it happens, and which names have the values already. */
interface Write {
  node: Syntax;
  fn: Syntax;
  scope: Scope;
  /** Was the very object written into, so that other names of it have the values? */
  kept: boolean;
  told: Set<string>;
  context: FileContext;
}

/** To be called once for each write into a name or attribute, with the node that writes. */
export function viewsWritten(target: Syntax, node: Syntax, context: FileContext, kept = false): void {
  const scope = scopeAt(node, context.module);
  if (scope.kind === 'class') return;
  const write: Write = { node, fn: enclosingFunction(node) ?? context.module.root, scope, kept, told: new Set(), context };
  // `b = a[0]`, `a = x.T`: b hands on to a, and a to x.
  for (let at: Syntax | undefined = bare(target); at; ) {
    write.told.add(context.text(at));
    const above = aboveOf(at, write);
    const next: Syntax | undefined = above && handOn(above, at, write) ? above.view.root : undefined;
    renew(at, write);
    at = next;
  }
}

/** What a name is a view of, where another name's memory is meant. */
function aboveOf(name: Syntax, { node, scope, told, context }: Write): NamedView | undefined {
  const found = name.type === 'identifier' ? namedView(name, node, scope, context) : undefined;
  return found && found.binding.node !== name && !told.has(context.text(found.view.root)) ? found : undefined;
}

/** The names that are views of a tensor by then, and have not the values yet. */
function belowOf(root: string, { node, fn, scope, told, context }: Write): [name: string, NamedView][] {
  return [...scope.names].flatMap(([name, bindings]): [string, NamedView][] => {
    const [first, ...others] = bindings.filter((one) => !isAugmented(one));
    if (name === root || told.has(name) || !first || others.length > 0 || first.node.start > node.start) return [];
    const found = viewOfBinding(first, context);
    if (!found || context.text(found.view.root) !== root) return [];
    const isThere = contains(fn, first.node) && !contains(statementOf(first.node), node);
    return isThere && !isBoundBetween(found.view.root, first.node, node, context) ? [[name, found]] : [];
  });
}

/** Does anybody read a tensor later, by this name or by one that gets its values from it? */
function isLookedAt(name: Syntax, write: Write, seen: ReadonlySet<string> = new Set()): boolean {
  const text = write.context.text(name);
  if (seen.has(text)) return false;
  const all = new Set([...seen, text]);
  if (name.type !== 'identifier' || isReadAfter(name, write.node, write.context)) return true;
  if (belowOf(text, write).some(([, { binding }]) => isLookedAt(binding.node, write, all))) return true;
  const above = aboveOf(name, write);
  return above !== undefined && isLookedAt(above.view.root, write, all);
}

/** The one view that a name stands for at a node. */
function namedView(name: Syntax, at: Syntax, scope: Scope, context: FileContext): NamedView | undefined {
  const found = scope.names.get(context.text(name));
  if (!found) return undefined;
  const bindings = reaching(found, at, true).filter((one) => !isAugmented(one));
  return bindings.length === 1 ? viewOfBinding(bindings[0]!, context) : undefined;
}

function viewOfBinding(binding: Binding, context: FileContext): NamedView | undefined {
  if (binding.kind !== 'value' || !binding.value) return undefined;
  const value = bare(binding.value);
  const [part, ...rest] = binding.path;
  if (part === undefined) {
    const view = viewOf(value, context) ?? otherName(value, context);
    return view && { view, binding };
  }
  if (typeof part !== 'number' || rest.length > 0) return undefined;
  // `a, b = x[0], x[1]`
  const items = value.type === 'expression_list' || value.type === 'tuple' ? value.children.filter((one) => one.named) : undefined;
  if (items) {
    const view = items[part] && (viewOf(items[part], context) ?? otherName(items[part], context));
    return view && { view, binding };
  }
  const view = partsOf(value, context);
  return view && { view, part, binding };
}

/** `y = x`, `y = x.add_(1)`, `y = F.relu(x, inplace=True)`: the same tensor by another name. */
function otherName(expression: Syntax, context: FileContext): View | undefined {
  const value = bare(expression);
  if (value.type === 'call') {
    const callee = field(value, 'function')!;
    const isMethod = callee.type === 'attribute' && isWritingName(context.text(field(callee, 'attribute')!));
    const into = isMethod && isKnownTensor(field(callee, 'object')!, context) ? field(callee, 'object') : writtenArgument(value, context);
    return into && otherName(into, context);
  }
  if ((value.type !== 'identifier' && value.type !== 'attribute') || !isKnownTensor(value, context)) return undefined;
  return { root: value, steps: [], last: value };
}

/** `row = x[0]`, `row += 1`: `x` gets the row, where somebody looks at it. */
function handOn({ view, part, binding }: NamedView, name: Syntax, write: Write): boolean {
  const { node, context } = write;
  const { root } = view;
  if (context.text(root) === context.text(name) || isBoundBetween(root, binding.node, node, context)) return false;
  if (!isLookedAt(root, write)) return false;
  if (write.kept && view.steps.length === 0) return true;
  const held = view.steps.some((step) => step.back === 'same') || keepsObject(root, node, context);
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

/** `row = x[0]`, `x += 1`: the row is taken anew, where it or a view of it is read later. */
function renew(written: Syntax, write: Write): void {
  const { node, context } = write;
  for (const [name, { view, part, binding }] of belowOf(context.text(written), write)) {
    if (!isLookedAt(binding.node, write, new Set([context.text(written)]))) continue;
    write.told.add(name);
    const { last } = view;
    if (!(write.kept && view.steps.length === 0))
      after(node, (inner) => `${name} = ${inner(last.start, last.end)}${part === undefined ? '' : `[${part}]`}`, context);
    renew(binding.node, write);
  }
}

const following = new WeakMap<Syntax, ((inner: Inner) => string)[]>();

/** Puts a statement behind the one that a node is in. */
export function after(node: Syntax, text: (inner: Inner) => string, context: FileContext): void {
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

/** Does the root's name mean another tensor by then? */
function isBoundBetween(root: Syntax, from: Syntax, to: Syntax, context: FileContext): boolean {
  const text = context.text(root);
  const first = root.type === 'identifier' ? root : undefined;
  const scope = scopeAt(to, context.module);
  if (first)
    return (lookUp(text, scope)?.bindings ?? []).some(
      (one) => one.kind === 'value' && !isAugmented(one) && one.node.start > from.start && one.node.end < to.start,
    );
  return descendants(enclosingFunction(to) ?? context.module.root).some(
    (one) => one.type === 'assignment' && one.start > from.start && one.end < to.start && context.text(field(one, 'left')!) === text,
  );
}

/** Is the name read again, in the same function or round a loop? */
export function isReadAfter(name: Syntax, node: Syntax, context: FileContext): boolean {
  const text = context.text(name);
  const fn = enclosingFunction(node) ?? context.module.root;
  const loop = ancestor(node, 'for_statement') ?? ancestor(node, 'while_statement');
  const statement = statementOf(node);
  // What is bound anew in the loop is another tensor when it comes round.
  const bindings = lookUp(text, scopeAt(node, context.module))?.bindings ?? [];
  const isNew = (one: Binding) => one.kind === 'value' && !isAugmented(one) && contains(loop, one.node);
  const around = loop && loop.start > fn.start && !bindings.some(isNew) ? loop : undefined;
  return descendants(fn).some((one) => {
    if (one.type !== 'identifier' || one.field === 'attribute' || context.text(one) !== text) return false;
    if (one.field === 'name' && one.parent?.type === 'keyword_argument') return false;
    if (one.field === 'left' && one.parent?.type === 'assignment') return false;
    if (one.start >= statement.end) return true;
    return around !== undefined && one.start >= around.start && one.start < statement.start && !contains(statement, one);
  });
}
