/** `x[:, places]` where the places are an array or a number of NumPy's: PyTorch takes them as indices of a tensor, MindSpore does not. */
import type { FileContext } from './context.ts';
import { field, fields, type Syntax } from './parse.ts';
import { alternatives } from './types.ts';
import { isKnownTensor, placesOf } from './views.ts';

export function arrayPlaces(node: Syntax, context: FileContext): void {
  if (!isKnownTensor(field(node, 'value')!, context)) return;
  for (const place of placesOf(fields(node, 'subscript'))) {
    const types = alternatives(context.inference.typeOf(place));
    if (types.length === 0 || types.some((one) => one.kind !== 'array')) continue;
    const reached = context.reach('compat.index_of');
    context.use({
      node: place,
      api: 'torch.Tensor.__getitem__',
      status: 'migrated',
      strategy: 'custom',
      reason: 'MindSpore takes no index of NumPy’s.',
    });
    context.edits.replace(place.start, place.end, (inner) => `${reached}(${inner(place.start, place.end)})`);
  }
}
