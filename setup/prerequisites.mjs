// What set-up needs from the machine: Node ≥ 20, Python 3.11 or 3.12 with venv, room on the disk.
import { execFileSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { Fault } from './fault.mjs';
import { environmentFolder, root } from './places.mjs';

const SUPPORTED_PYTHON = ['3.12', '3.11'];
const NEEDED_GB = 7;

export function checkNode(version = process.versions.node) {
  if (Number(version.split('.')[0]) < 20)
    throw new Fault(`Node ${version} is too old: Tradewind needs Node 20 or newer`, 'Install a newer Node.js and run the command again.');
}

function look(command) {
  const probe = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2], sys.maxsize > 2**32, sys.executable)';
  try {
    const [version, is64, executable] = execFileSync(command, ['-c', probe], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      .trim()
      .split(' ');
    return { version, is64: is64 === 'True', executable };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    const words = String(error.stderr ?? error.message)
      .trim()
      .split('\n')
      .at(-1);
    return { version: undefined, problem: words };
  }
}

/**
 * The Python to build the environment with: TRADEWIND_PYTHON if it is set, else the first good one on the PATH.
 * @returns {{version: string, executable: string}}
 */
export function findPython(environment = process.env) {
  const candidates = environment.TRADEWIND_PYTHON ? [environment.TRADEWIND_PYTHON] : ['python3', 'python3.12', 'python3.11', 'python'];
  const seen = [];
  for (const command of candidates) {
    const found = look(command);
    if (!found) continue;
    if (SUPPORTED_PYTHON.includes(found.version) && found.is64) return found;
    seen.push(`${command}: ${found.version ? `Python ${found.version}` : found.problem}`);
  }
  const wanted = `Python ${[...SUPPORTED_PYTHON].reverse().join(' or ')}`;
  const why = seen.length ? `found ${seen.join('; ')}` : `looked for ${candidates.join(', ')}`;
  throw new Fault(
    `${wanted} with venv is needed: ${why}`,
    'Install one (Debian, Ubuntu: apt install python3 python3-venv), or set TRADEWIND_PYTHON to its path.',
  );
}

export function checkDisk() {
  if (existsSync(environmentFolder)) return;
  const { bavail, bsize } = statfsSync(root);
  const free = (bavail * bsize) / 1e9;
  if (free < NEEDED_GB)
    throw new Fault(
      `${free.toFixed(1)} GB are free on the disk of this checkout; set-up needs about ${NEEDED_GB} GB`,
      'Free some space and run the command again.',
    );
}
