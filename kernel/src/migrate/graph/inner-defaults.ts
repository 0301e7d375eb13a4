/** Functions inside a forward that call themselves and have arguments by default: the compiler finds no default while the function calls itself, so each call says it. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { enclosingFunction, lookUp, parametersOf, scopeAt } from '../names.ts';
import { descendants, field, type Syntax } from '../parse.ts';

const LITERALS = new Set(['integer', 'float', 'string', 'none', 'true', 'false']);

/** `def walk(t, depth=0): … walk(t, depth + 1)`, `walk(x)` → `walk(x, 0)`. */
export function defaultsOfInner(fn: Syntax, context: FileContext): string | undefined {
  const outer = enclosingFunction(fn);
  const parameters = parametersOf(fn);
  if (!outer || fn.parent?.type === 'decorated_definition' || parameters.some((one) => one.star || !one.name)) return undefined;
  if (!parameters.some((one) => one.value) || !parameters.every((one) => !one.value || LITERALS.has(one.value.type))) return undefined;
  const name = context.text(field(fn, 'name')!);
  const scope = lookUp(name, scopeAt(fn.parent!, context.module))?.scope;
  const reads = [...descendants(outer)].filter(
    (one) =>
      one.type === 'identifier' &&
      one !== field(fn, 'name') &&
      !['attribute', 'name'].includes(one.field ?? '') &&
      context.text(one) === name &&
      lookUp(name, scopeAt(one, context.module))?.scope === scope,
  );
  if (!reads.some((one) => one.start > fn.start && one.end < fn.end)) return undefined;
  const calls = reads.map((one) => (one.field === 'function' ? one.parent! : undefined));
  if (!calls.every((call) => call?.type === 'call' && field(call, 'arguments')?.type === 'argument_list')) return undefined;
  const given = calls.map((call) => argumentsOf(call!, context.text));
  if (given.some((several) => several.some((one) => one.star))) return undefined;
  calls.forEach((call, number) => {
    const several = given[number]!;
    const named = new Set(several.map((one) => one.name));
    const count = several.filter((one) => !one.name).length;
    const left = parameters.slice(count).filter((one) => one.value && !named.has(context.text(one.name!)));
    if (!left.length) return;
    const byName = several.length > count;
    const texts = left.map((one) => `${byName ? `${context.text(one.name!)}=` : ''}${context.text(one.value!)}`);
    const last = several.at(-1)?.node.end ?? field(call!, 'arguments')!.start + 1;
    context.edits.insert(last, `${several.length ? ', ' : ''}${texts.join(', ')}`);
  });
  for (const one of parameters) if (one.value) context.edits.replace(one.name!.end, one.node.end, '');
  return 'The compiler finds no default of a function that calls itself: each call gives it.';
}
