/** Which bindings of a name reach a use: the last one that surely ran, and those that may have run since. */
import type { Binding } from './names.ts';
import { ancestor, type Syntax, statementOf } from './parse.ts';

const LOOPS = new Set(['for_statement', 'while_statement']);

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

function contains(outer: Syntax | undefined, node: Syntax): boolean {
  return outer !== undefined && outer.start <= node.start && outer.end >= node.end;
}

/** All bindings are of one name in one function; a use in an inner function sees them all. */
export function reaching(bindings: readonly Binding[], use: Syntax, sameFunction: boolean): Binding[] {
  if (!sameFunction || bindings.length === 1) return [...bindings];
  const ordered = [...bindings].sort((a, b) => readyAt(a) - readyAt(b));
  let last = -1;
  ordered.forEach((binding, at) => {
    // `x *= 2` leaves x what it was.
    if (binding.kind === 'value' && binding.node.parent?.type === 'augmented_assignment') return;
    if (readyAt(binding) <= use.start && (binding.kind === 'parameter' || contains(blockOf(binding.node), use))) last = at;
  });
  if (last < 0) return [...bindings];
  return ordered.filter((binding, at) => {
    if (at === last) return true;
    const ready = readyAt(binding);
    if (at > last && ready <= use.start) return true;
    if (ready <= use.start) return false;
    // Bound later in a loop that the use is in as well.
    for (let loop = ancestor(binding.node, LOOPS); loop; loop = ancestor(loop, LOOPS)) if (contains(loop, use)) return true;
    return false;
  });
}
