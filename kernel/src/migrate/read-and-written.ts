/** What a value is computed from: the names that a statement reads, and those that it gives a value or writes into. Where training asks what may happen, this asks what does. */
import { field, type Syntax } from './parse.ts';
import * as effects from './training/effects.ts';

/** Names that are read, `self.h` among them. */
export function read(node: Syntax, text: effects.Text): string[] {
  return [...effects.read(node, text, (one) => text(one) !== 'self' && !effects.isTarget(one))];
}

/** Names that are given a value, or whose value a statement that is a call writes into. */
export function written(node: Syntax, text: effects.Text): string[] {
  return [...effects.written(node, text, (call) => call.parent?.type === 'expression_statement' && writesValues(call, text))];
}

function writesValues(call: Syntax, text: effects.Text): boolean {
  return text(field(field(call, 'function')!, 'attribute')!) !== 'requires_grad_';
}
