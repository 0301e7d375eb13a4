/** Functions and layers that write into what they are given: `F.relu(x, inplace=True)`, `torch.relu_(x)`, `torch.add(a, b, out=c)`, `nn.ReLU(inplace=True)`. */
import { type Argument, argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import { assignedInside } from './hoist.ts';
import { resolve } from './names.ts';
import { bare, field, parts, type Syntax, statementOf } from './parse.ts';
import { writtenView } from './structure.ts';
import { isSame, viewOf } from './views.ts';
import { after, isReadAfter, viewsWritten } from './written.ts';
import { withoutWriting, writtenArgument } from './written-arguments.ts';

/** PyTorch's functions that write their first argument, whatever their name says. */
const COLLECTIVES = /^torch\.distributed\.(distributed_c10d\.)?(all_reduce|reduce|broadcast)$/;

/** The table's row for a function that ends in `_` and writes: that of the function without. */
export function withoutUnderscore(name: string, context: FileContext): string {
  const table = context.inference.project.table!;
  const plain = withoutWriting(name);
  return plain && !table.has(name) && table.has(plain) ? plain : name;
}

/** To be called for each call: what it writes into gets what it returns. */
export function writingCall(call: Syntax, context: FileContext): void {
  const given = argumentsOf(call, context.text);
  const callee = field(call, 'function')!;
  const entity = resolve(callee, context.module, context.inference.project)?.entity;
  const name = entity?.kind === 'external' ? entity.name : undefined;
  const covered = name?.startsWith('torch.');
  const out = covered ? given.find((one) => one.name === 'out') : undefined;
  const first = given[0] && !given[0].star && !given[0].name ? bare(given[0].value) : undefined;
  if (covered && COLLECTIVES.test(name!)) {
    if (first) stripped(first, context);
  } else if (out) {
    dropped(out, given, context);
    if (context.text(out.value) !== 'None') written(bare(out.value), call, context);
  } else {
    const target = writtenArgument(call, context);
    if (target) written(target, call, context);
  }
}

/** `dist.all_reduce(x.detach())` writes into x, which a detached copy would keep from it. */
function stripped(argument: Syntax, context: FileContext): void {
  const view = viewOf(argument, context);
  if (!view || !isSame(view)) return;
  for (const { node } of view.steps) {
    context.handled.add(node);
    // The call's own callee, which is looked at by itself.
    const callee = node.type === 'call' ? field(node, 'function') : undefined;
    if (callee) context.handled.add(callee);
  }
  context.edits.replace(argument.start, argument.end, (inner) => inner(view.root.start, view.root.end));
}

/** Takes `out=…` out of the call, with its comma. */
function dropped(out: Argument, given: readonly Argument[], context: FileContext): void {
  const at = given.indexOf(out);
  const before = given[at - 1];
  const next = given[at + 1];
  if (before) context.edits.replace(before.node.end, out.node.end, '');
  else context.edits.replace(out.node.start, next ? next.node.start : out.node.end, '');
}

/** The target gets what the call returns. */
function written(target: Syntax, call: Syntax, context: FileContext): void {
  const statement = statementOf(call);
  const top = statement.type === 'expression_statement' ? parts(statement)[0] : undefined;
  const view = viewOf(target, context);
  if (view && !isSame(view)) {
    if (top === call) writtenView(call, view, (inner) => inner(call.start, call.end), context);
    return;
  }
  if (target.type !== 'identifier' && target.type !== 'attribute') return;
  const name = context.text(target);
  if (top === call) {
    context.edits.insert(statement.start, `${name} = `);
    viewsWritten(target, call, context);
    return;
  }
  const left = top?.type === 'assignment' && field(top, 'right') === call ? field(top, 'left') : undefined;
  if (left && context.text(left) === name) viewsWritten(target, call, context);
  else if (!isReadAfter(target, call, context)) return;
  else if (left && left.type === 'identifier') {
    after(call, () => `${name} = ${context.text(left)}`, context);
    viewsWritten(target, call, context);
  } else if (target.type === 'identifier') assignedInside(call, name, context);
}
