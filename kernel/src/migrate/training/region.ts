/**
 * The forward part of a training loop: the statements from the first that depends on the model to the last that makes the loss,
 * found backwards from where the loss is differentiated.
 */
import type { FileContext } from '../context.ts';
import { resolve } from '../names.ts';
import { ancestor, bare, field, parts, type Syntax } from '../parse.ts';
import { keyOf, ownNodes, read, readFirst, surelyBound, type Text, written } from './effects.ts';

export interface Region {
  /** The block (or module) that holds the statements. */
  block: Syntax;
  statements: Syntax[];
  /** Statements before an optimiser's step that have to be computed again inside, since their gradient is wanted as well. */
  again: Syntax[];
}

export type Found = { region: Region } | { fault: string; remedy: string };

/** Calls of these give data, whatever they are called on. */
const DATA_METHODS =
  /^(to|cuda|cpu|float|double|half|long|int|bool|type|size|dim|numel|view|reshape|permute|transpose|contiguous|squeeze|unsqueeze|flatten|repeat|expand|clone|detach|numpy|item|tolist|pin_memory|keys|values|items|get|split|append|pop|next|fill_|zero_|astype|mean|sum|max|min|time|format|join)$/;
/** Modules whose functions know of no model. */
const PLAIN = /^(builtins|numpy|scipy|math|time|datetime|random|os|sys|json|itertools|functools|copy|collections|tqdm|logging|wandb)\b/;
/** What these give has no gradient. */
const NO_GRADIENT = /^(item|detach|tolist|numpy|size|keys|dim|numel)$/;

/** Scopes and statements between which a loss can't be followed. */
const STOPS = new Set(['function_definition', 'class_definition', 'lambda', 'for_statement', 'while_statement']);
const BLOCKS = new Set(['block', 'module']);

/** Statement and block, from the innermost outwards, within one function and one turn of a loop. */
function levels(node: Syntax): { block: Syntax; at: number }[] {
  const found: { block: Syntax; at: number }[] = [];
  for (let at: Syntax = node; at.parent; at = at.parent) {
    if (BLOCKS.has(at.parent.type)) found.push({ block: at.parent, at: parts(at.parent).indexOf(at) });
    if (STOPS.has(at.parent.type)) break;
  }
  return found;
}

/** Keys whose values may depend on a model, computed in order over a function's statements. */
export function activeKeys(fn: Syntax, context: FileContext): Set<string> {
  const active = new Set<string>();
  // Twice, since loops carry values round.
  for (let round = 0; round < 2; round++) {
    for (const node of ownNodes(fn)) {
      const value =
        node.type === 'assignment' || node.type === 'augmented_assignment'
          ? field(node, 'right')
          : node.type === 'named_expression'
            ? field(node, 'value')
            : undefined;
      const target = field(node, 'left') ?? field(node, 'name');
      if (value && target && isActive(value, active, context)) for (const key of written(node, context.text)) active.add(key);
    }
  }
  return active;
}

/** May an expression's value depend on a model's parameters? */
function isActive(value: Syntax, active: ReadonlySet<string>, context: FileContext): boolean {
  const one = bare(value);
  if (one.type === 'lambda') return false;
  if (one.type === 'call') {
    const callee = field(one, 'function')!;
    const name = callee.type === 'attribute' ? context.text(field(callee, 'attribute')!) : context.text(callee);
    if (callee.type === 'attribute' && NO_GRADIENT.test(name)) return false;
    if (mayBeModel(callee, context)) return true;
    if (callee.type === 'attribute' && isActive(field(callee, 'object')!, active, context)) return true;
    return isActive(field(one, 'arguments')!, active, context);
  }
  const key = keyOf(one, context.text);
  if (key !== undefined) return active.has(key) || [...active].some((other) => key.startsWith(`${other}.`));
  return one.children.some((child) => isActive(child, active, context));
}

function mayBeModel(callee: Syntax, context: FileContext): boolean {
  const entity = resolve(callee, context.module, context.inference.project)?.entity;
  if (entity?.kind === 'class' || entity?.kind === 'module') return false;
  if (entity?.kind === 'external') return !context.inference.project.table!.covers(entity.name) && !PLAIN.test(entity.name);
  if (callee.type === 'attribute') return !DATA_METHODS.test(context.text(field(callee, 'attribute')!));
  return callee.type === 'identifier' || callee.type === 'subscript' || callee.type === 'call';
}

/**
 * The region that makes the keys, before the statement that `use` is in. With `inclusive` the statement itself belongs to it: the
 * loss is an expression there.
 */
export function findRegion(use: Syntax, keys: ReadonlySet<string>, inclusive: boolean, context: FileContext): Found | undefined {
  const { text } = context;
  const fn = ancestor(use, 'function_definition') ?? context.module.root;
  const active = activeKeys(fn, context);
  const steps = levels(use);
  for (const [depth, level] of steps.entries()) {
    const statements = parts(level.block);
    const slice = sliceOf(statements, level.at, keys, active, text);
    if (inclusive) {
      slice.last = level.at;
      if (slice.first < 0) slice.first = level.at;
    }
    if (slice.last < 0) continue;
    const above = steps.slice(depth + 1).some((outer) =>
      parts(outer.block)
        .slice(0, outer.at)
        .some((one) => [...written(one, text)].some((key) => slice.needed.has(key) && active.has(key) && !slice.bound.has(key))),
    );
    if (above)
      return {
        fault: 'The model is called in an outer block, the loss is computed and differentiated in an inner one.',
        remedy:
          'Move the call of the model, the loss and loss.backward() into one block, or write them as a function for mindspore.value_and_grad.',
      };
    return within(statements, slice, level.block, context);
  }
  return undefined;
}

interface Slice {
  first: number;
  last: number;
  /** The active statements that the loss depends on. */
  members: number[];
  needed: Set<string>;
  bound: Set<string>;
}

function sliceOf(statements: readonly Syntax[], end: number, keys: ReadonlySet<string>, active: ReadonlySet<string>, text: Text): Slice {
  const needed = new Set(keys);
  const bound = new Set<string>();
  const slice: Slice = { first: -1, last: -1, members: [], needed, bound };
  let earliest = -1;
  for (let at = end - 1; at >= 0; at--) {
    const one = statements[at]!;
    const writes = [...written(one, text)].filter(
      (key) => needed.has(key) || [...needed].some((other) => other.startsWith(`${key}.`) && key !== 'self'),
    );
    if (writes.length === 0) continue;
    if (slice.last < 0 && writes.some((key) => keys.has(key))) slice.last = at;
    if (slice.last < 0 && ![...keys].some((key) => writes.includes(key))) continue;
    earliest = at;
    const reads = readAsData(one, text);
    // What is surely bound anew here does not come from further above.
    const anew = [...surelyBound([one], text), ...attributesBound(one, text)];
    for (const key of anew) if (!read(one, text).has(key) || !readFirst(key, [one], text)) needed.delete(key);
    if (!writes.some((key) => active.has(key))) continue;
    slice.first = at;
    slice.members.unshift(at);
    for (const key of writes) bound.add(key);
    for (const key of reads) if (!anew.includes(key) || readFirst(key, [one], text)) needed.add(key);
  }
  // A loss of tensors alone, without a model that is called.
  if (slice.first < 0) slice.first = earliest;
  return slice;
}

/** `self.x = …`, not in a branch. */
function attributesBound(statement: Syntax, text: Text): string[] {
  const one = statement.type === 'expression_statement' ? parts(statement)[0] : undefined;
  const left = one?.type === 'assignment' ? field(one, 'left') : undefined;
  const key = left?.type === 'attribute' ? keyOf(left, text) : undefined;
  return key && !read(field(one!, 'right') ?? statement, text).has(key) ? [key] : [];
}

/** What a statement reads with its gradient: names that it merely calls are left out, and what is detached. */
function readAsData(statement: Syntax, text: Text): Set<string> {
  const found = new Set<string>();
  const visit = (node: Syntax): void => {
    if (node.type === 'call') {
      const callee = field(node, 'function')!;
      const detached = callee.type === 'attribute' && NO_GRADIENT.test(text(field(callee, 'attribute')!));
      if (!detached && keyOf(callee, text) === undefined) visit(callee);
      else if (!detached && callee.type === 'attribute') visit(field(callee, 'object')!);
      visit(field(node, 'arguments')!);
      return;
    }
    if (node.type === 'identifier' || node.type === 'attribute') for (const key of read(node, text)) found.add(key);
    if (node.type === 'keyword_argument') visit(field(node, 'value')!);
    else if (node.type !== 'identifier' && node.type !== 'attribute') node.children.forEach(visit);
  };
  visit(statement);
  return found;
}

/** An optimiser's step, or another backward: what comes before it is another turn of training. */
function isBoundary(statement: Syntax, text: Text): boolean {
  for (const node of [statement, ...ownNodes(statement)]) {
    if (node.type !== 'call') continue;
    const callee = field(node, 'function')!;
    if (callee.type !== 'attribute') continue;
    const name = text(field(callee, 'attribute')!);
    if (name === 'backward' || (name === 'step' && !/sched/i.test(text(field(callee, 'object')!)))) return true;
  }
  return false;
}

function within(statements: readonly Syntax[], slice: Slice, block: Syntax, context: FileContext): Found {
  const { text } = context;
  let { first } = slice;
  let boundary = -1;
  for (let at = first; at <= slice.last; at++) if (at < slice.last && isBoundary(statements[at]!, text)) boundary = at;
  const again: Syntax[] = [];
  if (boundary >= 0) {
    for (const at of slice.members) {
      if (at > boundary) continue;
      const one = statements[at]!;
      if (isBoundary(one, text) || one.type !== 'expression_statement' || parts(one)[0]?.type !== 'assignment')
        return {
          fault: 'What the loss depends on is computed before another backward or step.',
          remedy: 'Compute it anew before this loss, or add the losses and call backward once.',
        };
      again.push(one);
    }
    first = slice.members.find((at) => at > boundary) ?? slice.last;
  }
  const chosen = statements.slice(first, slice.last + 1);
  const refused = escapes(chosen, text);
  if (refused) return { fault: refused, remedy: 'Write the forward part as a function that returns the loss, and call it here.' };
  const lineStart = (node: Syntax) => context.module.source.slice(context.module.source.lastIndexOf('\n', node.start - 1) + 1, node.start);
  const end = chosen.at(-1)!;
  const rest = context.module.source.slice(end.end).split('\n', 1)[0]!;
  if (!/^\s*$/.test(lineStart(chosen[0]!)) || !/^\s*(#.*)?$/.test(rest))
    return { fault: 'Several statements of the loop share a line.', remedy: 'Give each statement a line of its own.' };
  return { region: { block, statements: chosen, again } };
}

/** Why statements can't move into a function. */
function escapes(statements: readonly Syntax[], text: Text): string | undefined {
  for (const statement of statements) {
    for (const node of [statement, ...ownNodes(statement)]) {
      if (node.type === 'return_statement') return 'The forward part returns from the function in the middle.';
      if (node.type === 'yield' || node.type === 'await') return 'The forward part yields or awaits.';
      if (node.type === 'call' && text(field(node, 'function')!) === 'super') return 'The forward part calls super().';
      if (node.type === 'import_from_statement' && node.children.some((one) => one.type === 'wildcard_import'))
        return 'The forward part imports everything of a module.';
      if (node.type !== 'break_statement' && node.type !== 'continue_statement') continue;
      let inside = false;
      for (let at = node.parent; at && at !== statement.parent; at = at.parent)
        if (at.type === 'for_statement' || at.type === 'while_statement') inside = true;
      if (!inside) return `The forward part leaves the loop with ${text(node)}.`;
    }
  }
  return undefined;
}
