/** What a rule of the audit is given, and what it says: faults of training code that lose accuracy without an error. */
import type { Inference } from '../infer.ts';
import type { SourceModule } from '../modules.ts';
import { resolve } from '../names.ts';
import { descendants, field, type Syntax } from '../parse.ts';

export interface Finding {
  node: Syntax;
  message: string;
}

/** A file under audit. */
export interface Audited {
  module: SourceModule;
  /** All of SOURCE: what one file leaves out another may do. */
  modules: readonly SourceModule[];
  inference: Inference;
  text(node: Syntax): string;
  /** Every call of the file, with the text of what is called. */
  calls: readonly { node: Syntax; callee: string; name: string; object?: Syntax }[];
  functions: readonly Syntax[];
  /** The API that a callee names: `torch.optim.AdamW`, `mindspore.nn.Dropout`. */
  apiOf(call: Syntax): string | undefined;
}

export interface Rule {
  name: string;
  remedy: string;
  /** A file in whose text this does not occur has nothing to be said about. */
  needs: RegExp;
  check(file: Audited): Iterable<Finding>;
}

export function audited(module: SourceModule, modules: readonly SourceModule[], inference: Inference): Audited {
  const text = (node: Syntax) => module.source.slice(node.start, node.end);
  const calls: { node: Syntax; callee: string; name: string; object?: Syntax }[] = [];
  const functions: Syntax[] = [];
  for (const node of descendants(module.root)) {
    if (node.type === 'function_definition') functions.push(node);
    if (node.type !== 'call') continue;
    const callee = field(node, 'function')!;
    const attribute = callee.type === 'attribute';
    calls.push({
      node,
      callee: text(callee),
      name: attribute ? text(field(callee, 'attribute')!) : text(callee),
      ...(attribute ? { object: field(callee, 'object')! } : {}),
    });
  }
  return {
    module,
    modules,
    inference,
    text,
    calls,
    functions,
    apiOf(call) {
      const entity = resolve(field(call, 'function')!, module, inference.project)?.entity;
      return entity?.kind === 'external' ? entity.name : undefined;
    },
  };
}

/** Is a node inside another? */
export function inside(node: Syntax, outer: Syntax): boolean {
  return node.start >= outer.start && node.end <= outer.end;
}
