/**
 * Writes through a mask that read through it too: `y[mask] = y[mask] * scale[mask]`, `y[mask] *= 0.5`. How many elements a mask takes a graph does not know;
 * element by element the same is worked out everywhere and kept where the mask is. Elsewhere the expression sees ones, so that no gradient of it is infinite.
 */
import type { FileContext } from '../context.ts';
import type { Inner } from '../edit.ts';
import { keepsObject } from '../held.ts';
import { type Binding, enclosingFunction, lookUp, scopeAt } from '../names.ts';
import { bare, field, fields, parts, type Syntax } from '../parse.ts';
import { isRealNumber, isSurelyTensor, mayBeComplex } from '../types.ts';
import { viewOf } from '../views.ts';
import { viewsWritten } from '../written.ts';
import { isOnTheWay } from './compiling.ts';

const SIGNS = new Set(['+', '-', '*', '/', '**']);
const TESTS = /\b(isnan|isinf|isfinite|logical_(and|or|not|xor)|eq|ne|lt|le|gt|ge|bool|isclose)$/;
const FUNCTIONS = /^(torch\.)?(exp|log|log1p|log2|log10|expm1|sqrt|rsqrt|abs|sin|cos|tanh|sigmoid|relu|square|neg|reciprocal)$/;

/** A name that is surely a tensor of truth values. */
function isMask(node: Syntax, context: FileContext): boolean {
  if (node.type !== 'identifier') return false;
  const bindings = lookUp(context.text(node), scopeAt(node, context.module))?.bindings ?? [];
  return bindings.length > 0 && bindings.every((one) => one.kind === 'value' && isTest(boundBy(one), context));
}

/** Its value, out of `a, b = x > 1, x > 2` too. */
function boundBy({ value, path }: Binding & { kind: 'value' }): Syntax | undefined {
  const [place, ...more] = path;
  if (place === undefined) return value;
  const several = value && ['tuple', 'expression_list'].includes(value.type) ? parts(value) : [];
  return typeof place === 'number' && !more.length ? several[place] : undefined;
}

function isTest(value: Syntax | undefined, context: FileContext): boolean {
  const node = value && bare(value);
  if (!node || !isSurelyTensor(context.inference.typeOf(node))) return false;
  if (node.type === 'comparison_operator') return true;
  if (node.type === 'unary_operator') return context.text(node).startsWith('~') && isTest(field(node, 'argument'), context);
  if (node.type === 'binary_operator')
    return (
      /^[&|^]$/.test(context.text(field(node, 'operator')!)) &&
      isTest(field(node, 'left'), context) &&
      isTest(field(node, 'right'), context)
    );
  if (node.type === 'identifier') return isMask(node, context);
  return node.type === 'call' && TESTS.test(context.text(field(node, 'function')!));
}

/** The parts that are read through the mask, if the expression is worked out element by element. */
function readThrough(node: Syntax, mask: string, context: FileContext): Syntax[] | undefined {
  const inside = bare(node);
  const together = (several: readonly (Syntax | undefined)[]) => {
    const found = several.map((one) => one && readThrough(one, mask, context));
    return found.every((one) => one !== undefined) ? found.flat() : undefined;
  };
  if (isRealNumber(context.inference.typeOf(inside))) return [];
  if (inside.type === 'subscript') {
    const [index, ...more] = fields(inside, 'subscript');
    const object = field(inside, 'value')!;
    const plain = index && !more.length && context.text(index) === mask && isSurelyTensor(context.inference.typeOf(object));
    return plain && !mayBeComplex(context.inference.typeOf(object)) ? [inside] : undefined;
  }
  if (inside.type === 'unary_operator') return together([field(inside, 'argument')]);
  if (inside.type === 'binary_operator' && SIGNS.has(context.text(field(inside, 'operator')!)))
    return together([field(inside, 'left'), field(inside, 'right')]);
  if (inside.type !== 'call') return undefined;
  const [callee, given] = [field(inside, 'function')!, parts(field(inside, 'arguments')!)];
  if (callee.type === 'attribute' && !given.length && FUNCTIONS.test(context.text(field(callee, 'attribute')!)))
    return together([field(callee, 'object')]);
  return given.length === 1 && FUNCTIONS.test(context.text(callee)) ? together(given) : undefined;
}

/** Rewrites `left = right` or `left sign= right` if it is such a write. */
export function maskedWrite(node: Syntax, sign: string, context: FileContext): boolean {
  const [left, right, fn] = [field(node, 'left')!, field(node, 'right'), enclosingFunction(node)];
  const [mask, ...more] = left.type === 'subscript' ? fields(left, 'subscript') : [];
  if (!mask || more.length || !right || !fn || !isMask(mask, context) || (sign && !SIGNS.has(sign))) return false;
  const base = field(left, 'value')!;
  const type = context.inference.typeOf(base);
  if (base.type !== 'identifier' || !isSurelyTensor(type) || mayBeComplex(type) || !isOnTheWay(fn, context.inference)) return false;
  const read = readThrough(right, context.text(mask), context);
  if (!read || (!sign && !read.length) || keepsObject(base, node, context) || viewOf(base, context)) return false;
  const [written, kept] = [context.reach('compat.written_where'), context.reach('compat.kept_where')];
  const through = (object: Syntax, inner: Inner) => `${kept}(${inner(object.start, object.end)}, ${inner(mask.start, mask.end)})`;
  for (const one of read) context.edits.replace(one.start, one.end, (inner) => through(field(one, 'value')!, inner));
  context.use({
    node,
    api: 'torch.Tensor.__setitem__',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'How many elements a mask takes a graph does not know: worked out everywhere, and kept where the mask is.',
  });
  context.edits.replace(node.start, node.end, (inner) => {
    const [name, value] = [inner(base.start, base.end), inner(right.start, right.end)];
    const whole = sign ? `${through(base, inner)} ${sign} (${value})` : value;
    return `${name} = ${written}(${name}, ${inner(mask.start, mask.end)}, ${whole})`;
  });
  viewsWritten(base, node, context);
  return true;
}
