/**
 * torch.autograd.Function with a gradient of its own: a Cell whose `bprop` is the authors' backward, in PyNative and in graphs.
 * A graph has no context object to write into, so what forward keeps for backward comes out beside its result.
 */
import { isStatic } from './classes.ts';
import type { FileContext } from './context.ts';
import { editedLines, indentOf } from './layout.ts';
import { enclosingFunction, type Parameter, parametersOf } from './names.ts';
import { descendants, field, parts, type Syntax, statementOf } from './parse.ts';
import { read, written } from './read-and-written.ts';

interface OwnGradient {
  forward: Syntax;
  backward: Syntax;
  inputs: Parameter[];
  /** Attributes of the context that forward sets, in the order in which they are kept. */
  kept: string[];
}

const MARKS = /^(mark_non_differentiable|mark_dirty|set_materialize_grads)$/;

/** Every `ctx.name` in a method. */
function contextUses(method: Syntax, context: FileContext): { node: Syntax; name: string }[] {
  const own = context.text(parametersOf(method)[0]!.name!);
  const found: { node: Syntax; name: string }[] = [];
  for (const node of descendants(field(method, 'body')!)) {
    if (node.type !== 'attribute' || field(node, 'object')!.type !== 'identifier' || context.text(field(node, 'object')!) !== own) continue;
    found.push({ node, name: context.text(field(node, 'attribute')!) });
  }
  return found;
}

function isWritten(node: Syntax): boolean {
  return node.field === 'left' && node.parent?.type === 'assignment';
}

/** What the class needs to become a Cell; undefined when its context is used in a way that can't be followed. */
export function ownGradient(node: Syntax, context: FileContext): OwnGradient | undefined {
  const { methods } = context.inference.classes.facts(node);
  const forward = methods.get('forward');
  const backward = methods.get('backward');
  if (!forward || !backward || methods.has('setup_context')) return undefined;
  for (const method of [forward, backward]) {
    const first = parametersOf(method)[0]?.name;
    if (!isStatic(method, context.text) || !first) return undefined;
    const uses = contextUses(method, context).length;
    let mentioned = 0;
    for (const one of descendants(field(method, 'body')!))
      if (one.type === 'identifier' && one.field !== 'attribute' && context.text(one) === context.text(first)) mentioned++;
    if (mentioned !== uses) return undefined;
  }
  const inputs = parametersOf(forward).slice(1);
  if (inputs.length === 0 || inputs.some((one) => !one.name || one.star)) return undefined;
  const kept = [...new Set(contextUses(forward, context).flatMap(({ node: use, name }) => (isWritten(use) ? [name] : [])))];
  const known = (name: string) => kept.includes(name) || /^(saved_tensors|saved_variables|needs_input_grad)$/.test(name);
  if (contextUses(backward, context).some(({ node: use, name }) => isWritten(use) || !known(name))) return undefined;
  const read = (name: string) => kept.includes(name) || name === 'save_for_backward' || name === 'needs_input_grad' || MARKS.test(name);
  return contextUses(forward, context).every(({ name }) => read(name)) ? { forward, backward, inputs, kept } : undefined;
}

/** Rewrites the class; its base is dealt with by the caller. */
export function writeCell(node: Syntax, own: OwnGradient, context: FileContext): void {
  const several = rewriteForward(own, context);
  rewriteBackward(own, context);
  const name = context.text(field(node, 'name')!);
  const body = field(node, 'body')!;
  // PyTorch's own operators call an input `self`, which the Cell's methods have already.
  const inCell = (name: string) => (name === 'self' ? 'own_input' : name);
  const names = own.inputs.map((one) => inCell(context.text(one.name!))).join(', ');
  const signatureOf = (named: (name: string) => string) =>
    own.inputs.map((one) => named(context.text(one.name!)) + (one.value ? `=${context.text(one.value)}` : '')).join(', ');
  const indent = indentOf(parts(body)[0]!, context);
  const way = wayToKept(own, context);
  const kept = way ? `${name}.kept_by(${names})` : `${name}.forward(${names})[1]`;
  const gradients = `${name}.backward(${kept}, ${several ? '*dout' : 'dout'})`;
  if (way)
    writeKeptBy(
      way,
      own,
      signatureOf((name) => name),
      body,
      indent,
      context,
    );
  const lines = [
    '',
    '',
    `def construct(self, ${signatureOf(inCell)}):`,
    `    return ${name}.forward(${names})[0]`,
    '',
    `def bprop(self, ${names}, out, dout):`,
    `    return ${context.reach('compat.input_gradients')}(${gradients}, (${names}${own.inputs.length === 1 ? ',' : ''}))`,
  ];
  context.edits.insert(body.end, lines.map((line, at) => (line && at ? `${indent}${line}` : line)).join('\n'));
}

/**
 * The statements of forward that make what is kept, and no others: the compiler loses calls inside a bprop whose result nothing uses, and ends there.
 * Undefined where forward is not straight.
 */
function wayToKept({ forward }: OwnGradient, context: FileContext): Syntax[] | undefined {
  const own = `${context.text(parametersOf(forward)[0]!.name!)}.`;
  const statements = parts(field(forward, 'body')!).filter((one) => one.type !== 'comment');
  const last = statements.at(-1);
  if (last?.type !== 'return_statement') return undefined;
  const needed = new Set<string>();
  const found: Syntax[] = [];
  for (const one of statements.slice(0, -1).reverse()) {
    if (isText(one)) continue;
    if (one.type !== 'expression_statement' || /("""|''')/.test(context.text(one))) return undefined;
    const text = context.text(one);
    if (MARKS.test(text.slice(own.length).split('(')[0]!)) continue;
    const keeps = text.startsWith(own);
    if (!keeps && !written(one, context.text).some((name) => needed.has(name))) continue;
    for (const name of read(one, context.text)) needed.add(name);
    found.unshift(one);
  }
  return found;
}

/** `kept_by(a, k)`: what forward keeps for backward. */
function writeKeptBy(way: Syntax[], own: OwnGradient, signature: string, body: Syntax, indent: string, context: FileContext): void {
  const names = own.kept.map((name) => `kept_${name}`);
  const first = firstStatement(field(own.forward, 'body')!);
  context.edits.replace(body.end, body.end, () =>
    [
      '',
      '',
      '@staticmethod',
      `def kept_by(${signature}):`,
      // What forward begins with says this before its first statement already.
      ...(way[0] === first ? [] : ['    kept_tensors = ()', ...names.map((name) => `    ${name} = None`)]),
      ...way.flatMap((one) => editedLines(one, context).map((line) => `    ${line}`)),
      `    return (kept_tensors,${names.map((name) => ` ${name},`).join('')})`.replace(/(?<=, \w+),\)$/, ')'),
    ]
      .map((line, at) => (line && at ? `${indent}${line}` : line))
      .join('\n'),
  );
}

/** A docstring, or another text that stands for itself. */
function isText(statement: Syntax): boolean {
  return statement.type === 'expression_statement' && parts(statement)[0]?.type === 'string';
}

/** The first statement of a body that is no docstring. */
function firstStatement(body: Syntax): Syntax {
  return parts(body).find((one) => !isText(one)) ?? parts(body)[0]!;
}

/** Returns whether forward gives several results. */
function rewriteForward({ forward, kept }: OwnGradient, context: FileContext): boolean {
  const [first, second] = parametersOf(forward);
  context.edits.replace(first!.node.start, second!.node.start, '');
  for (const { node, name } of contextUses(forward, context)) {
    if (name === 'save_for_backward') {
      const list = field(node.parent!, 'arguments')!;
      const comma = parts(list).length === 1 ? ',' : '';
      context.edits.replace(node.start, list.start, 'kept_tensors = ');
      context.edits.insert(list.end - 1, comma);
    } else if (MARKS.test(name)) {
      const statement = statementOf(node);
      context.handled.add(statement);
      context.edits.replace(statement.start, statement.end, 'pass');
    } else context.edits.replace(node.start, node.end, name === 'needs_input_grad' ? '(True,) * 99' : `kept_${name}`);
  }
  const body = field(forward, 'body')!;
  const start = firstStatement(body);
  context.edits.insert(
    start.start,
    ['kept_tensors = ()', ...kept.map((name) => `kept_${name} = None`), ''].join(`\n${indentOf(start, context)}`),
  );
  const all = `(kept_tensors, ${kept.map((name) => `kept_${name}`).join(', ')})`;
  let several = false;
  for (const one of descendants(body)) {
    if (one.type !== 'return_statement' || enclosingFunction(one) !== forward) continue;
    const value = parts(one)[0];
    if (!value) continue;
    const group = value.type === 'expression_list' || value.type === 'tuple';
    several ||= group && parts(value).length > 1;
    context.edits.replace(one.start, one.end, (inner) => {
      const text = inner(value.start, value.end);
      return `return ${value.type === 'expression_list' ? `(${text})` : text}, ${all.replace(', )', ',)')}`;
    });
  }
  return several;
}

function rewriteBackward({ backward, kept, inputs }: OwnGradient, context: FileContext): void {
  const first = parametersOf(backward)[0]!;
  context.edits.replace(first.name!.start, first.name!.end, 'kept');
  for (const { node, name } of contextUses(backward, context)) {
    const place = /^saved_/.test(name)
      ? 'kept[0]'
      : name === 'needs_input_grad'
        ? `(True,) * ${inputs.length}`
        : `kept[${kept.indexOf(name) + 1}]`;
    context.edits.replace(node.start, node.end, name === 'needs_input_grad' ? `(${place})` : place);
  }
}

/** Texts of the defaults that a call of `apply` leaves out: a Cell with bprop gets all its inputs. */
export function leftOut(own: OwnGradient, given: number, context: FileContext): string[] {
  return own.inputs.slice(given).flatMap((one) => (one.value ? [context.inference.text(one.value)] : []));
}
