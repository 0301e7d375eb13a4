/** Names for what the migration adds to a function. */
import type { FileContext } from './context.ts';
import { ancestor, descendants, type Syntax } from './parse.ts';

const takenIn = new WeakMap<Syntax, Set<string>>();

/** A name that nothing in the function around has. */
export function free(preferred: string, at: Syntax, context: FileContext): string {
  const scope = ancestor(at, 'function_definition') ?? context.module.root;
  let taken = takenIn.get(scope);
  if (!taken) {
    taken = new Set();
    for (const node of descendants(scope)) if (node.type === 'identifier') taken.add(context.text(node));
    takenIn.set(scope, taken);
  }
  let name = preferred;
  for (let count = 2; taken.has(name); count++) name = `${preferred}_${count}`;
  taken.add(name);
  return name;
}
