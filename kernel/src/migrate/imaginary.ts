/** `1j * k`, `2j * math.pi * k`: a graph has no complex constants, so a tensor that an imaginary number stands beside is turned by its real factor. */
import type { FileContext } from './context.ts';
import type { Inner } from './edit.ts';
import { bare, field, type Syntax } from './parse.ts';
import { isRealNumber } from './types.ts';
import { isKnownTensor } from './views.ts';

/** The imaginary literal of a product of numbers, with what stands around it real. */
function imaginaryIn(node: Syntax, context: FileContext): Syntax | undefined {
  const inside = bare(node);
  if (inside.type === 'integer' || inside.type === 'float') return /j$/i.test(context.text(inside)) ? inside : undefined;
  if (inside.type === 'unary_operator') return imaginaryIn(field(inside, 'argument')!, context);
  if (inside.type !== 'binary_operator' || !/^[*/]$/.test(context.text(field(inside, 'operator')!))) return undefined;
  const [left, right] = [field(inside, 'left')!, field(inside, 'right')!];
  const real = (one: Syntax) => isRealNumber(context.inference.typeOf(one));
  if (real(right)) return imaginaryIn(left, context);
  return real(left) && context.text(field(inside, 'operator')!) === '*' ? imaginaryIn(right, context) : undefined;
}

/** `i * tensor`, `tensor * i` → `compat.turned(tensor, factor)`. */
export function imaginaryProduct(node: Syntax, context: FileContext): boolean {
  if (context.text(field(node, 'operator')!) !== '*') return false;
  const [left, right] = [field(node, 'left')!, field(node, 'right')!];
  const [number, tensor] = isKnownTensor(right, context) ? [left, right] : [right, left];
  const literal = imaginaryIn(number, context);
  if (!literal || !isKnownTensor(tensor, context)) return false;
  const turned = context.reach('compat.turned');
  context.handled.add(literal);
  context.edits.replace(literal.end - 1, literal.end, '');
  context.use({
    node,
    api: 'torch.mul',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Complex: written on real and imaginary parts.',
  });
  context.edits.replace(
    node.start,
    node.end,
    (inner: Inner) => `${turned}(${inner(tensor.start, tensor.end)}, ${inner(number.start, number.end)})`,
  );
  return true;
}
