/** The doctor's look at the Python environment: the interpreter, and every package against the pins of kernel/python/requirements.txt. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownPython } from '../chips/index.ts';
import { pythonPackageFolder } from '../processes/places.ts';
import { runPython } from '../processes/python.ts';
import type { Check } from '../records/doctor.ts';
import { describe } from '../records/errors.ts';
import type { CommandContext } from './command.ts';

/** Packages that get a line of their own; the others share one. */
const NAMED = ['torch', 'mindspore', 'numpy', 'jupyterlab', 'ipykernel', 'xarray', 'zarr', 'netcdf4', 'h5py'];
const OLDEST = [3, 10];
const NEWEST = [3, 12];
const REPAIR = 'npm start installs the pinned packages.';

export async function pythonChecks(context: CommandContext): Promise<Check[]> {
  const python = ownPython(context.environment);
  if (
    !(await access(python).then(
      () => true,
      () => false,
    ))
  ) {
    return [{ name: 'python', status: 'missing', found: `no Python at ${python}`, remedy: 'npm start makes the environment.' }];
  }
  let answer: { python: string; packages: Record<string, string> };
  try {
    answer = await runPython({
      python,
      module: 'tradewind.probes.packages',
      arguments: [],
      cwd: context.cwd,
      signal: context.signal,
      environment: context.environment,
    });
  } catch (error) {
    context.signal.throwIfAborted();
    return [{ name: 'python', status: 'wrong', found: describe(error).split('\n')[0]!, remedy: 'Remove .venv and run npm start.' }];
  }
  const pins = parsePins(await readFile(join(pythonPackageFolder(), 'requirements.txt'), 'utf8'));
  return [interpreterCheck(answer.python, python), ...packageChecks(pins, answer.packages)];
}

function interpreterCheck(version: string, path: string): Check {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  const supported = major === OLDEST[0] && minor >= OLDEST[1]! && minor <= NEWEST[1]!;
  return {
    name: 'python',
    status: supported ? 'ok' : 'wrong',
    found: supported ? version : `${version} at ${path}`,
    remedy: supported
      ? undefined
      : `Python ${OLDEST.join('.')} to ${NEWEST.join('.')} is needed: remove .venv, set TRADEWIND_PYTHON to one, and run npm start.`,
  };
}

/** PEP 503: case and runs of `-`, `_`, `.` don't matter. */
function normalised(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** `name==version` lines → name to version; comments, markers and other lines are passed over. */
export function parsePins(text: string): Map<string, string> {
  const pins = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;#]+)/.exec(line);
    if (match) pins.set(normalised(match[1]!), match[2]!);
  }
  return pins;
}

/** The pinned packages against the installed ones. A build's local version (`2.13.0+cpu`) fits the pin `2.13.0`. */
export function packageChecks(pins: ReadonlyMap<string, string>, installed: Readonly<Record<string, string>>): Check[] {
  const checks: Check[] = [];
  let fitting = 0;
  for (const [name, pin] of pins) {
    const found = installed[name];
    const fits = found === pin || found?.split('+')[0] === pin;
    if (!NAMED.includes(name) && fits) fitting++;
    else if (fits) checks.push({ name, status: 'ok', found });
    else if (found === undefined) checks.push({ name, status: 'missing', found: `not installed (pinned: ${pin})`, remedy: REPAIR });
    else checks.push({ name, status: 'wrong', found: `${found}, pinned: ${pin}`, remedy: REPAIR });
  }
  const order = (check: Check) => (NAMED.includes(check.name) ? NAMED.indexOf(check.name) : NAMED.length);
  checks.sort((a, b) => order(a) - order(b));
  checks.push({ name: 'other packages', status: 'ok', found: `${fitting} as pinned` });
  return checks;
}
