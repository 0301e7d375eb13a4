/** `x ** 2` on a tensor → `compat.square(x)`, a product: MindSpore's power takes twice as long on the CPU. */
import type { FileContext } from './context.ts';
import { bare, field, type Syntax } from './parse.ts';
import { isKnownTensor } from './views.ts';

/** Is the node such a square? It has been rewritten then. */
export function squaredTensor(node: Syntax, context: FileContext): boolean {
  const exponent = bare(field(node, 'right')!);
  if (context.text(field(node, 'operator')!) !== '**' || exponent.type !== 'integer' || context.text(exponent) !== '2') return false;
  const left = field(node, 'left')!;
  if (!isKnownTensor(left, context)) return false;
  const base = bare(left);
  const square = context.reach('compat.square');
  context.use({
    node,
    api: 'torch.square',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'A product: MindSpore’s power takes twice as long.',
  });
  context.edits.replace(node.start, node.end, (inner) => `${square}(${inner(base.start, base.end)})`);
  return true;
}
