/** `nn.init.xavier_uniform_(w.view(…))` writes through the view in PyTorch. A view of MindSpore's is a copy: what was drawn is written back into `w`. */
import { argumentsOf } from './calls.ts';
import type { FileContext } from './context.ts';
import { lookUp, scopeAt } from './names.ts';
import { bare, field, type Syntax } from './parse.ts';

const VIEWS = new Set(['view', 'reshape', 'flatten', 'squeeze', 'unsqueeze', 'view_as']);

/** What a view, or a chain of them, is of; `w = layer.weight.data` stands for `layer.weight`. */
function viewed(node: Syntax, context: FileContext): Syntax | undefined {
  if (node.type !== 'call') return undefined;
  const callee = field(node, 'function')!;
  if (callee.type !== 'attribute' || !VIEWS.has(context.text(field(callee, 'attribute')!))) return undefined;
  const object = bare(field(callee, 'object')!);
  return viewed(object, context) ?? source(object, context);
}

function source(node: Syntax, context: FileContext): Syntax {
  const data = withoutData(node, context);
  if (data) return data;
  if (node.type !== 'identifier') return node;
  const bindings = lookUp(context.text(node), scopeAt(node, context.module))?.bindings ?? [];
  const only = bindings.length === 1 ? bindings[0]! : undefined;
  const value = only?.kind === 'value' && only.path.length === 0 ? only.value : undefined;
  return (value && withoutData(bare(value), context)) ?? node;
}

function withoutData(node: Syntax, context: FileContext): Syntax | undefined {
  if (node.type !== 'attribute' || context.text(field(node, 'attribute')!) !== 'data') return undefined;
  return field(node, 'object');
}

/** `w.data` that is written into stands for `w`: its detached copy would get the values. */
export function writtenData(node: Syntax, context: FileContext): boolean {
  const object = withoutData(node, context);
  if (!object) return false;
  context.handled.add(node);
  context.edits.replace(node.start, node.end, (inner) => inner(object.start, object.end));
  return true;
}

/** To be called after the initialiser's own name was rewritten. */
export function initialisedView(call: Syntax, api: string, context: FileContext): void {
  if (!/^torch\.nn\.init\.\w+_$/.test(api)) return;
  const [first] = argumentsOf(call, context.text);
  if (first && !first.star && writtenData(bare(first.value), context)) return;
  const target = first && !first.star ? (viewed(bare(first.value), context) ?? localData(first.value, context)) : undefined;
  if (!target) return;
  const assign = context.reach('compat.assign');
  context.use({
    node: call,
    api,
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Writes through a view: what was drawn is written back.',
  });
  context.edits.replace(call.start, call.end, (inner) => {
    const name = inner(target.start, target.end);
    return `${assign}(${name}, ${inner(call.start, call.end)}.reshape(${name}.shape))`;
  });
}

/** `w = layer.weight.data`, then `nn.init.normal_(w)`. */
function localData(node: Syntax, context: FileContext): Syntax | undefined {
  const object = bare(node);
  if (object.type !== 'identifier') return undefined;
  const found = source(object, context);
  return found === object ? undefined : found;
}
