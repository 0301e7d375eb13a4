/** Names that a loop gives, and that code after it or its own next round reads: the compiler wants them defined before the loop, which Python does not. */
import type { FileContext } from '../context.ts';
import { indentOf } from '../layout.ts';
import { enclosingFunction } from '../names.ts';
import { ancestor, descendants, type Syntax } from '../parse.ts';

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
    if (!inside || bindings.some(({ kind, node }) => kind === 'parameter' || node.start < loop.start)) continue;
    const next = Math.min(...bindings.map(({ node }) => node.start).filter((start) => start >= loop.end));
    const first = Math.min(...bindings.map(({ node }) => node.start));
    const reads = readsOf(name, fn, context);
    const carried = reads.some((start) => start >= loop.start && start < first);
    if (carried || reads.some((start) => start >= loop.end && start < next)) found.push(name);
  }
  return found;
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
