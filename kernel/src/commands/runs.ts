/** `runs`: lists training runs; `runs NAME` shows one again, from any notebook; `runs stop NAME` stops it. */
import { basename } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import type { RunsRecord, TrainingRecord } from '../records/training.ts';
import { baseRecord } from './base.ts';
import type { Command, CommandContext } from './command.ts';
import { recordOf } from './train.ts';

export const runs: Command<RunsRecord | TrainingRecord> = {
  name: 'runs',
  summary: 'list training runs',
  details:
    'Lists the runs of the working folder; runs NAME shows one, live in a notebook while it runs; runs stop NAME stops it after the step that it is in, with a checkpoint, and waits until it has stopped.',
  examples: ['runs', 'runs ocean-fourcastnet', 'runs stop ocean-fourcastnet'],
  positionals: [
    { name: 'NAME', kind: 'run', description: 'a run; or stop, and then a run', optional: true },
    { name: 'RUN', kind: 'run', description: 'the run to stop', optional: true },
  ],
  options: [],
  async run(input, context) {
    const { NAME, RUN } = input.positionals as { NAME?: string; RUN?: string };
    if (NAME === undefined) return list(context);
    const { findRun } = await import('../train/folder.ts');
    if (NAME === 'stop' && RUN !== undefined) return stopped(await findRun(RUN, context.cwd), context);
    if (NAME === 'stop' || RUN !== undefined)
      throw new TradewindError({ code: 'usage', message: 'runs takes NAME, or stop NAME', remedy: 'runs alone lists them.' });
    return recordOf(await findRun(NAME, context.cwd), undefined, context);
  },
};

async function list(context: CommandContext): Promise<RunsRecord> {
  const { runNames, runsFolder, summarise } = await import('../train/folder.ts');
  const folder = runsFolder(context.cwd);
  const names = await runNames(context.cwd);
  const summaries = await Promise.all(names.map((name) => summarise(`${folder}/${name}`)));
  summaries.sort((a, b) => b.status.updatedAt.localeCompare(a.status.updatedAt));
  return { ...baseRecord('runs', context), folder, runs: summaries };
}

async function stopped(folder: string, context: CommandContext): Promise<TrainingRecord> {
  const [{ requestStop }, { follow }] = await Promise.all([import('../train/launch.ts'), import('../train/follow.ts')]);
  if (!(await requestStop(folder))) context.note(`${basename(folder)} is not running.`);
  else context.progress({ label: `${basename(folder)} stops after its step`, done: 0 });
  return recordOf(folder, await follow(folder, { signal: context.signal }), context);
}
