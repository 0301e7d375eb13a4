/** Statements that the graph compiler refuses and that mean the same in another form; only in code that some module's forward reaches. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { enclosingFunction } from '../names.ts';
import { descendants, field, parts, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';
import { calledName, callsBuiltin, isMethod } from './asked.ts';
import { defineBeforeBranch } from './branch-names.ts';
import { addedToItem, grownList, putNoConstant, rolledList, turnedList } from './changed-lists.ts';
import { checkWrittenOut } from './checks.ts';
import { reachedByForward } from './compiling.ts';
import { loopsInOne, truthInComprehension } from './comprehensions.ts';
import {
  copiedContainer,
  dictionaryInOrder,
  joinedDictionaries,
  madeDictionary,
  mergedDictionary,
  sortedDictionary,
} from './dictionaries.ts';
import { defaultsOfInner } from './inner-defaults.ts';
import { askedByNumber, firstItem } from './iterators.ts';
import { lookupThatMayFail } from './lookups.ts';
import { elseOfLoop } from './loop-else.ts';
import { defineBeforeLoop } from './loop-names.ts';
import { moduleKept } from './made-modules.ts';
import { methodOfNumber } from './numpy-numbers.ts';

type Rewrite = (node: Syntax, context: FileContext) => string | undefined;

/** By syntax: each rewrites the node if it can, and says what it did. */
const REWRITES: Record<string, readonly Rewrite[]> = {
  delete_statement: [
    // `del x`: a name is forgotten; nothing frees memory under the compiler.
    (node, context) => {
      const names = parts(node).flatMap((one) => (one.type === 'expression_list' ? parts(one) : [one]));
      if (!names.every((one) => one.type === 'identifier')) return undefined;
      context.edits.replace(node.start, node.end, 'pass');
      return 'The compiler has no del; a name that is not read again needs none.';
    },
  ],
  set: [
    // `x in {1, 2}` → `x in (1, 2)`.
    (node, context) => {
      if (node.parent?.type !== 'comparison_operator' || !node.parent.children.some((one) => one.type === 'in' || one.type === 'not in'))
        return undefined;
      const items = parts(node);
      if (items.some((one) => one.type === 'list_splat')) return undefined;
      context.edits.replace(node.start, node.start + 1, '(');
      context.edits.replace(node.end - 1, node.end, items.length === 1 && context.text(node).at(-2) !== ',' ? ',)' : ')');
      return 'The compiler has no sets.';
    },
  ],
  assignment: [putNoConstant, moduleKept, askedByNumber],
  if_statement: [defineBeforeBranch],
  for_statement: [loop],
  while_statement: [loop],
  augmented_assignment: [addedToItem, joinedDictionaries],
  binary_operator: [joinedDictionaries],
  dictionary: [mergedDictionary],
  list_comprehension: [loopsInOne],
  generator_expression: [loopsInOne],
  if_clause: [truthInComprehension],
  try_statement: [lookupThatMayFail],
  function_definition: [defaultsOfInner],
  call: [
    rolledList,
    turnedList,
    grownList,
    methodOfNumber,
    firstItem,
    checkWrittenOut,
    copiedContainer,
    madeDictionary,
    sortedDictionary,
    dictionaryInOrder,
    // `sizes.sort()` → `sizes = sorted(sizes)`.
    (node, context) => {
      const callee = field(node, 'function')!;
      if (callee.type !== 'attribute' || context.text(field(callee, 'attribute')!) !== 'sort') return undefined;
      const object = field(callee, 'object')!;
      if (node.parent?.type !== 'expression_statement' || object.type !== 'identifier') return undefined;
      if (!alternatives(context.inference.typeOf(object)).some((one) => one.kind === 'sequence' || one.kind === 'tuple')) return undefined;
      if (alternatives(context.inference.typeOf(object)).some((one) => one.kind === 'tensor' || one.kind === 'unknown')) return undefined;
      const name = context.text(object);
      const given = argumentsOf(node, context.text).length > 0;
      const list = field(node, 'arguments')!;
      context.edits.replace(
        node.start,
        node.end,
        (inner) => `${name} = sorted(${name}${given ? `, ${inner(list.start + 1, list.end - 1)}` : ''})`,
      );
      return 'Under the compiler sort() changes a copy.';
    },
    // `OrderedDict()` → `{}`, which keeps the order as well.
    (node, context) => {
      if (argumentsOf(node, context.text).length) return undefined;
      if (calledName(node, context.inference) !== 'collections.OrderedDict') return undefined;
      context.edits.replace(node.start, node.end, '{}');
      return 'The compiler has plain dictionaries alone.';
    },
    // `reversed(range(n))` → `range(n)[::-1]`: within zip the compiler's reversed gives nothing, and the loop is left out without a word.
    (node, context) => {
      const range = callsBuiltin(node, 'reversed', context.inference) ? argumentsOf(node, context.text)[0]?.value : undefined;
      if (range?.type !== 'call' || !callsBuiltin(range, 'range', context.inference)) return undefined;
      context.edits.replace(node.start, node.end, (inner) => `${inner(range.start, range.end)}[::-1]`);
      return "Within zip the compiler's reversed gives nothing.";
    },
    // `dict(mean=m)` → `{"mean": m}`, and `stats.update(mean=m)` → `stats.update({"mean": m})`.
    (node, context) => {
      const callee = field(node, 'function')!;
      const made = callsBuiltin(node, 'dict', context.inference);
      if (!made && !isMethod(node, /^update$/, ['mapping'], context.inference)) return undefined;
      const list = field(node, 'arguments')!;
      const given = argumentsOf(node, context.text);
      if (given.length === 0 || list.type !== 'argument_list' || given.some((one) => !one.name || one.star)) return undefined;
      for (const { node: one, name, value } of given) context.edits.replace(one.start, value.start, `"${name}": `);
      context.edits.replace(made ? callee.start : list.start + 1, list.start + 1, '{');
      if (made) context.edits.replace(list.end - 1, list.end, '}');
      else context.edits.insert(list.end - 1, '}');
      return 'With keywords dict() runs as Python beside the graph, and gradients through it are lost; update() refuses them.';
    },
    // `itertools.product(a, b)` → `compat.product_of(a, b)`.
    (node, context) => {
      const list = LISTS[calledName(node, context.inference) ?? ''];
      if (!list) return undefined;
      const callee = field(node, 'function')!;
      context.edits.replace(callee.start, callee.end, context.reach(list));
      return "The compiler takes no iterator of Python's: a list says the same.";
    },
    // `slice(0, x.shape[-1])` → `compat.slice_of(0, x.shape[-1])`.
    (node, context) => {
      if (!callsBuiltin(node, 'slice', context.inference)) return undefined;
      const bounds = argumentsOf(node, context.text);
      const plain = ({ value }: { value: Syntax }) =>
        ![value, ...descendants(value)].some((one) => /^(attribute|call|subscript)$/.test(one.type));
      if (bounds.every(plain) || bounds.some((one) => one.star)) return undefined;
      const callee = field(node, 'function')!;
      context.edits.replace(callee.start, callee.end, context.reach('compat.slice_of'));
      return 'With a shape in it slice() runs as Python beside the graph, and the gradient of what it indexes is zero.';
    },
    // `zip(a, b, strict=True)` → `compat.zip_strictly(a, b)`.
    (node, context) => {
      if (!callsBuiltin(node, 'zip', context.inference)) return undefined;
      const given = argumentsOf(node, context.text);
      const strict = given.find((one) => one.name === 'strict');
      if (strict?.value.type !== 'true' || strict !== given.at(-1) || given.length < 2) return undefined;
      const last = given.at(-2)!.node;
      context.edits.replace(strict.node.start, strict.node.end, '');
      context.edits.replace(last.end, strict.node.start, '');
      const callee = field(node, 'function')!;
      context.edits.replace(callee.start, callee.end, context.reach('compat.zip_strictly'));
      return "The compiler's zip has no strict.";
    },
    // `reversed(tensors)` → `tensors[::-1]`: an iterator runs beside the graph, and loses gradients.
    (node, context) => {
      if (context.text(field(node, 'function')!) !== 'reversed') return undefined;
      const only = argumentsOf(node, context.text)[0]?.value;
      if (!only || !['identifier', 'attribute', 'list', 'subscript'].includes(only.type)) return undefined;
      const types = alternatives(context.inference.typeOf(only));
      const holds = (one: (typeof types)[number]) => (one.kind === 'tuple' ? one.items : one.kind === 'sequence' ? [one.of] : [undefined]);
      if (types.length === 0 || !types.every((one) => holds(one).some((item) => alternatives(item).some((kind) => kind.kind === 'tensor'))))
        return undefined;
      context.edits.replace(node.start, node.end, (inner) => `${inner(only.start, only.end)}[::-1]`);
      return 'An iterator runs as Python beside the graph, and gradients through it are lost.';
    },
    // `zip(a, reversed(b))` → `zip(a, compat.backwards(b))`, whatever b holds; a module list is no list to slice.
    (node, context) => {
      const outer = node.parent?.type === 'argument_list' ? node.parent.parent : undefined;
      if (outer?.type !== 'call' || !callsBuiltin(outer, 'zip', context.inference) || !callsBuiltin(node, 'reversed', context.inference))
        return undefined;
      const callee = field(node, 'function')!;
      context.edits.replace(callee.start, callee.end, context.reach('compat.backwards'));
      return "Within zip the compiler's reversed gives nothing.";
    },
  ],
};

const LISTS: Readonly<Record<string, string>> = {
  'itertools.product': 'compat.product_of',
  'itertools.chain': 'compat.chain_of',
  'itertools.combinations': 'compat.combinations_of',
};

function loop(node: Syntax, context: FileContext): string | undefined {
  return [elseOfLoop(node, context), defineBeforeLoop(node, context)].filter(Boolean).join(' ') || undefined;
}

/** To be called for every node before it is visited. */
export function restructureForGraph(node: Syntax, context: FileContext): void {
  const rewrites = REWRITES[node.type];
  if (!rewrites) return;
  const fn = enclosingFunction(node);
  if (fn?.type !== 'function_definition' || !reachedByForward(fn, context.inference)) return;
  for (const rewrite of rewrites) {
    const reason = rewrite(node, context);
    if (!reason) continue;
    context.handled.add(node);
    context.use({ node, api: 'torch.nn.Module.forward', status: 'migrated', strategy: 'restructured', reason });
    return;
  }
}
