/** Comprehensions that the compiler refuses or reads otherwise than Python. */
import type { FileContext } from '../context.ts';
import type { Inner } from '../edit.ts';
import { bare, field, parts, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';

const TESTS = new Set(['comparison_operator', 'not_operator', 'boolean_operator', 'true', 'false']);

/** `[… for i in sizes if i]` → `if bool(i)`: the compiler keeps what is equal to True. */
export function truthInComprehension(node: Syntax, context: FileContext): string | undefined {
  const [condition, ...more] = parts(node);
  if (!condition || more.length || TESTS.has(bare(condition).type)) return undefined;
  const types = alternatives(context.inference.typeOf(condition));
  if (!types.length || !types.every((one) => ['number', 'text', 'none', 'sequence', 'tuple'].includes(one.kind))) return undefined;
  context.edits.replace(condition.start, condition.end, (inner) => `bool(${inner(condition.start, condition.end)})`);
  return 'In a comprehension the compiler takes a number for its truth only where it is 1.';
}

/** `[y for level in levels for y in level]`: one `for` is all that it takes; a list is made of each round of the outer one, and all are joined. */
export function loopsInOne(node: Syntax, context: FileContext): string | undefined {
  const body = field(node, 'body');
  const clauses = parts(node).filter((one) => one !== body);
  const loops = clauses.filter((one) => one.type === 'for_in_clause');
  if (!body || loops.length < 2 || !clauses.every((one) => one.type === 'for_in_clause' || one.type === 'if_clause')) return undefined;
  const joined = context.reach('compat.chain_of');
  const of = (from: number, inner: Inner): string => {
    const next = clauses.findIndex((one, at) => at > from && one.type === 'for_in_clause');
    const end = next < 0 ? clauses.length : next;
    const item = next < 0 ? inner(body.start, body.end) : of(next, inner);
    const text = `[${item} ${clauses
      .slice(from, end)
      .map((one) => inner(one.start, one.end))
      .join(' ')}]`;
    return next < 0 ? text : `${joined}(*${text})`;
  };
  // A generator that is a call's only argument has the call's brackets.
  const own = node.type === 'generator_expression' && node.parent?.type === 'call' ? ['(', ')'] : ['', ''];
  context.edits.replace(node.start, node.end, (inner) => `${own[0]}${of(0, inner)}${own[1]}`);
  return 'The compiler takes one for in a comprehension.';
}
