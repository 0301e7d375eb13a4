/**
 * Views: `x[0]`, `x.T`, `x.view(-1)` share the memory of `x` in PyTorch, so that what is written into them is written into `x`. MindSpore's are
 * copies: what is written is put back into the tensor that the view is of.
 */
import { argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import type { Inner } from './edit.ts';
import { reaching } from './flow.ts';
import { lookUp, resolve, scopeAt } from './names.ts';
import { bare, field, fields, parts, type Syntax } from './parse.ts';
import { alternatives, isSurelyTensor } from './types.ts';

/** How what a step gives is put back into what the step was taken from. */
type PutBack =
  /** The step has all its elements, in their order. */
  | 'shape'
  /** It is the same tensor. */
  | 'same'
  /** The step is an index. */
  | 'index'
  /** Its elements' places are found by taking the step from the places of the whole. */
  | 'places';

/** Methods, which are functions of `torch` as well. */
const CALLS = new Map<string, PutBack>([
  ...steps('shape', 'view reshape flatten ravel squeeze unsqueeze unflatten view_as reshape_as squeeze_ unsqueeze_'),
  ...steps('places', 'transpose swapaxes swapdims permute movedim moveaxis t narrow select diagonal unfold'),
  ...steps('same', 'detach'),
]);
const ATTRIBUTES = new Map<string, PutBack>([...steps('places', 'T mT'), ...steps('same', 'data')]);

function steps(back: PutBack, names: string): [string, PutBack][] {
  return names.split(' ').map((name) => [name, back]);
}

/** Views of which a call gives several. */
const PARTS = new Set(['chunk', 'split', 'unbind', 'tensor_split', 'hsplit', 'vsplit', 'dsplit']);

export interface Step {
  /** The expression that the step gives, and the one that it is taken from. */
  node: Syntax;
  from: Syntax;
  back: PutBack;
}

/** A view with the tensor that it is of. */
export interface View {
  root: Syntax;
  /** The root's first. */
  steps: Step[];
  /** The whole expression. */
  last: Syntax;
}

/** Can it stand left of `=`? */
export function isPlace({ type }: Syntax): boolean {
  return type === 'identifier' || type === 'attribute' || type === 'subscript';
}

/** The view that an expression is of something that can be written; undefined where it is none. */
export function viewOf(expression: Syntax, context: FileContext): View | undefined {
  const steps: Step[] = [];
  let at = bare(expression);
  for (let step = stepOf(at, context); step; step = stepOf(at, context)) {
    steps.unshift(step);
    at = bare(step.from);
  }
  return steps.length > 0 && isPlace(at) ? { root: at, steps, last: bare(expression) } : undefined;
}

/** `first, second = x.chunk(2)`: the parts are views of x. */
export function partsOf(call: Syntax, context: FileContext): View | undefined {
  const given = call.type === 'call' ? calledOn(call, context) : undefined;
  if (!given || !PARTS.has(given.name)) return undefined;
  const below = viewOf(given.object, context) ?? { root: bare(given.object), steps: [] };
  if (!isPlace(below.root)) return undefined;
  return { root: below.root, steps: [...below.steps, { node: call, from: given.object, back: 'places' }], last: call };
}

function stepOf(node: Syntax, context: FileContext, depth = 0): Step | undefined {
  if (node.type === 'subscript') {
    const from = field(node, 'value')!;
    return isKnownTensor(from, context) && isBasic(node, context) ? { node, from, back: 'index' } : undefined;
  }
  if (node.type === 'attribute') {
    const from = field(node, 'object')!;
    const back = ATTRIBUTES.get(context.text(field(node, 'attribute')!));
    return back && isKnownTensor(from, context) ? { node, from, back } : undefined;
  }
  if (node.type !== 'call') return undefined;
  const given = calledOn(node, context);
  const back = given && CALLS.get(given.name);
  if (!back || (COPIES_OF_STRIDED.has(given.name) && isStrided(given.object, context, depth + 1))) return undefined;
  return { node, from: given.object, back };
}

/** These are copies where the memory of their tensor does not go on in one piece. */
const COPIES_OF_STRIDED = new Set(['reshape', 'flatten', 'ravel', 'reshape_as']);

/** May the elements of an expression lie apart in memory? Yes where that is not known after some steps. */
function isStrided(expression: Syntax, context: FileContext, depth = 0): boolean {
  const node = bare(expression);
  if (depth > 5) return true;
  if (node.type === 'identifier') {
    const found = lookUp(context.text(node), scopeAt(node, context.module))?.bindings ?? [];
    return reaching(found, node, true).some((one) => one.kind === 'value' && one.value && isStrided(one.value, context, depth + 1));
  }
  const step = stepOf(node, context, depth);
  if (!step) return node.type === 'call' && PARTS.has(calledOn(node, context)?.name ?? '');
  if (step.back === 'places') return true;
  if (step.back === 'index' && !isLeading(node)) return true;
  return isStrided(step.from, context, depth + 1);
}

/** `x[0]`, `x[2:]`: a piece of the memory. */
function isLeading(node: Syntax): boolean {
  const [only, ...others] = fields(node, 'subscript');
  if (!only || others.length > 0 || only.type === 'tuple') return false;
  return only.type !== 'slice' || only.children.filter((one) => one.type === ':').length < 2;
}

/** `x.view(-1)` and `torch.transpose(x, 0, 1)`: the name, and the tensor that it is called on. */
function calledOn(call: Syntax, context: FileContext): { name: string; object: Syntax } | undefined {
  const callee = field(call, 'function')!;
  const named = resolve(callee, context.module, context.inference.project)?.entity;
  if (named?.kind === 'external') {
    const name = /^torch\.(\w+)$/.exec(named.name)?.[1];
    const [first] = argumentsOf(call, context.text);
    return name && first && !first.star && !first.name ? { name, object: first.value } : undefined;
  }
  if (callee.type !== 'attribute') return undefined;
  const object = field(callee, 'object')!;
  return isKnownTensor(object, context) ? { name: context.text(field(callee, 'attribute')!), object } : undefined;
}

export function isKnownTensor(node: Syntax, context: FileContext): boolean {
  return isSurelyTensor(context.inference.typeOf(node));
}

/** What stands between the commas of an index: `x[i, j]` is parsed as two subscripts, `x[(i, j)]` as a tuple. */
export function placesOf(index: readonly Syntax[]): Syntax[] {
  return index.flatMap((one) => (one.type === 'tuple' || one.type === 'expression_list' ? parts(one) : [one]));
}

/** Integers, slices, None and ... pick a view; masks and lists of places pick a copy. */
function isBasic(node: Syntax, context: FileContext): boolean {
  return placesOf(fields(node, 'subscript')).every((one) => {
    if (one.type === 'slice' || one.type === 'ellipsis' || one.type === 'none') return true;
    const types = alternatives(context.inference.typeOf(one));
    // `x[flag]` with a truth value is a mask; they are rare, and numbers too here.
    return (
      one.type !== 'true' &&
      one.type !== 'false' &&
      types.length > 0 &&
      types.every((type) => type.kind === 'number' || type.kind === 'none')
    );
  });
}

/** Is the step no more than another name of the same tensor? */
export function isSame(view: View): boolean {
  return view.steps.every((step) => step.back === 'same');
}

/** Which steps are being taken from the places of their tensors while they are written out. */
const placing = new WeakMap<FileContext, Set<Syntax>>();

/**
 * Makes ready to put values back: where a step is taken from the places of a tensor, what it is taken from is written `compat.places(x)` then.
 * Answers the text of the root's new value, given the text of the view's.
 */
export function puttingBack(view: View, context: FileContext, part?: number): (value: string, inner: Inner) => string {
  const active = placing.get(context) ?? new Set<Syntax>();
  placing.set(context, active);
  const names = { places: '', put: '', set: '' };
  for (const { from, back } of view.steps) {
    if (back === 'index') names.set = context.reach('compat.set_item');
    if (back !== 'places') continue;
    names.places = context.reach('compat.places');
    names.put = context.reach('compat.put_back');
    context.edits.replace(from.start, from.end, (inner) => {
      const text = inner(from.start, from.end);
      return active.delete(from) ? `${names.places}(${text})` : text;
    });
  }
  return (value, inner) => {
    let text = value;
    let atom = /^[\w.]+$/.test(value) || isCall(value);
    for (const [at, { node, from, back }] of [...view.steps.entries()].reverse()) {
      if (back === 'same') continue;
      const whole = inner(from.start, from.end);
      if (back === 'shape') text = `${atom ? text : `(${text})`}.reshape(${whole}.shape)`;
      else if (back === 'index') text = `${names.set}(${whole}, ${indexText(fields(node, 'subscript'), inner, context)}, ${text})`;
      else {
        active.add(from);
        const places = inner(node.start, node.end) + (part !== undefined && at === view.steps.length - 1 ? `[${part}]` : '');
        active.delete(from);
        text = `${names.put}(${whole}, ${places}, ${text})`;
      }
      atom = true;
    }
    return text;
  };
}

/** Is the text one call, to its very end? */
function isCall(text: string): boolean {
  const open = /^[\w.]+\(/.exec(text)?.[0].length;
  if (!open) return false;
  let depth = 1;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at === text.length - 1;
  }
  return false;
}

/** An index as an expression: `:, a:b, ...` → `(slice(None), slice(a, b), ...)`. */
export function indexText(index: Syntax[], inner: Inner, context: FileContext): string {
  const one = (node: Syntax): string => {
    if (node.type !== 'slice') return inner(node.start, node.end);
    const bounds: string[] = ['None'];
    for (const child of node.children) {
      if (child.type === ':') bounds.push('None');
      else if (child.type !== 'comment') bounds[bounds.length - 1] = inner(child.start, child.end);
    }
    if (bounds.every((bound) => bound === 'None')) return 'slice(None)';
    // With more than names and numbers in it the compiler runs slice() beside the graph, and the gradient of what it indexes is zero.
    const made = bounds.some((bound) => /[.([]/.test(bound)) ? context.reach('compat.slice_of') : 'slice';
    return `${made}(${(bounds.length === 2 && bounds[0] === 'None' ? bounds.slice(1) : bounds).join(', ')})`;
  };
  const items = placesOf(index);
  const single =
    index.length === 1 &&
    index[0]!.type !== 'tuple' &&
    !/,\s*\]$/.test(context.module.source.slice(index[0]!.start, index[0]!.parent!.end));
  return single ? one(index[0]!) : `(${items.map(one).join(', ')}${items.length === 1 ? ',' : ''})`;
}
