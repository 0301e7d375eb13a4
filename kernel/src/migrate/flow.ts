/** Which bindings of a name count: those that reach a use (the last one that surely ran, and those that may have run since), or its import. */
import { countUpTo } from './ascending.ts';
import type { Binding } from './names.ts';
import { ancestor, type Syntax, statementOf } from './parse.ts';

export const LOOPS: ReadonlySet<string> = new Set(['for_statement', 'while_statement']);

/** Where the value of a binding is there: behind its whole statement; for a loop's variable, from the loop's body on. */
function readyAt(binding: Binding): number {
  if (binding.kind === 'parameter') return binding.of.start;
  const node = binding.node;
  const loop =
    node.parent && (node.parent.type === 'for_in_clause' || node.parent.type === 'for_statement') ? node.parent : ancestor(node, LOOPS);
  if (loop && node.start < (loop.children.find((child) => child.field === 'body')?.start ?? loop.end)) return node.end;
  if (ancestor(node, 'with_clause') || ancestor(node, 'named_expression')) return node.end;
  return statementOf(node).end;
}

/** The block that a binding's statement stands in. */
function blockOf(node: Syntax): Syntax | undefined {
  const statement = statementOf(node);
  // A loop's or a with's own variable is bound inside it.
  if (statement.type === 'for_statement' || statement.type === 'with_statement')
    return statement.children.find((child) => child.field === 'body') ?? statement.parent;
  return statement.parent;
}

/** Does a node lie in another, or is it that? */
export function contains(outer: Syntax | undefined, node: Syntax): boolean {
  return outer !== undefined && outer.start <= node.start && outer.end >= node.end;
}

/** Does it leave the name what it was: `x *= 2`? */
export function isAugmented(binding: Binding): boolean {
  return binding.kind === 'value' && binding.node.parent?.type === 'augmented_assignment';
}

interface Step {
  binding: Binding;
  /** A use in here surely comes after it; for a parameter, any use. */
  block: Syntax | undefined;
  /** The outermost loop around it. */
  loop: Syntax | undefined;
}

/** Of each list of bindings, once: a long function has thousands of one name, and as many uses. */
interface Steps {
  /** In the order in which they are ready, and where that is. */
  steps: Step[];
  ready: number[];
  inLoops: number[];
}

const known = new WeakMap<readonly Binding[], Steps>();

function stepsOf(bindings: readonly Binding[]): Steps {
  let found = known.get(bindings);
  if (!found) {
    const ordered = bindings.map((binding) => ({ binding, ready: readyAt(binding) })).sort((a, b) => a.ready - b.ready);
    const steps = ordered.map(({ binding }): Step => {
      let loop: Syntax | undefined;
      for (let at = ancestor(binding.node, LOOPS); at; at = ancestor(at, LOOPS)) loop = at;
      return { binding, block: binding.kind === 'parameter' ? undefined : blockOf(binding.node), loop };
    });
    found = { steps, ready: ordered.map(({ ready }) => ready), inLoops: steps.flatMap(({ loop }, at) => (loop ? [at] : [])) };
    known.set(bindings, found);
  }
  return found;
}

/** All bindings are of one name in one function; a use in an inner function sees them all. */
export function reaching(bindings: readonly Binding[], use: Syntax, sameFunction: boolean): Binding[] {
  if (!sameFunction || bindings.length === 1) return [...bindings];
  const { steps, ready: places, inLoops } = stepsOf(bindings);
  const ready = countUpTo(places, use.start);
  let last = ready - 1;
  while (last >= 0) {
    const { binding, block } = steps[last]!;
    if (!isAugmented(binding) && (binding.kind === 'parameter' || contains(block, use))) break;
    last--;
  }
  if (last < 0) return [...bindings];
  const found = steps.slice(last, ready).map(({ binding }) => binding);
  // Bound later in a loop that the use is in as well.
  for (let at = inLoops.length - 1, from = found.length; at >= 0 && inLoops[at]! >= ready; at--) {
    const { loop, binding } = steps[inLoops[at]!]!;
    if (contains(loop, use)) found.splice(from, 0, binding);
  }
  return found;
}

type ImportBinding = Extract<Binding, { kind: 'import' }>;
const knownImports = new WeakMap<readonly Binding[], { first: ImportBinding | undefined; among: number }>();

/** The first import among a name's bindings, which are many in a long function. */
export function importAmong(bindings: readonly Binding[]): ImportBinding | undefined {
  if (bindings.length === 1) return bindings[0]!.kind === 'import' ? bindings[0]! : undefined;
  let known = knownImports.get(bindings);
  if (known?.among !== bindings.length) {
    known = { first: bindings.find((one) => one.kind === 'import'), among: bindings.length };
    knownImports.set(bindings, known);
  }
  return known.first;
}
