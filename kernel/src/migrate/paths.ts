/** Where SOURCE, OUT and the entry may lie: checked by their real paths before anything is read, so that no migration writes over what it reads. */
import { existsSync, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { TradewindError } from '../records/errors.ts';

export interface Places {
  source: string;
  output: string;
  entry?: string;
}

/** The path with every link in it followed, as far as it exists. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
}

/** Does `path` lie in `folder`, at whatever depth? */
function isInside(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '' && below.split(/[\\/]/)[0] !== '..' && !isAbsolute(below);
}

const refused = (message: string, where: string, remedy: string) => new TradewindError({ code: 'refused', message, where, remedy });
const wrong = (message: string, remedy: string, where?: string) =>
  new TradewindError({ code: 'input', message, remedy, ...(where ? { where } : {}) });

/** Throws a TradewindError for what the user can mend. */
export function checkPaths({ source, output, entry }: Places): void {
  if (!existsSync(source)) throw wrong(`there is no ${source}`, 'SOURCE is a Python file, a folder or a notebook.');
  const kind = statSync(source);
  if (!kind.isDirectory() && !kind.isFile())
    throw wrong(`${source} is neither a file nor a folder`, 'SOURCE is a Python file, a folder or a notebook.');
  if (entry && !(existsSync(entry) && statSync(entry).isFile()))
    throw wrong(`there is no entry file ${entry}`, 'It defines build() and inputs().');
  checkNamesake(source, entry);

  if (isLinkToNowhere(output)) throw refused('OUT is a link to nothing', output, 'Remove the link, or choose another OUT.');
  const [from, to] = [realPath(source), realPath(output)];
  const another = 'Choose an OUT beside SOURCE; a source is never overwritten.';
  if (from === to) throw refused('OUT is SOURCE itself', output, another);
  if (isInside(from, to)) throw refused('OUT is a folder around SOURCE', output, another);
  if (kind.isDirectory() && isInside(to, from))
    throw refused('OUT lies inside SOURCE', output, 'Choose an OUT beside SOURCE; inside it, the next migration would migrate it too.');
  if (entry && (realPath(entry) === to || isInside(realPath(entry), to)))
    throw refused(
      'the entry lies in OUT, where its migrated form would take its place',
      entry,
      'Keep the entry file beside SOURCE, or choose another OUT.',
    );
  if (existsSync(to) && !statSync(to).isDirectory()) throw refused('OUT is a file', output, 'OUT is a folder; choose another name for it.');
}

/** An entry from elsewhere lies in OUT under its own name, and must not take the place of a file of SOURCE. */
function checkNamesake(source: string, entry: string | undefined): void {
  if (!entry) return;
  const name = basename(entry);
  const namesake = statSync(source).isDirectory() ? join(source, name) : basename(source) === name ? source : undefined;
  if (namesake && existsSync(namesake) && realPath(namesake) !== realPath(entry))
    throw wrong(
      `the entry has the name of ${namesake}, and would take its place in OUT`,
      'Rename the entry file, to case.py for instance.',
      entry,
    );
}

function isLinkToNowhere(path: string): boolean {
  return !existsSync(path) && Boolean(at(path)?.isSymbolicLink());
}

/** What stands at a path, links not followed; undefined for nothing, below a file too. */
export function at(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/** The names of entries of a folder; none where it is not there or can't be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
