/**
 * Results whose parts PyTorch names (`torch.return_types`): `x.max(dim=1).values`, `torch.linalg.lstsq(a, b).solution`.
 *
 * compat's functions give plain tuples: MindSpore's compiler makes a named tuple beside the graph, and gradients through it come out as zero
 * (measured with MindSpore 2.10). A part's name becomes its place.
 */
import type { Argument } from './calls.ts';
import { alternatives, TENSOR, type Type } from './types.ts';

const VALUES_AND_INDICES = ['values', 'indices'];
const FACTOR = ['LU', 'pivots'];

/** By canonical name behind `torch.`, `torch.Tensor.` or `torch.linalg.`: the fields, in order. */
export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  max: VALUES_AND_INDICES,
  min: VALUES_AND_INDICES,
  median: VALUES_AND_INDICES,
  nanmedian: VALUES_AND_INDICES,
  mode: VALUES_AND_INDICES,
  sort: VALUES_AND_INDICES,
  topk: VALUES_AND_INDICES,
  kthvalue: VALUES_AND_INDICES,
  cummax: VALUES_AND_INDICES,
  cummin: VALUES_AND_INDICES,
  aminmax: ['min', 'max'],
  frexp: ['mantissa', 'exponent'],
  histogram: ['hist', 'bin_edges'],
  geqrf: ['a', 'tau'],
  triangular_solve: ['solution', 'cloned_coefficient'],
  slogdet: ['sign', 'logabsdet'],
  qr: ['Q', 'R'],
  svd: ['U', 'S', 'V'],
  lu_unpack: ['P', 'L', 'U'],
  'linalg.slogdet': ['sign', 'logabsdet'],
  'linalg.qr': ['Q', 'R'],
  'linalg.svd': ['U', 'S', 'Vh'],
  'linalg.eig': ['eigenvalues', 'eigenvectors'],
  'linalg.eigh': ['eigenvalues', 'eigenvectors'],
  'linalg.lstsq': ['solution', 'residuals', 'rank', 'singular_values'],
  'linalg.lu': ['P', 'L', 'U'],
  'linalg.lu_factor': FACTOR,
  'linalg.lu_factor_ex': [...FACTOR, 'info'],
  'linalg.cholesky_ex': ['L', 'info'],
  'linalg.inv_ex': ['inverse', 'info'],
  'linalg.solve_ex': ['result', 'info'],
};

/** Give one tensor where no dimension is given, and values with indices where one is. */
const BY_DIMENSION = new Set(['max', 'min', 'median', 'nanmedian']);

/** The named tuple that a call of the API `name` gives, if it gives one; `given` are its arguments without a method's receiver. */
export function namedResult(
  name: string,
  given: readonly Argument[],
  typeOf: (node: Argument['value']) => Type | undefined,
): Type | undefined {
  const method = name.startsWith('torch.Tensor.');
  const key = name.replace(/^torch\.(Tensor\.)?/, '');
  const fields = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
  if (!fields || name === key) return undefined;
  if (BY_DIMENSION.has(key) && !givesDimension(given.slice(method || given[0]?.name ? 0 : 1), typeOf)) return undefined;
  return { kind: 'tuple', items: fields.map(() => TENSOR), fields };
}

/** `max(x, 1)` and `max(x, dim=1)`, but not `max(x)` and `max(x, other)`. */
function givesDimension(given: readonly Argument[], typeOf: (node: Argument['value']) => Type | undefined): boolean {
  if (given.some((one) => one.name === 'dim')) return true;
  const first = given[0];
  if (!first || first.name || first.star) return false;
  return alternatives(typeOf(first.value)).every((one) => one.kind === 'number');
}

/** The place of the part `name` in a value of this type; undefined where it is, or may be, something else that has such an attribute. */
export function placeOf(name: string, type: Type | undefined): number | undefined {
  const all = alternatives(type).filter((one) => one.kind !== 'none');
  const places = all.map((one) => (one.kind === 'tuple' ? (one.fields?.indexOf(name) ?? -1) : -1));
  return places.length > 0 && places[0]! >= 0 && places.every((one) => one === places[0]) ? places[0] : undefined;
}
