/** `torch._check(n == 2, lambda: f"…")`: of several lambdas in one function the compiler refuses some; the condition is written out. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { beginsItsLine } from '../layout.ts';
import { parametersOf } from '../names.ts';
import { field, type Syntax, statementOf } from '../parse.ts';
import { calledName } from './asked.ts';

/** → `if not (n == 2): raise RuntimeError(f"…")`. */
export function checkWrittenOut(node: Syntax, context: FileContext): string | undefined {
  if (node.parent?.type !== 'expression_statement' || calledName(node, context.inference) !== 'torch._check') return undefined;
  const [condition, message, ...more] = argumentsOf(node, context.text);
  if (!condition || message?.value.type !== 'lambda' || more.length || condition.name || condition.star || message.star) return undefined;
  if (parametersOf(message.value).length || !beginsItsLine(statementOf(node), context)) return undefined;
  const text = field(message.value, 'body')!;
  context.handled.add(field(node, 'function')!);
  context.edits.replace(
    node.start,
    node.end,
    (inner) => `if not (${inner(condition.value.start, condition.value.end)}): raise RuntimeError(${inner(text.start, text.end)})`,
  );
  return 'Of several lambdas in one function the compiler refuses some.';
}
