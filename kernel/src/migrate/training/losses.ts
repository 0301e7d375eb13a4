/** Where losses are differentiated: `loss.backward()`, what it is called on, and functions that do it with a loss that they are given. */
import { argumentsOf } from '../calls.ts';
import { enclosingClass, ownerOf } from '../classes.ts';
import type { FileContext } from '../context.ts';
import type { Inference } from '../infer.ts';
import type { SourceModule } from '../modules.ts';
import { parametersOf, resolve } from '../names.ts';
import { ancestor, bare, descendants, field, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';
import { boundHere, keyOf, ownNodes, rebound } from './effects.ts';

/** What is differentiated, seen from `loss.backward()`. */
export interface Loss {
  /** The expression that holds the loss: a name, an attribute, an item. */
  node: Syntax;
  key: string;
  /** Python text of a factor, where the loss is scaled on the way: `(loss / n).backward()`. */
  factor?: { operator: '*' | '/'; node: Syntax };
}

/** A name, attribute or item that is a loss by itself, perhaps scaled; undefined for an expression that has to be computed. */
export function lossOf(receiver: Syntax, context: FileContext): Loss | undefined {
  const { text } = context;
  const one = bare(receiver);
  const key = keyOf(one, text);
  if (key) return { node: one, key };
  if (one.type === 'subscript') {
    const base = keyOf(field(one, 'value')!, text);
    return base ? { node: one, key: base } : undefined;
  }
  if (one.type === 'call') {
    // scaler.scale(loss)
    const callee = field(one, 'function')!;
    const given = argumentsOf(one, text);
    if (callee.type === 'attribute' && text(field(callee, 'attribute')!) === 'scale' && given.length === 1)
      return lossOf(given[0]!.value, context);
    return undefined;
  }
  if (one.type === 'binary_operator') {
    const operator = text(field(one, 'operator')!);
    const left = field(one, 'left')!;
    const right = field(one, 'right')!;
    const isNumber = (node: Syntax) =>
      alternatives(context.inference.typeOf(node)).every((type) => type.kind === 'number') && context.inference.typeOf(node) !== undefined;
    const looksLikeLoss = (node: Syntax) => /loss|err|cost|objective/i.test(text(node));
    if ((operator === '/' || operator === '*') && keyOf(left, text) && (isNumber(right) || (looksLikeLoss(left) && !looksLikeLoss(right))))
      return { node: bare(left), key: keyOf(left, text)!, factor: { operator, node: right } };
    if (operator === '*' && keyOf(right, text) && (isNumber(left) || (looksLikeLoss(right) && !looksLikeLoss(left))))
      return { node: bare(right), key: keyOf(right, text)!, factor: { operator, node: left } };
  }
  return undefined;
}

/** Calls of `.backward(…)` on what may be a loss, in the order of the text. */
export function backwardCalls(module: SourceModule, inference: Inference): Syntax[] {
  if (!module.source.includes('.backward(')) return [];
  const found: Syntax[] = [];
  for (const node of descendants(module.root)) {
    if (node.type !== 'call') continue;
    const callee = field(node, 'function')!;
    if (callee.type !== 'attribute' || inference.text(field(callee, 'attribute')!) !== 'backward') continue;
    const object = field(callee, 'object')!;
    const entity = resolve(callee, module, inference.project)?.entity;
    if (entity && entity.kind !== 'local') continue;
    if (/^(self|cls)$/.test(inference.text(object)) || inference.text(object).startsWith('super(')) continue;
    const types = alternatives(inference.typeOf(object));
    if (types.some((type) => type.kind === 'instance' && inference.classes.method(type.of, 'backward'))) continue;
    // `Accelerator.backward(loss)` and the like are methods of a library that is not MindSpore's.
    const given = argumentsOf(node, inference.text);
    if (given.length > 0 && given.every((one) => one.name === undefined) && /accelerator|fabric|engine/i.test(inference.text(object)))
      continue;
    found.push(node);
  }
  return found;
}

const known = new WeakMap<Inference, Map<Syntax, string>>();

/** Functions that differentiate a loss that they are given: the function, and its parameter's name. */
export function sinks(inference: Inference, contextOf: (module: SourceModule) => FileContext): Map<Syntax, string> {
  const before = known.get(inference);
  if (before) return before;
  const found = new Map<Syntax, string>();
  known.set(inference, found);
  for (const module of inference.project.modules.values()) {
    for (const call of backwardCalls(module, inference)) {
      const loss = lossOf(field(field(call, 'function')!, 'object')!, contextOf(module));
      if (loss) addSink(call, loss.key, inference, found);
    }
  }
  // Functions that hand their own parameter on to one of these.
  for (let round = 0; round < 3 && found.size; round++) {
    const size = found.size;
    for (const module of inference.project.modules.values())
      for (const { call, loss } of sinkCalls(module, inference, found)) {
        const key = keyOf(loss, inference.text);
        if (key) addSink(call, key, inference, found);
      }
    if (found.size === size) break;
  }
  return found;
}

/** The enclosing function is a sink where the loss is its parameter, and nothing in it gives that name another value by calling something. */
function addSink(call: Syntax, key: string, inference: Inference, found: Map<Syntax, string>): void {
  const fn = ancestor(call, 'function_definition');
  if (!fn || !parametersOf(fn).some((one) => one.name && inference.text(one.name) === key)) return;
  if (!rebound(field(fn, 'body')!, inference.text).has(key)) found.set(fn, key);
}

/** Calls of functions that differentiate a loss, with the argument that is the loss. */
export function* sinkCalls(
  module: SourceModule,
  inference: Inference,
  found: ReadonlyMap<Syntax, string>,
): Generator<{ call: Syntax; loss: Syntax; certain: boolean }> {
  if (found.size === 0 || !/loss|err/i.test(module.source)) return;
  const { text } = inference;
  for (const node of descendants(module.root)) {
    if (node.type !== 'call') continue;
    const given = argumentsOf(node, text);
    if (!given.some((one) => /loss|err|objective/i.test(text(one.value)))) continue;
    const callee = field(node, 'function')!;
    const target = calledFunction(callee, module, inference);
    const parameter = target && found.get(target);
    if (target && parameter) {
      const names = parametersOf(target)
        .slice(ownerOf(target) ? 1 : 0)
        .flatMap((one) => (one.name ? [text(one.name)] : []));
      const loss = given.find((one) => one.name === parameter) ?? given.filter((one) => !one.name)[names.indexOf(parameter)];
      if (loss) yield { call: node, loss: loss.value, certain: true };
    } else if (!target && /scaler$/i.test(text(callee)) && given[0] && !given[0].name && /loss/i.test(text(given[0].value))) {
      // What it is was not found out; a scaler that is called with a loss differentiates it.
      if ([...found.keys()].some((fn) => text(field(fn, 'name')!) === '__call__'))
        yield { call: node, loss: given[0].value, certain: false };
    }
  }
}

function calledFunction(callee: Syntax, module: SourceModule, inference: Inference): Syntax | undefined {
  const entity = resolve(callee, module, inference.project)?.entity;
  if (entity?.kind === 'function') return entity.node;
  if (callee.type === 'attribute' && /^(self|cls)$/.test(inference.text(field(callee, 'object')!))) {
    const owner = enclosingClass(callee);
    const method = owner && inference.classes.method(owner, inference.text(field(callee, 'attribute')!));
    if (method) return method;
  }
  for (const type of alternatives(inference.typeOf(callee))) {
    if (type.kind === 'callable' && type.entity.kind === 'function' && type.entity.node.type === 'function_definition')
      return type.entity.node;
    if (type.kind === 'instance') return inference.classes.method(type.of, '__call__');
  }
  if (callee.type === 'attribute')
    for (const type of alternatives(inference.typeOf(field(callee, 'object')!)))
      if (type.kind === 'instance') return inference.classes.method(type.of, inference.text(field(callee, 'attribute')!));
  return undefined;
}

/** The optimisers that a function steps (or else empties), as they are written there. */
export function optimisersIn(fn: Syntax, before: Syntax, context: FileContext): string[] {
  const { text, inference } = context;
  const stepped = new Set<string>();
  const emptied = new Set<string>();
  const loopVariables = new Set<string>();
  for (const node of ownNodes(fn)) if (node.type === 'for_statement') for (const name of boundHere(node, text)) loopVariables.add(name);
  const add = (node: Syntax, to: Set<string>) => {
    const key = keyOf(node, text);
    if (key && !loopVariables.has(key) && isOptimiser(node, key)) to.add(key);
  };
  const isOptimiser = (node: Syntax, key: string): boolean => {
    const types = alternatives(inference.typeOf(node)).filter((type) => type.kind !== 'none' && type.kind !== 'unknown');
    if (
      types.some(
        (type) => type.kind === 'layer' && /^torch\.optim\.(\w+\.)?[A-Z]\w*$/.test(type.name) && !type.name.includes('lr_scheduler'),
      )
    )
      return true;
    if (
      types.some(
        (type) =>
          type.kind === 'instance' &&
          inference.classes
            .externalBases(type.of)
            .some((name) => /^torch\.optim\.(optimizer\.)?Optimizer$|^torch\.optim\.[A-Z]\w+$/.test(name)),
      )
    )
      return true;
    return types.length === 0 && /(^|[._])(optim\w*|opt|opt_\w+|\w+_opt)$|optimi[sz]er/i.test(key) && !/sched/i.test(key);
  };
  for (const node of ownNodes(fn)) {
    if (node.type !== 'call') continue;
    const callee = field(node, 'function')!;
    const given = argumentsOf(node, text);
    if (callee.type === 'attribute') {
      const name = text(field(callee, 'attribute')!);
      const object = field(callee, 'object')!;
      if (name === 'step') add(object, stepped);
      else if (name === 'zero_grad') add(object, emptied);
    }
    // scaler.step(optimizer), loss_scaler(loss, optimizer, …)
    for (const one of given)
      if (keyOf(one.value, text))
        add(one.value, callee.type === 'attribute' && text(field(callee, 'attribute')!) === 'step' ? stepped : emptied);
  }
  const found = stepped.size ? stepped : emptied;
  return [...found].filter((key) => isBoundThere(key.split('.')[0]!, fn, before, context));
}

/** Is a name there when the statement runs: a parameter, of an outer scope, or bound above? */
function isBoundThere(name: string, fn: Syntax, before: Syntax, context: FileContext): boolean {
  const { text } = context;
  if (parametersOf(fn).some((one) => one.name && text(one.name) === name)) return true;
  if (!rebound(fn.type === 'module' ? fn : field(fn, 'body')!, text).has(name)) return true;
  for (const node of ownNodes(fn))
    if (node.type === 'assignment' && node.start < before.start && rebound(node, text).has(name)) return true;
  return false;
}
