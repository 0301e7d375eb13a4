/** Commands that end with the kernel, however it ends (`tradewind/host/tethered.py`). */
import { join } from 'node:path';
import { defaultPython, pythonPackageFolder } from './places.ts';

export function tethered(command: readonly [string, ...string[]]): [string, ...string[]] {
  return [defaultPython(), join(pythonPackageFolder(), 'tradewind', 'host', 'tethered.py'), ...command];
}

/** The exit code when there is no such command. */
export const NO_COMMAND = 127;
