/** A run's `status.json`, and whether its process still lives: a run whose process is gone without having said why is `lost`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../processes/alive.ts';
import type { ErrorData } from '../records/errors.ts';
import { RUN_STATES, type RunState, type RunStatus } from '../records/training.ts';
import { jobState } from './slurm.ts';

/** What the trainer writes; `processStart` tells its process from a later one with the same pid. */
export interface StatusFile extends RunStatus {
  processStart?: number;
  /** Slurm's number of it: its process is on another machine. */
  job?: string;
  /** Why it failed. */
  error?: ErrorData;
}

const ENDED: ReadonlySet<RunState> = new Set(['finished', 'interrupted', 'failed', 'lost']);
/** A run that was laid out and has no process after this long never got one. */
const BIRTH_MS = 60_000;

export function hasEnded(status: RunStatus): boolean {
  return ENDED.has(status.state);
}

/** The run's status, `lost` where its process is gone; undefined where there is none to read. */
export async function readStatus(folder: string, now = Date.now()): Promise<StatusFile | undefined> {
  const first = await parsed(folder);
  if (!first || hasEnded(first) || (await lives(first, now))) return first;
  // Its last word may have come between the reading and the look at the process.
  const status = (await parsed(folder)) ?? first;
  if (hasEnded(status) || (await lives(status, now))) return status;
  return { ...status, state: 'lost', rate: undefined, secondsLeft: undefined, message: lostMessage(status) };
}

async function lives(status: StatusFile, now: number): Promise<boolean> {
  // Where squeue is not, nothing is known against the run.
  if (status.job !== undefined) return (await jobState(status.job, now)) !== 'gone';
  if (status.pid !== undefined) return isAlive(status.pid, status.processStart);
  return now - Date.parse(status.updatedAt) < BIRTH_MS;
}

function lostMessage(status: StatusFile): string {
  if (status.job !== undefined) return `Slurm's job ${status.job} ended without a word; log.txt may say why`;
  return status.pid === undefined
    ? 'its process never started: log.txt may say why'
    : `its process ${status.pid} ended without a word (killed, out of memory or the machine went down); it resumes from the newest checkpoint`;
}

async function parsed(folder: string): Promise<StatusFile | undefined> {
  try {
    const status = JSON.parse(await readFile(join(folder, 'status.json'), 'utf8'));
    return RUN_STATES.includes(status?.state) ? status : undefined;
  } catch {
    return undefined;
  }
}
