/** What MindSpore's graph compiler can't take and may be done while it compiles: functions of shapes and numbers that catch or raise. */
import { decoratorsOf, ownerOf } from '../classes.ts';
import type { FileContext } from '../context.ts';
import type { Inference } from '../infer.ts';
import { enclosingFunction, parametersOf, resolve } from '../names.ts';
import { descendants, field, parts, type Syntax } from '../parse.ts';
import { alternatives, elementOf, type Type } from '../types.ts';

/** Is it surely made of numbers and texts alone? */
export function isConstant(type: Type | undefined, depth = 0): boolean {
  const all = alternatives(type);
  return (
    all.length > 0 &&
    depth < 3 &&
    all.every((one) => {
      if (one.kind === 'number' || one.kind === 'text' || one.kind === 'none') return true;
      return (one.kind === 'sequence' || one.kind === 'tuple') && (elementOf(one) === undefined || isConstant(elementOf(one), depth + 1));
    })
  );
}

/** `try`, or raising an exception that is not Python's own: the compiler refuses the whole function. */
function refusedByCompiler(fn: Syntax, context: FileContext): boolean {
  for (const node of descendants(field(fn, 'body')!)) {
    if (enclosingFunction(node) !== fn) continue;
    if (node.type === 'try_statement') return true;
    if (node.type !== 'raise_statement') continue;
    const raised = parts(node)[0];
    const name = raised?.type === 'call' ? field(raised, 'function') : raised;
    if (name && resolve(name, context.module, context.inference.project)?.entity.kind === 'class') return true;
  }
  return false;
}

const reachable = new WeakMap<Inference, Set<Syntax>>();

/** Functions that some module's forward calls, however far. */
export function calledFromForward(inference: Inference): Set<Syntax> {
  const known = reachable.get(inference);
  if (known) return known;
  const found = new Set<Syntax>();
  const queue = inference.classes
    .all()
    .flatMap((one) => (inference.classes.isModule(one.node) && one.methods.has('forward') ? [one.methods.get('forward')!] : []));
  const add = (fn: Syntax | undefined) => {
    if (!fn || found.has(fn)) return;
    found.add(fn);
    queue.push(fn);
  };
  for (let fn = queue.pop(); fn; fn = queue.pop()) {
    for (const node of descendants(fn)) {
      if (node.type !== 'call') continue;
      for (const type of alternatives(inference.typeOf(field(node, 'function')!)))
        if (type.kind === 'callable' && type.entity.kind === 'function') add(type.entity.node);
    }
  }
  reachable.set(inference, found);
  return found;
}

/** Is it a forward, or called from one, however far? */
export function reachedByForward(fn: Syntax, inference: Inference): boolean {
  const own = ownerOf(fn);
  return (
    (own !== undefined && inference.classes.isModule(own) && inference.text(field(fn, 'name')!) === 'forward') ||
    calledFromForward(inference).has(fn)
  );
}

const TRAINING = /^(training_step|validation_step|common_step|loss|compute_loss|get_loss|loss_function)$/;

/** Is it a module's forward, a function that one calls, or a function inside such a one? */
export function isOnTheWay(fn: Syntax, inference: Inference): boolean {
  for (let at: Syntax | undefined = fn; at; at = enclosingFunction(at)) {
    const owner = ownerOf(at);
    if (owner && inference.classes.isModule(owner)) {
      const name = inference.text(field(at, 'name')!);
      if (name === 'forward' || TRAINING.test(name)) return true;
    }
    if (calledFromForward(inference).has(at)) return true;
  }
  return false;
}

/** A function of numbers alone that the compiler would refuse, on the way of a forward. */
export function runsWhileCompiling(fn: Syntax, context: FileContext): boolean {
  if (ownerOf(fn) || decoratorsOf(fn).length || fn.parent?.type !== 'module') return false;
  const given = parametersOf(fn);
  if (given.length === 0 || !given.every((one) => one.name && !one.star && isConstant(context.inference.typeOf(one.name)))) return false;
  return refusedByCompiler(fn, context) && calledFromForward(context.inference).has(fn);
}

/** Such a function runs as Python while the graph is compiled: `ops.constexpr`. */
export function checkedWhileCompiling(fn: Syntax, context: FileContext): void {
  if (!runsWhileCompiling(fn, context)) return;
  context.use({
    node: field(fn, 'name')!,
    api: 'raise',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Raises or catches, and sees numbers alone: it runs while the graph is compiled.',
  });
  context.edits.insert(fn.start, `@${context.reach('mindspore.ops.constexpr')}\n`);
}
