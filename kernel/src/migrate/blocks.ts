/**
 * `with` blocks on the way of a forward. MindSpore's compiler takes contexts of its own kind alone, so `torch.no_grad()`, profiling ranges
 * and `nullcontext()` become one that does nothing; what a no_grad block binds is detached where the block ends, in both modes.
 */
import { decoratorsOf } from './classes.ts';
import type { FileContext } from './context.ts';
import { isOnTheWay } from './graph/compiling.ts';
import { indentOf } from './layout.ts';
import { enclosingFunction, lookUp, resolve, scopeAt } from './names.ts';
import { bare, descendants, field, parts, type Syntax } from './parse.ts';
import { alternatives } from './types.ts';

const NO_GRADIENT = /^torch\.(autograd\.(grad_mode\.)?)?(no_grad|inference_mode)$/;
const SWITCH = /^torch\.(autograd\.(grad_mode\.)?)?set_grad_enabled$/;
const AUTOCAST = /^torch\.(cuda\.amp\.|amp\.(autocast_mode\.)?|cpu\.amp\.)?autocast$/;
const PLAIN =
  /^(contextlib\.nullcontext|torch\.(autograd\.)?profiler\.record_function|torch\.cuda\.nvtx\.range|torch\.autograd\.(set_detect_anomaly|detect_anomaly)|torch\.enable_grad|torch\.autograd\.enable_grad|torch\.nn\.attention\.sdpa_kernel|torch\.backends\.cuda\.sdp_kernel)$/;

/** The API that a context's call names, and whether its last argument or `enabled` is the literal False. */
function contextApi(node: Syntax, context: FileContext): { api: string; off: boolean } | undefined {
  const call = node.type === 'as_pattern' ? parts(node)[0]! : node;
  const named = resolve(call.type === 'call' ? field(call, 'function')! : call, context.module, context.inference.project)?.entity;
  if (named?.kind !== 'external') return undefined;
  const given = call.type === 'call' ? parts(field(call, 'arguments')!) : [];
  const off = given.some((one) =>
    one.type === 'keyword_argument'
      ? context.text(field(one, 'name')!) === 'enabled' && field(one, 'value')!.type === 'false'
      : one.type === 'false',
  );
  return { api: named.name, off };
}

export function withBlock(node: Syntax, context: FileContext): void {
  const fn = enclosingFunction(node);
  if (!fn || !isOnTheWay(fn, context.inference)) return;
  for (const item of descendants(node.children.find((child) => child.type === 'with_clause')!)) {
    if (item.type !== 'with_item') continue;
    const value = parts(item)[0]!;
    for (const one of choices(value, context)) {
      const found = contextApi(one, context);
      if (!found) continue;
      const { api, off } = found;
      // What a block with a condition binds would have to be detached under that condition.
      const detaches = one === value && (NO_GRADIENT.test(api) || (SWITCH.test(api) && off));
      const call = one.type === 'as_pattern' ? parts(one)[0]! : one;
      if (context.handled.has(nameOf(call)) || isRead(api, call, value)) continue;
      if (!detaches && !PLAIN.test(api) && !(AUTOCAST.test(api) && off)) continue;
      context.handled.add(nameOf(call));
      context.edits.replace(call.start, call.end, `${context.reach('compat.plain_block')}()`);
      context.use({
        node: call,
        api,
        status: 'migrated',
        strategy: 'restructured',
        reason: detaches
          ? 'What the block binds is detached where it ends: graphs compile that too.'
          : 'Has no meaning on MindSpore: a block that graphs compile stands in its place.',
      });
      if (detaches) detachBlock(node, fn, context);
    }
  }
}

const nameOf = (call: Syntax) => (call.type === 'call' ? field(call, 'function')! : call);

/** The contexts that a block may have: both branches of a condition, what its function gives a local name. */
function choices(node: Syntax, context: FileContext): Syntax[] {
  const value = bare(node);
  if (value.type === 'conditional_expression') {
    const [one, , other] = parts(value);
    return [...choices(one!, context), ...choices(other!, context)];
  }
  if (value.type !== 'identifier') return [value];
  const found = lookUp(context.text(value), scopeAt(value, context.module));
  return (found?.bindings ?? []).flatMap((one) =>
    one.kind === 'value' && one.path.length === 0 && one.value && enclosingFunction(one.node) === enclosingFunction(node)
      ? choices(one.value, context)
      : [],
  );
}

/** `nullcontext(file) as f` gives what it was made with. */
function isRead(api: string, call: Syntax, value: Syntax): boolean {
  return value.type === 'as_pattern' && /nullcontext$/.test(api) && call.type === 'call' && parts(field(call, 'arguments')!).length > 0;
}

/** Anything that is surely no tensor needs no detaching. */
function mayHoldTensors(node: Syntax, context: FileContext): boolean {
  const types = alternatives(context.inference.typeOf(node));
  return (
    types.length === 0 ||
    types.some((one) => !['number', 'text', 'none', 'dtype', 'other', 'callable', 'layer', 'instance', 'array'].includes(one.kind))
  );
}

function detachBlock(node: Syntax, fn: Syntax, context: FileContext): void {
  const body = node.children.find((child) => child.field === 'body')!;
  const names = new Set<string>();
  for (const one of descendants(body)) {
    if (enclosingFunction(one) !== fn) continue;
    if (one.type === 'return_statement') detachReturn(one, context);
    else if (one.type === 'assignment' || one.type === 'augmented_assignment')
      for (const name of targets(field(one, 'left')!)) {
        if (mayHoldTensors(name, context)) names.add(context.text(name));
      }
  }
  const indent = indentOf(parts(body)[0]!, context);
  const detached = [...names].filter((name) => readOutside(name, node, fn, context));
  if (detached.length === 0) return;
  const reached = context.reach('compat.detached');
  context.edits.insert(body.end, detached.map((name) => `\n${indent}${name} = ${reached}(${name})`).join(''));
}

function targets(left: Syntax): Syntax[] {
  if (left.type === 'identifier') return [left];
  if (left.type === 'attribute' || left.type === 'subscript') return [];
  return parts(left).flatMap(targets);
}

function readOutside(name: string, block: Syntax, fn: Syntax, context: FileContext): boolean {
  for (const one of descendants(field(fn, 'body')!))
    if (
      one.type === 'identifier' &&
      (one.start < block.start || one.end > block.end) &&
      one.field !== 'attribute' &&
      context.text(one) === name
    )
      return true;
  return false;
}

function detachReturn(node: Syntax, context: FileContext): void {
  const value = parts(node)[0];
  if (!value || value.type === 'none') return;
  const reached = context.reach('compat.detached');
  const brackets = value.type === 'expression_list';
  // The whole statement: an edit of the value itself comes later, and would lie outside.
  context.edits.replace(node.start, node.end, (inner) => {
    const text = inner(value.start, value.end);
    return `return ${reached}(${brackets ? `(${text})` : text})`;
  });
}

/** `@torch.no_grad()` on a function that a forward calls: the decorator goes, what it returns is detached. */
export function undecorated(fn: Syntax, context: FileContext): void {
  if (!isOnTheWay(fn, context.inference)) return;
  for (const decorator of decoratorsOf(fn)) {
    const found = contextApi(parts(decorator)[0]!, context);
    if (!found || !NO_GRADIENT.test(found.api)) continue;
    const next = decorator.parent!.children[decorator.parent!.children.indexOf(decorator) + 1]!;
    context.handled.add(parts(decorator)[0]!);
    for (const one of descendants(decorator)) context.handled.add(one);
    context.edits.replace(decorator.start, next.start, '');
    context.use({
      node: decorator,
      api: found.api,
      status: 'migrated',
      strategy: 'restructured',
      reason: 'What the function returns is detached: graphs compile that too.',
    });
    for (const one of descendants(field(fn, 'body')!))
      if (one.type === 'return_statement' && enclosingFunction(one) === fn) detachReturn(one, context);
  }
}
