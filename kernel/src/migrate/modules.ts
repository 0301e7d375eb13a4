/** The project: SOURCE's Python files as modules with names, the entry, and the packages beside it that its models call. */
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { parseAhead } from './ahead.ts';
import { breathing } from './breath.ts';
import { buildScopes, type Resolved, type Scope } from './names.ts';
import { besideScript } from './neighbours.ts';
import type { NodeMap } from './node-map.ts';
import type { Notebook } from './notebooks/notebook.ts';
import { readNotebookModule } from './notebooks/read.ts';
import { importStatements, type Parsed, type Syntax } from './parse.ts';
import type { Table } from './table.ts';

export interface SourceModule {
  /** Dotted, as Python imports it. */
  name: string;
  isPackage: boolean;
  /** Absolute, and relative to SOURCE's root (what the report shows and where it lies in OUT). */
  path: string;
  file: string;
  source: string;
  /** Of a package outside SOURCE. */
  outside?: boolean;
  /** The traced run went through it: importing it may register what is asked for by name, so it is never put off. */
  ran?: boolean;
  /** Of a notebook: where its lines lie in cells, and the file that they go back into. */
  notebook?: Notebook;
  /** Its import statements, wherever they stand, each as a tree of its own. */
  readonly imports: readonly Syntax[];
  /** Made when they are first asked for: a large tree has many files that nothing more is asked of. */
  readonly root: Syntax;
  scope: Scope;
  readonly scopes: Map<Syntax, Scope>;
  /** The project's own name of what the module imports by a name: that of a neighbour, where a script imports what lies beside it. */
  imported(name: string): string;
}

class ParsedModule implements SourceModule {
  readonly name: string;
  readonly isPackage: boolean;
  readonly path: string;
  readonly file: string;
  readonly source: string;
  outside?: boolean;
  ran?: boolean;
  notebook?: Notebook;
  private readonly parsed: Parsed;
  private found?: readonly Syntax[];
  private outermost?: Scope;
  private all?: Map<Syntax, Scope>;
  private readonly project: Project;

  constructor(project: Project, path: string, file: string, source: string, parsed: Parsed) {
    this.project = project;
    const { name, isPackage } = moduleName(file);
    this.name = name;
    this.isPackage = isPackage;
    this.path = path;
    this.file = file;
    this.source = source;
    this.parsed = parsed;
  }

  get imports(): readonly Syntax[] {
    this.found ??= importStatements(this.source, this.parsed.flat);
    return this.found;
  }

  get root(): Syntax {
    return this.parsed.root;
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
  skipped: { file: string; reason: string }[];
  table?: Table;
  /** What names were found to mean; only where no module will be added any more. */
  resolved?: NodeMap<Resolved | undefined>;
}

const LARGEST = 4_000_000;
const LEFT_OUT = new Set(['__pycache__', 'node_modules', '.git', '.venv', '.ipynb_checkpoints']);

/** Every file below a folder, without following links; what can't be read goes to `skipped`. */
export function walk(folder: string, skipped: { file: string; reason: string }[], root = folder): string[] {
  const found: string[] = [];
  let entries: string[];
  try {
    entries = readdirSync(folder).sort();
  } catch (error) {
    skipped.push({ file: relative(root, folder) || '.', reason: `the folder cannot be read (${(error as NodeJS.ErrnoException).code})` });
    return [];
  }
  for (const name of entries) {
    if (LEFT_OUT.has(name)) continue;
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) skipped.push({ file: relative(root, path), reason: 'a symbolic link is not followed' });
    else if (stat.isDirectory()) found.push(...walk(path, skipped, root));
    else if (stat.isFile()) found.push(path);
  }
  return found;
}

/** The text of a Python file by its declared encoding, or the reason why it is left as it is. */
export function readSource(path: string): { source: string } | { reason: string } {
  let bytes: Buffer;
  try {
    if (statSync(path).size > LARGEST) return { reason: `larger than ${LARGEST / 1e6} MB` };
    bytes = readFileSync(path);
  } catch (error) {
    return { reason: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  const head = bytes.subarray(0, 200).toString('latin1').split('\n', 2).join('\n');
  const declared = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/m.exec(head)?.[1]?.toLowerCase();
  if (declared && !/^(utf-?8(-sig)?|us-ascii|ascii)$/.test(declared)) return { reason: `its encoding is ${declared}; save it as UTF-8` };
  try {
    return { source: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { reason: 'it is not UTF-8' };
  }
}

/** `a/b/__init__.py` → `a.b`. A notebook has a name that no import can mean. */
export function moduleName(file: string): { name: string; isPackage: boolean } {
  if (file.endsWith('.ipynb')) return { name: `notebook ${file.replaceAll('.', ' ')}`, isPackage: false };
  const path = file.split(sep).join('/').replace(/\.py$/, '').split('/');
  const isPackage = path.at(-1) === '__init__';
  if (isPackage) path.pop();
  return { name: path.join('.'), isPackage };
}

/** Adds a Python file; undefined when it had to be skipped. */
export function addModule(
  project: Project,
  path: string,
  file: string,
  parse: (text: string) => Parsed,
  ready?: { source: string; parsed: Parsed },
): SourceModule | undefined {
  const read = ready ?? readSource(path);
  if ('reason' in read) {
    project.skipped.push({ file, reason: read.reason });
    project.others.push({ path, file });
    return undefined;
  }
  const parsed = ready?.parsed ?? parse(read.source);
  if (parsed.firstError) {
    project.skipped.push({ file, reason: `line ${parsed.firstError.row + 1} is no valid Python` });
    project.others.push({ path, file });
    return undefined;
  }
  const module = new ParsedModule(project, path, file, read.source, parsed);
  project.modules.set(module.name, module);
  return module;
}

/** Adds a notebook as one module; cells that are no Python stay as they are, and are named. */
function addNotebook(project: Project, path: string, file: string, parse: (text: string) => Parsed): void {
  const read = readNotebookModule(path, parse);
  for (const reason of read.reasons) project.skipped.push({ file, reason });
  const module = read.ready && addModule(project, path, file, parse, read.ready);
  if (module) module.notebook = read.ready!.notebook;
  else if (!read.ready) project.others.push({ path, file });
}

/** Reads SOURCE (a file or folder) and the entry. The root of a file is its folder. */
export async function readProject(
  source: string,
  entry: string | undefined,
  parse: (text: string) => Parsed,
  { signal, onFile }: { signal?: AbortSignal; onFile?: (done: number, total: number) => void } = {},
): Promise<Project> {
  const folder = statSync(source).isDirectory();
  const root = folder ? source : dirname(source);
  const project: Project = { root, modules: new Map(), others: [], skipped: [] };
  const files = folder ? walk(source, project.skipped) : [source];
  const ahead = await parseAhead(files, { signal, onFile });
  const breathe = breathing(signal);
  for (const [at, path] of files.entries()) {
    const ready = ahead.take(path);
    if (!ready) onFile?.(at, files.length);
    await breathe();
    const file = relative(root, path);
    if (path.endsWith('.py')) addModule(project, path, file, parse, ready);
    else if (path.endsWith('.ipynb')) addNotebook(project, path, file, parse);
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
