/**
 * State that a module keeps in an attribute from step to step, as a recurrent cell does (`h, self.c = self.cell(x, self.c)`): a graph reads what was
 * there when it was compiled, and no gradient follows. What stored.ts gives a local name, and what cached.ts makes while compiling, is none.
 */
import { ownerOf } from '../classes.ts';
import type { Inference } from '../infer.ts';
import { enclosingFunction } from '../names.ts';
import { descendants, field, type Syntax } from '../parse.ts';
import { holdsTensor, keepsWhatItMakes } from './cached.ts';
import { isConstant, reachedByForward } from './compiling.ts';

/** Does an assignment write it, by itself or among others: `self.h, self.w = …`? */
export function isTarget(node: Syntax): boolean {
  const around = node.parent?.type === 'pattern_list' || node.parent?.type === 'tuple_pattern' ? node.parent : node;
  return around.field === 'left' && around.parent?.type === 'assignment';
}

function readsOf(name: string, fn: Syntax, inference: Inference): Syntax[] {
  return descendants(fn).filter(
    (one) =>
      one.type === 'attribute' &&
      inference.text(field(one, 'object')!) === 'self' &&
      inference.text(field(one, 'attribute')!) === name &&
      !isTarget(one),
  );
}

/** Is it the left of `self.count += 1`? */
export const isCounted = (node: Syntax) => node.field === 'left' && node.parent?.type === 'augmented_assignment';

/** Is it a tensor, a number or a container of some, that a function reads first from an attribute of self that a forward gives a value? */
export function readsKeptState(node: Syntax, inference: Inference): boolean {
  if (inference.text(field(node, 'object')!) !== 'self' || isTarget(node)) return false;
  const fn = enclosingFunction(node);
  const owner = fn && ownerOf(fn);
  if (!owner || !inference.classes.isModule(owner)) return false;
  const name = inference.text(field(node, 'attribute')!);
  const assigned = inference.classes.ancestry(owner).flatMap((one) => one.attributes.get(name) ?? []);
  const isWritten = assigned.some((one) => {
    const writer = one.node.type === 'call' ? undefined : enclosingFunction(one.node);
    return writer !== undefined && reachedByForward(writer, inference) && !keepsWhatItMakes(writer, inference);
  });
  // A buffer is the graph's own: it writes and reads it.
  const isBuffer = assigned.some((one) => one.node.type === 'call');
  if (isBuffer) return false;
  const type = inference.typeOf(node);
  const reads = readsOf(name, fn, inference);
  if (!isConstant(type)) return isWritten && holdsTensor(type) && reads[0] === node;
  const asked = reads.filter((one) => !isCounted(one));
  return (isWritten || asked.length < reads.length) && asked[0] === node;
}
