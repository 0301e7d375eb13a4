/** Starts and stops the trainer: a process of its own, in a group of its own, that outlives whoever started it. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, extname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive } from '../processes/alive.ts';
import { withModules } from '../processes/modules.ts';
import { pythonPackageFolder } from '../processes/places.ts';
import { runPython } from '../processes/python.ts';
import { TradewindError } from '../records/errors.ts';
import { stopJob } from './slurm.ts';
import { hasEnded, readStatus } from './status.ts';

/** The Python that trains, and what its process sees. */
export interface TrainerPlace {
  python: string;
  environment: NodeJS.ProcessEnv;
  cwd: string;
  /** Environment modules to load first. */
  modules?: readonly string[];
  signal: AbortSignal;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u;

/** The name for a new run of a configuration: its own, or with a number behind it when that is taken. */
export function freeName(file: string, taken: readonly string[]): string {
  const stem =
    basename(file, extname(file))
      .replace(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^[^\p{L}\p{N}]+/u, '') || 'run';
  for (let number = 1; ; number++) {
    const name = number === 1 ? stem : `${stem}-${number}`;
    if (!taken.includes(name)) return name;
  }
}

export function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw new TradewindError({
      code: 'usage',
      message: `${name} is no name for a run`,
      remedy: 'Letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
    });
  }
}

/** Checks the configuration and lays the run's folder out. `sets` override it, `defaults` count where it is silent (`key=value`). */
export async function prepare(
  folder: string,
  file: string,
  sets: readonly string[],
  defaults: readonly string[],
  place: TrainerPlace,
): Promise<void> {
  const temporary = join(folder, '..', `.${basename(folder)}.${process.pid}.tmp`);
  try {
    await runPython({
      ...place,
      module: 'tradewind.train',
      arguments: [temporary, '--prepare', file, ...sets.map((one) => `--set=${one}`), ...defaults.map((one) => `--default=${one}`)],
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Writes what would start the run (for Slurm its batch script) and gives the words that would; starts nothing. */
export function writeStart(folder: string, place: TrainerPlace): Promise<{ file: string | null; command: string[] }> {
  return runPython({ ...place, module: 'tradewind.train', arguments: [folder, '--write'] });
}

/** Starts the trainer on a run's folder. Resolves when it has its own process; what it prints goes to `log.txt`. */
export async function launch(folder: string, { python, environment, cwd, modules = [] }: TrainerPlace): Promise<number> {
  const before = await readStatus(folder);
  // Nobody shall take the word of an earlier process for this one's.
  const status = { step: 0, steps: 0, epoch: 0, epochs: 0, ...before, state: 'starting', updatedAt: new Date().toISOString() };
  const fresh = {
    ...status,
    pid: undefined,
    job: undefined,
    processStart: undefined,
    error: undefined,
    message: undefined,
    rate: undefined,
  };
  const temporary = join(folder, `.status.json.${process.pid}.tmp`);
  writeFileSync(temporary, `${JSON.stringify(fresh)}\n`);
  renameSync(temporary, join(folder, 'status.json'));
  const log = openSync(join(folder, 'log.txt'), 'a');
  try {
    const [program, ...words] = withModules(modules, [python, '-u', '-m', 'tradewind.train', folder]);
    const child = spawn(program, words, {
      cwd,
      env: { ...environment, PYTHONPATH: [pythonPackageFolder(), environment.PYTHONPATH].filter(Boolean).join(delimiter) },
      detached: true,
      stdio: ['ignore', log, log],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(
          new TradewindError({
            code: 'absent',
            message: `Python could not be started: ${python} (${error.message})`,
            remedy: 'npm start sets up the Python environment; tradewind doctor says what is missing.',
          }),
        ),
      );
    });
    child.unref();
    return child.pid!;
  } finally {
    closeSync(log);
  }
}

/** Asks the run's process to stop after its step, with a checkpoint. Gives false when there is none (or none yet). */
export async function requestStop(folder: string): Promise<boolean> {
  const status = await readStatus(folder);
  if (!status || hasEnded(status)) return false;
  if (status.job !== undefined) return stopJob(status.job);
  if (status.pid === undefined) return false;
  try {
    process.kill(status.pid, 'SIGINT');
    return true;
  } catch (error) {
    // It ended by itself between the look at it and the signal.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Asks until it was heard: a trainer that is just being born (`pid`) has no ears yet. */
export async function insistOnStop(folder: string, pid?: number): Promise<void> {
  while (!(await requestStop(folder)) && pid !== undefined && isAlive(pid)) await wait(200);
}

/** The last lines that the trainer printed. */
export function logTail(folder: string, lines = 12): string {
  const file = join(folder, 'log.txt');
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
