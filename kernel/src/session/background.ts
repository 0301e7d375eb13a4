/**
 * Cells that leave the order of the notebook: on several engines at once (together.ts), or in the background while the notebook goes on.
 * A background cell is answered at once; its output goes on arriving under it, and an interrupt of the notebook passes it by.
 */
import { randomUUID } from 'node:crypto';
import { baseRecord } from '../commands/base.ts';
import type { JobsRecord } from '../records/jobs.ts';
import { interruptEngine } from './control.ts';
import { drawn } from './drawn.ts';
import { failureOf } from './execute.ts';
import type { Job } from './jobs.ts';
import type { CellPlace, CellRun, Failure, SessionState } from './state.ts';
import { runBody } from './steps.ts';
import { runTogether } from './together.ts';

/** Runs the body, which begins at `line` of its cell, as `%%chip` has said; one for the background begins when the cell has been answered. */
export async function runSpread(
  state: SessionState,
  run: CellRun,
  spread: NonNullable<CellPlace['spread']>,
  body: string,
  line: number,
): Promise<Failure | undefined> {
  const { specs, background } = spread;
  if (!background) return runTogether(state, run, specs, body, line);
  const job = state.jobs.add(body, run.count, specs);
  const paint = await banner(state, run, job);
  run.afterwards.push(() => void perform(state, { ...run, job, signal: job.abort.signal, payload: [], afterwards: [] }, body, line, paint));
  return undefined;
}

async function perform(
  state: SessionState,
  run: CellRun & { job: Job },
  body: string,
  line: number,
  paint: () => Promise<void>,
): Promise<void> {
  const { job, request, signal } = run;
  const { specs } = job;
  const ready = () => void paint();
  let failure: Failure | undefined;
  try {
    failure =
      specs.length > 1
        ? await runTogether(state, { ...run, ready }, specs, body, line)
        : await runBody(state, { ...run, ready, place: { spec: specs[0], beside: true } }, body, line);
  } catch (error) {
    failure = await failureOf(state, error);
    if (!signal.aborted) state.voice.publish('error', failure, request.message.header);
  }
  if (signal.aborted) job.end('stopped');
  else if (failure) job.end('failed', `${failure.ename}: ${failure.evalue}`);
  else job.end('done');
  await paint();
}

/** Shows under the cell how it stands with it; calling what comes back shows it again. */
async function banner(state: SessionState, run: CellRun, job: Job): Promise<() => Promise<void>> {
  const draw = drawn(state, run.request.message.header)(randomUUID());
  const paint = async () => {
    const cells = state.jobs.list().filter(({ id }) => id === job.id);
    const record: JobsRecord = { ...baseRecord('jobs', { session: { active: () => state.active } }), cells };
    draw(await state.commands.bundleOf(record));
  };
  await paint();
  return paint;
}

/** Ends a background cell: one that waits never begins, one that runs is interrupted. Resolves when it is over. */
export async function stopJob(state: SessionState, id: number): Promise<void> {
  const job = state.jobs.find(id);
  job.abort.abort();
  for (const spec of job.specs) {
    const pooled = state.pool.find(spec);
    if (pooled && state.jobs.running(spec) === job) interruptEngine(state, pooled.engine);
  }
  await job.over;
}
