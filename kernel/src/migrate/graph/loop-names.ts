/** Names that a loop gives, and that code after it or its own next round reads: the compiler wants them defined before the loop, which Python does not. */
import type { FileContext } from '../context.ts';
import { contains, LOOPS } from '../flow.ts';
import { indentOf } from '../layout.ts';
import { type Binding, enclosingFunction } from '../names.ts';
import { ancestor, descendants, type Syntax, statementOf } from '../parse.ts';

/** Defines such names before the loop; says so, or answers undefined where there is none. */
export function defineBeforeLoop(loop: Syntax, context: FileContext): string | undefined {
  const names = namesOutlasting(loop, context).filter(
    (name) => !outerLoops(loop).some((outer) => namesOutlasting(outer, context).includes(name)),
  );
  if (names.length === 0) return undefined;
  context.edits.insert(loop.start, `${names.map((name) => `${name} = `).join('')}None\n${indentOf(loop, context)}`);
  return `The compiler wants what is read after a loop, or in its next round, defined before it: ${names.join(', ')}.`;
}

export function namesOutlasting(loop: Syntax, context: FileContext): string[] {
  const fn = enclosingFunction(loop)!;
  const scope = context.module.scopes.get(fn);
  if (!scope) return [];
  const found: string[] = [];
  for (const [name, bindings] of scope.names) {
    const inside = bindings.some(({ node }) => node.start >= loop.start && node.end <= loop.end);
    if (!inside || bindings.some(({ kind, node }) => kind === 'parameter' || (node.start < loop.start && !inOtherBranch(node, loop))))
      continue;
    const first = Math.min(...bindings.map(({ node }) => node.start));
    const reads = readsOf(name, fn, context);
    const carried = reads.some((start) => start >= loop.start && start < first);
    if (carried || reads.some((start) => start >= loop.end && !isGivenAnew(start, bindings, loop))) found.push(name);
  }
  return found;
}

/** Do two places stand in branches of one `if` of which only one is gone through, and no loop around it comes back? */
export function inOtherBranch(node: Syntax, statement: Syntax): boolean {
  for (let at = statement; at.parent && !LOOPS.has(at.parent.type) && at.parent.type !== 'function_definition'; at = at.parent) {
    const around = at.parent.type === 'if_statement' ? at.parent : undefined;
    if (around && node.start >= around.start && node.start < at.start)
      return at.field !== 'consequence' && around.children.some((one) => one !== at && one.field !== 'condition' && contains(one, node));
  }
  return false;
}

/** Has a name surely another value where it is read than the statement gave? One of another branch of an `if` around it is none. */
export function isGivenAnew(read: number, bindings: readonly Binding[], statement: Syntax): boolean {
  return bindings.some(({ node }) => {
    const giving = statementOf(node);
    const block = giving.parent;
    if (node.start < statement.end || node.start > read || !block) return false;
    // `n = n + 1` reads first.
    return block.start <= read && block.end > read && (giving.end <= read || giving.type === 'for_statement');
  });
}

export function readsOf(name: string, fn: Syntax, context: FileContext): number[] {
  return [...descendants(fn)]
    .filter((one) => one.type === 'identifier' && one.field !== 'attribute' && one.field !== 'name' && context.text(one) === name)
    .map((one) => one.start);
}

export function outerLoops(loop: Syntax): Syntax[] {
  const fn = enclosingFunction(loop);
  const outer = ancestor(loop, 'for_statement') ?? ancestor(loop, 'while_statement');
  return outer && enclosingFunction(outer) === fn ? [outer, ...outerLoops(outer)] : [];
}
