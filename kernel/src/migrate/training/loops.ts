/**
 * Training loops: what comes before `loss.backward()` becomes a function that mindspore.value_and_grad differentiates
 * (`compat.differentiate`), and `loss.backward()` hands out the gradients (`compat.backward`), so that everything between them and
 * the optimiser's step (clipping, accumulation, scaling) stays where it was.
 */
import { argumentsOf } from '../calls.ts';
import type { FileContext } from '../context.ts';
import type { SourceModule } from '../modules.ts';
import { ancestor, bare, field, parts, type Syntax, statementOf } from '../parse.ts';
import { read, rebound } from './effects.ts';
import { backwardCalls, type Loss, lossOf, sinkCalls, sinks } from './losses.ts';
import { API, fail, inside, place, report } from './place.ts';
import { findRegion, type Region } from './region.ts';

/** Rewrites every training step of a file. Called before its uses of PyTorch are visited. */
export function trainingLoops(context: FileContext, contextOf: (module: SourceModule) => FileContext): void {
  const { inference, module } = context;
  if (!context.usesTorch && !module.source.includes('.backward(')) return;
  const all = sinks(inference, contextOf);
  const done: Region[] = [];
  const calls = backwardCalls(module, inference);
  const chosen = choices(calls, context);
  for (const [choice, own] of chosen) {
    const keys = new Set(own.flatMap((call) => [...read(field(field(call, 'function')!, 'object')!, context.text)]));
    const found = findRegion(choice, keys, true, context);
    if (found && 'region' in found) inside(found.region, own, context, done);
    else for (const call of own) fail(call, context, found?.fault ?? 'Where the losses are computed was not found.', found?.remedy);
  }
  const settled = new Set([...chosen.values()].flat());
  for (const call of calls) if (!settled.has(call)) backwardCall(call, all, done, context);
  for (const { call, loss, certain } of sinkCalls(module, inference, all)) handedOn(call, loss, certain, all, done, context);
}

function backwardCall(call: Syntax, all: ReadonlyMap<Syntax, string>, done: Region[], context: FileContext): void {
  const receiver = field(field(call, 'function')!, 'object')!;
  const loss = lossOf(receiver, context);
  const fn = ancestor(call, 'function_definition');
  if (loss) {
    if (fn && all.get(fn) === loss.key) {
      handOut(call, receiver, loss, context);
      report(call, context, 'needs a look', 'The loss comes from the caller, where its gradients are computed.');
      return;
    }
    // Several branches may differentiate one loss: the forward part is found once.
    const known = done.find(
      (one) => one.statements.some((statement) => rebound(statement, context.text).has(loss.key)) && covers(one, call),
    );
    const found = known ? { region: known } : findRegion(call, new Set([loss.key]), false, context);
    if (found && 'region' in found) {
      if (!known && !place(found.region, context.text(loss.node), call, done, context)) return;
      handOut(call, receiver, loss, context);
      return;
    }
    fail(call, context, found?.fault ?? 'Where the loss is computed was not found.', found?.remedy);
    return;
  }
  const statement = statementOf(call);
  const alone = statement.type === 'expression_statement' && parts(statement)[0] === call;
  if (!alone || argumentsOf(call, context.text).some((one) => one.name !== 'retain_graph')) {
    fail(call, context, 'What is differentiated is an expression inside another.');
    return;
  }
  const found = findRegion(call, read(receiver, context.text), true, context);
  if (found && 'region' in found) inside(found.region, [call], context, done);
  else fail(call, context, found?.fault ?? 'Where the loss is computed was not found.', found?.remedy);
}

/** If-statements whose branches each end in a backward, of losses that differ: the choice moves into the forward part. */
function choices(calls: readonly Syntax[], context: FileContext): Map<Syntax, Syntax[]> {
  const found = new Map<Syntax, Syntax[]>();
  for (const call of calls) {
    const choice = ancestor(call, 'if_statement');
    if (choice) found.set(choice, [...(found.get(choice) ?? []), call]);
  }
  for (const [choice, own] of found) {
    const branches = choice.children.flatMap((child) =>
      child.type === 'block'
        ? [child]
        : child.type === 'elif_clause'
          ? [field(child, 'consequence')!]
          : child.type === 'else_clause'
            ? [field(child, 'body')!]
            : [],
    );
    const each = branches.map((branch) => {
      const last = parts(branch).at(-1);
      return own.find(
        (call) => last?.type === 'expression_statement' && parts(last)[0] === call && argumentsOf(call, context.text).length === 0,
      );
    });
    const keys = new Set(own.map((call) => lossOf(field(field(call, 'function')!, 'object')!, context)?.key ?? call.start));
    const complete =
      choice.children.some((child) => child.type === 'else_clause') && each.every((one) => one !== undefined) && own.length === each.length;
    if (!complete || keys.size === 1) found.delete(choice);
  }
  return found;
}

/** A function that differentiates is called: the forward part is what makes its argument. */
function handedOn(
  call: Syntax,
  loss: Syntax,
  certain: boolean,
  all: ReadonlyMap<Syntax, string>,
  done: Region[],
  context: FileContext,
): void {
  const found = lossOf(loss, context);
  const fn = ancestor(call, 'function_definition');
  if (found && fn && all.get(fn) === found.key) return;
  const region = found && !found.factor ? findRegion(call, new Set([found.key]), false, context) : undefined;
  if (!found || !region || 'fault' in region) {
    context.use({
      node: call,
      api: API,
      status: 'unsupported',
      strategy: 'unsupported',
      grade: 'shown only',
      reason:
        (region && 'fault' in region && region.fault) || 'Where the loss that this function differentiates is computed was not found.',
      remedy: 'Compute the loss in a function and give it to compat.differentiate(function, optimizer) before it is handed on.',
    });
    return;
  }
  if (!place(region.region, context.text(found.node), call, done, context, certain ? undefined : 'needs a look')) return;
}

function covers(region: Region, call: Syntax): boolean {
  return region.block.start <= call.start && region.block.end >= call.end && region.statements.at(-1)!.end <= call.start;
}

/** `loss.backward(…)` → `compat.backward(loss, …)`; a factor goes to the gradients as well. */
function handOut(call: Syntax, receiver: Syntax, loss: Loss, context: FileContext): void {
  const list = field(call, 'arguments')!;
  const backward = context.reach('compat.backward');
  const scaled = loss.factor && bare(receiver).type === 'binary_operator' ? context.reach('compat.scaled_loss') : undefined;
  const given = argumentsOf(call, context.text);
  context.handled.add(call);
  context.edits.replace(call.start, call.end, (inner) => {
    let what = inner(receiver.start, receiver.end);
    if (receiver.type === 'parenthesized_expression') what = inner(receiver.start + 1, receiver.end - 1).trim();
    if (scaled && loss.factor) {
      const factor = inner(loss.factor.node.start, loss.factor.node.end);
      what = `${scaled}(${inner(loss.node.start, loss.node.end)}, ${loss.factor.operator === '/' ? `1 / ${simple(loss.factor.node) ? factor : `(${factor})`}` : factor})`;
    }
    return `${backward}(${what}${given.length ? `, ${inner(list.start + 1, list.end - 1).trim()}` : ''})`;
  });
}

function simple(node: Syntax): boolean {
  return ['identifier', 'attribute', 'integer', 'float', 'call', 'subscript', 'parenthesized_expression'].includes(node.type);
}
