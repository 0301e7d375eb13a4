/** A run that Slurm has: its job's state as squeue tells it, and stopping it with scancel. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Milliseconds that an answer holds: the controller of a large machine is not to be asked at every look. */
const HOLDS = 5000;

/** `queued`, `running`; `gone`: no job of that number in the queue; `unknown`: squeue is not here or does not answer. */
export type JobState = 'queued' | 'running' | 'gone' | 'unknown';

/** squeue's long states (its manual, JOB STATE CODES); all others are of jobs that have ended. */
const STATES: Readonly<Record<string, JobState>> = {
  PENDING: 'queued',
  CONFIGURING: 'queued',
  REQUEUED: 'queued',
  REQUEUE_HOLD: 'queued',
  RESV_DEL_HOLD: 'queued',
  SPECIAL_EXIT: 'queued',
  SUSPENDED: 'running',
  STOPPED: 'running',
  RUNNING: 'running',
  COMPLETING: 'running',
  SIGNALING: 'running',
  RESIZING: 'running',
  STAGE_OUT: 'running',
};

const answers = new Map<string, { at: number; state: Promise<JobState> }>();

export function jobState(job: string, now = Date.now()): Promise<JobState> {
  const known = answers.get(job);
  if (known && now - known.at < HOLDS) return known.state;
  const state = ask(job);
  answers.set(job, { at: now, state });
  return state;
}

async function ask(job: string): Promise<JobState> {
  try {
    const { stdout } = await run('squeue', ['--noheader', `--jobs=${job}`, '--format=%T'], { timeout: 20_000 });
    const word = stdout.trim().split('\n')[0]?.trim() ?? '';
    // Of a job that has just ended squeue says nothing, or how it ended.
    return STATES[word] ?? 'gone';
  } catch (error) {
    // … and of one that is forgotten "slurm_load_jobs error: Invalid job id specified".
    return /Invalid job id/.test((error as { stderr?: string }).stderr ?? '') ? 'gone' : 'unknown';
  }
}

/** A running job is asked to stop after its step; a queued one leaves the queue. Gives false where there is none. */
export async function stopJob(job: string): Promise<boolean> {
  const state = await ask(job);
  if (state === 'gone' || state === 'unknown') return false;
  await run('scancel', state === 'running' ? ['--signal=INT', job] : [job]);
  answers.delete(job);
  return true;
}
