/** `self.acts = {"relu": lambda x: …}`: the compiler reads the source line of a function that is called, and takes a lambda only where it is a statement's whole value. */
import { ownerOf } from '../classes.ts';
import type { FileContext } from '../context.ts';
import { namedBefore, SIMPLE, standsBefore } from '../hoist.ts';
import { beginsItsLine } from '../layout.ts';
import { enclosingFunction } from '../names.ts';
import { descendants, field, parts, type Syntax, statementOf } from '../parse.ts';

const CONTAINERS = new Set(['dictionary', 'list', 'tuple', 'pair', 'conditional_expression', 'list_comprehension']);
const PASSED = new Set([...CONTAINERS, 'assignment', 'parenthesized_expression', 'expression_list', 'subscript']);

/** Gives a lambda in a container, or of two to choose from, that a module's `__init__` keeps a name on a line of its own. */
export function keptLambda(lambda: Syntax, context: FileContext): void {
  const fn = enclosingFunction(lambda);
  const owner = fn?.type === 'function_definition' ? ownerOf(fn) : undefined;
  if (!owner || context.text(field(fn!, 'name')!) !== '__init__' || !context.inference.classes.isModule(owner)) return;
  if (!lambda.parent || !CONTAINERS.has(lambda.parent.type)) return;
  const statement = statementOf(lambda);
  if (!SIMPLE.has(statement.type) || !beginsItsLine(statement, context)) return;
  for (let at: Syntax | undefined = lambda.parent; at && at !== statement; at = at.parent)
    if (!PASSED.has(at.type) || seesRound(lambda, at, context)) return;
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

/** Does it see a variable of the comprehension that it is made in? */
function seesRound(lambda: Syntax, around: Syntax, context: FileContext): boolean {
  if (around.type !== 'list_comprehension') return false;
  const seen = new Set(descendants(lambda).map((one) => context.text(one)));
  const given = parts(around).flatMap((one) => (one.type === 'for_in_clause' ? [field(one, 'left')!] : []));
  return given.flatMap((one) => [one, ...descendants(one)]).some((one) => one.type === 'identifier' && seen.has(context.text(one)));
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
