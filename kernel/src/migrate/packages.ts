/**
 * Packages outside SOURCE. What is built on PyTorch is migrated into OUT with the modules that are reached; what is not (a logger, a file
 * system) is imported at first use; the standard library and what comes with MindSpore stay as they are.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve as resolvePath } from 'node:path';
import { rootFolder } from '../processes/places.ts';
import type { Breathe, OnModule } from './breath.ts';
import { letGo } from './memory.ts';
import { addModule, findModule, moduleName, type Project, type SourceModule } from './modules.ts';
import { exported, modulesOf, resolve } from './names.ts';
import { ancestor, descendants, field, type Parse, type Syntax } from './parse.ts';

/** Python's standard library (3.10 to 3.13, underscored modules aside). */
export const STANDARD = new Set(
  '__future__ abc aifc argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder multiprocessing netrc nntplib ntpath numbers opcode operator optparse os pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver spwd sqlite3 ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile termios textwrap threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo'.split(
    ' ',
  ),
);

/** MindSpore, NumPy, and what MindSpore itself requires. */
const WITH_MINDSPORE = new Set([
  'mindspore',
  'numpy',
  'scipy',
  'PIL',
  'google',
  'packaging',
  'psutil',
  'astunparse',
  'asttokens',
  'safetensors',
  'dill',
  'tradewind_compat',
]);

const LARGEST_LIBRARY = 1000;

export type Origin = 'project' | 'kept' | 'covered' | 'torch' | 'other';

export interface Packages {
  originOf(module: string): Origin;
  /** Installed here, and nothing to do with PyTorch: h5py, matplotlib, xarray. */
  isInstalled(module: string): boolean;
  /** A package that the model's own run called: where it is Python alone it is brought along, PyTorch or not. */
  called(module: string): void;
  /** Where modules outside SOURCE are looked for. */
  folders: readonly string[];
}

/** site-packages of the environment that `npm start` sets up, and the folders that its `.pth` files name (packages installed to be edited). */
function sitePackages(): string[] {
  const library = join(rootFolder(), '.venv', 'lib');
  if (!existsSync(library)) return [];
  return readdirSync(library)
    .map((name) => join(library, name, 'site-packages'))
    .filter(existsSync)
    .flatMap((folder) => [folder, ...namedByPth(folder)]);
}

function namedByPth(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pth'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line.trim() && !/^(#|import\s)/.test(line))
    .map((line) => resolvePath(folder, line.trim()))
    .filter(existsSync);
}

export function packagesOf(project: Project, entry: string | undefined, extra: readonly string[] = []): Packages {
  const folders = [...new Set([project.root, ...(entry ? [dirname(entry)] : []), ...extra, ...sitePackages()])];
  const known = new Map<string, Origin>();
  const own = new Set([...project.modules.keys()].map(topOf));
  function originOf(module: string): Origin {
    const top = topOf(module);
    let origin = known.get(top);
    if (!origin) {
      origin = classify(top, own, project, folders);
      known.set(top, origin);
    }
    return origin;
  }
  return {
    folders,
    originOf,
    isInstalled: (module) => originOf(module) === 'other' && findModule(module.split('.')[0]!, folders) !== undefined,
    called(module) {
      const top = module.split('.')[0]!;
      const found = originOf(top) === 'other' ? findModule(top, folders) : undefined;
      if (found && pureSource(found.path)) known.set(top, 'torch');
    },
  };
}

/** Python alone: no compiled part, and not so large that it is no model's library. */
function pureSource(path: string): boolean {
  const files = path.endsWith('__init__.py') ? readdirSync(dirname(path), { recursive: true, encoding: 'utf8' }) : [];
  return files.length < LARGEST_LIBRARY && !files.some((file) => /\.(so|pyd|dylib)$/.test(file));
}

const topOf = (name: string) => name.split('.')[0]!;

/** Packages of which the table has some functions alone: the rest comes along as it is written. */
const PARTLY = new Set(['tensorly']);

function classify(top: string, own: ReadonlySet<string>, project: Project, folders: readonly string[]): Origin {
  if (own.has(top)) return 'project';
  if (STANDARD.has(top) || WITH_MINDSPORE.has(top) || top.startsWith('_')) return 'kept';
  if (project.table!.covers(top) && !PARTLY.has(top)) return 'covered';
  const found = findModule(top, folders);
  if (!found) return 'other';
  return builtOnTorch(found.path) ? 'torch' : 'other';
}

/** Does a module, or any of its package, import torch? */
function builtOnTorch(path: string): boolean {
  const imports = (file: string) => {
    // Most files don't even name it, which the bytes tell.
    const bytes = readFileSync(file);
    return bytes.includes('torch') && /^\s*(import torch\b|from torch[\s.])/m.test(bytes.toString());
  };
  if (imports(path)) return true;
  if (!path.endsWith('__init__.py')) return false;
  const queue = [dirname(path)];
  for (let seen = 0; queue.length && seen < 400; ) {
    const folder = queue.shift()!;
    for (const one of readdirSync(folder, { withFileTypes: true })) {
      const inner = join(folder, one.name);
      if (one.isDirectory() && !one.name.startsWith('.') && one.name !== '__pycache__') queue.push(inner);
      else if (one.isFile() && one.name.endsWith('.py')) {
        seen++;
        if (imports(inner)) return true;
      }
    }
  }
  return false;
}

/** An import that runs when its module is imported, and whose failure nobody catches. */
export function runsUnguarded(node: Syntax, module: SourceModule): boolean {
  if (ancestor(node, new Set(['function_definition', 'lambda']))) return false;
  for (let at = node.parent; at; at = at.parent) {
    if (at.type === 'try_statement') return false;
    if (at.type === 'if_statement' && /TYPE_CHECKING/.test(module.source.slice(field(at, 'condition')!.start, field(at, 'condition')!.end)))
      return false;
  }
  return true;
}

/**
 * Adds the modules of PyTorch packages outside SOURCE that SOURCE reaches, however far. Their `__init__` files are followed by demand;
 * `executed` are files that the traced run went through, and that only a name in a string may lead to.
 */
export async function addReached(
  project: Project,
  packages: Packages,
  parse: Parse,
  { executed = [], breathe = () => undefined, onModule }: { executed?: readonly string[]; breathe?: Breathe; onModule?: OnModule } = {},
): Promise<void> {
  const demanded = new Set<string>();

  function load(name: string): SourceModule | undefined {
    const known = project.modules.get(name);
    if (known) return known;
    const found = findModule(name, packages.folders);
    if (!found) return undefined;
    const parent = name.includes('.') ? load(name.slice(0, name.lastIndexOf('.'))) : undefined;
    const module = addModule(project, found.path, found.file, parse);
    if (!module) return undefined;
    module.outside = true;
    void parent;
    if (!module.isPackage) follow(module);
    else followOwnCode(module);
    return module;
  }

  /** Names that a package's `__init__` itself uses are demanded; its re-exports are not. */
  function followOwnCode(module: SourceModule): void {
    for (const node of descendants(module.root)) {
      if (node.type !== 'identifier' || ancestor(node, new Set(['import_statement', 'import_from_statement']))) continue;
      const bound = module.scope.names.get(module.source.slice(node.start, node.end))?.find((one) => one.kind === 'import');
      if (bound?.kind === 'import') demand(bound.target, bound.member);
    }
  }

  function demand(target: string, member: string | undefined): void {
    const key = `${target}:${member ?? ''}`;
    if (demanded.has(key)) return;
    demanded.add(key);
    const origin = packages.originOf(target);
    if (origin !== 'torch' && origin !== 'project') return;
    if (origin === 'project' && !project.modules.has(target)) return;
    const module = load(target);
    if (!module || member === undefined) return;
    // What SOURCE's own files import is followed in them; only a name that came by `*` has to be looked for.
    if (!module.outside && !module.imports.some(({ star }) => star)) return;
    const bindings = module.scope.names.get(member) ?? [];
    for (const one of bindings) {
      if (one.kind !== 'import') continue;
      // `from . import paths` in the package itself means its module.
      if (one.target === target && one.member === member) load(`${target}.${member}`);
      else demand(one.target, one.member);
    }
    if (bindings.length === 0) {
      for (const star of module.scope.stars) if (mentions(star, member)) demand(star, member);
      if (!exported(module, member, project, 0)) load(`${target}.${member}`);
    }
  }

  /** A look at the text, so that a search through star imports does not load them all. */
  function mentions(name: string, member: string): boolean {
    const path = project.modules.get(name)?.path ?? findModule(name, packages.folders)?.path;
    return path !== undefined && new RegExp(`\\b${member}\\b|import \\*`).test(readFileSync(path, 'utf8'));
  }

  function follow(module: SourceModule): void {
    for (const line of module.imports) {
      const origins = modulesOf(line, module);
      if (line.from === undefined) for (const origin of origins) demand(origin, undefined);
      else {
        for (const { name } of line.names) demand(origins[0]!, name);
        if (line.star) demand(origins[0]!, undefined);
      }
    }
    // `import a` leads on by attributes; where `a` is neither PyTorch's kin nor a module of ours that passes names on there is nothing to follow.
    const wholes = module.imports.flatMap((line) => (line.from === undefined ? modulesOf(line, module) : []));
    if (!wholes.some((name) => packages.originOf(name) === 'torch' || passesOn(topOf(name)))) return;
    for (const node of descendants(module.root)) {
      if (node.type === 'attribute' && node.parent?.type !== 'attribute') {
        // `import timm` and `timm.layers.DropPath`.
        const named = resolve(node, module, project)?.entity;
        if (named?.kind !== 'external' || !['project', 'torch'].includes(packages.originOf(named.name))) continue;
        const path = named.name.split('.');
        for (let length = 1; length < path.length; length++) demand(path.slice(0, length).join('.'), path[length]);
      }
    }
  }

  /** `importlib.import_module("package.module")` and the like. */
  const quotedTops = new Map<string, boolean>();
  function inAString(top: string): boolean {
    if (!quotedTops.has(top)) {
      const quoted = new RegExp(`['"]${top}\\b`);
      quotedTops.set(top, project.modules.has(top) || [...project.modules.values()].some((module) => quoted.test(textOf(module))));
    }
    return quotedTops.get(top)!;
  }

  /** Of what mentions no PyTorch the text is not kept. */
  const textOf = (module: SourceModule) => (module.mentions ? module.source : readFileSync(module.path, 'utf8'));

  let passing: Set<string> | undefined;
  /** Has a package of SOURCE a module that imports PyTorch's kin, or gives on all names of a package that has (`from x import *`)? */
  function passesOn(top: string): boolean {
    if (passing) return passing.has(top);
    const found = new Set<string>();
    const stars: [from: string, to: string][] = [];
    for (const module of project.modules.values()) {
      for (const line of module.imports) {
        const origins = modulesOf(line, module);
        if (origins.some((name) => packages.originOf(name) === 'torch')) found.add(topOf(module.name));
        if (line.star) stars.push([topOf(module.name), topOf(origins[0]!)]);
      }
    }
    for (let before = -1; before < found.size; ) {
      before = found.size;
      for (const [from, to] of stars) if (found.has(to)) found.add(from);
    }
    passing = found;
    return found.has(top);
  }

  const names = executed.flatMap((path) => moduleAt(path, packages.folders) ?? []);
  for (const name of names) packages.called(name);
  for (const [at, module] of [...project.modules.values()].entries()) {
    onModule?.(at, project.modules.size);
    await breathe();
    follow(module);
    letGo(project);
  }
  const tops = new Set([...demanded].map((key) => key.split(/[.:]/)[0]!));
  for (const name of names) {
    // What ran because a library that stays as it is imported it (certifi for requests) is none of the model's code.
    const top = name.split('.')[0]!;
    if (!tops.has(top) && !inAString(top)) continue;
    const module = ['torch', 'project'].includes(packages.originOf(name)) ? load(name) : undefined;
    if (module) module.ran = true;
  }
}

/** The dotted name of a file below one of the folders of the module path. */
function moduleAt(path: string, folders: readonly string[]): string | undefined {
  const below = folders
    .map((folder) => relative(folder, path))
    .filter((file) => !file.startsWith('..') && !isAbsolute(file))
    .sort((a, b) => a.length - b.length)[0];
  return below && /^[\w/\\]+\.py$/.test(below) ? moduleName(below).name : undefined;
}
