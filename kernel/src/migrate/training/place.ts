/** Writes the forward part of a training step as a function, with what it says about names, and its call below. */
import type { Grade } from '../../records/report.ts';
import type { FileContext } from '../context.ts';
import { free } from '../free-names.ts';
import { parametersOf } from '../names.ts';
import { ancestor, descendants, field, parts, type Syntax } from '../parse.ts';
import { boundHere, occurrences, ownNodes, readFirst, rebound, surelyBound } from './effects.ts';
import { optimisersIn } from './losses.ts';
import type { Region } from './region.ts';

/** What a rewritten training step is reported as. */
export const API = 'torch.Tensor.backward';
const SHARED = 'Two losses are differentiated that share their forward part.';
const ADD = 'Add the losses and call backward once.';

interface Layout {
  indent: string;
  unit: string;
}

function layoutOf(statement: Syntax, context: FileContext): Layout {
  const { source } = context.module;
  const indent = source.slice(source.lastIndexOf('\n', statement.start - 1) + 1, statement.start);
  return { indent, unit: indent.includes('\t') ? '\t' : '    ' };
}

/** What the function must say about names, and what it gives back beside the loss. */
interface Names {
  declarations: string[];
  before: string[];
  outputs: string[];
}

function namesOf(region: Region, lossText: string | undefined, context: FileContext): Names {
  const { text } = context;
  const { statements } = region;
  const fn = ancestor(statements[0]!, 'function_definition');
  const scope = fn ?? context.module.root;
  const start = statements[0]!.start;
  const end = statements.at(-1)!.end;
  const bound = new Set(statements.flatMap((one) => [...rebound(one, text)]));
  const sure = surelyBound(statements, text);
  const declared = declarationsIn(scope, text);
  const outside = (name: string) => [...occurrences(scope, name, text)].some((one) => one.end <= start || one.start >= end);
  const elsewhere = (name: string) =>
    (fn && parametersOf(fn).some((one) => one.name && text(one.name) === name)) || boundOutside(scope, name, start, end, text);
  const found: Names = { declarations: [], before: [], outputs: [] };
  const shared = new Map<string, string[]>();
  const share = (name: string, word: string) => shared.set(word, [...(shared.get(word) ?? []), name]);
  for (const name of bound) {
    const word = declared.get(name);
    if (word) {
      share(name, word);
      continue;
    }
    const first = readFirst(name, statements, text);
    if (sure.has(name) && !first) {
      if (name !== lossText && outside(name)) found.outputs.push(name);
      continue;
    }
    if (!first && !outside(name) && name !== lossText) continue;
    share(name, fn ? 'nonlocal' : 'global');
    if (fn && !elsewhere(name) && name !== lossText) found.before.push(name);
  }
  for (const [word, names] of shared) found.declarations.push(`${word} ${names.sort().join(', ')}`);
  found.declarations.sort();
  return found;
}

function declarationsIn(scope: Syntax, text: (node: Syntax) => string): Map<string, string> {
  const found = new Map<string, string>();
  for (const node of ownNodes(scope))
    if (node.type === 'global_statement' || node.type === 'nonlocal_statement')
      for (const one of parts(node)) found.set(text(one), node.type === 'global_statement' ? 'global' : 'nonlocal');
  return found;
}

function boundOutside(scope: Syntax, name: string, start: number, end: number, text: (node: Syntax) => string): boolean {
  for (const node of ownNodes(scope)) {
    if (node.start >= start && node.end <= end) continue;
    if (boundHere(node, text).includes(name)) return true;
  }
  return false;
}

function overlapping(region: Region, done: readonly Region[]): boolean {
  const ends = (one: Region) => [one.statements[0]!.start, one.statements.at(-1)!.end] as const;
  const [start, end] = ends(region);
  return done.some((one) => ends(one)[0] <= end && start <= ends(one)[1]);
}

/** Puts the statements into a function, and its call below them. Gives false where that can't be done. */
export function place(region: Region, lossText: string, call: Syntax, done: Region[], context: FileContext, grade?: Grade): boolean {
  if (overlapping(region, done)) {
    fail(call, context, SHARED, ADD);
    return false;
  }
  done.push(region);
  const names = namesOf(region, lossText, context);
  // An item of a dictionary holds the very tensor that keeps the gradients: it needs no new value.
  const target = lossText.endsWith(']') ? free('loss', call, context) : lossText;
  const owners = write(region, names, lossText, [target, ...names.outputs], undefined, context);
  report(call, context, grade ?? gradeOf(region, owners), reasonOf(region, owners, names));
  return true;
}

/** The losses are expressions, whose values have no name: the statements with backward give them to the end of the function. */
export function inside(region: Region, calls: readonly Syntax[], context: FileContext, done: Region[]): void {
  if (overlapping(region, done)) {
    for (const call of calls) fail(call, context, SHARED, ADD);
    return;
  }
  done.push(region);
  const own = free('loss', calls[0]!, context);
  const names = namesOf(region, undefined, context);
  const { indent } = layoutOf(region.statements[0]!, context);
  for (const call of calls) {
    const receiver = field(field(call, 'function')!, 'object')!;
    context.handled.add(call);
    context.edits.replace(call.start, call.end, (inner) => {
      const what =
        receiver.type === 'parenthesized_expression'
          ? inner(receiver.start + 1, receiver.end - 1).trim()
          : inner(receiver.start, receiver.end);
      return `${own} = ${what}`;
    });
  }
  const backward = context.reach('compat.backward');
  const outputs = [own, ...names.outputs];
  const owners = write(region, names, own, outputs, `${indent}${backward}(${own})`, context);
  for (const call of calls) report(call, context, gradeOf(region, owners), reasonOf(region, owners, names));
}

/** Indents the statements under a header and writes the call below; gives the optimisers that it names. */
function write(
  region: Region,
  names: Names,
  loss: string,
  outputs: readonly string[],
  after: string | undefined,
  context: FileContext,
): string[] {
  const { source } = context.module;
  const first = region.statements[0]!;
  const end = region.statements.at(-1)!;
  const { indent, unit } = layoutOf(first, context);
  const owners = optimisersIn(ancestor(first, 'function_definition') ?? context.module.root, first, context);
  const differentiate = context.reach('compat.differentiate');
  const name = free('forward_fn', first, context);
  // An annotation makes the name one of the outer function's, and leaves it as unbound, or as bound, as it was.
  const head = [...names.before.map((one) => `${one}: object`), `def ${name}():`, ...names.declarations.map((one) => `${unit}${one}`)];
  const opening = `${head.join(`\n${indent}`)}\n${indent}${unit}`;
  context.edits.replace(
    first.start,
    first.start,
    (inner) => opening + region.again.map((one) => `${inner(one.start, one.end)}\n${indent}${unit}`).join(''),
  );
  const strings = [...stringsIn(region.statements)];
  for (let at = source.indexOf('\n', first.start); at >= 0 && at < end.end; at = source.indexOf('\n', at + 1)) {
    const line = at + 1;
    if (source[line] === '\n' || source[line] === '\r' || strings.some((one) => one.start < line && one.end >= line)) continue;
    context.edits.insert(line, unit);
  }
  const lineEnd = source.indexOf('\n', end.end);
  const below = lineEnd < 0 ? source.length : source[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd;
  const lines = [
    `${indent}${unit}return ${[loss, ...outputs.slice(1)].join(', ')}`,
    `${indent}${outputs.join(', ')} = ${differentiate}(${[name, ...owners].join(', ')})`,
    ...(after ? [after] : []),
  ];
  context.edits.insert(below, `\n${lines.join('\n')}`);
  return owners;
}

function* stringsIn(statements: readonly Syntax[]): Generator<Syntax> {
  for (const statement of statements)
    for (const node of descendants(statement)) if (node.type === 'string' && node.row !== node.endRow) yield node;
}

function gradeOf(region: Region, owners: readonly string[]): Grade {
  return region.again.length || owners.length === 0 ? 'needs a look' : 'safe';
}

function reasonOf(region: Region, owners: readonly string[], names: Names): string {
  const said = ['The forward part is a function that mindspore.value_and_grad differentiates.'];
  if (region.again.length)
    said.push('What was computed before the optimiser stepped is computed again in it: random layers and running statistics run twice.');
  if (owners.length === 0)
    said.push('No optimiser is in sight here, so the parameters of every optimiser that is alive are differentiated.');
  if (names.outputs.length) said.push(`It returns ${names.outputs.join(', ')} as well.`);
  return said.join(' ');
}

export function report(call: Syntax, context: FileContext, grade: Grade, reason: string): void {
  context.use({ node: call, api: API, status: 'migrated', strategy: 'restructured', grade, reason });
}

/** A training step that can't be rewritten surely: it raises when it is reached. */
export function fail(
  call: Syntax,
  context: FileContext,
  reason: string,
  remedy = 'Write the forward part as a function, and call compat.differentiate(function, optimizer) and compat.backward(loss).',
): void {
  const receiver = field(field(call, 'function')!, 'object')!;
  context.use({ node: call, api: API, status: 'unsupported', strategy: 'unsupported', grade: 'shown only', reason, remedy });
  context.handled.add(call);
  const thing = `${context.reach('compat.unsupported')}(${[API, context.place(call), remedy].map((one) => JSON.stringify(one)).join(', ')})`;
  context.edits.replace(call.start, call.end, (inner) => `${thing}(${inner(receiver.start, receiver.end)})`);
}
