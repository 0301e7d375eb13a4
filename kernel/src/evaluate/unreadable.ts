/** A chunk that can't be read: which store, variable and chunk, and why. */
import { TradewindError } from '../records/errors.ts';
import type { Variable } from './store.ts';

/** Faults that were named already stay as they are. */
export function unreadable(error: unknown, variable: Variable, coordinates: number[]): TradewindError {
  for (let one: unknown = error; one instanceof Error; one = one.cause) if (one instanceof TradewindError) return one;
  const cause =
    error instanceof Error && error.cause instanceof Error
      ? `${error.message} (${error.cause.message})`
      : String(error instanceof Error ? error.message : error);
  return new TradewindError({
    code: 'input',
    message: `chunk ${coordinates.join('/')} of ${variable.name} can't be read: ${cause}`,
    where: variable.store,
    remedy: 'The file of that chunk is damaged: write the store again, or leave the variable out with --variables.',
  });
}
