/** What has to happen before a statement goes on a line of its own in front of it: graphs have no assignment expressions. */
import type { FileContext } from './context.ts';
import type { Inner } from './edit.ts';
import { isOnTheWay } from './graph/compiling.ts';
import { beginsItsLine, lineBefore } from './layout.ts';
import { enclosingFunction, lookUp, scopeAt } from './names.ts';
import { field, type Syntax, statementOf } from './parse.ts';

/** Statements of one line, in front of which others may run. */
export const SIMPLE = new Set(['expression_statement', 'return_statement', 'assert_statement']);
/** Where what stands inside may not be evaluated, or more than once. */
const CONDITIONAL = new Set([
  'conditional_expression',
  'boolean_operator',
  'lambda',
  'list_comprehension',
  'set_comprehension',
  'dictionary_comprehension',
  'generator_expression',
  'elif_clause',
  'while_statement',
]);

const waiting = new WeakMap<Syntax, ((inner: Inner) => string)[]>();

/** The statement in front of which a part of it may be evaluated, on the way of a forward. */
function hoistable(node: Syntax, context: FileContext): Syntax | undefined {
  const fn = enclosingFunction(node);
  if (!fn || !isOnTheWay(fn, context.inference)) return undefined;
  const statement = statementOf(node);
  for (let at = node.parent; at && at !== statement; at = at.parent) if (CONDITIONAL.has(at.type)) return undefined;
  const condition = statement.type === 'if_statement' ? field(statement, 'condition') : undefined;
  if (!SIMPLE.has(statement.type) && !(condition && condition.start <= node.start && condition.end >= node.end)) return undefined;
  return beginsItsLine(statement, context) ? statement : undefined;
}

/** Puts `name = value` in front of the statement that a node is in; false where that would change what is evaluated. */
export function hoist(node: Syntax, assignment: (inner: Inner) => string, context: FileContext): boolean {
  const statement = hoistable(node, context);
  return statement !== undefined && standsBefore(statement, assignment, context);
}

/** Puts a line in front of a statement that begins its own, after those of earlier calls. */
export function standsBefore(statement: Syntax, assignment: (inner: Inner) => string, context: FileContext): true {
  const known = waiting.get(statement);
  if (known) {
    known.push(assignment);
    return true;
  }
  const all = [assignment];
  waiting.set(statement, all);
  const indent = lineBefore(statement, context);
  context.edits.replace(statement.start, statement.start, (inner) => all.map((one) => `${one(inner)}\n${indent}`).join(''));
  return true;
}

/** `f(x.add_(y))` → `x = x.add(y)` on the line before, and `f(x)`; where nothing may stand before, `f(x := x.add(y))`. */
export function assignedInside(call: Syntax, name: string, context: FileContext): void {
  // A comprehension's own variable can't be assigned inside it, and is not read behind it.
  if (/comprehension$|^generator_expression$/.test(lookUp(name, scopeAt(call, context.module))?.scope.node.type ?? '')) return;
  namedBefore(call, name, (assignment) => hoist(call, assignment, context), context);
}

/** A name in the place of a value, and `name = value` where `put` puts it; `(name := value)` where it says that it can't. */
export function namedBefore(
  value: Syntax,
  name: string,
  put: (assignment: (inner: Inner) => string) => boolean,
  context: FileContext,
): void {
  // The value's own text is asked for once more, from where it goes.
  let moving = false;
  const moved = put((inner) => {
    moving = true;
    const text = inner(value.start, value.end);
    moving = false;
    return `${name} = ${text}`;
  });
  context.edits.replace(value.start, value.end, (inner) => {
    const text = inner(value.start, value.end);
    return moving ? text : moved ? name : `(${name} := ${text})`;
  });
}

/** `(n := value)` → `n`, and `n = value` on the line before. */
export function namedExpression(node: Syntax, context: FileContext): void {
  const name = field(node, 'name')!;
  const value = field(node, 'value')!;
  const done = hoist(node, (inner) => `${context.text(name)} = ${inner(value.start, value.end)}`, context);
  if (!done) return;
  const brackets = node.parent?.type === 'parenthesized_expression' ? node.parent : node;
  context.edits.replace(brackets.start, brackets.end, context.text(name));
  context.use({
    node,
    api: ':=',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Graphs have no assignment expressions: it is a statement of its own.',
  });
}

/** `first, *rest = value` → `unpacked = value`, then places and slices of it. */
export function starredAssignment(node: Syntax, context: FileContext): void {
  const left = field(node, 'left')!;
  const right = field(node, 'right');
  if (!right || (left.type !== 'pattern_list' && left.type !== 'tuple_pattern')) return;
  const items = left.children.filter((child) => child.named && child.type !== 'comment');
  const star = items.findIndex((one) => one.type === 'list_splat_pattern');
  if (star < 0 || items.some((one, at) => at !== star && one.type !== 'identifier' && one.type !== 'attribute')) return;
  const name = 'unpacked';
  if (context.taken.has(name) || !hoist(right, (inner) => `${name} = ${inner(right.start, right.end)}`, context)) return;
  const after = items.length - star - 1;
  const values = items.map((_, at) => {
    if (at < star) return `${name}[${at}]`;
    if (at === star) return `${name}[${star || ''}:${after ? -after : ''}]`;
    return `${name}[${at - items.length}]`;
  });
  // The whole assignment: an edit of the value itself comes later, and would lie outside.
  context.edits.replace(node.start, node.end, (inner) => {
    const names = items.map((one) => inner(one.start, one.end).replace(/^\*\s*/, ''));
    return `${names.join(', ')} = ${values.join(', ')}`;
  });
  context.use({
    node,
    api: '*=',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Graphs do not unpack the rest of a sequence: it is sliced.',
  });
}
