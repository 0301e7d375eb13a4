/**
 * Who read what, while types are inferred: when a function's parameters or its result become known better, only the modules that read
 * them, and those that read these in turn, have to be looked at again.
 */
import type { Syntax } from './parse.ts';

type Tree = Syntax['tree'];

export interface Reads {
  /** Runs `compute`, which works out the type of a node of that tree. */
  within<T>(tree: Tree, compute: () => T): T;
  /** What is being worked out reads a type of that tree. */
  tree(tree: Tree): void;
  /** … reads the parameters or the result of a function. */
  fn(fn: Syntax): void;
  changed(fn: Syntax): void;
  /** The trees whose types may differ now. Changes are then forgotten. */
  stale(): Set<Tree>;
}

export function readsOf(): Reads {
  const readersOfFn = new Map<Syntax, Set<Tree>>();
  const readersOfTree = new Map<Tree, Set<Tree>>();
  let changed = new Set<Syntax>();
  let current: Tree | undefined;

  return {
    within(tree, compute) {
      const outer = current;
      current = tree;
      const result = compute();
      current = outer;
      return result;
    },
    tree(tree) {
      if (current === undefined || current === tree) return;
      const readers = readersOfTree.get(tree);
      if (readers) readers.add(current);
      else readersOfTree.set(tree, new Set([current]));
    },
    fn(fn) {
      if (current === undefined) return;
      const readers = readersOfFn.get(fn);
      if (readers) readers.add(current);
      else readersOfFn.set(fn, new Set([current]));
    },
    changed: (fn) => changed.add(fn),
    stale() {
      const found = new Set<Tree>();
      const queue = [...changed].flatMap((fn) => [...(readersOfFn.get(fn) ?? [])]);
      changed = new Set();
      for (let tree = queue.pop(); tree; tree = queue.pop()) {
        if (found.has(tree)) continue;
        found.add(tree);
        queue.push(...(readersOfTree.get(tree) ?? []));
      }
      return found;
    },
  };
}
