/** Where the parts of an installed Tradewind lie: found from the bundle's own place, so that nothing depends on the working directory. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

let found: string | undefined;

/** The root of the checkout: the nearest folder above this file that holds `kernel/python/tradewind`. */
export function rootFolder(): string {
  if (found) return found;
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'kernel', 'python', 'tradewind'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no Tradewind checkout above ${import.meta.dirname}`);
    folder = parent;
  }
  found = folder;
  return folder;
}

/** Goes on PYTHONPATH of every Python process that Tradewind starts. */
export function pythonPackageFolder(): string {
  return join(rootFolder(), 'kernel', 'python');
}

/** The Python of the environment that `npm start` sets up. */
export function defaultPython(): string {
  return join(rootFolder(), '.venv', 'bin', 'python');
}

export function operatorsFolder(): string {
  return join(rootFolder(), 'kernel', 'operators');
}
