/** Calls of Python's own functions. */
import type { FileContext } from '../context.ts';
import { resolve } from '../names.ts';
import { field, type Syntax } from '../parse.ts';

/** Is it a call of that function of Python's, which no name of the project hides? */
export function builtinCall(call: Syntax, name: string, context: FileContext): boolean {
  const callee = field(call, 'function')!;
  const entity = resolve(callee, context.module, context.inference.project)?.entity;
  if (entity?.kind === 'external') return entity.name === `builtins.${name}`;
  return callee.type === 'identifier' && context.text(callee) === name && !entity;
}
