/** One-dimensional variables whose values are at hand: axes that a description gives, or that several files have together. */
import type { Attributes, Variable } from '../store.ts';

export function vectorOf(name: string, store: string, values: readonly number[], attributes: Attributes): Variable {
  return {
    name,
    store,
    array: { dtype: 'float64', fillValue: null, getChunk: async () => ({ data: values, stride: [1] }) },
    dimensions: [name],
    shape: [values.length],
    chunks: [Math.max(1, values.length)],
    attributes,
    format: 3,
  };
}
