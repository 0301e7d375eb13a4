/**
 * Chunks that aren't there. Zarr reads them as the array's fill value; where that is a number (0, mostly) they would pass for data: the score says how many they are.
 * Missing values need no such note: `coverage.ts` sees them by the valid area.
 */
import { decodeChunk, decodingOf } from './decode.ts';
import type { Input, Inputs } from './inputs.ts';
import { storeName, type Variable } from './store.ts';
import type { Conversion } from './units.ts';

/** Of one variable of one store. */
export interface Absent {
  store: string;
  variable: string;
  /** What they read as, in the variable's units. */
  value: number;
  keys: string[];
}

/** The variable's chunks that were asked for since the last call and aren't there; undefined where there are none, or where they read as missing values. */
export function takeAbsent(variable: Variable, units: Conversion): Absent | undefined {
  const keys = variable.array.takeAbsent?.() ?? [];
  const { fillValue } = variable.array;
  if (keys.length === 0 || (typeof fillValue !== 'number' && typeof fillValue !== 'bigint')) return undefined;
  const value = decodeChunk(Float64Array.of(Number(fillValue)), decodingOf(variable, units))[0]!;
  return Number.isFinite(value) ? { store: variable.store, variable: variable.name, value, keys } : undefined;
}

/** Of all that is scored together. */
export function absentIn({ forecast, truth, climatology, threshold }: Inputs): Absent[] {
  const inputs: (Input | undefined)[] = [forecast, truth.input, climatology.input, threshold?.input];
  return inputs.flatMap((input) => input?.takeAbsent() ?? []);
}

/** Gathers what tasks and threads found: a chunk that several asked for is one. */
export function absences() {
  const found = new Map<string, Absent & { all: Set<string> }>();
  return {
    add(more: readonly Absent[]): void {
      for (const one of more) {
        const key = `${one.store}\n${one.variable}`;
        const known = found.get(key) ?? { ...one, all: new Set() };
        found.set(key, known);
        for (const each of one.keys) known.all.add(each);
      }
    },
    /** Sentences for the reader of the score. */
    notes: (): string[] =>
      [...found.values()].map(({ store, variable, value, all }) => {
        const first = [...all].sort()[0];
        const count = all.size === 1 ? "1 chunk isn't there and is" : `${all.size} chunks aren't there and are`;
        return (
          `${variable} of ${storeName(store)}: ${count} scored as ${value}, the fill value (the first: ${first}). ` +
          `Writers leave out chunks that hold nothing else; where ${value} can't be, they are lost: ` +
          'copy or write the store again, or make the fill value a missing one (attribute _FillValue), and evaluate again'
        );
      }),
  };
}
