/** `batch.to(device)` on what is not known to be a tensor, a module or a batch of its own kind: the right one is found when it runs. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { field, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';

const MOVES: Record<string, string> = { to: 'compat.moved', cuda: 'compat.moved_to_device', cpu: 'compat.moved_to_device' };

/** Rewrites such a call; false where it is none. */
export function movedAnywhere(call: Syntax, object: Syntax, name: string, context: FileContext): boolean {
  const to = MOVES[name];
  if (!to || !context.usesTorch) return false;
  const types = alternatives(context.inference.typeOf(object)).filter((type) => type.kind !== 'none' && type.kind !== 'unknown');
  // A module or an object of the project's own has a method of that name.
  if (types.length > 0 && types.every((type) => type.kind === 'layer' || type.kind === 'instance')) return false;
  if (/^(self|cls|torch|super\(\))$/.test(context.text(object))) return false;
  const list = field(call, 'arguments')!;
  const given = argumentsOf(call, context.text);
  const reached = context.reach(to);
  context.use({
    node: call,
    api: `torch.Tensor.${name}`,
    status: 'migrated',
    strategy: 'custom',
    row: context.inference.project.table!.row(`torch.Tensor.${name}`),
    reason: 'What this is called on shows when it runs: a tensor is cast, anything else moves itself.',
  });
  context.edits.replace(call.start, call.end, (inner) => {
    const rest = given.length && to === 'compat.moved' ? `, ${inner(list.start + 1, list.end - 1).trim()}` : '';
    return `${reached}(${inner(object.start, object.end)}${rest})`;
  });
  return true;
}
