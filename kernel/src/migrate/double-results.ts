/** Which calls give tensors of float64, as far as the text says it (`.double()`, a dtype as it is written): what comes of such a tensor follows. */
import type { Argument } from './calls.ts';
import type { Inference } from './infer.ts';
import { field, type Syntax } from './parse.ts';
import { isDouble, isSurelyTensor, type Type } from './types.ts';

const WIDE = /\b(float64|double|DoubleTensor)\b/;
const CASTS = /\.(float|half|bfloat16|int|long|bool|short|cfloat|char|byte)$/;
const TO = /^torch\.Tensor\.(to|type|type_as|astype)$/;
/** Of NumPy's arrays, which are float64 by default. */
const FROM_ARRAYS = /^torch\.(from_numpy|as_tensor|tensor|asarray)$/;
const NO_FLOATS = /\.(argmax|argmin|argsort|eq|ne|lt|le|gt|ge|isnan|isinf|isfinite|logical_\w+|any|all|nonzero|searchsorted|bucketize)$/;

/** Is the result of an API of float64? `self` is a method's receiver. */
export function doubleOf(
  api: string,
  self: Type | undefined,
  given: readonly Argument[],
  inference: Inference,
): 'yes' | 'maybe' | undefined {
  if (/^torch\.(Tensor\.double|DoubleTensor)$/.test(api)) return 'yes';
  if (CASTS.test(api) || NO_FLOATS.test(api)) return undefined;
  const dtype = given.find((one) => one.name === 'dtype');
  if (dtype) return ofDtype(dtype.value, inference, self);
  if (TO.test(api)) return castTo(self, given, inference);
  const types = given.map((one) => inference.typeOf(one.value));
  if (FROM_ARRAYS.test(api)) return types[0]?.kind === 'array' ? 'maybe' : isDouble(types[0]);
  return isDouble(self, ...types);
}

function castTo(self: Type | undefined, given: readonly Argument[], inference: Inference): 'yes' | 'maybe' | undefined {
  let found = isDouble(self);
  for (const one of given) {
    const type = inference.typeOf(one.value);
    if (isSurelyTensor(type)) found = isDouble(type);
    else if (type?.kind === 'dtype' || inference.text(one.value) === 'float' || WIDE.test(inference.text(one.value)))
      found = ofDtype(one.value, inference, self);
  }
  return found;
}

/** A dtype as it is written: `torch.float64`, `x.dtype`, a name that may hold any. */
function ofDtype(node: Syntax, inference: Inference, self: Type | undefined): 'yes' | 'maybe' | undefined {
  const text = inference.text(node);
  if (/^(float|torch\.(float64|double))$/.test(text)) return 'yes';
  if (node.type === 'attribute' && /\.dtype$/.test(text)) return isDouble(inference.typeOf(field(node, 'object')));
  return WIDE.test(text) ? 'maybe' : isDouble(self) && !/^torch\.\w+$/.test(text) ? 'maybe' : undefined;
}
