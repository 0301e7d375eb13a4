/** Moves between devices: MindSpore's context decides where tensors live, so what `.to(…)` says about places is left out of the code. */
import { argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import { field, type Syntax } from './parse.ts';
import { alternatives } from './types.ts';

/** Arguments of `.to(…)` that no dtype or tensor can be: a device, or whether to copy and how. */
const PLACES = new Set(['device', 'non_blocking', 'copy', 'memory_format']);

function isPlace(argument: ReturnType<typeof argumentsOf>[number], context: FileContext): boolean {
  if (argument.star) return false;
  if (argument.name !== undefined) return PLACES.has(argument.name);
  const types = alternatives(context.inference.typeOf(argument.value)).filter((one) => one.kind !== 'none');
  return types.length > 0 && types.every((one) => one.kind === 'other' || one.kind === 'text');
}

/** `x.to(device)` → `x`. Whether the call was one that moves and does nothing else. */
export function deviceMove(call: Syntax, context: FileContext): boolean {
  const given = argumentsOf(call, context.text);
  if (given.length === 0 || !given.every((one) => isPlace(one, context))) return false;
  const object = field(field(call, 'function')!, 'object')!;
  context.use({
    node: call,
    api: 'torch.Tensor.to',
    status: 'migrated',
    strategy: 'restructured',
    reason: "A move to a device: MindSpore's context decides where tensors live.",
  });
  context.edits.replace(call.start, call.end, (inner) => inner(object.start, object.end));
  return true;
}
