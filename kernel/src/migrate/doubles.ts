/** Python's numbers beside tensors of float64: MindSpore rounds them to float32, so they are written as float64. The trace knows the dtype, else inference where the text says it. */
import type { FileContext } from './context.ts';
import type { Inner } from './edit.ts';
import { bare, field, type Syntax } from './parse.ts';
import { COMPAT_OPERATORS } from './structure.ts';
import { isDouble } from './types.ts';
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
    for (const one of numbers) context.edits.replace(one.start, one.end, (inner) => `${reached}(${unwrapped(one, inner)})`);
  } else if (atom) {
    const reached = context.reach('compat.beside');
    const [one] = numbers as [Syntax];
    context.edits.replace(one.start, one.end, (inner) => `${reached}(${unwrapped(one, inner)}, ${inner(tensor.start, tensor.end)})`);
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

const unwrapped = (node: Syntax, inner: Inner) => {
  const inside = bare(node);
  return inner(inside.start, inside.end);
};

/** A literal that float32 holds. */
function isExact(node: Syntax, context: FileContext): boolean {
  const text = context.text(bare(node)).replaceAll('_', '');
  if (!/^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(text)) return false;
  const value = Number(text);
  return Math.fround(value) === value;
}
