/**
 * OUT, written whole or not at all: everything is made in a folder beside it first, and takes its place by renaming.
 *
 * Where OUT exists already, only what an earlier migration wrote there (manifest.ts) is replaced. What somebody has added comes along as
 * it is; a file that was changed since, or that stands where a new one has to, is named and nothing is touched.
 */
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { describe, TradewindError } from '../records/errors.ts';
import {
  COMPAT_FILE,
  type Contents,
  contentsOf,
  hashOf,
  hashOfFile,
  listed,
  type Manifest,
  readManifest,
  withManifest,
} from './manifest.ts';
import { at, namesIn, realPath } from './paths.ts';

export interface Output {
  /** Writes a text; the file gets the permissions of the one that it was made from. */
  write(file: string, text: string, madeFrom?: string): void;
  /** Copies a file as it is; false where it can't be read. */
  copy(file: string, from: string): boolean;
  /** Puts everything in its place, with the text of `tradewind_compat.py` last. Gives a folder of the old OUT that could not be removed. */
  finish(compat: Buffer): string | undefined;
  /** Removes what was made; does nothing after `finish`. */
  discard(): void;
}

const NAMED = 12;
const listing = (files: readonly string[]) =>
  `${files.slice(0, NAMED).join(', ')}${files.length > NAMED ? ` and ${files.length - NAMED} more` : ''}`;

const refused = (message: string, where: string, remedy: string) => new TradewindError({ code: 'refused', message, where, remedy });

/** May this OUT be written? Throws, before any work is done, where it may not. */
export function checkOutput(output: string, force: boolean): Contents | undefined {
  const place = realPath(output);
  restoreInterrupted(place);
  if (!existsSync(place)) return undefined;
  if (!force)
    throw refused(
      `${output} exists already`,
      output,
      'Choose another OUT, or give --force: it replaces what an earlier migration wrote and keeps what you added.',
    );
  if (namesIn(place).length === 0) return { ours: [], changed: [], added: [], folders: [] };
  const manifest = readManifest(place);
  if (!manifest)
    throw refused(
      'the folder is not empty and not a migration’s, so --force does not replace it',
      output,
      `Choose another OUT, or empty the folder yourself. (A migration is known by the list at the end of its ${COMPAT_FILE}.)`,
    );
  const contents = contentsOf(place, manifest);
  if (contents.changed.length)
    throw refused(
      `changed since the migration wrote them: ${listing(contents.changed)}`,
      output,
      'Take another OUT and carry your changes over, or delete those files to have them written again.',
    );
  return contents;
}

/** Names beside OUT: what is being made, and the old OUT for the moment between two renames. */
const makingPrefix = (place: string) => `.${basename(place)}.new-`;
const oldName = (place: string, tag: string) => `.${basename(place)}.old-${tag}`;
const TAG = 8;

/** A run that was killed between its last two renames left the old OUT beside its place. */
function restoreInterrupted(place: string): void {
  if (existsSync(place)) return;
  for (const name of namesIn(dirname(place))) {
    if (name !== oldName(place, name.slice(-TAG)) || !readManifest(join(dirname(place), name))) continue;
    renameSync(join(dirname(place), name), place);
    return;
  }
}

/** Begins an OUT. `checkOutput` has allowed it. */
export function openOutput(output: string, force: boolean): Output {
  const place = realPath(output);
  const parent = dirname(place);
  const staging = asked(output, () => {
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(join(parent, makingPrefix(place)));
  });
  // A temporary folder is its owner's alone; OUT is as open as any new folder.
  chmodSync(staging, 0o777 & ~process.umask());
  const written: Manifest = new Map();
  const made = new Set<string>([staging]);
  let finished = false;

  function pathOf(file: string): string {
    const path = resolve(staging, file);
    if (!path.startsWith(staging + sep)) throw new TradewindError({ code: 'internal', message: `${file} would lie outside OUT` });
    const folder = dirname(path);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    return path;
  }

  return {
    write(file, text, madeFrom) {
      asked(join(output, file), () => {
        const path = pathOf(file);
        writeFileSync(path, text);
        if (madeFrom) chmodSync(path, (statSync(madeFrom).mode & 0o777) | 0o200);
      });
      written.set(listed(file), hashOf(text));
    },
    copy(file, from) {
      return asked(join(output, file), () => {
        const path = pathOf(file);
        try {
          copyFileSync(from, path);
        } catch (error) {
          // It was reported as skipped already, or has gone since.
          if (!['EACCES', 'EPERM', 'ENOENT', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
          rmSync(path, { force: true });
          return false;
        }
        written.set(listed(file), hashOfFile(path));
        return true;
      });
    },
    finish(compat) {
      return asked(output, () => {
        written.delete(COMPAT_FILE);
        writeFileSync(pathOf(COMPAT_FILE), withManifest(compat, written));
        const old = checkOutput(output, force);
        if (old) bringAlong(place, old.added, staging, output);
        const left = old ? exchange(place, staging, old) : void renameSync(staging, place);
        finished = true;
        return left;
      });
    },
    discard() {
      if (!finished) rmSync(staging, { recursive: true, force: true });
      finished = true;
    },
  };
}

/** What the file system refuses is the user's to mend. */
function asked<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof TradewindError || code === undefined) throw error;
    throw new TradewindError({
      code: 'input',
      message: `it cannot be written: ${describe(error)}`,
      where: path,
      remedy: 'OUT has to be in a folder that can be written to, with room enough; nothing that was there before is changed.',
    });
  }
}

/** Gives the new folder all that somebody has added to the old one: the same files under a second name, so that the old one stays whole. */
function bringAlong(place: string, added: readonly string[], staging: string, output: string): void {
  const inTheWay: string[] = [];
  for (const file of added) {
    const [from, to] = [join(place, file), join(staging, file)];
    const folder = lstatSync(from).isDirectory();
    const there = at(to);
    if (blocked(file, staging) || (there && !(folder ? there.isDirectory() : isSame(from, to)))) inTheWay.push(file);
    else if (folder) mkdirSync(to, { recursive: true });
    else if (!there) {
      mkdirSync(dirname(to), { recursive: true });
      secondName(from, to);
    }
  }
  if (inTheWay.length)
    throw refused(
      `not written by a migration, and in the way of this one: ${listing(inTheWay)}`,
      output,
      'Move those files elsewhere, or choose another OUT.',
    );
}

/** Would the path lead through a file of the new folder, or through a folder where a file is wanted? */
function blocked(file: string, staging: string): boolean {
  const names = file.split('/');
  for (let length = 1; length < names.length; length++) {
    const above = at(join(staging, ...names.slice(0, length)));
    if (!above) return false;
    if (!above.isDirectory()) return true;
  }
  return false;
}

/** The same file under two names, or two with the same content. */
function isSame(a: string, b: string): boolean {
  const [one, other] = [lstatSync(a), lstatSync(b)];
  if (one.ino === other.ino && one.dev === other.dev) return true;
  if (one.isSymbolicLink() && other.isSymbolicLink()) return readlinkSync(a) === readlinkSync(b);
  return one.isFile() && other.isFile() && hashOfFile(a) === hashOfFile(b);
}

/** Where the file system has no second names (or not for this file), a copy. */
function secondName(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to, { verbatimSymlinks: true, preserveTimestamps: true });
  }
}

/** The old OUT goes aside, the new one takes its place, and then what is in the new one goes from the old one: never what came meanwhile. */
function exchange(place: string, staging: string, old: Contents): string | undefined {
  for (const folder of ['', ...old.folders])
    if (at(join(staging, folder))?.isDirectory()) chmodSync(join(staging, folder), statSync(join(place, folder)).mode & 0o7777);
  const aside = join(dirname(place), oldName(place, randomUUID().slice(0, TAG)));
  renameSync(place, aside);
  try {
    renameSync(staging, place);
  } catch (error) {
    renameSync(aside, place);
    throw error;
  }
  try {
    for (const file of old.ours) unlinkSync(join(aside, file));
    for (const file of old.added) {
      const path = join(aside, file);
      if (lstatSync(path).isDirectory()) rmdirSync(path);
      else if (isSame(path, join(place, file))) unlinkSync(path);
    }
    for (const folder of old.folders.toReversed()) if (existsSync(join(aside, folder))) rmdirSync(join(aside, folder));
    rmdirSync(aside);
    return undefined;
  } catch {
    return aside;
  }
}
