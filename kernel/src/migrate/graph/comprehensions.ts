/** `[y for level in levels for y in level]`: the compiler takes one `for` in a comprehension, so a list is made of each round of the outer one, and all are joined. */
import type { FileContext } from '../context.ts';
import type { Inner } from '../edit.ts';
import { field, parts, type Syntax } from '../parse.ts';

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
