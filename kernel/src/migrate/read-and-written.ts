/** The names that a statement reads, and those that it gives a value or writes into. */
import { descendants, field, parts, type Syntax } from './parse.ts';

/** Methods that write into what they are called on. */
const WRITERS = /^(append|extend|insert|update|add|setdefault|\w+_)$/;

/** Names that are read, `self.h` among them. */
export function read(node: Syntax, text: (node: Syntax) => string): string[] {
  const found = new Set<string>();
  for (const one of [node, ...descendants(node)]) {
    if (one.type === 'attribute' && /^self\.\w+$/.test(text(one))) found.add(text(one));
    if (one.type !== 'identifier' || one.field === 'attribute' || (one.field === 'name' && one.parent?.type === 'keyword_argument'))
      continue;
    if (text(one) !== 'self' && !isPlainTarget(one)) found.add(text(one));
  }
  return [...found];
}

function isPlainTarget(node: Syntax): boolean {
  let at = node;
  while (at.parent && /^(pattern_list|tuple_pattern|list_pattern)$/.test(at.parent.type)) at = at.parent;
  return at.field === 'left' && at.parent?.type === 'assignment';
}

/** Names that are given a value, or whose value is written into. */
export function written(node: Syntax, text: (node: Syntax) => string): string[] {
  const found = new Set<string>();
  const target = (one: Syntax): void => {
    if (one.type === 'identifier' || (one.type === 'attribute' && /^self\.\w+$/.test(text(one)))) found.add(text(one));
    else if (one.type === 'subscript') target(field(one, 'value')!);
    else if (one.type !== 'attribute') for (const part of parts(one)) target(part);
  };
  for (const one of [node, ...descendants(node)]) {
    if (/^(assignment|augmented_assignment|for_statement)$/.test(one.type)) target(field(one, 'left')!);
    else if (one.type === 'named_expression') target(field(one, 'name')!);
    else if (one.type === 'as_pattern_target') for (const part of parts(one)) target(part);
    else if (one.type === 'function_definition') found.add(text(field(one, 'name')!));
    else if (one.type === 'call' && one.parent?.type === 'expression_statement') {
      const callee = field(one, 'function')!;
      if (
        callee.type === 'attribute' &&
        text(field(callee, 'attribute')!) !== 'requires_grad_' &&
        WRITERS.test(text(field(callee, 'attribute')!))
      )
        target(field(callee, 'object')!);
    }
  }
  return [...found];
}
