/**
 * Lists of slices that are changed: `s[-1] = slice(None, n)`, `s.insert(0, slice(None))`, `s.extend([slice(None)])`. The compiler takes such a list for
 * something of Python's own, and the gradient of what it indexes is zero, without a word; a new list is as good where it is the function's own.
 */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { lookUp, scopeAt } from '../names.ts';
import { descendants, field, parts, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';

/** A list by its name, if it is this function's own and no tensor. */
function ownList(node: Syntax, context: FileContext): string | undefined {
  if (node.type !== 'identifier') return undefined;
  const found = lookUp(context.text(node), scopeAt(node, context.module));
  if (found?.scope.kind !== 'function' || found.bindings.some((one) => one.kind === 'parameter')) return undefined;
  const types = alternatives(context.inference.typeOf(node));
  return types.some((one) => one.kind !== 'sequence' && one.kind !== 'unknown') ? undefined : context.text(node);
}

function makesSlice(value: Syntax, context: FileContext): boolean {
  for (const one of descendants(value))
    if (one.type === 'call' && context.text(field(one, 'function')!) === 'slice' && !lookUp('slice', scopeAt(one, context.module))) return true;
  return false;
}

const REASON = 'A list that a slice is put into is no constant to the compiler, and gradients are lost.';

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
  return REASON;
}

/** `s.insert(i, slice(…))` → `s = s[:i] + [slice(…)] + s[i:]`; `s.extend(several)` → `s = s + list(several)`. */
export function addedSlice(node: Syntax, context: FileContext): string | undefined {
  const callee = field(node, 'function')!;
  if (callee.type !== 'attribute' || node.parent?.type !== 'expression_statement' || !makesSlice(field(node, 'arguments')!, context)) return undefined;
  const method = context.text(field(callee, 'attribute')!);
  const name = ownList(field(callee, 'object')!, context);
  const given = argumentsOf(node, context.text).map((one) => one.value);
  if (!name || given.length !== { insert: 2, extend: 1 }[method]) return undefined;
  context.edits.replace(node.start, node.end, (inner) => {
    const [first, second] = given.map((one) => inner(one.start, one.end));
    return method === 'insert' ? `${name} = ${name}[:${first}] + [${second}] + ${name}[${first}:]` : `${name} = ${name} + list(${first})`;
  });
  return REASON;
}
