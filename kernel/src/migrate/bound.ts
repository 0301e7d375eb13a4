/** Where one of PyTorch's names is bound or deleted rather than read: `del nn`, `del torch.foo`, `for torch.x in …`, `torch.a, torch.b = …`. */
import type { FileContext } from './context.ts';
import { resolve } from './names.ts';
import { parts, type Syntax } from './parse.ts';

/** What a target may lie in: brackets, tuples, lists, a star. */
const PATTERNS =
  /^(parenthesized_expression|pattern_list|tuple_pattern|list_pattern|list_splat_pattern|expression_list|tuple|list|list_splat)$/;

/** Is the node deleted, or written into other than as the whole left side of an assignment? */
export function isBound(node: Syntax): boolean {
  let at = node;
  while (at.parent && PATTERNS.test(at.parent.type)) at = at.parent;
  const { parent } = at;
  if (parent?.type === 'delete_statement' || parent?.type === 'as_pattern_target') return true;
  if (at.field !== 'left') return false;
  return parent?.type === 'for_statement' || parent?.type === 'for_in_clause' || (at !== node && parent?.type === 'assignment');
}

/** `del nn, x`: the import has gone already, so its name goes from the statement too; `pass` stands where nothing is left to delete. */
export function deleted(statement: Syntax, context: FileContext): void {
  const targets = targetsOf(statement);
  const imported = targets.filter((one) => one.type === 'identifier' && isImported(one, context));
  if (!imported.length) return;
  for (const node of imported) {
    context.handled.add(node);
    const reason = 'The import has gone, and with it what is deleted.';
    context.use({ node, api: nameOf(node, context)!, status: 'migrated', strategy: 'restructured', reason });
  }
  const kept = targets.filter((one) => !imported.includes(one));
  context.edits.replace(statement.start, statement.end, (inner) =>
    kept.length ? `del ${kept.map((one) => inner(one.start, one.end)).join(', ')}` : 'pass',
  );
}

/** Brackets and tuples of names, flat. */
function targetsOf(node: Syntax): Syntax[] {
  return parts(node).flatMap((one) => (PATTERNS.test(one.type) ? targetsOf(one) : [one]));
}

function nameOf(node: Syntax, context: FileContext): string | undefined {
  const resolved = resolve(node, context.module, context.inference.project);
  return resolved?.direct && resolved.entity.kind === 'external' ? resolved.entity.name : undefined;
}

function isImported(node: Syntax, context: FileContext): boolean {
  const name = nameOf(node, context);
  return name !== undefined && context.inference.project.table!.covers(name);
}
