/** `np.ceil(np.log(length)).astype(int).item()`: of numbers NumPy gives numbers of its own, the compiler plain ones, which have none of their methods. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import type { Inference } from '../infer.ts';
import { bare, field, parts, type Syntax } from '../parse.ts';
import { calledName } from './asked.ts';
import { isConstant } from './compiling.ts';

const METHODS: Readonly<Record<string, string>> = { astype: 'compat.array_as', item: 'compat.item_of' };

/** `np.prod(sizes).item()` → `compat.item_of(np.prod(sizes))`. */
export function methodOfNumber(node: Syntax, context: FileContext): string | undefined {
  const callee = field(node, 'function')!;
  if (callee.type !== 'attribute') return undefined;
  const name = context.text(field(callee, 'attribute')!);
  const object = field(callee, 'object')!;
  const given = argumentsOf(node, context.text);
  if (!Object.hasOwn(METHODS, name) || given.length !== (name === 'astype' ? 1 : 0) || given.some((one) => one.name || one.star))
    return undefined;
  if (!ofNumbers(object, context.inference)) return undefined;
  const to = context.reach(METHODS[name]!);
  context.edits.replace(node.start, node.end, (inner) => {
    const all = [object, ...given.map(({ value }) => value)].map(({ start, end }) => inner(start, end));
    return `${to}(${all.join(', ')})`;
  });
  return "The compiler's numbers have no methods of NumPy's.";
}

/** What NumPy reckons from numbers alone. */
function ofNumbers(node: Syntax, inference: Inference): boolean {
  const one = bare(node);
  if (one.type === 'binary_operator') {
    const sides = parts(one);
    return sides.some((side) => ofNumbers(side, inference)) && sides.every((side) => isReckoned(side, inference));
  }
  if (one.type !== 'call') return false;
  const callee = field(one, 'function')!;
  if (callee.type === 'attribute' && Object.hasOwn(METHODS, inference.text(field(callee, 'attribute')!)))
    return ofNumbers(field(callee, 'object')!, inference);
  if (!/^numpy\.[a-z]\w*$/.test(calledName(one, inference) ?? '')) return false;
  return argumentsOf(one, inference.text).every(({ value }) => isReckoned(value, inference));
}

const isReckoned = (node: Syntax, inference: Inference) => isConstant(inference.typeOf(node)) || ofNumbers(node, inference);
