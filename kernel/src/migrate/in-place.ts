/** Methods that write in place (`x.add_(y)`, `w.zero_()`): the functional form, assigned to what they are called on; what others hold is written into. */
import { argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import type { Inner } from './edit.ts';
import { isOnTheWay } from './graph/compiling.ts';
import { keepsObject } from './held.ts';
import { assignedInside } from './hoist.ts';
import { enclosingFunction } from './names.ts';
import { ancestor, bare, descendants, field, parts, type Syntax, statementOf } from './parse.ts';
import { rewriteMethod } from './rewrite.ts';
import { asTarget, indexed, skipData, writtenView } from './structure.ts';
import { isPlace, isSame, viewOf } from './views.ts';
import { viewsWritten } from './written.ts';
import { isWritingName } from './written-arguments.ts';

const WITHIN_EXPRESSION = 'A write into a view inside an expression: the tensor that the view is of does not get it.';

/** In-place methods with a row of their own, which write into what is held; as new tensors where a forward goes on with them. */
const ANEW: Record<string, string> = { zero_: 'compat.zeros_like', fill_: 'compat.full_like', copy_: 'compat.copied_into' };

/** `x.zero_()`, `x[0].copy_(y)`, `w.normal_()`: methods that have no functional form in PyTorch. */
export function overwritten(call: Syntax, api: string, context: FileContext, doubt: string | undefined): void {
  const callee = field(call, 'function')!;
  const object = bare(field(callee, 'object')!);
  const alone = isStatement(call);
  const view = viewOf(object, context);
  const isView = view !== undefined && !isSame(view);
  const anew = ANEW[context.text(field(callee, 'attribute')!)];
  const fn = enclosingFunction(call);
  const isLocal = object.type === 'identifier' && !keepsObject(object, call, context);
  const asNew = anew && alone && (isView || (isLocal && fn && isOnTheWay(fn, context.inference))) ? context.reach(anew) : undefined;
  if (asNew)
    context.use({ node: call, api, status: 'migrated', strategy: 'restructured', reason: 'A write in place becomes a new tensor.' });
  else rewriteMethod(call, api, context, doubt ?? (isView && !alone ? WITHIN_EXPRESSION : undefined));
  const value = (inner: Inner): string => {
    if (!asNew) return inner(call.start, call.end);
    const rest = argumentsOf(call, context.text).filter((one) => one.name !== 'non_blocking');
    return `${asNew}(${[object, ...rest.map((one) => one.value)]
      .slice(0, 2)
      .map((one) => inner(one.start, one.end))
      .join(', ')})`;
  };
  if (isView && alone) writtenView(call, view, value, context);
  else if (asNew) context.edits.replace(call.start, call.end, (inner) => `${context.text(object)} = ${value(inner)}`);
  if (!isView) viewsWritten(object, call, context, !asNew);
}

/** `x.add_(y)`: the functional form, assigned to what it is called on; parameters and buffers are written into. */
export function inPlaceMethod(call: Syntax, name: string, plain: string, context: FileContext, doubt: string | undefined): void {
  const callee = field(call, 'function')!;
  const object = writtenInto(bare(field(callee, 'object')!), context);
  const attribute = field(callee, 'attribute')!;
  const alone = isStatement(call);
  const self =
    alone || (call.parent?.type === 'assignment' && call.field === 'right' && sameText(field(call.parent, 'left'), object, context));
  const api = `torch.Tensor.${plain}`;
  const functional = context.inference.project.table!.row(api)?.to?.[context.migration.target] === 'same' && plain !== name;
  // `x.add_(y).clamp_(0, 1)`: the last call of a chain writes, the others give it what to write.
  if (inChain(call, context)) {
    if (functional) context.edits.replace(attribute.start, attribute.end, plain);
    rewriteMethod(call, api, context, doubt);
    return;
  }
  const view = viewOf(object, context);
  if (view && !isSame(view)) {
    if (functional && alone) context.edits.replace(attribute.start, attribute.end, plain);
    rewriteMethod(call, api, context, alone ? doubt : WITHIN_EXPRESSION);
    if (alone) writtenView(call, view, (inner) => inner(call.start, call.end), context);
    return;
  }
  const keep = keepsObject(object, call, context);
  viewsWritten(object, call, context, keep);
  if (keep || !isPlace(object)) {
    // Written into: assign(x, the functional form of x).
    rewriteMethod(call, api, context, doubt);
    if (!isPlace(object)) return;
    const assign = context.reach('compat.assign');
    skipData(object, context);
    const bareObject = context.handled.has(object) ? field(object, 'object')! : object;
    context.edits.replace(
      call.start,
      call.end,
      (inner) => `${assign}(${inner(bareObject.start, bareObject.end)}, ${inner(call.start, call.end)})`,
    );
    if (bareObject !== object) context.edits.replace(object.start, object.end, (inner) => inner(bareObject.start, bareObject.end));
    return;
  }
  if (functional) context.edits.replace(attribute.start, attribute.end, plain);
  rewriteMethod(call, api, context, doubt);
  if (!self) {
    if (object.type !== 'identifier' || boundAnew(statementOf(call), object, context) || !usedLater(object, call, context)) return;
    assignedInside(call, context.text(object), context);
    return;
  }
  if (!alone) return;
  if (object.type === 'subscript') {
    indexed(call, object, (inner) => inner(call.start, call.end), context);
    return;
  }
  context.edits.replace(call.start, call.end, (inner) => `${asTarget(object, inner, context)} = ${inner(call.start, call.end)}`);
}

/** Is the call a line of its own? */
function isStatement(call: Syntax): boolean {
  const statement = statementOf(call);
  return statement.type === 'expression_statement' && parts(statement)[0] === call;
}

function isInPlaceCall(node: Syntax | undefined, context: FileContext): boolean {
  const callee = node?.type === 'call' ? field(node, 'function')! : undefined;
  return callee?.type === 'attribute' && isWritingName(context.text(field(callee, 'attribute')!));
}

/** What a chain of in-place calls begins with. */
function writtenInto(node: Syntax, context: FileContext): Syntax {
  return isInPlaceCall(node, context) ? writtenInto(bare(field(field(node, 'function')!, 'object')!), context) : node;
}

function inChain(call: Syntax, context: FileContext): boolean {
  return call.field === 'object' && isInPlaceCall(call.parent?.parent, context) && call.parent!.field === 'function';
}

function sameText(left: Syntax | undefined, right: Syntax, context: FileContext): boolean {
  return left !== undefined && context.text(left) === context.text(right);
}

/** `x = silu(x.add_(y))`: the statement gives the name a new value anyway, and reads the old one once. */
function boundAnew(statement: Syntax, object: Syntax, context: FileContext): boolean {
  const assignment = statement.type === 'expression_statement' ? parts(statement)[0] : undefined;
  if (assignment?.type !== 'assignment' || !sameText(field(assignment, 'left'), object, context)) return false;
  const value = field(assignment, 'right')!;
  return ![...descendants(value)].some(
    (one) =>
      one !== object &&
      one.type === 'identifier' &&
      one.start > object.start &&
      one.field !== 'attribute' &&
      one.field !== 'name' &&
      context.text(one) === context.text(object),
  );
}

/** Is the name read again after the call, in the same function or round a loop? Nothing but what it returns runs after a `return`. */
function usedLater(object: Syntax, call: Syntax, context: FileContext): boolean {
  const name = context.text(object);
  const fn = ancestor(call, 'function_definition') ?? context.module.root;
  const statement = statementOf(call);
  const returns = statement.type === 'return_statement';
  const loop = returns ? undefined : (ancestor(call, 'for_statement') ?? ancestor(call, 'while_statement'));
  const from = loop && loop.start > fn.start ? loop.start : call.end;
  const search = (node: Syntax): boolean =>
    node.children.some(
      (child) =>
        (child.type === 'identifier' &&
          child !== object &&
          child.start >= from &&
          child.field !== 'attribute' &&
          context.text(child) === name &&
          (loop !== undefined || !inOtherBranch(child, call))) ||
        search(child),
    );
  return search(returns ? statement : fn);
}

/** `x.add_(1) if inplace else x + 1`: whoever evaluates the call has the condition behind it, and never comes to the other branch. */
function inOtherBranch(node: Syntax, call: Syntax): boolean {
  for (let at = call; at.parent; at = at.parent) {
    if (at.parent.start > node.start || at.parent.end < node.end) continue;
    return at.parent.type === 'conditional_expression' && parts(at.parent)[1] !== at;
  }
  return false;
}
