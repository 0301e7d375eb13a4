/** NumPy's names of arguments, which PyTorch's functions written in C take as well as their own: `torch.stack(parts, axis=-1)`. */
import type { Argument } from './calls.ts';
import type { FileContext } from './context.ts';
import type { Row } from './table.ts';

const OWN_NAMES: Readonly<Record<string, string>> = {
  axis: 'dim',
  keepdims: 'keepdim',
  x: 'input',
  a: 'input',
  x1: 'input',
  x2: 'other',
};

/** Functions and methods of these places; modules, optimisers and what is written in Python take their own names alone. */
const TAKING = /^torch\.(?:(?:Tensor|linalg|fft|special)\.)?[a-z]\w*$/;

/** The arguments by PyTorch's own names. */
export function byOwnNames(given: readonly Argument[], api: string, row: Row): Argument[] {
  if (!TAKING.test(api)) return [...given];
  return given.map((one) => {
    const own = one.name === undefined || !Object.hasOwn(OWN_NAMES, one.name) ? undefined : OWN_NAMES[one.name];
    if (!own || row.signature?.some(({ name }) => name === one.name)) return one;
    return { ...one, name: own };
  });
}

/** Writes those names where the arguments stay as they are written. */
export function writeOwnNames(given: readonly Argument[], context: FileContext): void {
  for (const one of given) {
    const written = one.node.type === 'keyword_argument' ? one.node.children[0] : undefined;
    if (written && one.name && context.text(written) !== one.name) context.edits.replace(written.start, written.end, one.name);
  }
}
