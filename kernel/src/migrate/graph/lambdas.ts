/** `self.acts = {"relu": lambda x: …}`: the compiler reads the source line of a function that is called, and takes a lambda only where it is a statement's whole value. */
import { ownerOf } from '../classes.ts';
import type { FileContext } from '../context.ts';
import { namedBefore, SIMPLE, standsBefore } from '../hoist.ts';
import { beginsItsLine } from '../layout.ts';
import { enclosingFunction } from '../names.ts';
import { field, type Syntax, statementOf } from '../parse.ts';

const CONTAINERS = new Set(['dictionary', 'list', 'tuple', 'pair']);
const PASSED = new Set([...CONTAINERS, 'assignment', 'parenthesized_expression', 'expression_list', 'subscript']);

/** Gives a lambda in a container that a module's `__init__` keeps a name on a line of its own. */
export function keptLambda(lambda: Syntax, context: FileContext): void {
  const fn = enclosingFunction(lambda);
  const owner = fn?.type === 'function_definition' ? ownerOf(fn) : undefined;
  if (!owner || context.text(field(fn!, 'name')!) !== '__init__' || !context.inference.classes.isModule(owner)) return;
  if (!lambda.parent || !CONTAINERS.has(lambda.parent.type)) return;
  const statement = statementOf(lambda);
  if (!SIMPLE.has(statement.type) || !beginsItsLine(statement, context)) return;
  for (let at: Syntax | undefined = lambda.parent; at && at !== statement; at = at.parent) if (!PASSED.has(at.type)) return;
  const name = nameFor(lambda.parent, context);
  namedBefore(lambda, name, (assignment) => standsBefore(statement, assignment, context), context);
  context.use({
    node: lambda,
    api: 'lambda',
    status: 'migrated',
    strategy: 'restructured',
    reason: "MindSpore's graphs find the source of a lambda only on a line of its own.",
  });
}

/** After its key, where it has one that can be a name. */
function nameFor(holder: Syntax, context: FileContext): string {
  const key = holder.type === 'pair' ? /^["'](\w+)["']$/.exec(context.text(field(holder, 'key')!))?.[1] : undefined;
  const stem = key ? `${key.replace(/^(?=\d)/, '_')}_function` : 'function';
  for (let number = 1; ; number++) {
    const name = number === 1 ? stem : `${stem}_${number}`;
    if (context.taken.has(name)) continue;
    context.taken.add(name);
    return name;
  }
}
