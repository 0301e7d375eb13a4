/** `runs`: lists training runs; shows, stops, resumes, compares and exports them, from any notebook. */
import { basename } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import type { RunComparisonRecord, RunsRecord, TrainingRecord } from '../records/training.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { recordOf, train } from './train.ts';

type RunsResult = RunsRecord | TrainingRecord | RunComparisonRecord;

/** What a first word asks for, and how many runs it takes. */
const ACTIONS: Record<string, { takes: number; run(folders: string[], input: Arguments, context: CommandContext): Promise<RunsResult> }> = {
  stop: { takes: 1, run: ([folder], _, context) => stopped(folder!, context) },
  resume: { takes: 1, run: ([folder], input, context) => resumed(folder!, input, context) },
  compare: { takes: 2, run: ([a, b], _, context) => compared(a!, b!, context) },
  export: { takes: 1, run: ([folder], input, context) => exported(folder!, input, context) },
};

export const runs: Command<RunsResult> = {
  name: 'runs',
  summary: 'list training runs',
  details: `Lists the runs of the working folder. runs NAME shows one, live in a notebook while it runs; further names are drawn over it.

runs stop NAME stops one after the step that it is in, with a checkpoint, and waits until it has stopped; runs resume NAME goes on with it.
runs compare A B says where the two losses part beyond rounding, what they ended with, how fast they were and what their configurations differ in.
runs export NAME writes its metrics as TensorBoard event files, or into MLflow where it is installed.

A run that is called like one of these words is reached by its path: runs runs/stop.`,
  examples: [
    'runs',
    'runs ocean-fourcastnet',
    'runs ms pt',
    'runs stop ocean-fourcastnet',
    'runs resume ocean-fourcastnet --detach',
    'runs compare ms pt',
    'runs export ms --tensorboard logs/ms',
  ],
  positionals: [
    { name: 'NAME', kind: 'run', description: 'a run; or stop, resume, compare, export and then runs', optional: true },
    { name: 'RUN', kind: 'run', description: 'further runs', optional: true, many: true },
  ],
  options: [
    { name: 'detach', description: 'resume: return at once; the run goes on' },
    { name: 'tensorboard', value: { name: 'FOLDER', kind: 'path' }, description: 'export: write TensorBoard event files into FOLDER' },
    { name: 'mlflow', value: { name: 'EXPERIMENT', kind: 'text' }, description: 'export: add a run to this experiment of MLflow' },
  ],
  async run(input, context) {
    const { NAME, RUN = [] } = input.positionals as { NAME?: string; RUN?: string[] };
    if (NAME === undefined) return list(context);
    const { findRun } = await import('../train/folder.ts');
    const action = Object.hasOwn(ACTIONS, NAME) ? ACTIONS[NAME] : undefined;
    if (action && RUN.length !== action.takes) {
      throw new TradewindError({
        code: 'usage',
        message: `runs ${NAME} takes ${action.takes === 1 ? 'the NAME of one run' : 'the names of two runs'}, not ${RUN.length}`,
        remedy: 'runs alone lists them.',
      });
    }
    const folders = await Promise.all((action ? RUN : [NAME, ...RUN]).map((word) => findRun(word, context.cwd)));
    if (action) return action.run(folders, input, context);
    return recordOf(folders[0]!, undefined, context, folders.slice(1));
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
  await refuseOwnLoop(folder, 'stopped');
  const [{ requestStop }, { follow }] = await Promise.all([import('../train/launch.ts'), import('../train/follow.ts')]);
  if (!(await requestStop(folder))) context.note(`${basename(folder)} is not running.`);
  else context.progress({ label: `${basename(folder)} stops after its step`, done: 0 });
  return recordOf(folder, await follow(folder, { signal: context.signal }), context);
}

async function resumed(folder: string, input: Arguments, context: CommandContext): Promise<TrainingRecord> {
  await refuseOwnLoop(folder, 'resumed');
  return train.run({ positionals: {}, options: { resume: true, run: folder, detach: input.options.detach } }, context);
}

async function compared(a: string, b: string, context: CommandContext): Promise<RunComparisonRecord> {
  const { compareRuns } = await import('../train/compareRuns.ts');
  const { curves, ...facts } = await compareRuns(a, b);
  const training: TrainingRecord = { ...baseRecord('training', context), ...curves[0], others: [curves[1]] };
  return { ...baseRecord('run-comparison', context), ...facts, training };
}

async function exported(folder: string, input: Arguments, context: CommandContext): Promise<TrainingRecord> {
  const { tensorboard, mlflow } = input.options as { tensorboard?: string; mlflow?: string };
  if ((tensorboard === undefined) === (mlflow === undefined)) {
    throw new TradewindError({
      code: 'usage',
      message: 'runs export takes --tensorboard FOLDER or --mlflow EXPERIMENT',
      remedy: `runs export ${basename(folder)} --tensorboard logs/${basename(folder)}`,
    });
  }
  const [{ exportRun }, { ownPython }] = await Promise.all([import('../train/export.ts'), import('../chips/index.ts')]);
  const [target, to] = tensorboard === undefined ? (['mlflow', mlflow!] as const) : (['tensorboard', tensorboard] as const);
  context.progress({ label: `exporting ${basename(folder)}`, done: 0 });
  const place = { python: ownPython(context.environment), environment: context.environment, cwd: context.cwd, signal: context.signal };
  context.note(await exportRun(folder, target, to, place));
  return recordOf(folder, undefined, context);
}

/** A run that `tradewind.log` wrote belongs to the process whose loop it is. */
async function refuseOwnLoop(folder: string, verb: string): Promise<void> {
  const { readEnvironment } = await import('../train/folder.ts');
  if ((await readEnvironment(folder)).origin !== 'log') return;
  throw new TradewindError({
    code: 'refused',
    message: `${basename(folder)} was logged by a loop of your own and can’t be ${verb} from here`,
    remedy: 'Interrupt the cell or the process that it runs in, or run it again.',
  });
}
