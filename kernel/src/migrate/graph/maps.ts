/** `map(lambda x: f(x, h), xs)`, `map(inner, xs)`, which MindSpore's graphs refuse where the function sees a variable around it: a list comprehension says the same. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { free } from '../free-names.ts';
import { enclosingFunction, lookUp, parametersOf, resolve, scopeAt } from '../names.ts';
import { descendants, field, type Syntax } from '../parse.ts';
import { reachedByForward } from './compiling.ts';

/** Is what the map gives gone through once, on the spot? Then a list does as well as an iterator. */
function consumed(call: Syntax, context: FileContext): boolean {
  const { parent } = call;
  if (parent?.type === 'assignment' && call.field === 'right') return field(parent, 'left')!.type !== 'identifier';
  if (parent?.type === 'for_statement' || parent?.type === 'for_in_clause' || parent?.type === 'list_splat') return true;
  if (parent?.type !== 'argument_list' || parent.parent?.type !== 'call') return false;
  const name = resolve(field(parent.parent, 'function')!, context.module, context.inference.project)?.entity;
  return name?.kind === 'external' && /^builtins\.(list|tuple|sum|set|max|min|all|any|sorted|dict)$/.test(name.name);
}

/** Rewrites such a call on the way of a forward. */
export function mappedInGraph(call: Syntax, context: FileContext): void {
  const entity = resolve(field(call, 'function')!, context.module, context.inference.project)?.entity;
  if (entity?.kind !== 'external' || entity.name !== 'builtins.map') return;
  const [mapped, ...iterables] = argumentsOf(call, context.text);
  const fn = enclosingFunction(call);
  if (!fn || !mapped || mapped.name || mapped.star || iterables.length === 0 || iterables.some((one) => one.name || one.star)) return;
  const written = mapped.value.type === 'lambda' ? ofLambda(mapped.value, iterables.length, context) : ofInner(mapped.value, call, context);
  if (!written || !consumed(call, context) || !reachedByForward(fn, context.inference)) return;
  context.use({
    node: call,
    api: 'map',
    status: 'migrated',
    strategy: 'restructured',
    reason: "MindSpore's graphs do not map a function that sees variables around it: a list comprehension says the same.",
  });
  context.edits.replace(call.start, call.end, (inner) => {
    const [value, names] = written(iterables.length, inner);
    const sources = iterables.map((one) => inner(one.value.start, one.value.end));
    const source = sources.length > 1 ? `zip(${sources.join(', ')})` : sources[0]!;
    return `[${value} for ${names.join(', ')} in ${source}]`;
  });
}

/** What an item of the list is, and the names in it that each round gives. */
type Written = (count: number, inner: (start: number, end: number) => string) => [string, string[]];

function ofLambda(lambda: Syntax, count: number, context: FileContext): Written | undefined {
  const parameters = parametersOf(lambda);
  if (parameters.length !== count || parameters.some((one) => !one.name || one.value || one.star)) return undefined;
  const body = field(lambda, 'body')!;
  if ([...descendants(body)].some((one) => one.type === 'named_expression')) return undefined;
  return (_, inner) => [inner(body.start, body.end), parameters.map((one) => context.text(one.name!))];
}

/** A function of this function's own, by its name. */
function ofInner(value: Syntax, call: Syntax, context: FileContext): Written | undefined {
  if (value.type !== 'identifier') return undefined;
  const name = context.text(value);
  if (lookUp(name, scopeAt(call, context.module))?.scope.kind !== 'function') return undefined;
  return (count) => {
    const names = Array.from({ length: count }, () => free('one', call, context));
    return [`${name}(${names.join(', ')})`, names];
  };
}
