/** Which of its arguments a call writes into and gives back: `F.relu(x, inplace=True)`, `torch.relu_(x)`, `nn.ReLU(inplace=True)`'s input. */
import { type Argument, argumentsOf } from './calls.ts';
import { ownerOf } from './classes.ts';
import type { FileContext } from './context.ts';
import { enclosingFunction, resolve } from './names.ts';
import { bare, field, type Syntax } from './parse.ts';
import { alternatives } from './types.ts';
import { isKnownTensor } from './views.ts';

/** Functions with an option `inplace`: its place among the arguments. A layer's is one less, for it is not given the input. */
const PLACES: [RegExp, number][] = [
  [/^(relu6?|selu|silu|mish|hardswish|hardsigmoid)$/, 1],
  [/^(leakyrelu|elu|celu)$/, 2],
  [/^(hardtanh|threshold|(alpha|featurealpha)?dropout(1d|2d|3d)?)$/, 3],
  [/^rrelu$/, 4],
];

/** Methods and functions that write end in one underscore. */
export const isWritingName = (name: string): boolean => /^[a-z]\w*[^_]_$/.test(name);

/** The function without the underscore, of one of PyTorch's that writes its first argument; undefined for any other name. */
export function withoutWriting(name: string): string | undefined {
  const last = /^torch\.(?:nn\.functional\.)?(\w+)$/.exec(name)?.[1];
  return last !== undefined && isWritingName(last) ? name.slice(0, -1) : undefined;
}

/** The argument that a call writes into. */
export function writtenArgument(call: Syntax, context: FileContext): Syntax | undefined {
  const given = argumentsOf(call, context.text);
  const first = given[0] && !given[0].star && !given[0].name ? bare(given[0].value) : undefined;
  if (!first || !isKnownTensor(first, context)) return undefined;
  const callee = field(call, 'function')!;
  const entity = resolve(callee, context.module, context.inference.project)?.entity;
  if (entity?.kind !== 'external') return isWritingLayer(callee, context) ? first : undefined;
  const { name } = entity;
  const plain = withoutWriting(name);
  const writes = plain !== undefined && context.inference.project.table!.has(plain);
  return writes || isOn(name, given, 0) ? first : undefined;
}

/** Is the option `inplace` of this function, or layer, given as True? */
function isOn(name: string, given: readonly Argument[], less: 0 | 1): boolean {
  const last = /^torch\.nn\.(?:functional\.)?(\w+)$/.exec(name)?.[1]?.replaceAll('_', '').toLowerCase();
  const place = last && PLACES.find(([names]) => names.test(last))?.[1];
  if (!place) return false;
  const option = given.find((one) => one.name === 'inplace') ?? given.filter((one) => !one.name)[place - less];
  return option?.value.type === 'true';
}

/** `self.act(x)` with `self.act = nn.ReLU(inplace=True)`. */
function isWritingLayer(callee: Syntax, context: FileContext): boolean {
  if (!/^self\.\w+$/.test(context.text(callee))) return false;
  const layer = alternatives(context.inference.typeOf(callee)).find((one) => one.kind === 'layer');
  if (!layer) return false;
  const fn = enclosingFunction(callee);
  const owner = fn && ownerOf(fn);
  if (!owner) return false;
  const attribute = context.text(field(callee, 'attribute')!);
  const values = context.inference.classes.ancestry(owner).flatMap((one) => one.attributes.get(attribute) ?? []);
  return (
    values.length > 0 &&
    values.every(({ value }) => {
      const made = value && bare(value);
      if (made?.type !== 'call') return false;
      return isOn(layer.name, argumentsOf(made, context.inference.text), 1);
    })
  );
}
