/**
 * Which files of an OUT a migration has written, and whether they are still as it wrote them.
 *
 * The list stands as comments at the end of OUT's `tradewind_compat.py`, which every migration writes and which is the only file of ours there:
 * a path and the SHA-256 of what was written, a line each. A later `--force` replaces what is still the same and nothing else.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join, posix, sep } from 'node:path';

/** Path in OUT, with `/` between folders → the hash of what was written. */
export type Manifest = Map<string, string>;

export const COMPAT_FILE = 'tradewind_compat.py';

const OPENING =
  '# What `tradewind migrate` wrote here: migrating again with --force replaces these files as long as nobody has changed them.';
const LINE = /^# ([0-9a-f]{32}) (".*")$/;
const CHUNK = 4 << 20;

const finished = (hash: Hash) => hash.digest('hex').slice(0, 32);

export function hashOf(content: string | Uint8Array): string {
  return finished(createHash('sha256').update(content));
}

/** In pieces: a model's weights may lie in SOURCE. */
export function hashOfFile(path: string): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) hash.update(buffer.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return finished(hash);
}

/** A text without the list at its end. */
export function withoutManifest(text: Buffer): Buffer {
  const at = text.lastIndexOf(`\n${OPENING}`);
  return at < 0 ? text : text.subarray(0, at);
}

/** The text of OUT's `tradewind_compat.py`: what `body` says, and the list of `written` files with itself. */
export function withManifest(body: Buffer, written: Manifest): Buffer {
  const all = [...written, [COMPAT_FILE, hashOf(body)] as const].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = all.map(([file, hash]) => `# ${hash} ${JSON.stringify(file)}`);
  return Buffer.concat([body, Buffer.from(`\n${OPENING}\n${lines.join('\n')}\n`)]);
}

/** The list that a folder carries; undefined where there is none. A path that would lead out of the folder is no path of ours. */
export function readManifest(folder: string): Manifest | undefined {
  let text: Buffer;
  try {
    if (!lstatSync(join(folder, COMPAT_FILE)).isFile()) return undefined;
    text = readFileSync(join(folder, COMPAT_FILE));
  } catch {
    return undefined;
  }
  const body = withoutManifest(text);
  if (body.length === text.length) return undefined;
  const found: Manifest = new Map();
  let whole = true;
  const [, ...lines] = text
    .subarray(body.length + 1)
    .toString()
    .split(/\r?\n/);
  for (const line of lines) {
    const [, hash, quoted] = LINE.exec(line) ?? [];
    const file = quoted === undefined ? undefined : unquoted(quoted);
    if (file !== undefined && inside(file)) found.set(file, hash!);
    else if (line.trim()) whole = false;
  }
  // Its own line speaks of the text before the list; where somebody has written behind it, the file is changed.
  if (whole && found.get(COMPAT_FILE) === hashOf(body)) found.set(COMPAT_FILE, hashOf(text));
  return found;
}

function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

function inside(file: string): boolean {
  return file !== '' && !posix.isAbsolute(file) && posix.normalize(file) === file && !file.startsWith('../') && file !== '..';
}

/** What lies in an OUT. Paths have `/` between folders. */
export interface Contents {
  /** Still as the migration wrote it. */
  ours: string[];
  /** Written by the migration, and changed since. */
  changed: string[];
  /** Files, links and whatever else somebody has added, and folders of theirs with nothing in them. */
  added: string[];
  /** Every folder. */
  folders: string[];
}

/** Sorts what lies in a folder by who wrote it. Links are not followed. */
export function contentsOf(folder: string, manifest: Manifest): Contents {
  const found: Contents = { ours: [], changed: [], added: [], folders: [] };
  const holdsOurs = new Set<string>();
  for (const file of manifest.keys()) for (let at = posix.dirname(file); at !== '.'; at = posix.dirname(at)) holdsOurs.add(at);
  const look = (below: string) => {
    const entries = readdirSync(join(folder, below), { withFileTypes: true });
    if (entries.length === 0 && below && !holdsOurs.has(below)) found.added.push(below);
    for (const entry of entries) {
      const file = below ? `${below}/${entry.name}` : entry.name;
      const hash = manifest.get(file);
      if (entry.isDirectory()) {
        found.folders.push(file);
        look(file);
      } else if (hash === undefined) found.added.push(file);
      else if (entry.isFile() && hashOfFile(join(folder, file)) === hash) found.ours.push(file);
      else found.changed.push(file);
    }
  };
  look('');
  return found;
}

/** With `/` between folders, as the list has it. */
export const listed = (file: string) => file.split(sep).join('/');
