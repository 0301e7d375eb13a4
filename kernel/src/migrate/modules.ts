/** The project: SOURCE's Python files as modules with names, the entry, and the packages beside it that its models call. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import { parseAhead } from './ahead.ts';
import { breathing } from './breath.ts';
import { namesTorch, readSource, type Skipped, walk } from './files.ts';
import { buildScopes, type Resolved, type Scope } from './names.ts';
import { besideScript } from './neighbours.ts';
import type { NodeMap } from './node-map.ts';
import type { Notebook } from './notebooks/notebook.ts';
import { readNotebookModule } from './notebooks/read.ts';
import { type FlatTree, type ImportLine, importStatements, type Parse, type Parsed, type Syntax } from './parse.ts';
import type { Table } from './table.ts';

export interface SourceModule {
  /** Dotted, as Python imports it. */
  name: string;
  isPackage: boolean;
  /** Absolute, and relative to SOURCE's root (what the report shows and where it lies in OUT). */
  path: string;
  file: string;
  readonly source: string;
  /** Of a package outside SOURCE. */
  outside?: boolean;
  /** The traced run went through it: importing it may register what is asked for by name, so it is never put off. */
  ran?: boolean;
  /** Of a notebook: where its lines lie in cells, and the file that they go back into. */
  notebook?: Notebook;
  /** Its import statements, wherever they stand. */
  readonly imports: readonly ImportLine[];
  /** Is the name of a package that is migrated or audited anywhere in its text? */
  readonly mentions: boolean;
  /** Made when they are first asked for: a large tree has many files that nothing more is asked of. */
  readonly root: Syntax;
  scope: Scope;
  readonly scopes: Map<Syntax, Scope>;
  /** The project's own name of what the module imports by a name: that of a neighbour, where a script imports what lies beside it. */
  imported(name: string): string;
  /** Characters of its text while that and the tree are held, and when they were last asked for, by a count of all such questions. */
  readonly held: number;
  readonly used: number;
  /** Lets go of text, tree and scopes, which are made again where they are asked for. */
  forget(): void;
}

/** How deep a tree may be: what walks it calls itself as deep. */
export const DEEPEST = 1500;

/** What is kept of a parsed file: of one that mentions no package that is migrated, its imports alone. */
export interface Digest {
  imports: readonly ImportLine[];
  mentions: boolean;
  kept?: { source: string; parsed: Parsed };
}

let questions = 0;

/** A module whose text and tree are read again where they were not kept, which few modules are asked for. */
class ParsedModule implements SourceModule {
  readonly name: string;
  readonly isPackage: boolean;
  readonly path: string;
  readonly file: string;
  readonly imports: readonly ImportLine[];
  readonly mentions: boolean;
  outside?: boolean;
  ran?: boolean;
  notebook?: Notebook;
  used = 0;
  private kept?: { source: string; parsed: Parsed };
  private readonly parse: Parse;
  private outermost?: Scope;
  private all?: Map<Syntax, Scope>;
  private readonly project: Project;

  constructor(project: Project, path: string, file: string, name: string, isPackage: boolean, digest: Digest, parse: Parse) {
    this.project = project;
    this.name = name;
    this.isPackage = isPackage;
    this.path = path;
    this.file = file;
    this.imports = digest.imports;
    this.mentions = digest.mentions;
    this.kept = digest.kept;
    this.parse = parse;
  }

  get held(): number {
    return this.kept?.source.length ?? 0;
  }

  private load(): { source: string; parsed: Parsed } {
    if (!this.kept) {
      const read = readSource(this.path);
      if ('reason' in read)
        throw new TradewindError({
          code: 'input',
          message: `it was changed while it was migrated: ${read.reason}`,
          where: this.file,
          remedy: 'Migrate again when SOURCE is at rest.',
        });
      this.kept = { source: read.source, parsed: this.parse(read.source) };
      this.project.read += read.source.length;
    }
    this.used = ++questions;
    return this.kept;
  }

  get source(): string {
    return this.load().source;
  }

  forget(): void {
    // A notebook's text is not its file's.
    if (this.notebook) return;
    this.kept = undefined;
    this.all = undefined;
    this.outermost = undefined;
  }

  get root(): Syntax {
    return this.load().parsed.root;
  }

  get scope(): Scope {
    void this.scopes;
    return this.outermost!;
  }

  set scope(scope: Scope) {
    this.outermost = scope;
  }

  imported(name: string): string {
    return besideScript(name, this, this.project);
  }

  get scopes(): Map<Syntax, Scope> {
    if (!this.all) {
      this.all = new Map();
      buildScopes(this);
    }
    return this.all;
  }
}

export interface Project {
  /** Goes first on the module path. */
  root: string;
  modules: Map<string, SourceModule>;
  /** Files that are copied as they are. */
  others: { path: string; file: string }[];
  skipped: Skipped[];
  /** More than is held in memory at a time (groups.ts): who looks at a module before the groups are made lets go of it. */
  large?: boolean;
  /** Characters of modules that were read again (ParsedModule.load). */
  read: number;
  table?: Table;
  /** What names were found to mean; only where no module will be added any more. */
  resolved?: NodeMap<Resolved | undefined>;
}

/** `a/b/__init__.py` → `a.b`. A notebook has a name that no import can mean. */
export function moduleName(file: string): { name: string; isPackage: boolean } {
  if (file.endsWith('.ipynb')) return { name: `notebook ${file.replaceAll('.', ' ')}`, isPackage: false };
  const path = file.split(sep).join('/').replace(/\.py$/, '').split('/');
  const isPackage = path.at(-1) === '__init__';
  if (isPackage) path.pop();
  return { name: path.join('.'), isPackage };
}

/** What is kept of a file's text and tree; the texts of its imports are copied, since a part of a text holds all of it in memory. */
export function digest(source: string, flat: FlatTree, mentioned: RegExp): { imports: ImportLine[]; mentions: boolean } {
  return { imports: JSON.parse(JSON.stringify(importStatements(source, flat))), mentions: mentioned.test(source) };
}

/** Adds a Python file; undefined when it had to be skipped. */
export function addModule(project: Project, path: string, file: string, parse: Parse, ready?: Digest): SourceModule | undefined {
  let found = ready;
  if (!found) {
    const read = readSource(path);
    const parsed = 'source' in read ? parse(read.source) : undefined;
    const skipped = 'reason' in read ? read : unusable(read.source, parsed!);
    if (skipped) {
      project.skipped.push({ file, ...skipped });
      project.others.push({ path, file });
      return undefined;
    }
    const { source } = read as { source: string };
    const digested = digest(source, parsed!.flat, project.table!.mentioned);
    found = { ...digested, ...(digested.mentions ? { kept: { source, parsed: parsed! } } : {}) };
  }
  const { name, isPackage } = moduleName(file);
  const module = new ParsedModule(project, path, file, freeName(name, project), isPackage, found, parse);
  project.modules.set(module.name, module);
  return module;
}

/** Adds a notebook as one module; cells that are no Python stay as they are, and are named. */
function addNotebook(project: Project, path: string, file: string, parse: Parse): void {
  const read = readNotebookModule(path, parse);
  for (const reason of read.reasons) project.skipped.push({ file, reason });
  const { source, parsed } = read.ready ?? {};
  const kept = source !== undefined && parsed ? { source, parsed } : undefined;
  const ready = kept && { ...digest(kept.source, kept.parsed.flat, project.table!.mentioned), kept };
  const module = ready && addModule(project, path, file, parse, ready);
  if (module) module.notebook = read.ready!.notebook;
  else if (!read.ready) project.others.push({ path, file });
}

/** `a/__init__.py` comes before `a.py`, as Python has it; the other is imported by nobody, and still migrated. */
function freeName(name: string, project: Project): string {
  let free = name;
  for (let at = 2; project.modules.has(free); at++) free = `${name}~${at}`;
  return free;
}

/** Why a text that was parsed is left as it is. */
function unusable(source: string, { firstError, flat }: Parsed): Omit<Skipped, 'file'> | undefined {
  const left = namesTorch(source);
  if (firstError) return { reason: `line ${firstError.row + 1} is no valid Python; correct it to have the file migrated`, left };
  if (flat.depth > DEEPEST) return { reason: `its expressions are nested ${flat.depth} deep; split the longest of them`, left };
  return undefined;
}

/** Reads SOURCE (a file or folder) and the entry. The root of a file is its folder. */
export async function readProject(
  source: string,
  entry: string | undefined,
  parse: Parse,
  table: Table,
  { signal, onFile }: { signal?: AbortSignal; onFile?: (done: number, total: number) => void } = {},
): Promise<Project> {
  const folder = statSync(source).isDirectory();
  const root = folder ? source : dirname(source);
  const project: Project = { root, modules: new Map(), others: [], skipped: [], read: 0, table };
  const files = folder ? walk(source, project.skipped) : [source];
  const ahead = await parseAhead(files, table.mentioned, { signal, onFile });
  project.large = !ahead.keep;
  const breathe = breathing(signal);
  for (const [at, path] of files.entries()) {
    const ready = ahead.take(path);
    if (!ready) onFile?.(at, files.length);
    await breathe();
    const file = relative(root, path);
    const module = path.endsWith('.py') ? addModule(project, path, file, parse, ready) : undefined;
    if (!ahead.keep) module?.forget();
    if (path.endsWith('.py')) continue;
    if (path.endsWith('.ipynb')) addNotebook(project, path, file, parse);
    else project.others.push({ path, file });
  }
  if (entry && !files.includes(entry)) addModule(project, entry, basename(entry), parse);
  return project;
}

/** Where a module of the search path lies: `a.b` → `…/a/b.py` or `…/a/b/__init__.py`. */
export function findModule(name: string, folders: readonly string[]): { path: string; file: string } | undefined {
  const parts = name.split('.');
  for (const folder of folders) {
    for (const file of [`${join(...parts)}.py`, join(...parts, '__init__.py')]) {
      const path = join(folder, file);
      if (existsSync(path)) return { path, file };
    }
  }
  return undefined;
}
