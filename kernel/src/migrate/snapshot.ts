/**
 * What is read from kernel/operators, kept beside the bundle in a form that loads in a millisecond. The key is the files' content, so that
 * an edited table is read anew; sources that run unbundled (tests) keep nothing, since there the code that reads may have changed too.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  name: string;
  text: string;
}

export function filesIn(folder: string, ending: string): SourceFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** The same for the same files with the same content. */
export function contentKey(files: readonly SourceFile[]): string {
  return createHash('sha1')
    .update(files.map((file) => `${file.name}\0${file.text.length}\0${file.text}`).join('\0'))
    .digest('hex');
}

/** A bundle has its package's wasm files beside it; the build puts them there. */
const folder = existsSync(join(import.meta.dirname, 'tree-sitter-python.wasm')) ? import.meta.dirname : undefined;

/** `make(files)`, or what an earlier run made of the same files. `T` must survive JSON. */
export async function remembered<T>(
  name: string,
  files: readonly SourceFile[],
  make: (files: readonly SourceFile[]) => T | Promise<T>,
): Promise<T> {
  if (!folder) return make(files);
  const path = join(folder, `snapshot-${name}.json`);
  const key = contentKey(files);
  const known = read<T>(path, key);
  if (known !== undefined) return known;
  const value = await make(files);
  const temporary = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    writeFileSync(temporary, `${key}\n${JSON.stringify(value)}`);
    renameSync(temporary, path);
  } catch {
    // A checkout that can't be written to is read the slow way.
    rmSync(temporary, { force: true });
  }
  return value;
}

function read<T>(path: string, key: string): T | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return text.startsWith(`${key}\n`) ? (JSON.parse(text.slice(key.length + 1)) as T) : undefined;
  } catch {
    return undefined;
  }
}
