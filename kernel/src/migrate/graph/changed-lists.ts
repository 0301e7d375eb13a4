/**
 * Lists that are changed: `s[-1] = slice(None, n)`, `s.insert(0, x)`, `s.extend([slice(None)])`. Where slices are put into one the compiler takes it for
 * something of Python's own, and the gradient of what it indexes is zero, without a word; after an insert it forgets what the items are. A new list is as
 * good where it is the function's own.
 */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { enclosingFunction, lookUp, scopeAt } from '../names.ts';
import { descendants, field, parts, type Syntax } from '../parse.ts';

/** Surely a list (or tuple) that was made here: `[…]`, `[… for …]`, `list(…)`, `[…] * n`, `[…] + more`. */
function isFresh(value: Syntax, context: FileContext): boolean {
  if (value.type === 'binary_operator') return ['left', 'right'].some((side) => isFresh(field(value, side)!, context));
  if (value.type === 'call') return /^(list|tuple|sorted)$/.test(context.text(field(value, 'function')!));
  return value.type === 'list' || value.type === 'list_comprehension';
}

/** A list by its name (until it is made a tuple), if this function has made it and nobody else knows it. */
function ownList(node: Syntax, context: FileContext): string | undefined {
  if (node.type !== 'identifier') return undefined;
  const name = context.text(node);
  const found = lookUp(name, scopeAt(node, context.module));
  const fn = enclosingFunction(node);
  if (!fn || found?.scope.node !== fn) return undefined;
  const own = found.bindings.every((one) => one.kind === 'value' && one.path.length === 0 && (!one.value || isFresh(one.value, context)));
  if (!own || !found.bindings.some((one) => one.kind === 'value' && one.value)) return undefined;
  for (const one of descendants(fn))
    if (one.type === 'assignment' && field(one, 'right')?.type === 'identifier' && context.text(field(one, 'right')!) === name)
      return undefined;
  return name;
}

function makesSlice(value: Syntax, context: FileContext): boolean {
  for (const one of [value, ...descendants(value)])
    if (one.type === 'call' && context.text(field(one, 'function')!) === 'slice' && !lookUp('slice', scopeAt(one, context.module)))
      return true;
  return false;
}

/** `s[i] = slice(…)` → `s = compat.with_item(s, i, slice(…))`. */
export function putSlice(node: Syntax, context: FileContext): string | undefined {
  const [left, right] = [field(node, 'left')!, field(node, 'right')];
  if (left.type !== 'subscript' || !right || right.type === 'assignment' || !makesSlice(right, context)) return undefined;
  const [object, index, ...more] = parts(left);
  const name = object && ownList(object, context);
  if (!name || !index || more.length || ['slice', 'tuple'].includes(index.type)) return undefined;
  const set = context.reach('compat.with_item');
  context.edits.replace(
    node.start,
    node.end,
    (inner) => `${name} = ${set}(${name}, ${inner(index.start, index.end)}, ${inner(right.start, right.end)})`,
  );
  return 'A list that a slice is put into is no constant to the compiler, and gradients are lost.';
}

/** `s.insert(i, x)` → `s = s[:i] + [x] + s[i:]`; `s.extend([slice(…)])` → `s = s + list([slice(…)])`. */
export function grownList(node: Syntax, context: FileContext): string | undefined {
  const callee = field(node, 'function')!;
  if (callee.type !== 'attribute' || node.parent?.type !== 'expression_statement') return undefined;
  const method = context.text(field(callee, 'attribute')!);
  const given = argumentsOf(node, context.text);
  if (given.length !== { insert: 2, extend: 1 }[method] || given.some((one) => one.name || one.star)) return undefined;
  if (method === 'extend' && !makesSlice(given[0]!.value, context)) return undefined;
  const name = ownList(field(callee, 'object')!, context);
  const mentioned = [...descendants(field(node, 'arguments')!)].some((one) => one.type === 'identifier' && context.text(one) === name);
  if (!name || mentioned) return undefined;
  context.edits.replace(node.start, node.end, (inner) => {
    const [first, second] = given.map((one) => inner(one.value.start, one.value.end));
    return method === 'insert' ? `${name} = ${name}[:${first}] + [${second}] + ${name}[${first}:]` : `${name} = ${name} + list(${first})`;
  });
  return 'A list that grows in place is no constant to the compiler any more.';
}
