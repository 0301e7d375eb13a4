/** Writing in place, which MindSpore's graphs don't take and its gradients don't follow: restructured into assignments. */

import type { FileContext } from './context.ts';
import type { Inner } from './edit.ts';
import { isOnTheWay } from './graph/compiling.ts';
import { maskedWrite } from './graph/masked-writes.ts';
import { inNoGrad, keepsObject } from './held.ts';
import { imaginaryProduct } from './imaginary.ts';
import { enclosingFunction } from './names.ts';
import { bare, field, fields, type Syntax } from './parse.ts';
import { alternatives, isTensor, mayBeComplex } from './types.ts';
import { indexText, isKnownTensor, isSame, puttingBack, type View, viewOf } from './views.ts';
import { viewsWritten } from './written.ts';

/** The operators' complex forms. MindSpore's own sums of complex tensors are right: theirs are for complex numbers of Python's alone. */
export const COMPAT_OPERATORS: Record<string, { api: string; name: string; numbersAlone?: true }> = {
  '*': { api: 'torch.mul', name: 'multiply' },
  '/': { api: 'torch.div', name: 'divide' },
  '**': { api: 'torch.pow', name: 'power' },
  '+': { api: 'torch.add', name: 'add', numbersAlone: true },
  '-': { api: 'torch.sub', name: 'sub', numbersAlone: true },
};
const ATOMS = new Set(['identifier', 'attribute', 'call', 'subscript', 'integer', 'float', 'parenthesized_expression', 'unary_operator']);

/** What may be complex: MindSpore has no gradient for a product, a wrong one for a quotient, and takes no complex number of Python's. */
export function complexOperator(node: Syntax, context: FileContext): boolean {
  if (imaginaryProduct(node, context)) return true;
  const sign = context.text(field(node, 'operator')!);
  const left = field(node, 'left')!;
  const right = field(node, 'right')!;
  const form = complexForm(sign, left, right, context);
  if (!form || (!isKnownTensor(left, context) && !isKnownTensor(right, context))) return false;
  const reached = context.reach(`compat.${form}`);
  const { api } = COMPAT_OPERATORS[sign]!;
  context.use({ node, api, status: 'migrated', strategy: 'restructured', reason: 'Complex: written on real and imaginary parts.' });
  context.edits.replace(node.start, node.end, (inner) => `${reached}(${inner(left.start, left.end)}, ${inner(right.start, right.end)})`);
  return true;
}

/** compat's function for an operation that may be complex. */
function complexForm(sign: string, left: Syntax, right: Syntax, context: FileContext): string | undefined {
  const form = COMPAT_OPERATORS[sign];
  if (!form) return undefined;
  const complex = [left, right]
    .flatMap((one) => alternatives(context.inference.typeOf(one)))
    .filter((one) => mayBeComplex(one) && (one.kind === 'number' || !form.numbersAlone));
  return complex.length > 0 ? form.name : undefined;
}

/** `x += y` on a tensor → `x = x + y`; `x[i] += y` → an indexed assignment. */
export function augmented(node: Syntax, context: FileContext): void {
  const left = field(node, 'left')!;
  const right = field(node, 'right')!;
  const sign = context.text(field(node, 'operator')!).slice(0, -1);
  if (left.type === 'subscript') {
    const base = field(left, 'value')!;
    if (!isKnownTensor(base, context) || maskedWrite(node, sign, context)) return;
    indexed(
      node,
      left,
      (inner) => operation(sign, `${inner(left.start, left.end)}`, inner(right.start, right.end), left, right, context),
      context,
    );
    return;
  }
  if (!isKnownTensor(left, context) && !(left.type === 'identifier' && isKnownTensor(right, context))) return;
  context.use({
    node,
    api: `torch.Tensor.__i${sign}__`,
    status: 'migrated',
    strategy: 'restructured',
    reason: 'An in-place operation becomes an assignment.',
  });
  // Forces the complex function's name to be reached before the file's imports are written.
  operation(sign, '', '', left, right, context);
  context.edits.replace(
    node.start,
    node.end,
    (inner) =>
      `${asTarget(left, inner, context)} = ${operation(sign, inner(left.start, left.end), inner(right.start, right.end), left, right, context)}`,
  );
  viewsWritten(left, node, context);
}

function operation(sign: string, left: string, right: string, leftNode: Syntax, rightNode: Syntax, context: FileContext): string {
  const form = complexForm(sign, leftNode, rightNode, context);
  if (form) return `${context.reach(`compat.${form}`)}(${left}, ${right})`;
  return `${left} ${sign} ${ATOMS.has(rightNode.type) ? right : `(${right})`}`;
}

/** `x[i, a:b] = value` on a tensor → `x = compat.set_item(x, (i, slice(a, b)), value)`. */
export function assignedSubscript(node: Syntax, context: FileContext): void {
  const left = field(node, 'left');
  const right = field(node, 'right');
  if (!left || !right) return;
  if (left.type === 'attribute' && context.text(field(left, 'attribute')!) === 'data') {
    const object = field(left, 'object')!;
    if (isTensor(context.inference.typeOf(object)) === 'no') return;
    const assign = context.reach('compat.assign');
    context.use({
      node,
      api: 'torch.Tensor.data',
      status: 'migrated',
      strategy: 'restructured',
      reason: 'Writes the values of the parameter.',
    });
    context.edits.replace(
      node.start,
      node.end,
      (inner) => `${assign}(${inner(object.start, object.end)}, ${inner(right.start, right.end)})`,
    );
    return;
  }
  if (left.type !== 'subscript' || right.type === 'assignment') return;
  if (!isKnownTensor(field(left, 'value')!, context) || maskedWrite(node, '', context)) return;
  indexed(node, left, (inner) => inner(right.start, right.end), context);
}

export function indexed(node: Syntax, left: Syntax, value: (inner: Inner) => string, context: FileContext): void {
  const set = context.reach('compat.set_item');
  const { base, levels } = unwind(left);
  const view = viewOf(base, context);
  if (view && !isSame(view)) {
    writtenView(node, view, (inner) => nested(levels, inner(base.start, base.end), set, value, inner, context), context);
    return;
  }
  const keep = keepsObject(base, node, context);
  if (!keep && levels.length === 1 && isWrittenAtOnce(base, node, context)) {
    writtenAtOnce(node, base, levels[0]!, value, context);
    return;
  }
  skipData(base, context);
  const assign = keep ? context.reach('compat.assign') : '';
  context.use({
    node,
    api: 'torch.Tensor.__setitem__',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'A write into a part becomes a new tensor, which gradients and graphs follow.',
  });
  context.edits.replace(node.start, node.end, (inner) => {
    const name = withoutData(base, inner, context);
    const text = nested(levels, name, set, value, inner, context);
    return keep ? `${assign}(${name}, ${text})` : `${name} = ${text}`;
  });
  viewsWritten(base, node, context, keep);
}

/** Where nothing is differentiated or compiled, as in a roll-out, the tensor itself can be written: a copy for each line would cost its size. */
function isWrittenAtOnce(base: Syntax, node: Syntax, context: FileContext): boolean {
  const fn = enclosingFunction(node);
  return base.type === 'identifier' && inNoGrad(node, context) && !(fn && isOnTheWay(fn, context.inference));
}

function writtenAtOnce(node: Syntax, base: Syntax, index: Syntax[], value: (inner: Inner) => string, context: FileContext): void {
  const write = context.reach('compat.write_item');
  context.use({
    node,
    api: 'torch.Tensor.__setitem__',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Nothing is differentiated here: the tensor itself is written.',
  });
  context.edits.replace(
    node.start,
    node.end,
    (inner) => `${write}(${inner(base.start, base.end)}, ${indexText(index, inner, context)}, ${value(inner)})`,
  );
  viewsWritten(base, node, context, true);
}

/** `x[0][1] = v` writes through a view: x = set_item(x, 0, set_item(x[0], 1, v)). */
function nested(
  levels: Syntax[][],
  base: string,
  set: string,
  value: (inner: Inner) => string,
  inner: Inner,
  context: FileContext,
): string {
  const build = (prefix: string, depth: number): string => {
    const index = indexText(levels[depth]!, inner, context);
    if (depth === levels.length - 1) return `${set}(${prefix}, ${index}, ${value(inner)})`;
    const below = `${prefix}[${levels[depth]!.map((one) => inner(one.start, one.end)).join(', ')}]`;
    return `${set}(${prefix}, ${index}, ${build(below, depth + 1)})`;
  };
  return build(base, 0);
}

/** A write into a view, as a statement: the tensor that the view is of gets the values. */
export function writtenView(node: Syntax, view: View, value: (inner: Inner) => string, context: FileContext): void {
  const { root } = view;
  const keep = view.steps.some((step) => step.back === 'same') || keepsObject(root, node, context);
  const assign = keep ? context.reach('compat.assign') : '';
  const put = puttingBack(view, context);
  context.use({
    node,
    api: 'torch.Tensor.view',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'A write into a view is put into the tensor that the view is of.',
  });
  context.edits.replace(node.start, node.end, (inner) => {
    const text = put(value(inner), inner);
    return keep ? `${assign}(${inner(root.start, root.end)}, ${text})` : `${asTarget(root, inner, context)} = ${text}`;
  });
  viewsWritten(root, node, context, keep);
}

function unwind(left: Syntax): { base: Syntax; levels: Syntax[][] } {
  const levels: Syntax[][] = [];
  let at = left;
  while (at.type === 'subscript') {
    levels.unshift(fields(at, 'subscript'));
    at = bare(field(at, 'value')!);
  }
  return { base: at, levels };
}

/** `p.data` in a place that is written into stands for `p`. */
export function skipData(node: Syntax, context: FileContext): void {
  if (node.type === 'attribute' && context.text(field(node, 'attribute')!) === 'data') context.handled.add(node);
}

function withoutData(node: Syntax, inner: Inner, context: FileContext): string {
  if (node.type === 'attribute' && context.text(field(node, 'attribute')!) === 'data')
    return inner(field(node, 'object')!.start, field(node, 'object')!.end);
  return inner(node.start, node.end);
}

/** What stands left of `=`: an attribute keeps its name, whatever reading it has become (`compat.grad_of(p)`). */
export function asTarget(node: Syntax, inner: Inner, context: FileContext): string {
  if (node.type !== 'attribute') return inner(node.start, node.end);
  const object = field(node, 'object')!;
  return `${inner(object.start, object.end)}.${context.text(field(node, 'attribute')!)}`;
}
