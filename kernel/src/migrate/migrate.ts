/** The migration of a source: read, trace, infer, rewrite, write, report. Usable without Jupyter. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operatorsFolder } from '../processes/places.ts';
import { TradewindError } from '../records/errors.ts';
import type { AuditFinding, GraphVerdict, MigratedNotebook, ReportRecord, ReportSummary, Use, VendoredPackage } from '../records/report.ts';
import { audit } from './audit/audit.ts';
import { type Breathe, breathing } from './breath.ts';
import { composeCompat, readCompat } from './compat.ts';
import { type FileContext, finishUses, type Migration, openFile } from './context.ts';
import { withDtypes } from './dtypes-seen.ts';
import { judgeClasses } from './graph/judge.ts';
import { groupsOf } from './groups.ts';
import { freedNames, removeImports, writeImports } from './imports.ts';
import { infer } from './infer.ts';
import { makeLazy, replaceMissing } from './lazy.ts';
import { noticePlace, type Vendored, vendored } from './licences.ts';
import { COMPAT_FILE, withoutManifest } from './manifest.ts';
import { forgetGroup, withOwnTexts } from './memory.ts';
import { type Project, readProject, type SourceModule } from './modules.ts';
import { enclosingFunction } from './names.ts';
import { NodeMap } from './node-map.ts';
import { inCells, leftAsItIs, useInCell } from './notebooks/places.ts';
import { checkOutput, type Output, openOutput } from './output.ts';
import { addReached, type Packages, packagesOf } from './packages.ts';
import { loadParser, type Parse, type Syntax } from './parse.ts';
import { checkPaths } from './paths.ts';
import { apart, reachedBy } from './reached.ts';
import { relevantModules } from './relevance.ts';
import { signposts } from './scripts.ts';
import { loadTable, type Target } from './table.ts';
import { seenTypes, shapesAt, type Trace } from './trace.ts';
import { trainingLoops } from './training/loops.ts';
import { forwardCalls, visitModule } from './visit.ts';

export interface MigrationRequest {
  /** Absolute paths. */
  source: string;
  output: string;
  entry?: string;
  target: Target;
  force: boolean;
  /** Further folders of the module path (PYTHONPATH), where packages that SOURCE uses are looked for. */
  searchPath?: readonly string[];
  /** Runs the original once under the tracer; absent with `--no-trace`. */
  trace?: (root: string, entry: string) => Promise<Trace | undefined>;
  signal?: AbortSignal;
  progress?: (label: string, done: number, total?: number) => void;
}

export type MigrationResult = Pick<
  ReportRecord,
  'source' | 'output' | 'target' | 'traced' | 'summary' | 'uses' | 'unreached' | 'vendored' | 'notebooks' | 'audit' | 'graph' | 'skipped'
>;

/** Migrates and writes OUT. Throws a TradewindError for what the user can mend (a missing source, an existing OUT …). */
export async function migrate(request: MigrationRequest): Promise<MigrationResult> {
  const began = performance.now();
  checkPaths(request);
  checkOutput(request.output, request.force);
  const parse = await loadParser();
  const project = await readProject(request.source, request.entry, parse, await loadTable(operatorsFolder()), {
    signal: request.signal,
    onFile: (done, total) => request.progress?.('reading', done, total),
  });
  const breathe = breathing(request.signal);
  const packages = packagesOf(project, request.entry, request.searchPath);
  if (request.entry && !entryModule(project, request.entry)) {
    throw new TradewindError({
      code: 'input',
      message: `the entry ${request.entry} cannot be read as Python`,
      remedy: 'It has to define build() and inputs().',
    });
  }
  const trace = request.entry ? await request.trace?.(project.root, request.entry) : undefined;
  const following = (label: string) => (done: number, total: number) => request.progress?.(label, done, total);
  await addReached(project, packages, parse, { executed: trace?.executed, breathe, onModule: following('following imports') });
  const { relevant, mended } = await relevantModules(
    project,
    request.entry ? entryModule(project, request.entry) : undefined,
    breathe,
    following('understanding'),
  );
  const shared = {
    target: request.target,
    compat: new Set(['load_torch_state', 'torch_parameters']),
    generated: new Map<string, string>(),
  };
  const findings: AuditFinding[] = [];
  const graph: GraphVerdict[] = [];
  const output = openOutput(request.output, request.force);
  let uses: Use[] = [];
  let unreached: Use[] = [];
  let brought: VendoredPackage[] = [];
  const notebooks: MigratedNotebook[] = [];
  try {
    const found: { use: Use; reached: boolean }[] = [];
    const reaches = reachedBy(trace);
    const library = vendored(project.modules.values());
    for (const { file, from } of library.files) output.copy(file, from);
    const groups = groupsOf(relevant);
    let rewrote = 0;
    if (groups.length > 1) for (const module of project.modules.values()) module.forget();
    // In functions of their own: nothing of a group is held when its memory is given back.
    const migrateGroup = async (modules: ReadonlyMap<string, SourceModule>) => {
      const considered: Project = { ...project, modules: new Map(modules), resolved: new NodeMap() };
      const migration: Migration = { ...shared, inference: await infer(considered, trace && seenTypes(trace, considered), breathe) };
      findings.push(...audit([...modules.values()], migration.inference));
      const rewritten = await rewriteAll(migration, packages, mended, breathe, (done) =>
        request.progress?.('rewriting', rewrote + done, relevant.size),
      );
      rewrote += rewritten.length;
      graph.push(
        ...judgeClasses(
          rewritten.map((one) => one.context),
          migration.inference,
        ),
      );
      for (const one of rewritten) {
        await breathe();
        const { uses: own, notebook } = written(one, library, trace, reaches, output, project);
        for (const { use, reached } of own) found.push({ use: groups.length > 1 ? withOwnTexts(use) : use, reached });
        if (notebook) notebooks.push(notebook);
      }
    };
    for (const modules of groups) {
      await migrateGroup(modules);
      if (groups.length > 1) forgetGroup(modules.values());
    }
    const rest = [...project.modules.values()].filter((module) => !relevant.has(module.name));
    const audited = new Map(rest.filter((module) => module.mentions).map((module) => [module.name, module]));
    const auditGroup = async (modules: ReadonlyMap<string, SourceModule>) => {
      const considered: Project = { ...project, modules: new Map(modules), resolved: new NodeMap() };
      findings.push(...audit([...modules.values()], await infer(considered, undefined, breathe)));
    };
    for (const modules of groupsOf(audited)) {
      await auditGroup(modules);
      if (project.large) forgetGroup(modules.values());
    }
    for (const file of [...project.others, ...rest]) {
      await breathe();
      copied(file, output, project);
    }
    if (found.length) for (const { file, text } of signposts(relevant.values())) output.write(file, text);
    found.sort(({ use: a }, { use: b }) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));
    ({ uses, unreached } = apart(found));
    brought = library.packages;
    // A small migration may not have paused since: ctrl-C before OUT takes its place is heard in any case.
    request.signal?.throwIfAborted();
    const left = output.finish(await compatOf(project, shared, uses, parse));
    if (left)
      project.skipped.push({ file: '.', reason: `the OUT of before could not be removed wholly: what is left of it lies in ${left}` });
  } finally {
    output.discard();
  }
  for (const list of [findings, graph]) list.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
  return {
    source: request.source,
    output: request.output,
    target: request.target,
    traced: trace !== undefined,
    summary: summarise(uses, project.modules.size, (performance.now() - began) / 1000),
    uses,
    ...(unreached.length ? { unreached } : {}),
    ...(brought.length ? { vendored: brought } : {}),
    ...(notebooks.length ? { notebooks } : {}),
    ...inCells(project.modules.values(), findings, graph),
    skipped: project.skipped,
  };
}

/** Writes a module, or the notebook that it was read from, into OUT. */
function written(
  { context, anchor, missing }: Rewritten,
  library: Vendored,
  trace: Trace | undefined,
  reaches: ReturnType<typeof reachedBy>,
  output: Output,
  project: Project,
): { uses: { use: Use; reached: boolean }[]; notebook?: MigratedNotebook } {
  const { module } = context;
  writeImports(context, anchor, missing);
  const notice = library.notice(module);
  if (notice && !context.edits.empty) context.edits.insert(noticePlace(module.source), notice);
  const text = context.edits.apply();
  const changed = text !== module.source;
  const notebook = changed ? module.notebook?.write(text) : undefined;
  const refused = notebook && 'reason' in notebook ? notebook : undefined;
  const made = notebook && 'text' in notebook ? notebook : undefined;
  const uses = finishUses(context).map((use, at) => {
    const { node } = context.uses[at]!;
    const whole = useInCell(withShapes(withDtypes(use, node, context, trace), trace), module, made);
    return { use: refused ? leftAsItIs(whole, refused.reason) : whole, reached: reaches(node, module) };
  });
  if (!changed || refused) copied(module, output, project);
  else output.write(module.file, made?.text ?? text, module.path);
  return { uses, ...(made ? { notebook: { file: module.file, changed: made.changed, cleared: made.cleared } } : {}) };
}

function copied({ path, file }: { path: string; file: string }, output: Output, project: Project): void {
  if (file === COMPAT_FILE || output.copy(file, path) || project.skipped.some((one) => one.file === file)) return;
  project.skipped.push({ file, reason: 'cannot be read, and is not in OUT; give yourself the right to read it', left: true });
}

/** The text of `tradewind_compat.py`: SOURCE's own where it was migrated before, else what this migration needs. */
async function compatOf(
  project: Project,
  migration: Pick<Migration, 'compat' | 'generated'>,
  uses: readonly Use[],
  parse: Parse,
): Promise<Buffer> {
  const own = [...project.modules.values(), ...project.others].find((one) => one.file === COMPAT_FILE);
  if (uses.length && own) {
    throw new TradewindError({
      code: 'input',
      message: `SOURCE has a ${COMPAT_FILE} of its own, and PyTorch code beside it`,
      remedy: 'Migrate the original source rather than one that is half migrated.',
    });
  }
  if (own) return withoutManifest(readFileSync(own.path));
  const library = await readCompat(join(operatorsFolder(), 'compat'), parse);
  return Buffer.from(composeCompat(library, migration.compat, [...migration.generated.values()]));
}

/** A module with its edits, and the statements at which imports come and what is missing is asked for. */
interface Rewritten {
  context: FileContext;
  anchor?: Syntax;
  missing?: Syntax;
}

/** Rewrites every module; the texts are made later, when all is known about imports. */
async function rewriteAll(
  migration: Migration,
  packages: Packages,
  mended: ReadonlySet<SourceModule>,
  breathe: Breathe,
  onModule: (done: number) => void,
): Promise<Rewritten[]> {
  const { project } = migration.inference;
  const fragile = new Set<string>();
  const contexts = new Map<SourceModule, FileContext>();
  const contextOf = (module: SourceModule): FileContext => {
    const known = contexts.get(module);
    if (known) return known;
    const context = openFile(migration, module, freedNames(module, project));
    contexts.set(module, context);
    return context;
  };
  const found: Rewritten[] = [];
  for (const module of project.modules.values()) {
    onModule(found.length);
    await breathe();
    const context = contextOf(module);
    const missing = mended.has(module) ? replaceMissing(context, packages) : undefined;
    const { anchor } = removeImports(context);
    trainingLoops(context, contextOf);
    visitModule(context);
    forwardCalls(context);
    if (missing || context.uses.some((use) => use.status === 'unsupported' && use.node.type === 'call' && !enclosingFunction(use.node)))
      fragile.add(module.name);
    found.push({ context, anchor, missing });
  }
  makeLazy(
    found.map((one) => one.context),
    fragile,
    project,
  );
  return found;
}

export function entryModule(project: Project, entry: string): SourceModule | undefined {
  return [...project.modules.values()].find((module) => module.path === entry);
}

function withShapes(use: Use, trace: Trace | undefined): Use {
  const shapes = trace && shapesAt(trace, use);
  return shapes ? { ...use, shapes } : use;
}

function summarise(uses: readonly Use[], files: number, seconds: number): ReportSummary {
  const byStrategy = { equivalent: 0, custom: 0, restructured: 0, unsupported: 0 };
  for (const use of uses) byStrategy[use.strategy]++;
  const count = (status: Use['status']) => uses.filter((use) => use.status === status).length;
  return {
    files,
    uses: uses.length,
    migrated: count('migrated'),
    maybe: count('maybe'),
    unsupported: count('unsupported'),
    byStrategy,
    seconds,
  };
}
