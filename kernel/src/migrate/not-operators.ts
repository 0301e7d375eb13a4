/** PyTorch's public names that are no operators, by what they are (kernel/operators/names/not-operators.json): read only where such a name has no row. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operatorsFolder } from '../processes/places.ts';

let kinds: Map<string, string> | undefined;

/** What the name is, as a clause; undefined for an operator, and for a name that PyTorch does not have. */
export function notAnOperator(name: string): string | undefined {
  if (!kinds) {
    const file = JSON.parse(readFileSync(join(operatorsFolder(), 'names', 'not-operators.json'), 'utf8')) as Record<string, string[]>;
    kinds = new Map(Object.entries(file).flatMap(([kind, names]) => names.map((one) => [one, kind] as const)));
  }
  return kinds.get(name);
}
