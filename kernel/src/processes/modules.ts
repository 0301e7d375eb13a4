/** Commands that need environment modules: a Python of ours loads them and becomes the command, so that no shell reads any name. */
import { join } from 'node:path';
import { defaultPython, pythonPackageFolder } from './places.ts';

/** The command's words, with `modules` loaded first (`tradewind/host/modules.py`); the command itself where there are none. */
export function withModules(modules: readonly string[], command: readonly [string, ...string[]]): [string, ...string[]] {
  if (modules.length === 0) return [...command];
  return [defaultPython(), join(pythonPackageFolder(), 'tradewind', 'host', 'modules.py'), ...modules, '--', ...command];
}

/** The exit code of a command whose modules could not be loaded. */
export const NO_MODULES = 65;

/** Why they could not, by the last line that it wrote to stderr. */
export function modulesFailure(stderr: readonly string[]): string {
  return stderr.at(-1)?.replace(/^tradewind: /, '') ?? 'its modules could not be loaded';
}
