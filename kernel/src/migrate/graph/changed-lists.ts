/**
 * Lists that are changed: `s.extend(tensors)`, `s.insert(0, x)`, `s.reverse()`, `s.insert(0, s.pop())`, `s[0] += x`, `s[-1] = slice(None, n)`,
 * `s[0] = None`. The compiler
 * does most of it to a list of Python's own beside the graph, and gradients through it are zero, without a word. A new list is as good where it is the
 * function's own.
 */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { enclosingFunction, lookUp, scopeAt } from '../names.ts';
import { descendants, field, fields, parts, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';
import { putsNone } from './asked.ts';

/** Surely a list (or tuple) that was made here: `[…]`, `[… for …]`, `list(…)`, `[…] * n`, `[…] + more`, what a function gives. */
function isFresh(value: Syntax, context: FileContext): boolean {
  if (value.type === 'conditional_expression')
    return parts(value).every((one, at) => at === 1 || one.type === 'none' || isFresh(one, context));
  if (value.type === 'binary_operator') return ['left', 'right'].some((side) => isFresh(field(value, side)!, context));
  if (value.type === 'call') {
    const types = alternatives(context.inference.typeOf(value));
    const list = types.length > 0 && types.every((one) => one.kind === 'sequence');
    return list || /^(list|tuple|sorted)$/.test(context.text(field(value, 'function')!));
  }
  return value.type === 'list' || value.type === 'list_comprehension';
}

/** A list by its name (until it is made a tuple), if this function has made it and nobody else knows it. */
function ownList(node: Syntax, context: FileContext): string | undefined {
  if (node.type !== 'identifier') return undefined;
  const name = context.text(node);
  const found = lookUp(name, scopeAt(node, context.module));
  const fn = enclosingFunction(node);
  if (!fn || found?.scope.node !== fn) return undefined;
  const own = found.bindings.every((one) => one.kind === 'value' && one.path.length === 0 && (!one.value || isFresh(one.value, context)));
  if (!own || !found.bindings.some((one) => one.kind === 'value' && one.value)) return undefined;
  for (const one of descendants(fn))
    if (one.type === 'assignment' && field(one, 'right')?.type === 'identifier' && context.text(field(one, 'right')!) === name)
      return undefined;
  return name;
}

function makesSlice(value: Syntax, context: FileContext): boolean {
  for (const one of [value, ...descendants(value)])
    if (one.type === 'call' && context.text(field(one, 'function')!) === 'slice' && !lookUp('slice', scopeAt(one, context.module)))
      return true;
  return false;
}

/** `s[i] = slice(…)`, `s[i] = None` → `s = compat.with_item(s, i, …)`. */
export function putNoConstant(node: Syntax, context: FileContext): string | undefined {
  const [left, right] = [field(node, 'left')!, field(node, 'right')];
  if (left.type !== 'subscript' || !right || right.type === 'assignment') return undefined;
  const slice = makesSlice(right, context);
  if (!slice && !putsNone(node, context.inference)) return undefined;
  const [object, index, ...more] = parts(left);
  const name = object && ownList(object, context);
  if (!name || !index || more.length || ['slice', 'tuple'].includes(index.type)) return undefined;
  const set = context.reach('compat.with_item');
  context.edits.replace(
    node.start,
    node.end,
    (inner) => `${name} = ${set}(${name}, ${inner(index.start, index.end)}, ${inner(right.start, right.end)})`,
  );
  return `A list that ${slice ? 'a slice' : 'None'} is put into is no constant to the compiler, and gradients are lost.`;
}

/** `s.insert(i, x)` → `s = s[:i] + [x] + s[i:]`; `s.extend(several)` → `s = s + list(several)`. */
export function grownList(node: Syntax, context: FileContext): string | undefined {
  const inserts = calledOnOwnList(node, 'insert', context);
  const name = inserts ?? calledOnOwnList(node, 'extend', context);
  const given = argumentsOf(node, context.text);
  if (!name || given.length !== (inserts ? 2 : 1) || given.some((one) => one.name || one.star)) return undefined;
  // `s.extend(s.pop() for …)`: what the list is depends on when it is asked.
  for (const one of descendants(field(node, 'arguments')!))
    if (one.type === 'identifier' && one.field === 'object' && one.parent?.type === 'attribute' && context.text(one) === name)
      return undefined;
  const more = given[0]!.value;
  context.edits.replace(node.start, node.end, (inner) => {
    const [first, second] = given.map((one) => inner(one.value.start, one.value.end));
    if (inserts) return `${name} = ${inserted(name, first!, second!)}`;
    if (more.type === 'list' || more.type === 'list_comprehension') return `${name} = ${name} + ${first}`;
    return `${name} = ${name} + ${more.type === 'generator_expression' ? `[${inner(more.start + 1, more.end - 1)}]` : `list(${first})`}`;
  });
  return 'The compiler grows a list of its own beside the graph, and gradients through it are lost.';
}

/** An index that gives the same when it is asked twice. */
const isPlainIndex = (index: Syntax) =>
  ![index, ...descendants(index)].some((one) => /^(call|await|named_expression|slice)$/.test(one.type));

/** `s[i] += x` → `s[i] = s[i] + x`. */
export function addedToItem(node: Syntax, context: FileContext): string | undefined {
  const [left, right] = [field(node, 'left')!, field(node, 'right')!];
  if (left.type !== 'subscript') return undefined;
  const types = alternatives(context.inference.typeOf(field(left, 'value')!));
  if (!types.length || !types.every((one) => one.kind === 'sequence' || one.kind === 'mapping')) return undefined;
  const [index, ...more] = fields(left, 'subscript');
  if (!index || more.length || !isPlainIndex(index)) return undefined;
  const sign = context.text(field(node, 'operator')!).slice(0, -1);
  const whole = ['identifier', 'attribute', 'call', 'subscript', 'integer', 'float', 'parenthesized_expression'].includes(right.type);
  context.edits.replace(node.start, node.end, (inner) => {
    const [item, value] = [inner(left.start, left.end), inner(right.start, right.end)];
    return `${item} = ${item} ${sign} ${whole ? value : `(${value})`}`;
  });
  return 'The compiler leaves an item of a list as it is where it is added to in place.';
}

const inserted = (list: string, at: string, item: string) =>
  at === '0' ? `[${item}] + ${list}` : `${list}[:${at}] + [${item}] + ${list}[${at}:]`;

/** `s.reverse()` → `s = s[::-1]`. */
export function turnedList(node: Syntax, context: FileContext): string | undefined {
  const name = calledOnOwnList(node, 'reverse', context);
  if (!name || argumentsOf(node, context.text).length) return undefined;
  context.edits.replace(node.start, node.end, `${name} = ${name}[::-1]`);
  return 'The compiler turns no list around in place.';
}

/** `s.insert(0, s.pop())` → `s = [s[-1]] + s[:-1]`; `s.append(s.pop(0))` → `s = s[1:] + [s[0]]`. */
export function rolledList(node: Syntax, context: FileContext): string | undefined {
  const inserts = calledOnOwnList(node, 'insert', context);
  const name = inserts ?? calledOnOwnList(node, 'append', context);
  const given = argumentsOf(node, context.text);
  const pop = given.at(-1)?.value;
  if (!name || given.length !== (inserts ? 2 : 1) || given.some((one) => one.name || one.star) || pop?.type !== 'call') return undefined;
  if (context.text(field(pop, 'function')!) !== `${name}.pop`) return undefined;
  const [from = '-1', ...more] = argumentsOf(pop, context.text).map((one) => context.text(one.value));
  const at = inserts && context.text(given[0]!.value);
  if (more.length || !/^(-1|\d+|[a-z]\w*)$/i.test(from) || (at && !/^-?\d+$/.test(at))) return undefined;
  const rest = { '-1': `${name}[:-1]`, '0': `${name}[1:]` }[from] ?? `(${name}[:${from}] + ${name}[${from} + 1:])`;
  const item = `${name}[${from}]`;
  context.edits.replace(node.start, node.end, `${name} = ${at ? inserted(rest, at, item) : `${rest} + [${item}]`}`);
  return 'The compiler moves no item of a list in place.';
}

/** The own list that a statement calls a method of. */
function calledOnOwnList(node: Syntax, method: string, context: FileContext): string | undefined {
  const callee = field(node, 'function')!;
  if (callee.type !== 'attribute' || node.parent?.type !== 'expression_statement') return undefined;
  return context.text(field(callee, 'attribute')!) === method ? ownList(field(callee, 'object')!, context) : undefined;
}
