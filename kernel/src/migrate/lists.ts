/**
 * Taking from a list: MindSpore's graphs give a wrong gradient for `x = items.pop()` and refuse it inside an expression, so on the way of
 * a forward it becomes a look at the end and a shorter list.
 */
import type { FileContext } from './context.ts';
import { isOnTheWay } from './graph/compiling.ts';
import { enclosingFunction, lookUp, scopeAt } from './names.ts';
import { descendants, field, parts, type Syntax, statementOf } from './parse.ts';
import { alternatives } from './types.ts';

const SIMPLE = new Set(['expression_statement', 'return_statement']);
/** Where what stands inside may not be evaluated, or more than once. */
const CONDITIONAL = new Set(['conditional_expression', 'boolean_operator', 'lambda', 'list_comprehension', 'generator_expression']);

/** The list's name when a call is `name.pop()` or `name.pop(index)` of a list that belongs to the function. */
function poppedName(call: Syntax, context: FileContext): string | undefined {
  const callee = field(call, 'function')!;
  if (callee.type !== 'attribute' || context.text(field(callee, 'attribute')!) !== 'pop') return undefined;
  const object = field(callee, 'object')!;
  if (object.type !== 'identifier') return undefined;
  const types = alternatives(context.inference.typeOf(object));
  if (types.some((one) => one.kind !== 'sequence' && one.kind !== 'tuple')) return undefined;
  const given = parts(field(call, 'arguments')!);
  if (types.length === 0 && given.length) return undefined;
  // A list that the caller handed over is the caller's: it would not see the shorter one.
  const found = lookUp(context.text(object), scopeAt(object, context.module));
  if (found?.scope.kind !== 'function' || found.bindings.some((one) => one.kind === 'parameter')) return undefined;
  return context.text(object);
}

function mentions(statement: Syntax, name: string, context: FileContext): number {
  let count = 0;
  for (const one of descendants(statement))
    if (one.type === 'identifier' && one.field !== 'attribute' && context.text(one) === name) count++;
  return count;
}

/** `x = f(items.pop())` → `x = f(items[-1])`, then `items = items[:-1]`. */
export function listPop(call: Syntax, context: FileContext): void {
  const name = poppedName(call, context);
  const fn = enclosingFunction(call);
  if (!name || !fn || !isOnTheWay(fn, context.inference)) return;
  const statement = statementOf(call);
  if (!SIMPLE.has(statement.type)) return;
  for (let at = call.parent; at && at !== statement; at = at.parent) if (CONDITIONAL.has(at.type)) return;
  const pops = [...descendants(statement)].filter((one) => one.type === 'call' && poppedName(one, context) === name);
  const indices = pops.map((one) => parts(field(one, 'arguments')!).map(context.text)[0]);
  // The name elsewhere in the statement, or several pops from the front, would have to see each shorter list in turn.
  if (mentions(statement, name, context) !== pops.length || (pops.length > 1 && indices.some((one) => one !== undefined && one !== '-1')))
    return;
  const index = indices[0] ?? '-1';
  const item = pops.length > 1 || index === '-1' ? `${name}[-${pops.indexOf(call) + 1}]` : `${name}[${index}]`;
  const rest =
    pops.length > 1 || index === '-1'
      ? `${name}[:-${pops.length}]`
      : index === '0'
        ? `${name}[1:]`
        : `${name}[:${index}] + ${name}[${index} + 1:]`;
  const alone = statement.type === 'expression_statement' && parts(statement)[0] === call;
  context.use({
    node: call,
    api: 'list.pop',
    status: 'migrated',
    strategy: 'restructured',
    reason: "A graph's gradient does not follow pop: the item is read, and the list made shorter.",
  });
  if (alone) {
    context.edits.replace(call.start, call.end, `${name} = ${rest}`);
    return;
  }
  context.edits.replace(call.start, call.end, item);
  if (call !== pops.at(-1) || statement.type === 'return_statement') return;
  const line = context.module.source.lastIndexOf('\n', statement.start - 1) + 1;
  const before = context.module.source.slice(line, statement.start);
  context.edits.insert(statement.end, `${/^[ \t]*$/.test(before) ? `\n${before}` : '; '}${name} = ${rest}`);
}
