/** `abs(z)` of a complex tensor → `compat.absolute(z)`: MindSpore's answer to Python's own `abs` stays complex. */
import { argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import { callsBuiltin } from './graph/asked.ts';
import { field, type Syntax } from './parse.ts';
import { mayBeComplex } from './types.ts';
import { isKnownTensor } from './views.ts';

export function complexMagnitude(node: Syntax, context: FileContext): void {
  if (!callsBuiltin(node, 'abs', context.inference)) return;
  const [given, more] = argumentsOf(node, context.text);
  if (!given || more || given.name || given.star || !isKnownTensor(given.value, context)) return;
  if (!mayBeComplex(context.inference.typeOf(given.value))) return;
  const called = field(node, 'function')!;
  context.use({
    node,
    api: 'torch.abs',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Complex: Python’s own abs leaves it complex in MindSpore.',
  });
  context.edits.replace(called.start, called.end, context.reach('compat.absolute'));
}
