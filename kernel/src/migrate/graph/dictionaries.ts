/** Dictionaries made of others: `{**a, "k": v}`, `dict(a, k=v)`, `a | b`, `a.copy()`, `dict(zip(names, tensors))`. The compiler refuses them, or loses gradients. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { field, parts, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';
import { callsBuiltin, isMethod } from './asked.ts';

const is = (kind: 'mapping' | 'sequence', node: Syntax, context: FileContext) => {
  const types = alternatives(context.inference.typeOf(node)).filter((one) => one.kind !== 'none');
  return types.length > 0 && types.every((one) => one.kind === kind);
};

/** `{**stats, "mean": m}` → `compat.merged(stats, {"mean": m})`. */
export function mergedDictionary(node: Syntax, context: FileContext): string | undefined {
  const items = parts(node);
  if (!items.some((one) => one.type === 'dictionary_splat')) return undefined;
  items.forEach((one, at) => {
    if (one.type === 'dictionary_splat') context.edits.replace(one.start, parts(one)[0]!.start, '');
    if (one.type !== 'pair') return;
    if (items[at - 1]?.type !== 'pair') context.edits.insert(one.start, '{');
    if (items[at + 1]?.type !== 'pair') context.edits.insert(one.end, '}');
  });
  context.edits.replace(node.start, node.start + 1, `${context.reach('compat.merged')}(`);
  context.edits.replace(node.end - 1, node.end, ')');
  return 'The compiler takes no ** in a dictionary.';
}

/** `a | b` → `compat.merged(a, b)`; `a |= b` → `a = compat.merged(a, b)`. */
export function joinedDictionaries(node: Syntax, context: FileContext): string | undefined {
  const [left, right, operator] = [field(node, 'left')!, field(node, 'right')!, context.text(field(node, 'operator')!)];
  if (!/^\|=?$/.test(operator) || !is('mapping', left, context) || !is('mapping', right, context)) return undefined;
  if (operator === '|=' && left.type !== 'identifier') return undefined;
  const merged = context.reach('compat.merged');
  context.edits.replace(node.start, node.end, (inner) => {
    const joined = `${merged}(${inner(left.start, left.end)}, ${inner(right.start, right.end)})`;
    return operator === '|=' ? `${context.text(left)} = ${joined}` : joined;
  });
  return 'The compiler joins no dictionaries by |.';
}

/** `items.copy()` → `list(items)`, `compat.merged(items)`. */
export function copiedContainer(node: Syntax, context: FileContext): string | undefined {
  if (argumentsOf(node, context.text).length || !isMethod(node, /^copy$/, ['mapping', 'sequence'], context.inference)) return undefined;
  const object = field(field(node, 'function')!, 'object')!;
  const copy = is('mapping', object, context) ? context.reach('compat.merged') : is('sequence', object, context) ? 'list' : undefined;
  if (!copy) return undefined;
  context.edits.replace(node.start, node.end, (inner) => `${copy}(${inner(object.start, object.end)})`);
  return 'The compiler copies no list or dictionary by copy().';
}

/** `dict(stats)`, `dict(stats, mean=m)` → `compat.merged(stats, {"mean": m})`; `dict(zip(a, b))` → `compat.dictionary_of(zip(a, b))`. */
export function madeDictionary(node: Syntax, context: FileContext): string | undefined {
  const [first, ...named] = argumentsOf(node, context.text);
  if (!first || first.name || first.star || named.some((one) => !one.name || one.star) || !callsBuiltin(node, 'dict', context.inference))
    return undefined;
  const pairs = is('sequence', first.value, context);
  if (!pairs && !is('mapping', first.value, context)) return undefined;
  const reached = pairs ? context.reach('compat.dictionary_of') : '';
  const merged = !pairs || named.length ? context.reach('compat.merged') : '';
  context.edits.replace(node.start, node.end, (inner) => {
    const own = inner(first.value.start, first.value.end);
    const made = pairs ? `${reached}(${first.value.type === 'generator_expression' ? `[${own.slice(1, -1)}]` : own})` : own;
    const entries = named.map((one) => `"${one.name}": ${inner(one.value.start, one.value.end)}`).join(', ');
    return merged ? `${merged}(${made}${entries ? `, {${entries}}` : ''})` : made;
  });
  return 'dict() runs as Python beside the graph, and gradients through it are lost.';
}

/** `sorted(named)`, `sorted(named.items())` → `compat.sorted_keys(named)`, `compat.sorted_items(named)`. */
export function sortedDictionary(node: Syntax, context: FileContext): string | undefined {
  const [first, ...more] = argumentsOf(node, context.text);
  if (!first || first.name || first.star || more.some((one) => one.name !== 'reverse') || !callsBuiltin(node, 'sorted', context.inference))
    return undefined;
  const call = first.value.type === 'call' && isMethod(first.value, /^(keys|items)$/, ['mapping'], context.inference);
  const callee = call ? field(first.value, 'function')! : undefined;
  const named = callee ? field(callee, 'object')! : first.value;
  if (!is('mapping', named, context)) return undefined;
  const items = callee && context.text(field(callee, 'attribute')!) === 'items';
  const reached = context.reach(items ? 'compat.sorted_items' : 'compat.sorted_keys');
  context.edits.replace(node.start, node.end, (inner) => {
    const rest = more.map(({ value }) => `, ${inner(value.start, value.end)}`).join('');
    return `${reached}(${inner(named.start, named.end)}${rest})`;
  });
  return 'What a graph sorts it knows no more, and gradients of what is looked up by it are lost.';
}

/** `enumerate(named)`, `zip(named, …)` → `enumerate(list(named))`. */
export function dictionaryInOrder(node: Syntax, context: FileContext): string | undefined {
  if (!callsBuiltin(node, 'enumerate', context.inference) && !callsBuiltin(node, 'zip', context.inference)) return undefined;
  const named = argumentsOf(node, context.text).filter((one) => !one.name && !one.star && is('mapping', one.value, context));
  for (const { value } of named) context.edits.replace(value.start, value.end, (inner) => `list(${inner(value.start, value.end)})`);
  return named.length ? 'The compiler goes through a dictionary by itself alone.' : undefined;
}
