/** Writing in place, which MindSpore's graphs don't take and its gradients don't follow: restructured into assignments. */
import type { FileContext } from './context.ts';
import { hoist } from './hoist.ts';
import { lookUp, scopeAt } from './names.ts';
import { ancestor, bare, descendants, field, fields, parts, type Syntax, statementOf } from './parse.ts';
import { rewriteMethod } from './rewrite.ts';
import { alternatives, isTensor, mayBeComplex } from './types.ts';

const OPERATORS: Record<string, string> = { '*': 'multiply', '/': 'divide' };
const ATOMS = new Set(['identifier', 'attribute', 'call', 'subscript', 'integer', 'float', 'parenthesized_expression', 'unary_operator']);

function isTensorValue(node: Syntax, context: FileContext): boolean {
  const type = context.inference.typeOf(node);
  return isTensor(type) === 'yes' && alternatives(type).some((one) => one.kind === 'tensor');
}

/** Products and quotients that may be complex: MindSpore has no gradient for the one and a wrong one for the other. */
export function complexOperator(node: Syntax, context: FileContext): void {
  const name = OPERATORS[context.text(field(node, 'operator')!)];
  const left = field(node, 'left')!;
  const right = field(node, 'right')!;
  if (!name) return;
  const complexNumber = [left, right].some((one) => /\d[jJ]$/.test(context.text(one)));
  if (!complexNumber && !mayBeComplex(context.inference.typeOf(left)) && !mayBeComplex(context.inference.typeOf(right))) return;
  if (!isTensorValue(left, context) && !isTensorValue(right, context)) return;
  const reached = context.reach(`compat.${name}`);
  context.use({
    node,
    api: name === 'multiply' ? 'torch.mul' : 'torch.div',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'Complex: written on real and imaginary parts.',
  });
  context.edits.replace(node.start, node.end, (inner) => `${reached}(${inner(left.start, left.end)}, ${inner(right.start, right.end)})`);
}

/** `x += y` on a tensor → `x = x + y`; `x[i] += y` → an indexed assignment. */
export function augmented(node: Syntax, context: FileContext): void {
  const left = field(node, 'left')!;
  const right = field(node, 'right')!;
  const sign = context.text(field(node, 'operator')!).slice(0, -1);
  if (left.type === 'subscript') {
    const base = field(left, 'value')!;
    if (!isTensorValue(base, context)) return;
    indexed(
      node,
      left,
      (inner) => operation(sign, `${inner(left.start, left.end)}`, inner(right.start, right.end), left, right, context),
      context,
    );
    return;
  }
  if (!isTensorValue(left, context) && !(left.type === 'identifier' && isTensorValue(right, context))) return;
  context.use({
    node,
    api: `torch.Tensor.__i${sign}__`,
    status: 'migrated',
    strategy: 'restructured',
    reason: 'An in-place operation becomes an assignment.',
  });
  // Forces the complex function's name to be reached before the file's imports are written.
  operation(sign, '', '', left, right, context);
  context.edits.replace(
    node.start,
    node.end,
    (inner) =>
      `${asTarget(left, inner, context)} = ${operation(sign, inner(left.start, left.end), inner(right.start, right.end), left, right, context)}`,
  );
}

function operation(sign: string, left: string, right: string, leftNode: Syntax, rightNode: Syntax, context: FileContext): string {
  const complex =
    OPERATORS[sign] && (mayBeComplex(context.inference.typeOf(leftNode)) || mayBeComplex(context.inference.typeOf(rightNode)));
  if (complex) return `${context.reach(`compat.${OPERATORS[sign]}`)}(${left}, ${right})`;
  return `${left} ${sign} ${ATOMS.has(rightNode.type) ? right : `(${right})`}`;
}

/** `x[i, a:b] = value` on a tensor → `x = compat.set_item(x, (i, slice(a, b)), value)`. */
export function assignedSubscript(node: Syntax, context: FileContext): void {
  const left = field(node, 'left');
  const right = field(node, 'right');
  if (!left || !right) return;
  if (left.type === 'attribute' && context.text(field(left, 'attribute')!) === 'data') {
    const object = field(left, 'object')!;
    if (isTensor(context.inference.typeOf(object)) === 'no') return;
    const assign = context.reach('compat.assign');
    context.use({
      node,
      api: 'torch.Tensor.data',
      status: 'migrated',
      strategy: 'restructured',
      reason: 'Writes the values of the parameter.',
    });
    context.edits.replace(
      node.start,
      node.end,
      (inner) => `${assign}(${inner(object.start, object.end)}, ${inner(right.start, right.end)})`,
    );
    return;
  }
  if (left.type !== 'subscript' || right.type === 'assignment') return;
  if (!isTensorValue(field(left, 'value')!, context)) return;
  indexed(node, left, (inner) => inner(right.start, right.end), context);
}

type Inner = (start: number, end: number) => string;

function indexed(node: Syntax, left: Syntax, value: (inner: Inner) => string, context: FileContext): void {
  const set = context.reach('compat.set_item');
  const { base, levels } = unwind(left);
  const keep = keepsObject(base, node, context);
  skipData(base, context);
  const assign = keep ? context.reach('compat.assign') : '';
  context.use({
    node,
    api: 'torch.Tensor.__setitem__',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'A write into a part becomes a new tensor, which gradients and graphs follow.',
  });
  context.edits.replace(node.start, node.end, (inner) => {
    const name = withoutData(base, inner, context);
    // `x[0][1] = v` writes through a view: x = set_item(x, 0, set_item(x[0], 1, v)).
    const build = (prefix: string, depth: number): string => {
      const index = indexText(levels[depth]!, inner, context);
      if (depth === levels.length - 1) return `${set}(${prefix}, ${index}, ${value(inner)})`;
      const below = `${prefix}[${levels[depth]!.map((one) => inner(one.start, one.end)).join(', ')}]`;
      return `${set}(${prefix}, ${index}, ${build(below, depth + 1)})`;
    };
    return keep ? `${assign}(${name}, ${build(name, 0)})` : `${name} = ${build(name, 0)}`;
  });
}

function unwind(left: Syntax): { base: Syntax; levels: Syntax[][] } {
  const levels: Syntax[][] = [];
  let at = left;
  while (at.type === 'subscript') {
    levels.unshift(fields(at, 'subscript'));
    at = bare(field(at, 'value')!);
  }
  return { base: at, levels };
}

/** `p.data` in a place that is written into stands for `p`. */
function skipData(node: Syntax, context: FileContext): void {
  if (node.type === 'attribute' && context.text(field(node, 'attribute')!) === 'data') context.handled.add(node);
}

function withoutData(node: Syntax, inner: Inner, context: FileContext): string {
  if (node.type === 'attribute' && context.text(field(node, 'attribute')!) === 'data')
    return inner(field(node, 'object')!.start, field(node, 'object')!.end);
  return inner(node.start, node.end);
}

/** An index as an expression: `:, a:b, ...` → `(slice(None), slice(a, b), ...)`. */
function indexText(index: Syntax[], inner: Inner, context: FileContext): string {
  const one = (node: Syntax): string => {
    if (node.type !== 'slice') return inner(node.start, node.end);
    const bounds: string[] = ['None'];
    for (const child of node.children) {
      if (child.type === ':') bounds.push('None');
      else if (child.type !== 'comment') bounds[bounds.length - 1] = inner(child.start, child.end);
    }
    if (bounds.length === 2 && bounds[0] === 'None' && bounds[1] !== 'None') return `slice(${bounds[1]})`;
    return bounds.every((bound) => bound === 'None') ? 'slice(None)' : `slice(${bounds.join(', ')})`;
  };
  const items = index.flatMap((node) => (node.type === 'tuple' || node.type === 'expression_list' ? parts(node) : [node]));
  const single =
    index.length === 1 &&
    index[0]!.type !== 'tuple' &&
    !/,\s*\]$/.test(context.module.source.slice(index[0]!.start, index[0]!.parent!.end));
  return single ? one(index[0]!) : `(${items.map(one).join(', ')}${items.length === 1 ? ',' : ''})`;
}

/**
 * Must the very object be written into, since others hold it (a parameter, a buffer, a caller's tensor while it is initialised)?
 * Otherwise the name is given the new value.
 */
function keepsObject(base: Syntax, node: Syntax, context: FileContext): boolean {
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

function inNoGrad(node: Syntax, context: FileContext): boolean {
  for (let at = ancestor(node, 'with_statement'); at; at = ancestor(at, 'with_statement'))
    if (/\b(no_grad|inference_mode)\b/.test(context.text(at.children[1]!))) return true;
  const method = ancestor(node, 'function_definition');
  return method?.parent?.type === 'decorated_definition' && /^@.*\b(no_grad|inference_mode)\b/m.test(context.text(method.parent));
}

/** `x.add_(y)`: the functional form, assigned to what it is called on; parameters and buffers are written into. */
export function inPlaceMethod(call: Syntax, name: string, plain: string, context: FileContext, doubt: string | undefined): void {
  const callee = field(call, 'function')!;
  const object = writtenInto(bare(field(callee, 'object')!), context);
  const attribute = field(callee, 'attribute')!;
  const statement = statementOf(call);
  const alone = statement.type === 'expression_statement' && parts(statement)[0] === call;
  const self =
    alone || (call.parent?.type === 'assignment' && call.field === 'right' && sameText(field(call.parent, 'left'), object, context));
  const api = `torch.Tensor.${plain}`;
  const functional = context.inference.project.table!.row(api)?.to?.[context.migration.target] === 'same' && plain !== name;
  // `x.add_(y).clamp_(0, 1)`: the last call of a chain writes, the others give it what to write.
  if (inChain(call, context)) {
    if (functional) context.edits.replace(attribute.start, attribute.end, plain);
    rewriteMethod(call, api, context, doubt);
    return;
  }
  if (keepsObject(object, call, context) || !['identifier', 'attribute', 'subscript'].includes(object.type)) {
    // Written into: assign(x, the functional form of x).
    const target = object.type === 'identifier' || object.type === 'attribute' || object.type === 'subscript';
    rewriteMethod(call, api, context, doubt);
    if (!target) return;
    const assign = context.reach('compat.assign');
    skipData(object, context);
    const bareObject = context.handled.has(object) ? field(object, 'object')! : object;
    context.edits.replace(
      call.start,
      call.end,
      (inner) => `${assign}(${inner(bareObject.start, bareObject.end)}, ${inner(call.start, call.end)})`,
    );
    if (bareObject !== object) context.edits.replace(object.start, object.end, (inner) => inner(bareObject.start, bareObject.end));
    return;
  }
  if (functional) context.edits.replace(attribute.start, attribute.end, plain);
  rewriteMethod(call, api, context, doubt);
  if (!self) {
    if (object.type !== 'identifier' || boundAnew(statement, object, context) || !usedLater(object, call, context)) return;
    const name = context.text(object);
    let hoisting = false;
    const hoisted = hoist(
      call,
      (inner) => {
        hoisting = true;
        const text = inner(call.start, call.end);
        hoisting = false;
        return `${name} = ${text}`;
      },
      context,
    );
    context.edits.replace(call.start, call.end, (inner) => {
      const text = inner(call.start, call.end);
      return hoisting ? text : hoisted ? name : `(${name} := ${text})`;
    });
    return;
  }
  if (!alone) return;
  if (object.type === 'subscript') {
    indexed(call, object, (inner) => inner(call.start, call.end), context);
    return;
  }
  context.edits.replace(call.start, call.end, (inner) => `${asTarget(object, inner, context)} = ${inner(call.start, call.end)}`);
}

/** What stands left of `=`: an attribute keeps its name, whatever reading it has become (`compat.grad_of(p)`). */
function asTarget(node: Syntax, inner: Inner, context: FileContext): string {
  if (node.type !== 'attribute') return inner(node.start, node.end);
  const object = field(node, 'object')!;
  return `${inner(object.start, object.end)}.${context.text(field(node, 'attribute')!)}`;
}

const IN_PLACE = /^[a-z]\w*[^_]_$/;

function isInPlaceCall(node: Syntax | undefined, context: FileContext): boolean {
  const callee = node?.type === 'call' ? field(node, 'function')! : undefined;
  return callee?.type === 'attribute' && IN_PLACE.test(context.text(field(callee, 'attribute')!));
}

/** What a chain of in-place calls begins with. */
function writtenInto(node: Syntax, context: FileContext): Syntax {
  return isInPlaceCall(node, context) ? writtenInto(bare(field(field(node, 'function')!, 'object')!), context) : node;
}

function inChain(call: Syntax, context: FileContext): boolean {
  return call.field === 'object' && isInPlaceCall(call.parent?.parent, context) && call.parent!.field === 'function';
}

function sameText(left: Syntax | undefined, right: Syntax, context: FileContext): boolean {
  return left !== undefined && context.text(left) === context.text(right);
}

/** `x = silu(x.add_(y))`: the statement gives the name a new value anyway, and reads the old one once. */
function boundAnew(statement: Syntax, object: Syntax, context: FileContext): boolean {
  const assignment = statement.type === 'expression_statement' ? parts(statement)[0] : undefined;
  if (assignment?.type !== 'assignment' || !sameText(field(assignment, 'left'), object, context)) return false;
  const value = field(assignment, 'right')!;
  return ![...descendants(value)].some(
    (one) =>
      one !== object &&
      one.type === 'identifier' &&
      one.start > object.start &&
      one.field !== 'attribute' &&
      one.field !== 'name' &&
      context.text(one) === context.text(object),
  );
}

/** Is the name read again after the call, in the same function or round a loop? */
function usedLater(object: Syntax, call: Syntax, context: FileContext): boolean {
  const name = context.text(object);
  const fn = ancestor(call, 'function_definition') ?? context.module.root;
  const loop = ancestor(call, 'for_statement') ?? ancestor(call, 'while_statement');
  const from = loop && loop.start > fn.start ? loop.start : call.end;
  const search = (node: Syntax): boolean =>
    node.children.some(
      (child) =>
        (child.type === 'identifier' &&
          child !== object &&
          child.start >= from &&
          child.field !== 'attribute' &&
          context.text(child) === name) ||
        search(child),
    );
  return search(fn);
}
