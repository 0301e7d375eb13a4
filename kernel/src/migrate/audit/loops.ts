/** Training loops as the rules of the audit see them: a loop with backward (or value_and_grad's step) and what stands around it. */
import { LOOPS } from '../flow.ts';
import { ancestor, field, type Syntax } from '../parse.ts';
import { type Audited, inside } from './finding.ts';

export interface TrainingLoop {
  /** The loop over batches that holds the backward. */
  loop: Syntax;
  body: Syntax;
  backward: Syntax;
  /** The function around it, or the module. */
  fn: Syntax;
  /** The loop around it, over epochs. */
  epochs?: Syntax;
}

export function trainingLoops(file: Audited): TrainingLoop[] {
  const found = new Map<Syntax, TrainingLoop>();
  for (const { node, name, object } of file.calls) {
    if (name !== 'backward' || !object || /^(self|cls)$/.test(file.text(object))) continue;
    const fn = ancestor(node, 'function_definition') ?? file.module.root;
    const loops = loopsAround(node, fn);
    const header = (loop: Syntax | undefined) => (loop ? file.text(loop).split('\n', 1)[0]! : '');
    let outer = loops.findIndex((one, at) => at > 0 && /epoch|\bep\b/i.test(header(one)));
    if (outer < 0 && /range\(/.test(header(loops[1])) && !/range\(/.test(header(loops[0]))) outer = 1;
    const loop = loops[Math.max(0, outer - 1)];
    if (!loop || found.has(loop)) continue;
    found.set(loop, { loop, body: field(loop, 'body')!, backward: node, fn, ...(outer > 0 ? { epochs: loops[outer]! } : {}) });
  }
  return [...found.values()];
}

/** Innermost first. */
function loopsAround(node: Syntax, fn: Syntax): Syntax[] {
  const found: Syntax[] = [];
  for (let at = ancestor(node, LOOPS); at && inside(at, fn); at = ancestor(at, LOOPS)) found.push(at);
  return found;
}

/** A name by which people call a schedule. */
export const SCHEDULE = /sched/i;
