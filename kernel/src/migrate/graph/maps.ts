/** `map(lambda x: f(x, h), xs)`, which MindSpore's graphs refuse where the lambda sees a variable around it: a list comprehension says the same. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { enclosingFunction, parametersOf, resolve } from '../names.ts';
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
export function mappedLambda(call: Syntax, context: FileContext): void {
  const entity = resolve(field(call, 'function')!, context.module, context.inference.project)?.entity;
  if (entity?.kind !== 'external' || entity.name !== 'builtins.map') return;
  const [lambda, ...iterables] = argumentsOf(call, context.text);
  const fn = enclosingFunction(call);
  if (!fn || lambda?.value.type !== 'lambda' || iterables.length === 0 || iterables.some((one) => one.name || one.star)) return;
  const parameters = parametersOf(lambda.value);
  if (parameters.length !== iterables.length || parameters.some((one) => !one.name || one.value || one.star)) return;
  if (!consumed(call, context) || !reachedByForward(fn, context.inference)) return;
  const body = field(lambda.value, 'body')!;
  if ([...descendants(body)].some((one) => one.type === 'named_expression')) return;
  context.use({
    node: call,
    api: 'map',
    status: 'migrated',
    strategy: 'restructured',
    reason: "MindSpore's graphs do not take a mapped lambda that sees variables around it: a list comprehension says the same.",
  });
  context.edits.replace(call.start, call.end, (inner) => {
    const names = parameters.map((one) => context.text(one.name!)).join(', ');
    const sources = iterables.map((one) => inner(one.value.start, one.value.end));
    const source = sources.length > 1 ? `zip(${sources.join(', ')})` : sources[0]!;
    return `[${inner(body.start, body.end)} for ${names} in ${source}]`;
  });
}
