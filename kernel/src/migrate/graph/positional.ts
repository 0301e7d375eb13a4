/** Calls of what runs while a graph is compiled: it takes no keyword arguments there, so those in order become positional. */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import { parametersOf, resolve } from '../names.ts';
import { field, type Syntax } from '../parse.ts';
import { calledMethod } from './cached.ts';
import { runsWhileCompiling } from './compiling.ts';

/** The parameters that a call's arguments are for, if it runs while compiling. */
function parametersGiven(call: Syntax, context: FileContext) {
  const entity = resolve(field(call, 'function')!, context.module, context.inference.project)?.entity;
  if (entity?.kind === 'function' && entity.node.type === 'function_definition' && runsWhileCompiling(entity.node, context))
    return parametersOf(entity.node);
  const method = calledMethod(call, context.inference);
  return method && parametersOf(method).slice(1);
}

export function positionalCall(call: Syntax, context: FileContext): void {
  const names = parametersGiven(call, context)?.map((one) => context.inference.text(one.name!));
  if (!names) return;
  argumentsOf(call, context.text).forEach((one, at) => {
    if (one.name !== undefined && names[at] === one.name)
      context.edits.replace(one.node.start, one.node.end, (inner) => inner(one.value.start, one.value.end));
  });
}
