/** Writes OUT: all of it beside its place first, then renamed, so that an interrupted migration leaves nothing half-written. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { TradewindError } from '../records/errors.ts';

export type OutputFile = { file: string; text: string } | { file: string; from: string };

export function writeOutput(output: string, files: readonly OutputFile[], force: boolean): void {
  const parent = dirname(output);
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `.${basename(output)}-`));
  // A temporary folder is its owner's alone; OUT is as open as any new folder.
  chmodSync(folder, 0o777 & ~process.umask());
  try {
    for (const one of files) {
      const path = resolve(folder, one.file);
      if (!path.startsWith(folder + sep)) throw new TradewindError({ code: 'internal', message: `${one.file} would lie outside OUT` });
      mkdirSync(dirname(path), { recursive: true });
      if ('text' in one) writeFileSync(path, one.text);
      else if (existsSync(one.from)) tryCopy(one.from, path);
    }
    if (existsSync(output)) {
      if (!force)
        throw new TradewindError({ code: 'refused', message: `${output} exists already`, remedy: 'Choose another OUT, or give --force.' });
      const old = mkdtempSync(join(parent, `.${basename(output)}-old-`));
      renameSync(output, join(old, 'out'));
      renameSync(folder, output);
      rmSync(old, { recursive: true });
    } else renameSync(folder, output);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A file that can't be read was reported as skipped already. */
function tryCopy(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}
