/**
 * Reading every n-th place along a middle axis: `x[:, 0::2, 0::2, :]`, as Swin's patch merging does.
 *
 * MindSpore's gradient of such a slice fails on the CPU in both modes ("StridedSliceGrad, … memory out of bounds", 2.10); along the first and the last
 * axis it holds. compat.get_item gathers the places instead, and is what the table's row of `__getitem__` is measured with.
 */
import type { FileContext } from './context.ts';
import { field, fields, type Syntax } from './parse.ts';
import { isTensor } from './types.ts';
import { indexText, isKnownTensor, placesOf } from './views.ts';

export function steppedRead(node: Syntax, context: FileContext): void {
  const index = fields(node, 'subscript');
  const places = placesOf(index);
  if (!places.some((place, at) => isStepped(place, context) && !isAtAnEnd(places, at))) return;
  const value = field(node, 'value')!;
  if (isWritten(node) && !isReadToo(node, context)) return;
  const certainty = isTensor(context.inference.typeOf(value));
  // Several places in brackets are an array's, whichever library made it: where types are not known, reading it so does no harm.
  if (certainty === 'no' || (certainty === 'maybe' && !context.usesTorch)) return;
  const read = context.reach('compat.get_item');
  context.use({
    node,
    api: 'torch.Tensor.__getitem__',
    status: 'migrated',
    strategy: 'custom',
    reason: 'A step along a middle axis: MindSpore’s gradient of such a slice fails on the CPU.',
  });
  context.edits.replace(node.start, node.end, (inner) => `${read}(${inner(value.start, value.end)}, ${indexText(index, inner, context)})`);
}

/** Has the slice a step other than one? */
function isStepped(place: Syntax, context: FileContext): boolean {
  if (place.type !== 'slice') return false;
  const colons = place.children.filter((one) => one.type === ':');
  if (colons.length < 2) return false;
  const step = place.children.find((one) => one.start >= colons[1]!.end && one.type !== 'comment');
  return step !== undefined && context.text(step) !== '1';
}

/** The first axis, or the last after `...`. */
function isAtAnEnd(places: readonly Syntax[], at: number): boolean {
  if (at === 0) return true;
  return at === places.length - 1 && places.some((one) => one.type === 'ellipsis');
}

/** `x[:, ::2] += 1` on a tensor, which becomes an assignment that reads it. */
const isReadToo = (node: Syntax, context: FileContext) =>
  node.parent?.type === 'augmented_assignment' && isKnownTensor(field(node, 'value')!, context);

/** Left of `=`, `+=`, `:=`, `in`, or behind `del`: also where it is a part of what stands there. */
function isWritten(node: Syntax): boolean {
  for (let at = node; at.parent; at = at.parent) {
    const { parent } = at;
    if (parent.type === 'delete_statement') return true;
    if (parent.type === 'assignment' || parent.type === 'augmented_assignment' || parent.type === 'for_statement')
      return at.field === 'left';
    if (/_statement$|_definition$|^(call|subscript|module|block)$/.test(parent.type)) return false;
  }
  return false;
}
