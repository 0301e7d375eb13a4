/** Names that a loop gives and code after it reads: the compiler wants them defined before the loop, which Python does not. */
import type { FileContext } from '../context.ts';
import { enclosingFunction } from '../names.ts';
import { ancestor, descendants, type Syntax } from '../parse.ts';

/** Defines such names before the loop; says so, or answers undefined where there is none. */
export function defineBeforeLoop(loop: Syntax, context: FileContext): string | undefined {
  const names = namesReadAfter(loop, context).filter(
    (name) => !outerLoops(loop).some((outer) => namesReadAfter(outer, context).includes(name)),
  );
  if (names.length === 0) return undefined;
  const indent = /[ \t]*$/.exec(context.module.source.slice(0, loop.start))![0];
  context.edits.insert(loop.start, `${names.map((name) => `${name} = `).join('')}None\n${indent}`);
  return `The compiler wants what is read after a loop defined before it: ${names.join(', ')}.`;
}

function namesReadAfter(loop: Syntax, context: FileContext): string[] {
  const fn = enclosingFunction(loop)!;
  const scope = context.module.scopes.get(fn);
  if (!scope) return [];
  const found: string[] = [];
  for (const [name, bindings] of scope.names) {
    const inside = bindings.some(({ node }) => node.start >= loop.start && node.end <= loop.end);
    if (!inside || bindings.some(({ kind, node }) => kind === 'parameter' || node.start < loop.start)) continue;
    const next = Math.min(...bindings.map(({ node }) => node.start).filter((start) => start >= loop.end));
    if (readsOf(name, fn, context).some((start) => start >= loop.end && start < next)) found.push(name);
  }
  return found;
}

function readsOf(name: string, fn: Syntax, context: FileContext): number[] {
  return [...descendants(fn)]
    .filter((one) => one.type === 'identifier' && one.field !== 'attribute' && one.field !== 'name' && context.text(one) === name)
    .map((one) => one.start);
}

function outerLoops(loop: Syntax): Syntax[] {
  const fn = enclosingFunction(loop);
  const outer = ancestor(loop, 'for_statement') ?? ancestor(loop, 'while_statement');
  return outer && enclosingFunction(outer) === fn ? [outer, ...outerLoops(outer)] : [];
}
