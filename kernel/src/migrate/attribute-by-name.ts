/** `getattr(x, "std")`, which the parser reads as `x.std`: it is written so where something in it may be rewritten. */
import type { FileContext } from './context.ts';
import { field, type Syntax } from './parse.ts';
import { alternatives } from './types.ts';

const ATOMS = new Set(['identifier', 'attribute', 'call', 'subscript', 'parenthesized_expression', 'string']);

export function attributeByName(node: Syntax, context: FileContext): void {
  const object = field(node, 'object')!;
  const attribute = field(node, 'attribute')!;
  if (attribute.end === node.end || !context.usesTorch) return;
  const types = alternatives(context.inference.typeOf(object));
  // An object of the project's own, or one that has nothing to do with tensors, is asked as before.
  if (types.length && types.every((one) => one.kind === 'instance' || one.kind === 'other')) return;
  const [open, close] = ATOMS.has(object.type) ? ['', ''] : ['(', ')'];
  context.edits.replace(node.start, object.start, open);
  context.edits.replace(object.end, attribute.start, `${close}.`);
  context.edits.replace(attribute.end, node.end, '');
}
