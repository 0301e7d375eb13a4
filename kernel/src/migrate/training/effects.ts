/** What statements do to names: which they read, which they bind, and which of them must have been bound when they are done. */
import { ancestor, bare, descendants, field, parts, type Syntax } from '../parse.ts';

export type Text = (node: Syntax) => string;

const INNER_SCOPES = new Set(['function_definition', 'lambda', 'class_definition']);
const COMPREHENSIONS = new Set(['list_comprehension', 'set_comprehension', 'dictionary_comprehension', 'generator_expression']);
/** Methods that change what they are called on. */
const CHANGES = /^(append|extend|insert|update|add|pop|setdefault|clear|\w+_)$/;

/** Nodes of a function's own code: not of functions, lambdas and classes inside it. */
export function* ownNodes(root: Syntax): Generator<Syntax> {
  for (const child of root.children) {
    yield child;
    if (!INNER_SCOPES.has(child.type)) yield* ownNodes(child);
  }
}

/** A name, or an attribute of a name (`self.loss`), as a key; undefined for anything else. */
export function keyOf(node: Syntax, text: Text): string | undefined {
  const one = bare(node);
  if (one.type === 'identifier') return text(one);
  if (one.type === 'attribute' && keyOf(field(one, 'object')!, text)) return text(one).replace(/\s+/g, '');
  return undefined;
}

/** Is an identifier a name that is looked up, rather than the name of an attribute or of an argument? */
function isName(node: Syntax): boolean {
  return (
    node.type === 'identifier' &&
    node.field !== 'attribute' &&
    !(node.field === 'name' && (node.parent?.type === 'keyword_argument' || INNER_SCOPES.has(node.parent?.type ?? '')))
  );
}

function targets(node: Syntax, text: Text): string[] {
  const one = bare(node);
  switch (one.type) {
    case 'identifier':
    case 'attribute': {
      const key = keyOf(one, text);
      return key ? [key] : [];
    }
    case 'subscript':
      return targets(field(one, 'value')!, text);
    default:
      return parts(one).flatMap((part) => targets(part, text));
  }
}

/** What a node other than an import binds. */
function bindingTargets(node: Syntax): (Syntax | undefined)[] {
  switch (node.type) {
    case 'assignment':
    case 'augmented_assignment':
    case 'for_statement':
      return [field(node, 'left')];
    case 'named_expression':
    case 'function_definition':
    case 'class_definition':
      return [field(node, 'name')];
    case 'as_pattern':
      return [parts(node)[1]];
    case 'delete_statement':
      return parts(node);
    default:
      return [];
  }
}

/** Keys that a statement (or expression) may bind or change; `counts`: by which of its calls of methods that change things. */
export function written(root: Syntax, text: Text, counts: (call: Syntax) => boolean = () => true): Set<string> {
  const found = new Set<string>();
  const add = (node: Syntax | undefined) => {
    if (node) for (const key of targets(node, text)) found.add(key);
  };
  const look = (node: Syntax) => {
    if (ancestor(node, COMPREHENSIONS) && node.type !== 'named_expression') return;
    for (const target of bindingTargets(node)) add(target);
    if (node.type !== 'call') return;
    const callee = field(node, 'function')!;
    if (callee.type === 'attribute' && CHANGES.test(text(field(callee, 'attribute')!)) && counts(node)) add(field(callee, 'object'));
  };
  look(root);
  for (const node of ownNodes(root)) look(node);
  return found;
}

/** Names (no attributes) that this very node gives a new object. */
export function boundHere(node: Syntax, text: Text): string[] {
  const found: string[] = [];
  const add = (target: Syntax | undefined): void => {
    if (!target) return;
    const one = bare(target);
    if (one.type === 'identifier') found.push(text(one));
    else if (one.type !== 'attribute' && one.type !== 'subscript') for (const part of parts(one)) add(part);
  };
  if (ancestor(node, COMPREHENSIONS) && node.type !== 'named_expression') return found;
  for (const target of bindingTargets(node)) add(target);
  switch (node.type) {
    case 'aliased_import':
      add(field(node, 'alias'));
      break;
    case 'import_statement':
    case 'import_from_statement':
      for (const one of parts(node)) if (one.type === 'dotted_name' && one.field === 'name') found.push(text(one).split('.')[0]!);
  }
  return found;
}

/** Names that a statement, or anything in it, gives a new object: what an inner function would make its own. */
export function rebound(root: Syntax, text: Text): Set<string> {
  const found = new Set(boundHere(root, text));
  for (const node of ownNodes(root)) for (const name of boundHere(node, text)) found.add(name);
  return found;
}

/** Keys that a statement reads: names, and attributes of names; those that it binds are among them, unless `counts` leaves them out. */
export function read(root: Syntax, text: Text, counts: (node: Syntax) => boolean = () => true): Set<string> {
  const found = new Set<string>();
  for (const node of [root, ...descendants(root)]) {
    if (!counts(node)) continue;
    if (isName(node)) found.add(text(node));
    else if (node.type === 'attribute') {
      const key = keyOf(node, text);
      if (key) found.add(key);
    }
  }
  return found;
}

/** Occurrences of a name anywhere in a tree, inner functions included. */
export function* occurrences(root: Syntax, name: string, text: Text): Generator<Syntax> {
  for (const node of descendants(root)) if (isName(node) && text(node) === name) yield node;
}

/** Names that are surely bound once the statements have run. */
export function surelyBound(statements: readonly Syntax[], text: Text): Set<string> {
  const found = new Set<string>();
  for (const one of statements) for (const name of boundBy(one, text)) found.add(name);
  return found;
}

function boundBy(node: Syntax, text: Text): Set<string> {
  switch (node.type) {
    case 'if_statement': {
      const branches = [field(node, 'consequence')!];
      let otherwise = false;
      for (const child of node.children) {
        if (child.type === 'elif_clause') branches.push(field(child, 'consequence')!);
        if (child.type === 'else_clause') {
          otherwise = true;
          branches.push(field(child, 'body')!);
        }
      }
      if (!otherwise) return new Set();
      const sets = branches.map((one) => surelyBound(parts(one), text));
      return new Set([...sets[0]!].filter((name) => sets.every((one) => one.has(name))));
    }
    case 'with_statement': {
      const own = new Set<string>();
      for (const child of node.children) if (child.type === 'with_clause') for (const name of rebound(child, text)) own.add(name);
      return new Set([...own, ...surelyBound(parts(field(node, 'body')!), text)]);
    }
    case 'for_statement':
    case 'while_statement':
    case 'try_statement':
    case 'match_statement':
    case 'delete_statement':
      return new Set();
    case 'decorated_definition':
      return rebound(node, text);
    default:
      return node.type === 'expression_statement' ? boundByExpression(node, text) : rebound(node, text);
  }
}

/** `x += 1` needs x already; it does not count as binding it. */
function boundByExpression(node: Syntax, text: Text): Set<string> {
  const found = rebound(node, text);
  for (const one of parts(node)) if (one.type === 'augmented_assignment') found.delete(text(field(one, 'left')!));
  return found;
}

/** Is a name looked up in the statements before one of them has surely bound it? */
export function readFirst(name: string, statements: readonly Syntax[], text: Text): boolean {
  for (const statement of statements) {
    if (readsBeforeBinding(statement, name, text)) return true;
    if (boundBy(statement, text).has(name)) return false;
  }
  return false;
}

function readsBeforeBinding(statement: Syntax, name: string, text: Text): boolean {
  for (const body of statement.children)
    if (statement.type === 'with_statement' && body.field === 'body') {
      const clause = statement.children.find((one) => one.type === 'with_clause');
      if (clause && [...occurrences(clause, name, text)].some((one) => !isTarget(one))) return true;
      if (clause && rebound(clause, text).has(name)) return false;
      return readFirst(name, parts(body), text);
    }
  if (statement.type === 'if_statement') {
    const condition = field(statement, 'condition')!;
    if ([condition, ...descendants(condition)].some((one) => isName(one) && text(one) === name)) return true;
    return statement.children.some((child) => {
      const block = child.type === 'block' ? child : (field(child, 'consequence') ?? field(child, 'body'));
      return block !== undefined && block.type === 'block' && readFirst(name, parts(block), text);
    });
  }
  return [...occurrences(statement, name, text)].some((one) => !isTarget(one));
}

/** A place that is bound, not read. */
export function isTarget(node: Syntax): boolean {
  for (let at: Syntax = node; at.parent; at = at.parent) {
    const { parent } = at;
    if (parent.type === 'assignment' || parent.type === 'for_statement') return at.field === 'left';
    if (parent.type === 'augmented_assignment') return false;
    if (parent.type === 'named_expression') return at.field === 'name';
    if (parent.type === 'as_pattern_target') return true;
    if (
      parent.type !== 'pattern_list' &&
      parent.type !== 'tuple_pattern' &&
      parent.type !== 'list_pattern' &&
      parent.type !== 'list_splat_pattern'
    )
      return false;
  }
  return false;
}
