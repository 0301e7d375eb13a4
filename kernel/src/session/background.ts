/**
 * Cells that leave the order of the notebook: on several engines at once (together.ts), or in the background while the notebook goes on.
 * A background cell is answered at once; its output goes on arriving under it, and an interrupt of the notebook passes it by.
 */

import { randomUUID } from 'node:crypto';
import type { JobsRecord } from '../records/jobs.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import type { Json } from '../wire/message.ts';
import { interruptEngine } from './control.ts';
import { deathOf } from './execute.ts';
import type { Job } from './jobs.ts';
import type { CellPlace, CellRun, Failure, SessionState } from './state.ts';
import { runBody } from './steps.ts';
import { EngineEnded } from './switchboard.ts';
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
    failure = await state.commands.errorContent(error instanceof EngineEnded ? await deathOf(state, error) : error);
    if (!signal.aborted) state.voice.publish('error', failure, request.message.header);
  }
  if (signal.aborted) job.end('stopped');
  else if (failure) job.end('failed', `${failure.ename}: ${failure.evalue}`);
  else job.end('done');
  await paint();
}

/** Shows under the cell how it stands with it; calling what comes back shows it again. */
async function banner(state: SessionState, run: CellRun, job: Job): Promise<() => Promise<void>> {
  const display_id = randomUUID();
  const show = async (type: 'display_data' | 'update_display_data') => {
    const data = (await state.commands.bundleOf(jobsRecord(state, [job.id]))) as Json;
    state.voice.publish(type, { data, metadata: {}, transient: { display_id } }, run.request.message.header);
  };
  await show('display_data');
  return () => show('update_display_data');
}

/** The record of these background cells. */
function jobsRecord(state: SessionState, ids: readonly number[]): JobsRecord {
  return {
    kind: 'jobs',
    version: 1,
    createdAt: new Date().toISOString(),
    tradewind: TRADEWIND_VERSION,
    environment: {
      chip: state.active.chip,
      framework: state.active.framework,
      platform: `${process.platform} ${process.arch}`,
      versions: { node: process.versions.node },
    },
    cells: state.jobs.list().filter(({ id }) => ids.includes(id)),
  };
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
