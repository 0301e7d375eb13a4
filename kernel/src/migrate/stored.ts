/**
 * `self.last = f(x)` in a forward, read again further down: a graph's gradient does not follow a value through an attribute (it becomes zero,
 * without a word), so the forward goes on with a local name and the attribute keeps a copy for others to look at.
 */
import { ownerOf } from './classes.ts';
import type { FileContext } from './context.ts';
import { isConstant, isOnTheWay } from './graph/compiling.ts';
import { isCounted, isTarget } from './graph/kept-state.ts';
import { beginsItsLine, lineBefore } from './layout.ts';
import { enclosingFunction } from './names.ts';
import { descendants, field, parts, type Syntax, statementOf } from './parse.ts';
import { alternatives } from './types.ts';

function isOwn(node: Syntax, name: string, context: FileContext): boolean {
  return node.type === 'attribute' && context.text(field(node, 'object')!) === 'self' && context.text(field(node, 'attribute')!) === name;
}

const isWrite = (node: Syntax) => isTarget(node) || isCounted(node);

/** Is it plainly assigned in this method (and perhaps started in `__init__`), and nowhere else written? */
function isKeptHere(name: string, fn: Syntax, owner: Syntax, context: FileContext): boolean {
  for (const one of context.inference.classes.ancestry(owner)) {
    for (const assigned of one.attributes.get(name) ?? []) {
      const method = enclosingFunction(assigned.node);
      if (assigned.node.type === 'call') return false;
      if (method === fn || method === undefined) continue;
      if (context.inference.text(field(method, 'name')!) !== '__init__') return false;
      if (alternatives(context.inference.typeOf(assigned.value)).some((type) => type.kind === 'layer' || type.kind === 'instance'))
        return false;
    }
  }
  return true;
}

/** What an assignment writes: `self.a = …`, or the attributes in `self.h, self.w = …`. */
function targetsOf(left: Syntax): Syntax[] {
  if (left.type === 'attribute') return [left];
  return ['pattern_list', 'tuple_pattern'].includes(left.type) ? parts(left).filter((one) => one.type === 'attribute') : [];
}

export function storedAttribute(node: Syntax, context: FileContext): void {
  const right = field(node, 'right');
  const fn = enclosingFunction(node);
  const owner = fn && ownerOf(fn);
  if (!right || right.type === 'assignment' || !fn || !owner) return;
  const targets = targetsOf(field(node, 'left')!);
  if (targets.length === 0 || !isOnTheWay(fn, context.inference) || !context.inference.classes.isModule(owner)) return;
  const statement = statementOf(node);
  if (statement.type !== 'expression_statement' || parts(statement)[0] !== node || !beginsItsLine(statement, context)) return;
  const found = targets.flatMap((target) => followed(target, right, statement, fn, owner, context));
  if (found.length === 0) return;
  const lines = found.map(([name, local]) => `\n${lineBefore(statement, context)}self.${name} = ${local}`);
  context.edits.insert(statement.end, lines.join(''));
}

/** Gives what is written a local name, and what reads it further down; says both names, where it is read at all. */
function followed(
  left: Syntax,
  right: Syntax,
  statement: Syntax,
  fn: Syntax,
  owner: Syntax,
  context: FileContext,
): [name: string, local: string][] {
  const name = context.text(field(left, 'attribute')!);
  if (!isOwn(left, name, context)) return [];
  const type = context.inference.typeOf(left.field === 'left' ? right : left);
  // A graph takes shapes and numbers that come through an attribute for no constants, and loses the gradient of what they shape or scale.
  if (!alternatives(type).some((one) => one.kind === 'tensor') && !isConstant(type)) return [];
  if (!isKeptHere(name, fn, owner, context)) return [];
  const block = statement.parent!;
  const reads: Syntax[] = [];
  const names = new Set<string>();
  for (const one of descendants(fn)) {
    if (one.type === 'identifier' && one.field !== 'attribute') names.add(context.text(one));
    if (!isOwn(one, name, context) || one === left) continue;
    if (isCounted(one)) return [];
    if (!isWrite(one) && one.start >= statement.end && one.end <= block.end) reads.push(one);
  }
  if (reads.length === 0) return [];
  const plain = name.replace(/^_+/, '');
  const local = names.has(plain) ? `${plain}_now` : plain;
  context.edits.replace(left.start, left.end, local);
  for (const one of reads) {
    if (context.handled.has(one)) continue;
    context.handled.add(one);
    context.edits.replace(one.start, one.end, local);
  }
  context.use({
    node: left,
    api: 'self.attribute',
    status: 'migrated',
    strategy: 'restructured',
    reason: "A graph's gradient does not follow a value through an attribute: the forward goes on with a local name.",
  });
  return [[name, local]];
}
