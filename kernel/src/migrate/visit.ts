/** Walks a module and hands each use of PyTorch to what rewrites it. */

import { arrayPlaces } from './array-places.ts';
import { attributeByName } from './attribute-by-name.ts';
import { autogradCall, autogradClass, autogradValue } from './autograd.ts';
import { undecorated, withBlock } from './blocks.ts';
import { deleted } from './bound.ts';
import { isStatic, ownerOf } from './classes.ts';
import { type FileContext, namespaceName } from './context.ts';
import { deviceMove } from './devices.ts';
import { numberBesideDouble, numbersOfDoubleCall } from './doubles.ts';
import { moduleDictEntry } from './entries.ts';
import { keptWhileCompiling } from './graph/cached.ts';
import { checkedWhileCompiling, isOnTheWay } from './graph/compiling.ts';
import { keptLambda } from './graph/lambdas.ts';
import { madeOfOnePart, partOfModule } from './graph/made-modules.ts';
import { mappedInGraph } from './graph/maps.ts';
import { ownNameCalled } from './graph/own-name.ts';
import { positionalCall } from './graph/positional.ts';
import { restructureForGraph } from './graph/restructure.ts';
import { namedExpression, starredAssignment } from './hoist.ts';
import { inPlaceMethod, overwritten } from './in-place.ts';
import { initialisedView, writtenData } from './initialised.ts';
import { innerGradient } from './inner-gradients.ts';
import { listPop } from './lists.ts';
import { complexMagnitude } from './magnitudes.ts';
import { placeOf } from './named-results.ts';
import { enclosingFunction, lookUp, parametersOf, resolve, scopeAt } from './names.ts';
import { numberTypes } from './number-types.ts';
import { ancestor, bare, descendants, field, parts, type Syntax } from './parse.ts';
import { reservedAttribute, reservedMethod, reservedText } from './reserved.ts';
import { quote, rewriteAttribute, rewriteMethod, rewriteNamed } from './rewrite.ts';
import { sizeMethod } from './sizes.ts';
import { squaredTensor } from './squares.ts';
import { steppedRead } from './stepped.ts';
import { storedAttribute } from './stored.ts';
import { assignedSubscript, augmented, complexOperator } from './structure.ts';
import { isTensorMethod } from './tensor-names.ts';
import { movedAnywhere } from './training/moves.ts';
import { alternatives, isTensor } from './types.ts';
import { withoutUnderscore, writingCall } from './writing-calls.ts';

/** Names that strings, lists and dictionaries have too: with an unknown receiver they say nothing. */
const COMMON_NAMES = new Set(
  'add append clear copy count data dim expand_dims fill flatten format get index insert item items join keys max mean min numpy pop prod remove repeat replace reshape reverse round shape size sort split std strip sum t take to type update var view apply mul div sub exp log all any map name requires_grad values indices new layout'.split(
    ' ',
  ),
);

export function visitModule(context: FileContext): void {
  visit(context.module.root, context);
}

function visit(node: Syntax, context: FileContext): void {
  if (context.handled.has(node)) {
    if (node.type === 'expression_statement') return;
    for (const child of node.children) visit(child, context);
    return;
  }
  restructureForGraph(node, context);
  switch (node.type) {
    case 'import_statement':
    case 'import_from_statement':
    case 'future_import_statement':
      return;
    case 'attribute':
    case 'identifier':
      if (named(node, context)) return;
      if (node.type === 'attribute') {
        attributeByName(node, context);
        autogradValue(node, context);
        reservedAttribute(node, context);
        moduleDictEntry(node, context);
        tensorAttribute(node, context);
      }
      break;
    case 'dotted_name':
      // A class in a `case` pattern.
      named(node, context);
      return;
    case 'generic_type':
    case 'subscript':
      if (jaxtyping(node, context)) return;
      if (node.type === 'subscript') {
        arrayPlaces(node, context);
        steppedRead(node, context);
        partOfModule(node, context);
      }
      break;
    case 'call':
      positionalCall(node, context);
      ownNameCalled(node, context);
      mappedInGraph(node, context);
      listPop(node, context);
      numbersOfDoubleCall(node, context);
      madeOfOnePart(node, context);
      numberTypes(node, context);
      sizeMethod(node, context);
      complexMagnitude(node, context);
      reservedText(node, context);
      if (!autogradCall(node, context) && !innerGradient(node, context)) tensorMethod(node, context);
      break;
    case 'with_statement':
      withBlock(node, context);
      break;
    case 'delete_statement':
      deleted(node, context);
      break;
    case 'decorated_definition':
      undecorated(field(node, 'definition')!, context);
      break;
    case 'class_definition':
      autogradClass(node, context);
      break;
    case 'function_definition':
      forwardMethod(node, context);
      reservedMethod(node, context);
      checkedWhileCompiling(node, context);
      keptWhileCompiling(node, context);
      break;
    case 'assignment':
      storedAttribute(node, context);
      starredAssignment(node, context);
      assignedSubscript(node, context);
      break;
    case 'lambda':
      keptLambda(node, context);
      break;
    case 'named_expression':
      namedExpression(node, context);
      break;
    case 'augmented_assignment':
      augmented(node, context);
      numberBesideDouble(node, context);
      break;
    case 'binary_operator':
      if (!complexOperator(node, context) && !squaredTensor(node, context)) numberBesideDouble(node, context);
      break;
    case 'comparison_operator':
      numberBesideDouble(node, context);
      break;
    case 'keyword_argument': {
      const value = field(node, 'value');
      if (value) visit(value, context);
      return;
    }
  }
  for (const child of node.children) visit(child, context);
  // Behind the rewriting of the call itself, which lies inside.
  if (node.type === 'call') writingCall(node, context);
}

/** A name that imports lead to a covered package. */
function named(node: Syntax, context: FileContext): boolean {
  if (
    node.type === 'identifier' &&
    (node.field === 'name' || node.field === 'attribute' || node.field === 'alias') &&
    node.parent?.type !== 'named_expression'
  )
    return false;
  if (node.type === 'identifier' && isTarget(node)) return false;
  const resolved = resolve(node, context.module, context.inference.project);
  if (!resolved?.direct || resolved.entity.kind !== 'external') return false;
  const name = withoutUnderscore(resolved.entity.name, context);
  const table = context.inference.project.table!;
  if (!table.covers(name)) return false;
  if (table.isNamespace(name)) return namespaceValue(node, name, context);
  // `torch.Tensor.add`, `nn.Linear.reset_parameters`: an attribute of something that has a row.
  if (!table.has(name) && node.type === 'attribute') {
    const object = field(node, 'object')!;
    const below = resolve(object, context.module, context.inference.project);
    if (below?.direct && below.entity.kind === 'external' && table.has(below.entity.name) && below.entity.name !== 'torch.Tensor') {
      visit(object, context);
      return true;
    }
  }
  if (
    context.handled.has(node) ||
    (/^torch\.autograd\.(function\.)?Function$/.test(name) && node.parent?.type === 'argument_list' && node.parent.field === 'superclasses')
  )
    return true;
  rewriteNamed(node, name, context);
  if (node.parent?.type === 'call' && node.field === 'function') initialisedView(node.parent, name, context);
  return true;
}

/** A namespace that is no step of a longer name: assigned (then its uses were followed), or handed on, as in `getattr(nn, name)`. */
function namespaceValue(node: Syntax, name: string, context: FileContext): boolean {
  if (node.parent?.type === 'attribute' && node.field === 'object') return false;
  if (node.parent?.type === 'assignment' && node.field === 'right' && field(node.parent, 'left')?.type === 'identifier')
    context.edits.replace(node.start, node.end, 'None');
  else {
    context.edits.replace(node.start, node.end, context.reach(`compat.${namespaceName(name, context.migration)}`));
    context.use({
      node,
      api: name,
      status: 'migrated',
      strategy: 'restructured',
      reason: 'An object with the names of this namespace that the table has.',
    });
  }
  return true;
}

function isTarget(node: Syntax): boolean {
  return (node.parent?.type === 'assignment' || node.parent?.type === 'augmented_assignment') && node.field === 'left';
}

/** `Float[Tensor, "b c"]` → `Tensor`: shapes in annotations belong to a package that is not there. */
function jaxtyping(node: Syntax, context: FileContext): boolean {
  const [head, ...rest] = parts(node);
  const entity = head && resolve(head, context.module, context.inference.project)?.entity;
  if (entity?.kind !== 'external' || !entity.name.startsWith('jaxtyping.')) return false;
  const first = node.type === 'generic_type' ? parts(rest[0]!)[0] : rest[0];
  if (!first) return false;
  visit(first, context);
  context.use({
    node,
    api: entity.name,
    status: 'migrated',
    strategy: 'restructured',
    reason: 'The shape in the annotation is left out; the array type stays.',
  });
  context.edits.replace(node.start, node.end, (inner) => inner(first.start, first.end));
  return true;
}

function doubtOf(certainty: string): string | undefined {
  return certainty === 'maybe' ? 'What this is called on is not known to be a tensor.' : undefined;
}

function definedInProject(name: string, context: FileContext): boolean {
  return context.inference.classes.definesMethod(name);
}

function tensorMethod(call: Syntax, context: FileContext): void {
  const callee = field(call, 'function')!;
  if (callee.type !== 'attribute') return;
  const object = field(callee, 'object')!;
  const resolved = resolve(callee, context.module, context.inference.project);
  if (resolved && resolved.entity.kind !== 'local') return;
  const name = context.text(field(callee, 'attribute')!);
  const table = context.inference.project.table!;
  const plain = name.endsWith('_') && !name.endsWith('__') ? name.slice(0, -1) : name;
  const api = `torch.Tensor.${name}`;
  const known = table.has(api) || table.has(`torch.Tensor.${plain}`);
  const type = context.inference.typeOf(object);
  const certainty = isTensor(type);
  if (certainty === 'no') return;
  // `lead_time.total_seconds()`: whatever was inferred, this is no tensor.
  if (!known && !isTensorMethod(name, plain)) return;
  if (certainty === 'maybe' && movedAnywhere(call, object, name, context)) return;
  const common = plain === name && COMMON_NAMES.has(plain);
  if (certainty === 'maybe' && context.usesTorch && !common && definedInProject(name, context) && eitherMethod(call, api, context)) return;
  if (
    certainty === 'maybe' &&
    (!known || !context.usesTorch || common || definedInProject(name, context) || table.row(api)?.to?.portable === 'same')
  )
    return;
  if (name === 'to' && certainty === 'yes' && deviceMove(call, context)) return;
  if (plain !== name && table.has(api)) writtenData(bare(object), context);
  if (plain !== name && table.row(api)?.to && !table.row(api)!.inplace && name !== 'requires_grad_')
    overwritten(call, api, context, doubtOf(certainty));
  else if (plain !== name && !table.has(api)) inPlaceMethod(call, name, plain, context, undefined);
  else if (table.row(api)?.inplace) inPlaceMethod(call, name, name, context, doubtOf(certainty));
  else rewriteMethod(call, api, context, doubtOf(certainty));
}

/** `factor.normal_(0, 1)` where a class of the project has a normal_ as well: which one it is turns out when it is called. Not for the compiler. */
function eitherMethod(call: Syntax, api: string, context: FileContext): boolean {
  const row = context.inference.project.table!.row(api);
  const to = row?.to?.[context.migration.target];
  const fn = enclosingFunction(call);
  if (!to || !/^compat\.\w+$/.test(to) || (fn && isOnTheWay(fn, context.inference))) return false;
  const callee = field(call, 'function')!;
  const object = field(callee, 'object')!;
  const name = quote(context.text(field(callee, 'attribute')!), call, context);
  context.use({
    node: call,
    api,
    status: 'maybe',
    strategy: row!.strategy,
    row,
    reason: 'A tensor’s method or one of a class here: it is chosen when it is called.',
  });
  const chosen = context.reach('compat.method_of');
  const own = context.reach(to);
  context.edits.replace(callee.start, callee.end, (inner) => `${chosen}(${inner(object.start, object.end)}, ${name}, ${own})`);
  return true;
}

function tensorAttribute(node: Syntax, context: FileContext): void {
  if (node.parent?.type === 'call' && node.field === 'function') return;
  const name = context.text(field(node, 'attribute')!);
  const { table } = context.inference.project;
  const type = context.inference.typeOf(field(node, 'object')!);
  const kinds = alternatives(type).filter((one) => one.kind !== 'none');
  if (kinds.length && kinds.every((one) => one.kind === 'dtype')) {
    const own = table!.row(`torch.dtype.${name}`);
    if (own?.to && !isTarget(node)) rewriteAttribute(node, `torch.dtype.${name}`, own, context);
    return;
  }
  const place = placeOf(name, type);
  if (place !== undefined) {
    context.edits.replace(field(node, 'object')!.end, node.end, `[${place}]`);
    return;
  }
  const row = table!.row(`torch.Tensor.${name}`);
  if (row?.kind !== 'attribute' || !row.to || isTarget(node)) return;
  const certainty = isTensor(type);
  if (
    certainty === 'no' ||
    (certainty === 'maybe' && (!context.usesTorch || COMMON_NAMES.has(name) || row.to.portable === 'same' || name === 'device'))
  )
    return;
  rewriteAttribute(node, `torch.Tensor.${name}`, row, context, doubtOf(certainty));
}

/** `forward` of a module becomes `construct`; its first parameter must be called `self` in graph mode. */
function forwardMethod(node: Syntax, context: FileContext): void {
  const owner = ownerOf(node);
  if (!owner || !context.inference.classes.isModule(owner)) return;
  const name = field(node, 'name')!;
  const first = parametersOf(node)[0]?.name;
  if (
    first &&
    !parametersOf(node).some((one) => one.name && context.text(one.name) === 'self') &&
    !isStatic(node, context.text) &&
    context.text(first) !== 'self' &&
    !/^@\s*classmethod/m.test(context.text(node.parent!).slice(0, 200))
  )
    renameFirst(node, first, context);
  if (context.text(name) !== 'forward') return;
  context.use({ node: name, api: 'torch.nn.Module.forward', status: 'migrated', strategy: 'restructured' });
  context.edits.replace(name.start, name.end, 'construct');
}

function renameFirst(method: Syntax, first: Syntax, context: FileContext): void {
  const old = context.text(first);
  const scope = context.module.scopes.get(method);
  for (const one of descendants(method)) {
    if (
      one.type !== 'identifier' ||
      context.text(one) !== old ||
      one.field === 'attribute' ||
      (one.field === 'name' && one.parent?.type === 'keyword_argument')
    )
      continue;
    if (one === first || lookUp(old, scopeAt(one, context.module))?.scope === scope) context.edits.replace(one.start, one.end, 'self');
  }
}

/** `self.forward(x)`, `super().forward(x)`, `self.head.forward(x)` follow the renamed method. */
export function forwardCalls(context: FileContext): void {
  for (const node of descendants(context.module.root)) {
    if (node.type !== 'attribute') continue;
    const attribute = field(node, 'attribute')!;
    if (context.text(attribute) !== 'forward') continue;
    const object = field(node, 'object')!;
    const owner = ancestor(node, 'class_definition');
    const isSuper = object.type === 'call' && context.text(field(object, 'function')!) === 'super';
    const type = context.inference.typeOf(object);
    const kinds = type?.kind === 'union' ? type.of : type ? [type] : [];
    const layer = kinds.some((one) => one.kind === 'layer' || (one.kind === 'instance' && context.inference.classes.isModule(one.of)));
    if (layer || (isSuper && owner && context.inference.classes.isModule(owner)))
      context.edits.replace(attribute.start, attribute.end, 'construct');
    else if (kinds.length === 0 || kinds.every((one) => one.kind === 'unknown')) {
      context.use({
        node,
        api: 'torch.nn.Module.forward',
        status: 'maybe',
        strategy: 'restructured',
        reason: 'What this is called on is not known to be a module.',
        remedy: 'Write .construct here if it is one.',
      });
    }
  }
}
