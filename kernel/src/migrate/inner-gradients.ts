/**
 * torch.autograd.grad inside a function (derivatives of a physics-informed loss, gradient penalties): MindSpore differentiates functions, so what
 * computes the outputs from the inputs is written once more as a function of them, in front of the statement that asks, and differentiated there.
 *
 * The method is compiled: a derivative that is differentiated again is silently wrong in PyNative wherever a reshape, transpose, sum or cat lies in it
 * (MindSpore 2.10), and right in graphs. Only where the text shows the whole way from inputs to outputs; elsewhere the reason says what is missing.
 */

import { type Argument, argumentsOf } from './calls.ts';
import { isStatic, ownerOf } from './classes.ts';
import type { FileContext } from './context.ts';
import { LOOPS } from './flow.ts';
import { free } from './free-names.ts';
import { isOnTheWay } from './graph/compiling.ts';
import { SIMPLE } from './hoist.ts';
import { beginsItsLine, editedLines, lineBefore } from './layout.ts';
import { enclosingFunction, lookUp, resolve, scopeAt } from './names.ts';
import { bare, descendants, field, parts, type Syntax, statementOf } from './parse.ts';
import { read, written } from './read-and-written.ts';
import { markUnsupported } from './rewrite.ts';
import { alternatives } from './types.ts';

const PARAMETERS = ['outputs', 'inputs', 'grad_outputs', 'retain_graph', 'create_graph', 'only_inputs', 'allow_unused'];
const REMEDY = 'Write what computes the outputs as a function of the inputs, and differentiate it with mindspore.grad.';
/** What may not stand in the way from inputs to outputs. */
const LEAVING = new Set(['return_statement', 'raise_statement', 'yield', 'break_statement', 'continue_statement', 'import_from_statement']);

export function innerGradient(call: Syntax, context: FileContext): boolean {
  const callee = field(call, 'function')!;
  const entity = resolve(callee, context.module, context.inference.project)?.entity;
  if (entity?.kind !== 'external' || entity.name !== 'torch.autograd.grad') return false;
  const found = functionOf(call, context);
  context.handled.add(callee);
  if (typeof found === 'string') {
    markUnsupported(call, callee, 'torch.autograd.grad', { reason: found, remedy: REMEDY }, context);
    return true;
  }
  const { name, statement, inputs, others, included, outputs, given, method } = found;
  if (method && !compiled.has(method)) {
    compiled.add(method);
    context.edits.insert(method.start, `@${context.reach('mindspore.jit')}\n${lineBefore(method, context)}`);
  }
  const indent = lineBefore(statement, context);
  const weights = given.get('grad_outputs');
  const weighted = weights && free('weights', call, context);
  const sum = context.reach('compat.weighted_sum');
  context.edits.replace(statement.start, statement.start, (inner) => {
    const lines = included.flatMap((one) => editedLines(one, context));
    const result = `return ${sum}(${[inner(outputs.start, outputs.end), ...(weighted ? [weighted] : [])].join(', ')})`;
    const body = [...lines, result].map((line) => (line ? `${indent}    ${line}` : line));
    const names = [...inputs, ...others, ...(weighted ? [weighted] : [])];
    return `def ${name}(${names.join(', ')}):\n${body.join('\n')}\n\n${indent}`;
  });
  const derivative = context.reach('compat.derivative');
  context.use({
    node: call,
    api: 'torch.autograd.grad',
    status: 'migrated',
    strategy: 'restructured',
    ...(included.length ? { grade: 'needs a look' as const } : {}),
    reason: `What computes it is written as a function, which is differentiated.${included.length ? ' Its lines run twice: layers that draw random numbers draw again.' : ''}`,
  });
  const followed = given.get('create_graph')?.value;
  context.edits.replace(call.start, call.end, (inner) => {
    const values = [...inputs, ...others, ...(weights ? [inner(weights.value.start, weights.value.end)] : [])];
    const word = followed ? `, create_graph=${inner(followed.start, followed.end)}` : '';
    return `${derivative}(${name}, ${inputs.length}, (${values.join(', ')}${values.length === 1 ? ',' : ''})${word})`;
  });
  asked.set(call, others);
  return true;
}

/** Calls that were written so, with what else they need: compiled functions follow no free tensors. */
const asked = new WeakMap<Syntax, readonly string[]>();
/** Methods that have their decorator. */
const compiled = new WeakSet<Syntax>();

interface Found {
  /** The method to compile; none where nothing follows the derivative any further. */
  method?: Syntax;
  name: string;
  statement: Syntax;
  inputs: string[];
  /** Tensors that it reads besides. */
  others: string[];
  /** The statements from inputs to outputs, in order. */
  included: Syntax[];
  outputs: Syntax;
  given: Map<string, Argument>;
}

/** The function to write, or why there is none. */
function functionOf(call: Syntax, context: FileContext): Found | string {
  const { text } = context;
  const fn = enclosingFunction(call);
  const statement = statementOf(call);
  const scope = fn ? field(fn, 'body') : context.module.root;
  if (!scope || fn?.type === 'lambda' || statement.parent?.type === 'decorated_definition') return 'It stands in a lambda.';
  if (!beginsItsLine(statement, context) || !SIMPLE.has(statement.type))
    return 'Nothing can be put in front of the statement that it stands in.';
  const given = new Map<string, Argument>();
  for (const [at, one] of argumentsOf(call, text).entries()) {
    const name = one.name ?? PARAMETERS[at];
    if (one.star || !name || !PARAMETERS.includes(name)) return `It is called with ${one.star ? 'unpacked arguments' : name}.`;
    given.set(name, one);
  }
  const outputs = given.get('outputs')?.value;
  const wanted = given.get('inputs')?.value;
  if (!outputs || !wanted) return 'It has no outputs or no inputs.';
  if (/^(list|tuple)$/.test(bare(outputs).type)) return 'It has several outputs.';
  const followed = given.get('create_graph') !== undefined && text(given.get('create_graph')!.value) !== 'False';
  const owner = fn && ownerOf(fn);
  const method =
    fn && owner && context.inference.classes.isModule(owner) && !isStatic(fn, text) ? compiledWith(fn, owner, context) : undefined;
  if (followed && (!method || method.parent?.type === 'decorated_definition'))
    return 'A derivative that is differentiated again is right in compiled code alone, and only what a module’s forward calls is compiled here.';
  const nodes = /^(list|tuple)$/.test(bare(wanted).type) ? parts(bare(wanted)) : [bare(wanted)];
  if (!nodes.every((one) => one.type === 'identifier')) return 'Its inputs are no plain names.';
  if (nodes.length > 3) return 'It has more than three inputs.';
  const inputs = nodes.map(text);
  const before = precedingStatements(statement, scope);
  const bound = before.findLastIndex((one) => written(one, text).some((name) => inputs.includes(name)));
  const way = before.slice(bound + 1);
  const depending = closure(way, new Set(inputs), text);
  const needed = new Set(read(outputs, text).filter((name) => !inputs.includes(name)));
  if (!read(outputs, text).some((name) => depending.has(name)))
    return `Where ${text(outputs)} is computed from ${inputs.join(', ')} does not stand in this function.`;
  const included: Syntax[] = [];
  for (let at = way.length - 1; at >= 0; at--) {
    const one = way[at]!;
    const writes = written(one, text);
    if (!writes.some((name) => needed.has(name)) || !read(one, text).some((name) => depending.has(name))) continue;
    for (const inside of [one, ...descendants(one)])
      if (LEAVING.has(inside.type)) return `${text(outputs)} is computed in a block that may be left early.`;
    if (/("""|''')/.test(text(one))) return 'A text of several lines stands in its way.';
    const nested = [one, ...descendants(one)].flatMap((inside) => asked.get(inside) ?? []);
    for (const name of [...read(one, text), ...nested]) {
      if (!inputs.includes(name)) needed.add(name);
      if (!depending.has(name) && way.slice(at + 1).some((later) => written(later, text).includes(name)))
        return `${name} is given another value before the derivative is asked for.`;
    }
    included.unshift(one);
  }
  const made = new Set(included.flatMap((one) => written(one, text)));
  // Whatever else depends on the inputs, in whichever order the function runs, would be held fixed.
  const anywhere = closure([...statementsIn(scope)], new Set(inputs), text);
  const fixed = [...needed].find((name) => !made.has(name) && anywhere.has(name));
  if (fixed) return `${fixed} may depend on ${inputs.join(', ')} as well, by a way that is not straight.`;
  const others = [...needed].filter((one) => !made.has(one) && isLocal(one, call, context));
  return {
    name: free(`${outputs.type === 'identifier' ? text(outputs) : 'output'}_by_${inputs.join('_')}`, call, context),
    statement,
    inputs,
    others,
    included,
    outputs,
    given,
    ...(followed ? { method } : {}),
  };
}

/** The forward by which a method is compiled: itself, or the one that calls it and nothing else does. */
function compiledWith(fn: Syntax, owner: Syntax, context: FileContext): Syntax | undefined {
  const name = context.text(field(fn, 'name')!);
  if (name === 'forward') return fn;
  if (!isOnTheWay(fn, context.inference)) return undefined;
  const elsewhere = [...descendants(context.module.root)].some(
    (one) =>
      one.type === 'attribute' &&
      context.text(field(one, 'attribute')!) === name &&
      !/^(self|super\(\))$/.test(context.text(field(one, 'object')!)),
  );
  return elsewhere ? undefined : context.inference.classes.facts(owner).methods.get('forward');
}

/** A name of the function's own that may be a tensor: a module, a number or a shape may stay a free name. */
function isLocal(name: string, call: Syntax, context: FileContext): boolean {
  const found = lookUp(name, scopeAt(call, context.module));
  if (!found || found.scope.node.type === 'module') return false;
  const kinds = found.bindings.filter((one) => one.kind === 'function' || one.kind === 'class');
  if (kinds.length) return false;
  const types = found.bindings.map((one) =>
    one.kind === 'value' ? context.inference.typeOf(one.value) : context.inference.typeOf(one.node),
  );
  return types.some((type) => type === undefined || alternatives(type).some((one) => one.kind === 'tensor' || one.kind === 'unknown'));
}

/** The statements that run before this one, from the start of its function on; of a loop around it those of the loop alone. */
function precedingStatements(statement: Syntax, scope: Syntax): Syntax[] {
  const found: Syntax[] = [];
  for (let at = statement; at !== scope && at.parent; at = at.parent) {
    const siblings = at.parent.type === 'block' || at.parent === scope ? at.parent.children : [];
    const place = siblings.indexOf(at);
    if (place > 0) found.unshift(...siblings.slice(0, place).filter((one) => one.type !== 'comment'));
    if (LOOPS.has(at.type)) break;
  }
  return found;
}

function* statementsIn(scope: Syntax): Generator<Syntax> {
  for (const one of descendants(scope)) if (one.parent?.type === 'block' || one.parent === scope) yield one;
}

/** The names that depend on some, over statements in any order. */
function closure(statements: readonly Syntax[], from: Set<string>, text: (node: Syntax) => string): Set<string> {
  const known = new Set(from);
  const facts = statements.map((one) => ({ reads: read(one, text), writes: written(one, text) }));
  for (let grown = true; grown; ) {
    grown = false;
    for (const { reads, writes } of facts) {
      if (!writes.length || writes.every((name) => known.has(name)) || !reads.some((name) => known.has(name))) continue;
      for (const name of writes) known.add(name);
      grown = true;
    }
  }
  return known;
}
