/** `x[:, places]`, `x[:count]` where the places are an array or a number of NumPy's: PyTorch takes them as indices of a tensor, MindSpore does not. */
import type { FileContext } from './context.ts';
import { field, fields, parts, type Syntax } from './parse.ts';
import { alternatives } from './types.ts';
import { isKnownTensor, placesOf } from './views.ts';

export function arrayPlaces(node: Syntax, context: FileContext): void {
  if (!isKnownTensor(field(node, 'value')!, context)) return;
  for (const place of placesOf(fields(node, 'subscript')).flatMap(bounds)) {
    const types = alternatives(context.inference.typeOf(place));
    // Of `np.prod(sizes) // 2` it is known that it is either.
    if (!types.some((one) => one.kind === 'array') || types.some((one) => one.kind !== 'array' && one.kind !== 'number')) continue;
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

/** The bounds of a slice, else the place itself. */
const bounds = (place: Syntax): Syntax[] => (place.type === 'slice' ? parts(place) : [place]);
