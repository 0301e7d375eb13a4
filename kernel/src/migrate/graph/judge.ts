/** Says of each module class whether the graph compiler takes it, before MindSpore is asked: the rules, applied to all code that its forward reaches. */
import type { GraphFinding, GraphVerdict } from '../../records/report.ts';
import { ownerOf } from '../classes.ts';
import type { FileContext, PendingUse } from '../context.ts';
import type { Inference } from '../infer.ts';
import { enclosingFunction, parametersOf } from '../names.ts';
import { descendants, field, type Syntax } from '../parse.ts';
import { alternatives } from '../types.ts';
import { keepsWhatItMakes } from './cached.ts';
import { runsWhileCompiling } from './compiling.ts';
import { RULES } from './rules.ts';

const BY_SYNTAX = new Map<string, (typeof RULES)[number][]>();
for (const rule of RULES) for (const type of rule.at) BY_SYNTAX.set(type, [...(BY_SYNTAX.get(type) ?? []), rule]);

/** A function, and the class of its self: a subclass has methods of its own. */
interface Step {
  fn: Syntax;
  self?: Syntax;
}

/** Functions and methods that a function calls, and the forwards of modules that it calls. */
function callsOf({ fn, self }: Step, inference: Inference): Step[] {
  const found: Step[] = [];
  const first = parametersOf(fn)[0]?.name;
  const own = first && ownerOf(fn) ? inference.text(first) : undefined;
  for (const node of descendants(fn)) {
    if (node.type !== 'call') continue;
    const callee = field(node, 'function')!;
    if (self && callee.type === 'attribute' && inference.text(field(callee, 'object')!) === own) {
      const method = inference.classes.method(self, inference.text(field(callee, 'attribute')!));
      if (method) found.push({ fn: method, self });
    }
    for (const type of alternatives(inference.typeOf(callee))) {
      if (type.kind === 'callable' && type.entity.kind === 'function' && type.entity.node.type === 'function_definition')
        found.push({ fn: type.entity.node, self: ownerOf(type.entity.node) });
      if (type.kind === 'instance') {
        const method = inference.classes.method(type.of, 'forward') ?? inference.classes.method(type.of, '__call__');
        if (method) found.push({ fn: method, self: type.of });
      }
    }
  }
  return found;
}

/** All verdicts, by file and line. `handled` are the nodes that a rewrite has dealt with. */
export function judgeClasses(contexts: readonly FileContext[], inference: Inference): GraphVerdict[] {
  const contextOf = new Map(contexts.map((context) => [context.module, context]));
  const own = new Map<Syntax, GraphFinding[]>();

  function findingsOf(fn: Syntax): GraphFinding[] {
    const known = own.get(fn);
    if (known) return known;
    const context = contextOf.get(inference.classes.moduleOf(fn));
    const asPython = context && (runsWhileCompiling(fn, context) || keepsWhatItMakes(fn, inference));
    const found = context && !asPython ? lookedThrough(fn, context, inference) : [];
    own.set(fn, found);
    return found;
  }

  const verdicts: GraphVerdict[] = [];
  for (const facts of inference.classes.all()) {
    const forward = inference.classes.isModule(facts.node) ? inference.classes.method(facts.node, 'forward') : undefined;
    if (!forward || !contextOf.has(facts.module)) continue;
    const seen = new Map<Syntax, Set<Syntax | undefined>>();
    const queue: Step[] = [{ fn: forward, self: facts.node }];
    const findings = new Set<GraphFinding>();
    for (let step = queue.pop(); step; step = queue.pop()) {
      const selves = seen.get(step.fn) ?? new Set();
      if (selves.has(step.self)) continue;
      seen.set(step.fn, selves.add(step.self));
      for (const one of findingsOf(step.fn)) findings.add(one);
      queue.push(...callsOf(step, inference));
    }
    const sorted = [...findings].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
    const graph = sorted.some((one) => one.effect !== 'unknown') ? 'no' : sorted.length ? 'unknown' : 'yes';
    verdicts.push({ class: facts.name, file: facts.module.file, line: facts.node.row + 1, graph, findings: sorted });
  }
  return verdicts.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
}

function lookedThrough(fn: Syntax, context: FileContext, inference: Inference): GraphFinding[] {
  const { file } = context.module;
  const found: GraphFinding[] = [];
  for (const node of descendants(field(fn, 'body')!)) {
    if (context.handled.has(node)) continue;
    for (const rule of BY_SYNTAX.get(node.type) ?? [])
      if (rule.when(node, inference))
        found.push({ file, line: node.row + 1, rule: rule.name, effect: rule.effect, why: rule.why, remedy: rule.remedy });
  }
  for (const use of context.uses) if (enclosingFunction(use.node) === fn) found.push(...doubtOf(use, file));
  return found;
}

/** What is left in the code is not known to compile. */
function doubtOf(use: PendingUse, file: string): GraphFinding[] {
  if (use.status === 'migrated') return [];
  const why =
    use.status === 'unsupported'
      ? `${use.api} has no migration, and raises when it is reached.`
      : `Whether this is ${use.api} is not known.`;
  return [
    {
      file,
      line: use.node.row + 1,
      rule: 'left over',
      effect: 'unknown',
      why,
      remedy: use.remedy ?? 'Settle this use, and migrate again.',
    },
  ];
}
