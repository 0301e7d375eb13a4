/**
 * torch.autograd.Function. Where its context can be followed it becomes a Cell whose bprop is the authors' backward, and `Op.apply(x)`
 * becomes `Op()(x)` (own-gradient.ts). Elsewhere MindSpore differentiates the forward itself: `Op.apply(x)` becomes `Op.forward(None, x)`, and
 * what forward keeps for its own backward goes; the gradient would differ where that backward is on purpose no derivative, so it is reported.
 */
import type { FileContext } from './context.ts';
import { parametersOf, resolve } from './names.ts';
import { leftOut, ownGradient, writeCell } from './own-gradient.ts';
import { ancestor, descendants, field, parts, type Syntax, statementOf } from './parse.ts';

const FUNCTION = /^torch\.autograd\.(function\.)?Function$/;

export function isAutogradFunction(node: Syntax, context: FileContext): boolean {
  return context.inference.classes.externalBases(node).some((name) => FUNCTION.test(name));
}

/** `setup_context` keeps what backward needs: then forward is given no context. */
function setsUpContext(node: Syntax, context: FileContext): boolean {
  return context.inference.classes.facts(node).methods.has('setup_context');
}

/** The backward to be used, where it can be followed. */
function ownBackward(node: Syntax, context: FileContext): ReturnType<typeof ownGradient> {
  return setsUpContext(node, context) ? undefined : ownGradient(node, context);
}

/** A class built on torch.autograd.Function: its base goes, its forward no longer speaks of `ctx`. */
export function autogradClass(node: Syntax, context: FileContext): void {
  if (!isAutogradFunction(node, context)) return;
  const own = ownBackward(node, context);
  for (const base of parts(field(node, 'superclasses')!)) {
    const entity = resolve(base, context.module, context.inference.project)?.entity;
    if (entity?.kind !== 'external' || !FUNCTION.test(entity.name)) continue;
    if (own) {
      context.use({
        node: base,
        api: 'torch.autograd.Function',
        status: 'migrated',
        strategy: 'restructured',
        reason: 'A Cell whose bprop is the backward written here; forward is run again for what it keeps.',
      });
      context.edits.replace(base.start, base.end, context.reach('mindspore.nn.Cell'));
      continue;
    }
    context.use({
      node: base,
      api: 'torch.autograd.Function',
      status: 'maybe',
      strategy: 'restructured',
      reason: 'MindSpore differentiates forward itself; the backward written here is not used.',
      remedy: 'tradewind verify compares the gradients; where backward is on purpose no derivative, write a Cell with bprop.',
    });
    context.edits.replace(base.start, base.end, 'object');
  }
  if (own) {
    writeCell(node, own, context);
    return;
  }
  const forward = context.inference.classes.facts(node).methods.get('forward');
  const keep = forward && parametersOf(forward)[0]?.name;
  if (!forward || !keep || setsUpContext(node, context)) return;
  const name = context.text(keep);
  const done = new Set<Syntax>();
  for (const one of descendants(field(forward, 'body')!)) {
    if (one.type !== 'identifier' || context.text(one) !== name) continue;
    const statement = statementOf(one);
    if (done.has(statement) || statement.type !== 'expression_statement') continue;
    const inner = parts(statement)[0]!;
    const written = inner.type === 'assignment' ? field(inner, 'left')! : inner.type === 'call' ? field(inner, 'function')! : undefined;
    if (written?.type !== 'attribute' || context.text(field(written, 'object')!) !== name) continue;
    done.add(statement);
    // `ctx.scale = scale` is read again in forward: it stays.
    if (inner.type === 'assignment' && reads(forward, statement, context.text(written), context)) continue;
    context.handled.add(statement);
    context.edits.replace(statement.start, statement.end, 'pass');
  }
}

function reads(forward: Syntax, statement: Syntax, text: string, context: FileContext): boolean {
  for (const one of descendants(forward))
    if (one.type === 'attribute' && context.text(one) === text && statementOf(one) !== statement) return true;
  return false;
}

/** The Function class that `Op.apply` or `cls.apply` belongs to. */
function applied(callee: Syntax, context: FileContext): Syntax | undefined {
  if (callee.type !== 'attribute' || context.text(field(callee, 'attribute')!) !== 'apply') return undefined;
  const object = field(callee, 'object')!;
  const own = context.text(object) === 'cls' ? ancestor(callee, 'class_definition') : undefined;
  const entity = resolve(object, context.module, context.inference.project)?.entity;
  const node = entity?.kind === 'class' ? entity.node : own;
  return node && isAutogradFunction(node, context) ? node : undefined;
}

/** `Op.apply(x)` → `Op()(x)`, or `Op.forward(None, x)` where the gradient is MindSpore's. */
export function autogradCall(call: Syntax, context: FileContext): boolean {
  const callee = field(call, 'function')!;
  const node = applied(callee, context);
  if (!node) return false;
  const attribute = field(callee, 'attribute')!;
  const list = field(call, 'arguments')!;
  const own = ownBackward(node, context);
  if (own) {
    context.edits.replace(field(callee, 'object')!.end, callee.end, '()');
    const rest = leftOut(own, parts(list).length, context);
    if (rest.length) context.edits.insert(list.end - 1, `, ${rest.join(', ')}`);
    return true;
  }
  context.edits.replace(attribute.start, attribute.end, 'forward');
  if (!setsUpContext(node, context)) context.edits.replace(list.start, list.start + 1, parts(list).length ? '(None, ' : '(None');
  return true;
}

/** `swish = Op.apply`, `act=Op.apply` → a Cell. */
export function autogradValue(node: Syntax, context: FileContext): void {
  if (node.parent?.type === 'call' && node.field === 'function') return;
  const found = applied(node, context);
  if (found && ownBackward(found, context)) context.edits.replace(field(node, 'object')!.end, node.end, '()');
}
