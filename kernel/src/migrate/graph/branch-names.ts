/**
 * Names that some branches of an `if` give and code after it reads: `if hasattr(self, 'norm'): y = self.norm(x)`, and later `if hasattr(self, 'norm'): x = x + y`.
 * The compiler drops a branch only where the condition is a number, a text or None to it. In a function that has an `if` with another condition it wants each
 * branch of each of them to define the name; and so does a loop that reads it, whatever the condition.
 */
import type { FileContext } from '../context.ts';
import { LOOPS } from '../flow.ts';
import type { Inference } from '../infer.ts';
import { indentOf } from '../layout.ts';
import { enclosingFunction } from '../names.ts';
import { ancestor, bare, descendants, field, fields, parts, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';
import { callsBuiltin } from './asked.ts';
import { inOtherBranch, isGivenAnew, namesOutlasting, outerLoops, readsOf } from './loop-names.ts';

/** Defines such names before the statement; says so, or answers undefined where there is none. */
export function defineBeforeBranch(node: Syntax, context: FileContext): string | undefined {
  const names = namesLeftOpen(node, context).filter(
    (name) =>
      !outerBranches(node).some((outer) => namesLeftOpen(outer, context).includes(name)) &&
      !outerLoops(node).some((outer) => namesOutlasting(outer, context).includes(name)),
  );
  if (names.length === 0) return undefined;
  context.edits.insert(node.start, `${names.map((name) => `${name} = `).join('')}None\n${indentOf(node, context)}`);
  return `The compiler wants what one branch gives, and code after it reads, defined before it: ${names.join(', ')}.`;
}

function namesLeftOpen(node: Syntax, context: FileContext): string[] {
  const fn = enclosingFunction(node)!;
  const scope = context.module.scopes.get(fn);
  if (!scope) return [];
  const open = hasOpen(fn, context.inference);
  const found: string[] = [];
  for (const [name, bindings] of scope.names) {
    const inside = bindings.filter(({ node: at }) => at.start >= node.start && at.end <= node.end);
    if (
      inside.length === 0 ||
      bindings.some(({ kind, node: at }) => kind === 'parameter' || (at.start < node.start && !inOtherBranch(at, node)))
    )
      continue;
    if (!inside.every(({ kind }) => kind === 'value')) continue;
    const given = ({ start, end }: Syntax) => inside.some(({ node: at }) => at.start >= start && at.end <= end);
    const branches = branchesOf(node);
    if (branches.length > conditionsOf(node).length && branches.every((one) => given(one) || leaves(one))) continue;
    const reads = readsOf(name, fn, context).filter((start) => start >= node.end && !isGivenAnew(start, bindings, node));
    if (open ? reads.length : reads.some((start) => isInLoop(start, node, fn))) found.push(name);
  }
  return found;
}

/** Does a loop that begins behind the statement go through this place? */
function isInLoop(start: number, node: Syntax, fn: Syntax): boolean {
  return descendants(fn).some((one) => LOOPS.has(one.type) && one.start >= node.end && one.start <= start && one.end > start);
}

const known = new WeakMap<Syntax, boolean>();

function hasOpen(fn: Syntax, inference: Inference): boolean {
  const before = known.get(fn);
  if (before !== undefined) return before;
  const found = descendants(fn).some((one) => one.type === 'if_statement' && conditionsOf(one).some((part) => isOpen(part, inference)));
  known.set(fn, found);
  return found;
}

const clauses = (node: Syntax, type: string) => fields(node, 'alternative').filter((one) => one.type === type);

const conditionsOf = (node: Syntax) => [node, ...clauses(node, 'elif_clause')].map((one) => field(one, 'condition')!);

function branchesOf(node: Syntax): Syntax[] {
  const first = [node, ...clauses(node, 'elif_clause')].map((one) => field(one, 'consequence')!);
  return [...first, ...clauses(node, 'else_clause').map((one) => field(one, 'body')!)];
}

/** Does a branch never come to what stands after it? */
const leaves = (branch: Syntax) => /^(return|raise|continue|break)_statement$/.test(parts(branch).at(-1)?.type ?? '');

/** Is a condition, or a part of it, none that the compiler surely knows: a module, whether there is an attribute? */
function isOpen(condition: Syntax, inference: Inference): boolean {
  const one = bare(condition);
  if (one.type === 'not_operator' || one.type === 'boolean_operator') return parts(one).some((part) => isOpen(part, inference));
  if (one.type === 'call') return callsBuiltin(one, 'hasattr', inference);
  if (one.type !== 'identifier' && one.type !== 'attribute') return false;
  return alternatives(inference.typeOf(one)).some(({ kind }) => kind === 'instance' || kind === 'layer');
}

function outerBranches(node: Syntax): Syntax[] {
  const outer = ancestor(node, 'if_statement');
  return outer && enclosingFunction(outer) === enclosingFunction(node) ? [outer, ...outerBranches(outer)] : [];
}
