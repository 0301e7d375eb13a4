/** Rewrites uses of PyTorch's names by the table: calls, values, Tensor methods and Tensor attributes. */
import { isBound } from './bound.ts';
import { type Argument, argumentsOf } from './calls.ts';
import { type FileContext, generatedName, reachAll } from './context.ts';
import type { Inner } from './edit.ts';
import { byOwnNames, writeOwnNames } from './keywords.ts';
import { lineBefore } from './layout.ts';
import { notAnOperator } from './not-operators.ts';
import { ancestor, descendants, field, parts, type Syntax } from './parse.ts';
import type { Row } from './table.ts';
import { bindArguments, fillTemplate } from './template.ts';

/** Arguments about where a tensor lives: MindSpore's context decides that. */
const DROPPED = new Set(['device', 'layout', 'pin_memory', 'memory_format', 'non_blocking']);

const LITERAL = /^("[^"]*"|'[^']*'|None|True|False|-?[\d.]+|\(\)|\[\]|\{\})$/;

/** Handles one use of a named API: `node` is the whole dotted name. */
export function rewriteNamed(node: Syntax, api: string, context: FileContext): void {
  const row = context.inference.project.table!.row(api);
  const call = node.parent?.type === 'call' && node.field === 'function' ? node.parent : undefined;
  if (
    (node.field === 'left' && (node.parent?.type === 'assignment' || node.parent?.type === 'augmented_assignment')) ||
    (node.type === 'attribute' && isBound(node))
  ) {
    setting(node, api, context);
    return;
  }
  if (!row?.to || row.strategy === 'unsupported') {
    if (MISSING_DTYPE.test(api) && isCompared(node)) nobodysDtype(node, api, context);
    else markUnsupported(call ?? node, node, api, row, context);
    return;
  }
  const to = (call && row.call) ?? row.to[context.migration.target];
  const kept = call ? byOwnNames(argumentsOf(call, context.text), api, row) : [];
  context.use({ node: call ?? node, api, status: 'migrated', strategy: call && row.call ? 'custom' : row.strategy, row });
  // `torch.Tensor(x.shape)` means sizes, where a tuple of numbers means values: MindSpore's shapes are tuples.
  const sizes = row.call && kept.length === 1 && !kept[0]!.star ? kept[0]!.value : undefined;
  if (sizes && /(\.shape|\.size\(\)|\bSize\(.*\))$/s.test(context.text(sizes))) context.edits.insert(sizes.start, '*');
  if (LITERAL.test(to)) {
    context.edits.replace((call ?? node).start, (call ?? node).end, /^["']/.test(to) ? quote(to.slice(1, -1), node, context) : to);
    return;
  }
  if (to === 'compat.nothing' && call && leftOut(call, context)) return;
  if (/^[\w.]+$/.test(to) && !to.startsWith('.')) {
    const reached = context.reach(to);
    context.edits.replace(node.start, node.end, reached);
    if (call) keepArguments(kept, row, context);
    return;
  }
  if (!call) {
    context.edits.replace(node.start, node.end, context.reach(`compat.${generatedName(row, to, api, context.migration)}`));
    return;
  }
  const filled = fillCall(row, to, kept, [], context);
  if (filled) context.edits.replace(call.start, call.end, filled);
  else context.edits.replace(node.start, node.end, context.reach(`compat.${generatedName(row, to, api, context.migration)}`));
}

const MISSING_DTYPE = /^torch\.(bit|bits\d+(x\d)?|chalf|complex32|float[48]_\w+|u?int[1-7]|quint\dx\d|qu?int\d+)$/;

function isCompared(node: Syntax): boolean {
  const outer = /^(tuple|list|set|parenthesized_expression)$/.test(node.parent?.type ?? '') ? node.parent! : node;
  return outer.parent?.type === 'comparison_operator';
}

/** `x.dtype == torch.complex32`: no tensor has it, and the way that it opens is not taken, by the compiler either. */
function nobodysDtype(node: Syntax, api: string, context: FileContext): void {
  context.use({ node, api, status: 'migrated', strategy: 'restructured', reason: 'MindSpore has no such dtype: nothing is equal to it.' });
  context.edits.replace(node.start, node.end, 'None');
}

/** A call without meaning here that is a line of its own goes with its line, where others stay in the block. */
function leftOut(call: Syntax, context: FileContext): boolean {
  const statement = call.parent;
  const block = statement?.parent;
  if (statement?.type !== 'expression_statement' || !block || parts(block).length < 2) return false;
  if (descendants(call).some((one) => one !== call && ['call', 'named_expression', 'await'].includes(one.type))) return false;
  const { source } = context.module;
  const before = lineBefore(statement, context);
  const newline = source.indexOf('\n', statement.end);
  const end = newline < 0 ? source.length : newline + 1;
  if (before.trim() || source.slice(statement.end, end).trim()) return false;
  const gone = goneFrom.get(block) ?? new Set();
  if (gone.size + 2 > parts(block).length) return false;
  goneFrom.set(block, gone.add(statement));
  context.edits.replace(statement.start - before.length, end, '');
  return true;
}

const goneFrom = new WeakMap<Syntax, Set<Syntax>>();

/** A Tensor method: `call` is `object.name(…)`; `api` is its row's name. */
export function rewriteMethod(call: Syntax, api: string, context: FileContext, doubt?: string): void {
  const table = context.inference.project.table!;
  const row = table.row(api);
  const callee = field(call, 'function')!;
  const object = field(callee, 'object')!;
  const list = field(call, 'arguments')!;
  const written = argumentsOf(call, context.text);
  const given = row ? byOwnNames(written, api, row) : written;
  if (!row?.to || row.strategy === 'unsupported') {
    const thing = unsupportedText(call, api, row, context);
    context.use({ node: call, api, status: 'unsupported', strategy: 'unsupported', row, ...why(api, row) });
    context.edits.replace(
      call.start,
      call.end,
      (inner) => `${thing}(${inner(object.start, object.end)}${given.length ? `, ${argumentText(list, inner)}` : ''})`,
    );
    return;
  }
  const to = row.to[context.migration.target];
  context.use({
    node: call,
    api,
    status: doubt ? 'maybe' : 'migrated',
    strategy: row.strategy,
    row,
    ...(doubt ? { reason: doubt, remedy: 'Give --entry FILE, so that the trace settles it, or annotate the variable.' } : {}),
  });
  if (to === 'same') {
    keepArguments(given, row, context);
    return;
  }
  if (LITERAL.test(to)) {
    context.edits.replace(call.start, call.end, to);
    return;
  }
  if (/^\.\w+$/.test(to)) {
    const attribute = field(callee, 'attribute')!;
    context.edits.replace(attribute.start, attribute.end, to.slice(1));
    keepArguments(given, row, context);
    return;
  }
  if (/^[\w.]+$/.test(to)) {
    const reached = context.reach(to);
    keepArguments(given, row, context);
    context.edits.replace(call.start, call.end, (inner) => {
      const rest = argumentText(list, inner);
      return `${reached}(${inner(object.start, object.end)}${rest ? `, ${rest}` : ''})`;
    });
    return;
  }
  const filled = fillCall(row, to, given, [object], context);
  const generated = filled ? undefined : context.reach(`compat.${generatedName(row, to, api, context.migration)}`);
  context.edits.replace(
    call.start,
    call.end,
    filled ?? ((inner) => `${generated}(${inner(object.start, object.end)}${given.length ? `, ${argumentText(list, inner)}` : ''})`),
  );
}

/** A Tensor attribute: `node` is `object.name`. */
export function rewriteAttribute(node: Syntax, api: string, row: Row, context: FileContext, doubt?: string): void {
  const object = field(node, 'object')!;
  context.use({
    node,
    api,
    status: doubt ? 'maybe' : 'migrated',
    strategy: row.strategy,
    row,
    ...(doubt ? { reason: doubt, remedy: 'Give --entry FILE, so that the trace settles it.' } : {}),
  });
  const to = row.to![context.migration.target];
  if (to === 'same') return;
  if (to === 'self') context.edits.replace(node.start, node.end, (inner) => inner(object.start, object.end));
  else if (LITERAL.test(to)) context.edits.replace(node.start, node.end, to);
  else if (/^compat\.[A-Z_]+$/.test(to)) context.edits.replace(node.start, node.end, context.reach(to));
  else if (/^\.[\w.]+(\(\))?$/.test(to)) context.edits.replace(object.end, node.end, to);
  else if (/\.[A-Z][A-Z_]*$/.test(to)) context.edits.replace(node.start, node.end, context.reach(to));
  else {
    const reached = context.reach(to);
    context.edits.replace(node.start, node.end, (inner) => `${reached}(${inner(object.start, object.end)})`);
  }
}

/** The text between the brackets, comments and layout included. */
function argumentText(list: Syntax, inner: Inner): string {
  if (list.type === 'generator_expression') return inner(list.start, list.end);
  const text = inner(list.start + 1, list.end - 1).trimStart();
  // A bracket behind a comment would belong to it.
  return list.children.at(-1)?.type === 'comment' ? text : text.trimEnd();
}

function fillCall(
  row: Row,
  to: string,
  given: readonly Argument[],
  receiver: readonly Syntax[],
  context: FileContext,
): ((inner: Inner) => string) | undefined {
  if (!row.signature) return undefined;
  const signature = row.signature;
  const shape = [
    ...receiver.map((one) => ({ node: one, text: '0' })),
    ...given.filter((one) => !isDropped(one, row)).map((one) => ({ name: one.name, star: one.star, node: one.value, text: '0' })),
  ];
  const trial = bindArguments(signature, shape);
  const template = reachAll(to, context);
  if (!trial || fillTemplate(template, signature, trial) === undefined) return undefined;
  return (inner) => {
    const bound = bindArguments(
      signature,
      shape.map((one) => ({ ...one, text: inner(one.node.start, one.node.end) })),
    )!;
    return fillTemplate(template, signature, bound)!;
  };
}

function isDropped(argument: Argument, row: Row): boolean {
  return argument.name !== undefined && DROPPED.has(argument.name) && !row.to?.portable.includes(`{${argument.name}}`);
}

/** Arguments that stay as they are written, but for names that MindSpore does not know and what has no meaning there. */
function keepArguments(given: readonly Argument[], row: Row, context: FileContext): void {
  writeOwnNames(
    given.filter((one) => !isDropped(one, row)),
    context,
  );
  dropArguments(given, row, context);
}

/** Takes arguments out, each with the comma that parts it from what stays. */
function dropArguments(given: readonly Argument[], row: Row, context: FileContext): void {
  const firstKept = given.findIndex((one) => !isDropped(one, row));
  given.forEach((one, at) => {
    if (!isDropped(one, row)) return;
    const before = given[at - 1];
    const after = given[at + 1];
    if (firstKept >= 0 && at > firstKept) context.edits.replace(before!.node.end, one.node.end, '');
    else context.edits.replace(one.node.start, after ? after.node.start : one.node.end, '');
  });
}

function why(api: string, row: Pick<Row, 'reason' | 'remedy'> | undefined): { reason: string; remedy: string } {
  const kind = row ? undefined : notAnOperator(api);
  return {
    reason: row?.reason ?? (kind ? `${api} is no operator: ${kind}.` : `The operator table has no row for ${api}.`),
    remedy:
      row?.remedy ??
      (kind
        ? "Leave it out, or write by hand what it is for: MindSpore has no counterpart of PyTorch's own machinery."
        : 'Write this use by hand, or add a row to kernel/operators (its README shows how).'),
  };
}

function unsupportedText(node: Syntax, api: string, row: Pick<Row, 'reason' | 'remedy'> | undefined, context: FileContext): string {
  const quoted = [api, context.place(node), why(api, row).remedy].map((text) => quote(text, node, context));
  return `${context.reach('compat.unsupported')}(${quoted.join(', ')})`;
}

/** `torch.backends.cudnn.benchmark = True`: PyTorch's own switches are kept where nothing reads them; writing into anything else is unsupported. */
function setting(node: Syntax, api: string, context: FileContext): void {
  if (/^torch\.(backends|_dynamo\.config|_inductor\.config)\./.test(api)) {
    context.use({ node, api, status: 'migrated', strategy: 'restructured', reason: "A switch of PyTorch's that MindSpore does not have." });
    context.edits.replace(node.start, node.end, `${context.reach('compat.SETTINGS')}.${api.split('.').at(-1)}`);
    return;
  }
  context.use({
    node,
    api,
    status: 'unsupported',
    strategy: 'unsupported',
    reason: 'It changes PyTorch itself.',
    remedy: 'Write this use by hand.',
  });
  context.edits.replace(node.start, node.end, `${unsupportedText(node, api, undefined, context)}.value`);
}

/** A Python string. Inside an f-string its own quotes and backslashes are not allowed before Python 3.12. */
export function quote(text: string, node: Syntax, context: FileContext): string {
  const outer = ancestor(node, 'interpolation')?.parent;
  if (!outer) return JSON.stringify(text);
  const mark = /^\w*"/.test(context.text(outer)) ? "'" : '"';
  return mark + text.replace(/["'\\\n]/g, ' ') + mark;
}

/** What stands for an API that can't come across parses, and raises NotImplementedError when it is reached. */
export function markUnsupported(
  use: Syntax,
  node: Syntax,
  api: string,
  row: Pick<Row, 'reason' | 'remedy'> | undefined,
  context: FileContext,
): void {
  context.use({ node: use, api, status: 'unsupported', strategy: 'unsupported', ...why(api, row) });
  const decorator = ancestor(node, 'decorator');
  const thing = unsupportedText(use, api, row, context);
  if (ancestor(node, 'case_pattern')) context.edits.replace(node.start, node.end, context.reach('compat.NoInstance'));
  else if (decorator && use.parent === decorator) context.edits.replace(use.start, use.end, `${thing}.decorate`);
  else context.edits.replace(node.start, node.end, thing);
}
