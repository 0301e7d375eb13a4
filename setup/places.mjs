// The folders that set-up fills, all inside the checkout and ignored by git.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const environmentFolder = join(root, '.venv');
export const python = join(environmentFolder, 'bin', 'python');
export const node = join(environmentFolder, 'bin', 'node');
export const requirements = join(root, 'kernel', 'python', 'requirements.txt');
export const workFolder = join(root, '.tradewind');
export const logFile = join(workFolder, 'setup.log');

/** A stamp says that a step was finished, and for which inputs: written last, so that nothing half-done is taken as whole. */
export function stamped(file, content) {
  return existsSync(file) && readFileSync(file, 'utf8') === content;
}

export function stamp(file, content) {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

export function unstamp(file) {
  rmSync(file, { force: true });
}

export function digest(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}
