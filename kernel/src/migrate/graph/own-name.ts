/**
 * A method that calls a function of its module by the method's own name (`def scaled(self, x): return scaled(x, 2)`). The graph compiler takes a function's
 * own name for the function itself wherever it stands in it, so the other one gets a second name.
 */
import { ownerOf } from '../classes.ts';
import type { FileContext } from '../context.ts';
import { enclosingFunction, lookUp, resolve, scopeAt } from '../names.ts';
import { field, type Syntax, statementOf } from '../parse.ts';
import { isOnTheWay } from './compiling.ts';

const named = new WeakMap<FileContext, Set<string>>();

export function ownNameCalled(call: Syntax, context: FileContext): void {
  const callee = field(call, 'function')!;
  const method = enclosingFunction(call);
  if (callee.type !== 'identifier' || method?.type !== 'function_definition' || !ownerOf(method)) return;
  const name = context.text(callee);
  if (name !== context.text(field(method, 'name')!) || !isOnTheWay(method, context.inference)) return;
  const entity = resolve(callee, context.module, context.inference.project)?.entity;
  const found = lookUp(name, scopeAt(callee, context.module));
  if (entity?.kind !== 'function' || found?.scope.kind !== 'module') return;
  const other = `${name}_of_module`;
  const last = statementOf(found.bindings.at(-1)!.node);
  if (context.taken.has(other) || last.parent?.type !== 'module') return;
  context.handled.add(callee);
  context.edits.replace(callee.start, callee.end, other);
  context.use({
    node: callee,
    api: name,
    status: 'migrated',
    strategy: 'restructured',
    reason: "The compiler takes a method's own name for the method: the function has a second name.",
  });
  const known = named.get(context) ?? new Set();
  named.set(context, known);
  if (known.has(name)) return;
  known.add(name);
  context.edits.insert(last.end, `\n\n\n${other} = ${name}`);
}
