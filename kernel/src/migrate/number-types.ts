/** Python's types of numbers as dtypes: `torch.ones(n, dtype=bool)`, `x.to(float)`. MindSpore has dtypes of its own alone. */
import { argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import { calledName } from './graph/asked.ts';
import { lookUp, scopeAt } from './names.ts';
import { field, type Syntax } from './parse.ts';
import { isKnownTensor } from './views.ts';

const DTYPES: Readonly<Record<string, string>> = {
  bool: 'mindspore.bool_',
  int: 'mindspore.int64',
  float: 'mindspore.float64',
  complex: 'mindspore.complex128',
};

/** Does an argument of a call say a dtype of PyTorch’s? */
function takesDtype(call: Syntax, name: string | undefined, context: FileContext): boolean {
  const callee = field(call, 'function')!;
  if (name === 'dtype' && calledName(call, context.inference)?.startsWith('torch.')) return true;
  if (callee.type !== 'attribute') return false;
  const method = context.text(field(callee, 'attribute')!);
  // Nothing else that has a method `to` takes such a type.
  if (method === 'to') return name === undefined || name === 'dtype';
  return (name === 'dtype' || (name === undefined && method === 'type')) && isKnownTensor(field(callee, 'object')!, context);
}

export function numberTypes(call: Syntax, context: FileContext): void {
  for (const { name, star, value } of argumentsOf(call, context.text)) {
    const type = value.type === 'identifier' && !star ? context.text(value) : '';
    if (!Object.hasOwn(DTYPES, type) || lookUp(type, scopeAt(value, context.module)) || !takesDtype(call, name, context)) continue;
    context.edits.replace(value.start, value.end, context.reach(DTYPES[type]!));
  }
}
