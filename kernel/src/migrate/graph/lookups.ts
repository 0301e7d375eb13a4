/** Lookups that may fail: `try: v = d[k]`, `except KeyError:`. The compiler has no try; what the lookup would find is asked before. */
import type { FileContext } from '../context.ts';
import { descendants, field, fields, parts, type Syntax } from '../parse.ts';

const ASKED = new Set(['identifier', 'attribute', 'string', 'integer', 'tuple', 'true', 'false', 'none']);

const isPlain = (node: Syntax) => [node, ...descendants(node)].every((one) => !['call', 'await', 'subscript', 'lambda'].includes(one.type));

/** `try: v = d[k]`, `except KeyError: …` → `if k in d: v = d[k]`, `else: …`; the same with an attribute and `hasattr`. */
export function lookupThatMayFail(node: Syntax, context: FileContext): string | undefined {
  const [body, handler, ...more] = parts(node);
  if (body?.type !== 'block' || handler?.type !== 'except_clause' || more.length || parts(body).length !== 1) return undefined;
  const caught = field(handler, 'value');
  if (!caught || field(handler, 'alias') || parts(handler).length !== 2) return undefined;
  const asked = question(readBy(parts(body)[0]!), context.text(caught), context);
  const [word, colon] = [node.children.find((one) => one.type === 'try'), handler.children.find((one) => one.type === ':')];
  if (!asked || !word || !colon) return undefined;
  context.edits.replace(word.start, word.end, (inner) => `if ${asked(inner)}`);
  context.edits.replace(handler.start, colon.start, 'else');
  return 'The compiler has no try: whether it is there is asked before.';
}

/** What the only statement reads: `v = d[k]`, `return d[k]`. */
function readBy(statement: Syntax): Syntax | undefined {
  const only = statement.type === 'expression_statement' ? parts(statement)[0] : statement;
  if (only?.type === 'assignment' && field(only, 'left')?.type === 'identifier') return field(only, 'right');
  return only?.type === 'return_statement' ? parts(only)[0] : undefined;
}

function question(
  value: Syntax | undefined,
  caught: string,
  context: FileContext,
): ((inner: (start: number, end: number) => string) => string) | undefined {
  if (!value || ![...descendants(value)].every((one) => one.type !== 'call')) return undefined;
  if (value.type === 'subscript' && caught === 'KeyError') {
    const [object, [key, ...others]] = [field(value, 'value')!, fields(value, 'subscript')];
    if (!key || others.length || !ASKED.has(key.type) || !isPlain(object)) return undefined;
    return (inner) => `${inner(key.start, key.end)} in ${inner(object.start, object.end)}`;
  }
  if (value.type === 'attribute' && caught === 'AttributeError') {
    const [object, attribute] = [field(value, 'object')!, field(value, 'attribute')!];
    if (object.type !== 'identifier') return undefined;
    return (inner) => `hasattr(${inner(object.start, object.end)}, "${context.text(attribute)}")`;
  }
  return undefined;
}
