/** Python's numbers beside tensors of float64: MindSpore rounds them to float32, so they are written as float64. The trace knows the dtype, else inference where the text says it. A compiled graph rounds what it reckons with numbers too (`2 * np.pi`, `-0.3`): that is reckoned here. */
import { argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import type { Inner } from './edit.ts';
import { bare, field, type Syntax } from './parse.ts';
import { COMPAT_OPERATORS } from './structure.ts';
import { isDouble, isRealNumber } from './types.ts';
import { isKnownTensor } from './views.ts';

/** `0.1 * x`, `x > 0.1`, `x *= 0.1` where x is, or may be, of float64. */
export function numberBesideDouble(node: Syntax, context: FileContext): void {
  const [left, operator, right] =
    node.type === 'comparison_operator'
      ? node.children.length === 3
        ? node.children
        : []
      : [field(node, 'left'), field(node, 'operator'), field(node, 'right')];
  if (!left || !operator || !right) return;
  const sign = context.text(operator).replace(/(?<=[^<>=!])=$/, '');
  if (!NAMES[sign]) return;
  const { typeOf } = context.inference;
  const double = node.type === 'binary_operator' ? isDouble(typeOf(node)) : isDouble(typeOf(left), typeOf(right));
  if (!double) return;
  const numbers = [left, right].filter((one) => !isKnownTensor(one, context) && !isExact(one, context));
  if (!numbers.length || (node.type === 'augmented_assignment' && numbers[0] === left)) return;
  const tensor = numbers[0] === left ? right : left;
  const atom = /^[\w.]+$/.test(context.text(tensor));
  if (double !== 'yes' && !atom && (node.type !== 'binary_operator' || !COMPAT_OPERATORS[sign])) return;
  context.use({
    node,
    api: operatorName(sign, numbers[0] === left && node.type === 'binary_operator'),
    status: 'migrated',
    strategy: 'restructured',
    reason: 'MindSpore would round the number beside a float64 tensor to float32.',
  });
  if (double === 'yes') {
    const reached = context.reach('compat.float64');
    for (const one of numbers) context.edits.replace(one.start, one.end, (inner) => written(one, reached, '', inner, context));
  } else if (atom) {
    const reached = context.reach('compat.beside');
    const [one] = numbers as [Syntax];
    context.edits.replace(one.start, one.end, (inner) => written(one, reached, `, ${inner(tensor.start, tensor.end)}`, inner, context));
  } else {
    const reached = context.reach(`compat.${COMPAT_OPERATORS[sign]!.name}`);
    context.edits.replace(node.start, node.end, (inner) => `${reached}(${inner(left.start, left.end)}, ${inner(right.start, right.end)})`);
  }
}

const NAMES: Record<string, string> = {
  '*': 'mul',
  '/': 'truediv',
  '**': 'pow',
  '+': 'add',
  '-': 'sub',
  '%': 'mod',
  '//': 'floordiv',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
};

const operatorName = (sign: string, reversed: boolean) => `torch.Tensor.__${reversed ? 'r' : ''}${NAMES[sign]}__`;

/** Functions and methods whose numbers may as well be tensors. */
const TAKES_TENSORS = new Set(
  'add sub subtract mul multiply div divide true_divide pow clamp clip clamp_min clamp_max hardtanh'.split(' '),
);

/** `torch.clamp(x, -0.3, 0.7)` of a tensor of float64. */
export function numbersOfDoubleCall(call: Syntax, context: FileContext): void {
  const name = /\w+$/.exec(context.text(field(call, 'function')!))?.[0] ?? '';
  if (!TAKES_TENSORS.has(name) || isDouble(context.inference.typeOf(call)) !== 'yes') return;
  for (const { value } of argumentsOf(call, context.text)) {
    if (/^[\w.]+$/.test(context.text(bare(value))) || isExact(value, context)) continue;
    if (constant(value, context) === undefined && !isReckoned(value, context)) continue;
    const reached = context.reach('compat.float64');
    context.edits.replace(value.start, value.end, (inner) => written(value, reached, '', inner, context));
  }
}

/** The number as a call of ``reached``; the sign stands outside. What is reckoned with names is reckoned by tensors: each name is such a call. */
function written(node: Syntax, reached: string, more: string, inner: Inner, context: FileContext, whole = false): string {
  const inside = bare(node);
  const value = ['integer', 'float'].includes(inside.type) ? undefined : constant(inside, context);
  if (value !== undefined) {
    const call = `${reached}(${digits(Math.abs(value))}${more})`;
    return value < 0 || Object.is(value, -0) ? `(-${call})` : call;
  }
  const [left, operator, right] = [field(inside, 'left'), field(inside, 'operator'), field(inside, 'right')];
  const sign = inside.type === 'binary_operator' ? context.text(operator!) : '';
  if (SIGNS.has(sign)) {
    // A quotient or power of whole numbers is one of float64 only where the first is.
    const first = written(left!, reached, more, inner, context, sign === '/' || sign === '**');
    return `(${first} ${sign} ${isExact(right!, context) ? inner(right!.start, right!.end) : written(right!, reached, more, inner, context)})`;
  }
  if (inside.type === 'unary_operator' && context.text(inside).startsWith('-'))
    return `(-${written(field(inside, 'argument')!, reached, more, inner, context, whole)})`;
  const text = inner(inside.start, inside.end);
  return `${reached}(${whole && inside.type === 'integer' ? `${text}.0` : text}${more}${whole && inside.type !== 'integer' ? ', whole=True' : ''})`;
}

const SIGNS = new Set(['+', '-', '*', '/', '**']);

/** Arithmetic on numbers alone. */
function isReckoned(node: Syntax, context: FileContext): boolean {
  return isRealNumber(context.inference.typeOf(node)) && /^(binary|unary)_operator$/.test(bare(node).type);
}

const digits = (value: number) => (Number.isInteger(value) && value < 1e21 ? `${value}.0` : String(value));

const RECKONED: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
const NAMED: Record<string, number> = { pi: Math.PI, e: Math.E };

/** The value of arithmetic on decimal literals, π and e, in Python's own digits. */
function constant(node: Syntax, context: FileContext): number | undefined {
  const inside = bare(node);
  const text = context.text(inside);
  let value: number | undefined;
  if (inside.type === 'integer' || inside.type === 'float') value = Number(text.replaceAll('_', ''));
  else if (inside.type === 'attribute') value = NAMED[/^(?:math|np|numpy)\.(pi|e)$/.exec(text)?.[1] ?? ''];
  else if (inside.type === 'unary_operator' && text.startsWith('-')) {
    const argument = constant(field(inside, 'argument')!, context);
    value = argument === undefined ? undefined : -argument;
  } else if (inside.type === 'binary_operator') {
    const reckon = RECKONED[context.text(field(inside, 'operator')!)];
    const [left, right] = [field(inside, 'left')!, field(inside, 'right')!].map((one) => constant(one, context));
    if (reckon && left !== undefined && right !== undefined) value = reckon(left, right);
  }
  return Number.isFinite(value) ? value : undefined;
}

/** A literal that float32 holds. */
function isExact(node: Syntax, context: FileContext): boolean {
  const text = context.text(bare(node)).replaceAll('_', '');
  if (!/^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(text)) return false;
  const value = Number(text);
  return Math.fround(value) === value;
}
