/** `next(…)`: the compiler's gives no item of a list, so lists are asked by number. */
import { argumentsOf } from '../calls.ts';
import { ownerOf } from '../classes.ts';
import type { FileContext } from '../context.ts';
import { enclosingFunction, lookUp, scopeAt } from '../names.ts';
import { descendants, field, parts, type Syntax, statementOf } from '../parse.ts';
import { callsBuiltin } from './asked.ts';

/** The only argument of a call of that function of Python's. */
function givenTo(name: string, node: Syntax | undefined, context: FileContext): Syntax | undefined {
  if (node?.type !== 'call' || !callsBuiltin(node, name, context.inference)) return undefined;
  const given = argumentsOf(node, context.text);
  return given.length === 1 && !given[0]!.name && !given[0]!.star ? given[0]!.value : undefined;
}

/** `next(iter(parts))` → `compat.first_of(parts)`; `next(self.parameters())` → `self.first_of_parameters`. */
export function firstItem(node: Syntax, context: FileContext): string | undefined {
  const asked = givenTo('next', node, context);
  if (!asked) return undefined;
  const several = givenTo('iter', asked, context);
  const owner = ownerOf(enclosingFunction(node)!);
  if (several) {
    const first = context.reach('compat.first_of');
    context.edits.replace(node.start, node.end, (inner) => `${first}(${inner(several.start, several.end)})`);
  } else if (owner && context.inference.classes.isModule(owner) && /^self\.parameters\(\)$/.test(context.text(asked)))
    context.edits.replace(node.start, node.end, 'self.first_of_parameters');
  else return undefined;
  return "The compiler's next() gives no item of a list.";
}

/** `it = zip(a, b); first = next(it); for one in it: …` → `it = list(zip(a, b)); first = it[0]; for one in it[1:]: …`. */
export function askedByNumber(node: Syntax, context: FileContext): string | undefined {
  const [left, right] = [field(node, 'left')!, field(node, 'right')];
  if (left.type !== 'identifier' || right?.type !== 'call') return undefined;
  const several = givenTo('iter', right, context);
  if (!several && !['zip', 'enumerate', 'reversed'].some((name) => callsBuiltin(right, name, context.inference))) return undefined;
  const name = context.text(left);
  const fn = enclosingFunction(node)!;
  const found = lookUp(name, scopeAt(left, context.module));
  if (found?.scope.node !== fn || found.bindings.length !== 1) return undefined;
  const block = statementOf(node).parent;
  const uses = descendants(fn).filter((one) => one.type === 'identifier' && one !== left && context.text(one) === name);
  const asked = uses
    .map((one) => one.parent?.parent)
    .filter((one) => one && givenTo('next', one, context)?.type === 'identifier') as Syntax[];
  const rest = uses.at(-1)?.parent?.type === 'for_statement' && uses.at(-1)!.field === 'right' ? uses.at(-1)! : undefined;
  if (asked.length === 0 || asked.length + (rest ? 1 : 0) !== uses.length) return undefined;
  // Each is asked once, one after the other.
  if (asked.some((one) => statementOf(one).parent !== block || parts(statementOf(one)).some((part) => part.type === 'lambda')))
    return undefined;
  if (rest && statementOf(rest).parent !== block) return undefined;
  if (several) context.edits.replace(field(right, 'function')!.start, field(right, 'function')!.end, 'list');
  else {
    context.edits.insert(right.start, 'list(');
    context.edits.insert(right.end, ')');
  }
  asked.forEach((one, at) => {
    context.handled.add(one);
    context.edits.replace(one.start, one.end, `${name}[${at}]`);
  });
  if (rest) context.edits.insert(rest.end, `[${asked.length}:]`);
  return "The compiler's next() gives no item of a list.";
}
