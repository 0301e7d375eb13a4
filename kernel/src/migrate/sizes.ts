/** `x.shape[:-1].numel()`: a shape of MindSpore's is a plain tuple, which has no methods of torch.Size. */
import { argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import { field, type Syntax } from './parse.ts';
import { alternatives } from './types.ts';

export function sizeMethod(call: Syntax, context: FileContext): void {
  const callee = field(call, 'function')!;
  if (callee.type !== 'attribute' || context.text(field(callee, 'attribute')!) !== 'numel') return;
  const object = field(callee, 'object')!;
  const types = alternatives(context.inference.typeOf(object));
  if (types.length === 0 || !types.every((one) => one.kind === 'sequence' || one.kind === 'tuple')) return;
  if (argumentsOf(call, context.text).length) return;
  const count = context.reach('compat.numel_of');
  context.edits.replace(call.start, call.end, (inner) => `${count}(${inner(object.start, object.end)})`);
  context.use({ node: call, api: 'torch.Size.numel', status: 'migrated', strategy: 'custom', reason: 'MindSpore’s shapes are tuples.' });
}
