/**
 * What the uses of a name in its function say of it where nothing else is known: `def train(model, loader, criterion)` has no annotations, but
 * `model.parameters()` tells a module, and what a loss of PyTorch's is given are tensors.
 */
import type { Inference } from './infer.ts';
import { resolve } from './names.ts';
import { descendants, field, parts, type Syntax } from './parse.ts';
import { alternatives, TENSOR, type Type } from './types.ts';

const MODULE: Type = { kind: 'layer', name: 'torch.nn.Module' };
/** Methods that modules have, and nothing else that such code handles; `eval` where it is given nothing (a pandas table's takes an expression). */
const MODULE_METHODS = new Set(['eval', 'parameters', 'named_parameters', 'modules', 'named_modules', 'children', 'named_children']);
/** Trainers have these too; but nobody calls a trainer. */
const OF_WHAT_IS_CALLED = new Set(['train', 'state_dict', 'load_state_dict', 'requires_grad_']);
/** PyTorch's functions and layers all of whose first two arguments are tensors. */
const LOSS = /^torch\.nn\.(functional\.(\w*_loss|\w*cross_entropy\w*|cosine_similarity|kl_div)|\w+Loss)$/;

export type Evidence = (name: string, fn: Syntax) => Type | undefined;

/** Each function is looked through once; losses are asked again, for what is known of `criterion` grows from round to round. */
export function evidenceOf(inference: () => Inference): Evidence {
  const found = new Map<Syntax, { modules: Set<string>; arguments: Map<string, Syntax[]> }>();
  return (name, fn) => {
    const uses = found.get(fn) ?? usesIn(fn, inference().text);
    found.set(fn, uses);
    if (uses.modules.has(name)) return MODULE;
    return uses.arguments.get(name)?.some((callee) => isLoss(callee, inference())) ? TENSOR : undefined;
  };
}

function usesIn(fn: Syntax, text: Inference['text']) {
  const modules = new Set<string>();
  const perhaps = new Set<string>();
  const called = new Set<string>();
  const given = new Map<string, Syntax[]>();
  for (const call of descendants(fn)) {
    if (call.type !== 'call') continue;
    const callee = field(call, 'function')!;
    const list = parts(field(call, 'arguments')!);
    if (callee.type === 'attribute') {
      const object = field(callee, 'object')!;
      const method = text(field(callee, 'attribute')!);
      if (object.type === 'identifier') {
        const name = text(object);
        if (MODULE_METHODS.has(method) && (method !== 'eval' || list.length === 0)) modules.add(name);
        if (OF_WHAT_IS_CALLED.has(method)) perhaps.add(name);
      }
    } else if (callee.type === 'identifier') called.add(text(callee));
    for (const one of list.slice(0, 2)) {
      if (one.type !== 'identifier') continue;
      const name = text(one);
      given.set(name, [...(given.get(name) ?? []), callee]);
    }
  }
  for (const name of perhaps) if (called.has(name)) modules.add(name);
  return { modules, arguments: given };
}

function isLoss(callee: Syntax, inference: Inference): boolean {
  const named = resolve(callee, inference.classes.moduleOf(callee), inference.project)?.entity;
  if (named?.kind === 'external') return LOSS.test(named.name);
  // A method of a value may depend on the very name that is asked for: `criterion`, `self.criterion` don't.
  if (callee.type !== 'identifier' && !/^self\.\w+$/.test(inference.text(callee))) return false;
  const types = alternatives(inference.typeOf(callee));
  return types.length > 0 && types.every((one) => one.kind === 'layer' && LOSS.test(one.name));
}
