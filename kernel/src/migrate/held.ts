/** Tensors that others hold: a write has to change the very object there, for a new value of the name would be nobody's. */
import type { FileContext } from './context.ts';
import { lookUp, scopeAt } from './names.ts';
import { ancestor, bare, field, type Syntax } from './parse.ts';

/**
 * Must the very object be written into, since others hold it (a parameter, a buffer, a caller's tensor while it is initialised)?
 * Otherwise the name is given the new value.
 */
export function keepsObject(base: Syntax, node: Syntax, context: FileContext): boolean {
  if (base.type === 'attribute') {
    if (/^(data|grad)$/.test(context.text(field(base, 'attribute')!))) return true;
    return inConstruction(node, context) || inNoGrad(node, context);
  }
  if (base.type !== 'identifier') return true;
  const scope = scopeAt(base, context.module);
  const found = lookUp(context.text(base), scope);
  // One of a model's parameters, from a loop over them.
  if (
    found?.bindings.some(
      (one) => one.kind === 'value' && one.path.length > 0 && one.value && /param|buffers|state_dict/.test(context.text(one.value)),
    )
  )
    return true;
  const held = found?.bindings.every(
    (one) =>
      one.kind === 'parameter' ||
      (one.kind === 'value' && (one.path.length > 0 || (one.value && ['attribute', 'subscript'].includes(bare(one.value).type)))),
  );
  return Boolean(held) && (inNoGrad(node, context) || inConstruction(node, context));
}

function inConstruction(node: Syntax, context: FileContext): boolean {
  const method = ancestor(node, 'function_definition');
  return (
    method !== undefined &&
    /^(__init__|_*(init|reset|initiali[sz]e)\w*|\w*_init_*(weights?)?|build)$/.test(context.text(field(method, 'name')!))
  );
}

/** In a `no_grad` block, or a function that is decorated with it? */
export function inNoGrad(node: Syntax, context: FileContext): boolean {
  for (let at = ancestor(node, 'with_statement'); at; at = ancestor(at, 'with_statement'))
    if (/\b(no_grad|inference_mode)\b/.test(context.text(at.children[1]!))) return true;
  const method = ancestor(node, 'function_definition');
  return method?.parent?.type === 'decorated_definition' && /^@.*\b(no_grad|inference_mode)\b/m.test(context.text(method.parent));
}
