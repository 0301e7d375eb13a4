/**
 * What functions are called with and return, while types are inferred in rounds. A round reads what the last one has settled (in the first, what it has heard
 * so far) and hears everything anew: what was unknown when it was first looked at, a helper that stands above its caller, does not stay unknown.
 */
import { descendants, field, type Syntax } from './parse.ts';
import { alternatives, join, limited, sameType, type Type } from './types.ts';

type Tree = Syntax['tree'];

export interface Heard {
  parameter(fn: Syntax, name: string): Type | undefined;
  result(fn: Syntax): Type | undefined;
  /** A call that stands at a node gives these arguments. */
  given(fn: Syntax, seen: readonly [name: string, type: Type | undefined][], at: Syntax | undefined): void;
  /** A return statement of the function gives a value. */
  returned(fn: Syntax, type: Type | undefined, value: Syntax | undefined): void;
  /** Ends a round that has looked at these trees; hands over the functions of which something else is known than before. */
  settle(trees: ReadonlySet<Tree>, changed: (fn: Syntax) => void): void;
}

export function heardOf(text: (node: Syntax) => string): Heard {
  const settled = new Map<Syntax, Map<string, Type>>();
  const results = new Map<Syntax, Type>();
  /** By function, then by the tree that calls it: a round replaces what the trees that it looks at have said before. */
  const calls = new Map<Syntax, Map<Tree, Map<string, Type>>>();
  let fresh = new Map<Syntax, Map<Tree, Map<string, Type>>>();
  let freshResults = new Map<Syntax, Type>();

  const joinedOver = (said: ReadonlyMap<Tree, Map<string, Type>> | undefined, name: string) =>
    said && join(...[...said.values()].map((one) => one.get(name)));

  return {
    parameter: (fn, name) => settled.get(fn)?.get(name) ?? joinedOver(fresh.get(fn), name),
    result: (fn) => results.get(fn) ?? freshResults.get(fn),
    given(fn, seen, at) {
      const tree = at?.tree ?? fn.tree;
      const inside = at !== undefined && at.tree === fn.tree && at.start >= fn.start && at.end <= fn.end;
      const said = fresh.get(fn) ?? new Map<Tree, Map<string, Type>>();
      const here = said.get(tree) ?? new Map<string, Type>();
      fresh.set(fn, said.set(tree, here));
      for (const [name, type] of seen) {
        const heard = inside ? withoutUnknown(type) : type;
        if (heard) here.set(name, limited(join(here.get(name), heard))!);
      }
    },
    returned(fn, type, value) {
      const name = field(fn, 'name');
      const again = value && name && callsByName(value, text(name), text);
      const heard = limited(join(freshResults.get(fn), again ? withoutUnknown(type) : type));
      if (heard) freshResults.set(fn, heard);
    },
    settle(trees, changed) {
      for (const fn of new Set([...calls.keys(), ...fresh.keys()])) {
        const said = calls.get(fn) ?? new Map<Tree, Map<string, Type>>();
        const now = fresh.get(fn);
        if (!now && ![...said.keys()].some((tree) => trees.has(tree))) continue;
        for (const tree of said.keys()) if (trees.has(tree)) said.delete(tree);
        for (const [tree, here] of now ?? []) {
          const before = said.get(tree);
          for (const [name, type] of before ?? []) here.set(name, limited(join(type, here.get(name)))!);
          said.set(tree, here);
        }
        calls.set(fn, said);
        const before = settled.get(fn);
        const names = new Set([...said.values()].flatMap((one) => [...one.keys()]));
        const known = new Map<string, Type>();
        for (const name of names) known.set(name, limited(joinedOver(said, name))!);
        if (known.size !== (before?.size ?? 0) || [...known].some(([name, type]) => !sameType(before?.get(name), type))) changed(fn);
        settled.set(fn, known);
      }
      for (const fn of new Set([...results.keys(), ...freshResults.keys()])) {
        const now = freshResults.get(fn);
        if (!trees.has(fn.tree) || sameType(results.get(fn), now)) continue;
        changed(fn);
        if (now) results.set(fn, now);
        else results.delete(fn);
      }
      fresh = new Map();
      freshResults = new Map();
    },
  };
}

/** What a function says of itself while it is not known yet is nothing. */
function withoutUnknown(type: Type | undefined): Type | undefined {
  return join(...alternatives(type).filter((one) => one.kind !== 'unknown'));
}

function callsByName(value: Syntax, name: string, text: (node: Syntax) => string): boolean {
  return [value, ...descendants(value)].some((one) => one.type === 'call' && text(field(one, 'function')!).split('.').at(-1) === name);
}
