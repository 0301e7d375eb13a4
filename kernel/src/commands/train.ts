/** `train FILE.yaml`: starts the trainer in a process of its own and shows it while it runs; `--resume` goes on where a run stopped. */
import { rmSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { FRAMEWORKS } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import type { TrainingRecord } from '../records/training.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext, LiveDisplay } from './command.ts';
import { applied, askedFor, environmentOf, OPTIMISE, taken, targetOf } from './optimise.ts';

/** Milliseconds between two pictures of a run. */
const PICTURE = 1000;

export const train: Command<TrainingRecord> = {
  name: 'train',
  summary: 'train a model in a process of its own, with a live loss curve',
  details: `A run is a folder, runs/NAME: its configuration, metrics, checkpoints, log and, when the configuration asks for it, forecast.zarr. Its process outlives the notebook and the kernel; runs shows it again.

An interrupt (ctrl-C, the stop button) stops it after the step that it is in, with a checkpoint; train --resume --run NAME goes on from there, bit for bit. With --detach the command returns at once and nothing but runs stop stops it.

--optimise sets what the paper's list (advise) says for the chip; what it has set stands in the run's record, with what it changed where advise FILE --measure has measured it. A key that --set names stays as it is named.

Without a framework in the words or in the file, the notebook's active chip and framework train. Paths in the file are taken from the working folder.`,
  examples: [
    'train ocean-fourcastnet.yaml',
    'train ocean-fourcastnet.yaml --framework mindspore --run ms --set optimizer.lr=3e-4',
    'train --resume --run ms',
  ],
  positionals: [{ name: 'FILE', kind: 'file', description: 'the configuration, a YAML file', optional: true }],
  options: [
    { name: 'set', value: { name: 'KEY=VALUE', kind: 'text' }, many: true, description: 'override a key of the configuration' },
    { name: 'run', value: { name: 'NAME', kind: 'run' }, description: "the run's name (default: the file's, numbered when taken)" },
    { name: 'framework', value: { name: 'NAME', kind: 'text', choices: FRAMEWORKS }, description: 'pytorch or mindspore' },
    { name: 'chip', value: { name: 'NAME', kind: 'chip' }, description: 'where to train; it stops when it finds itself elsewhere' },
    { ...OPTIMISE, description: `optimise by ${OPTIMISE.description}` },
    { name: 'resume', description: 'go on with a run that was stopped or lost' },
    { name: 'dry-run', description: 'lay the run out and write what would start it (job.sh for Slurm), and start nothing' },
    { name: 'detach', description: 'return at once; the run goes on' },
    { name: 'force', description: 'replace an older run of that name' },
  ],
  run,
};

async function run(input: Arguments, context: CommandContext): Promise<TrainingRecord> {
  const [{ hasEnded, readStatus }, { launch }] = await Promise.all([import('../train/status.ts'), import('../train/launch.ts')]);
  const python = await placeOf(input, context);
  const folder = input.options.resume ? await resumed(input, context) : await laidOut(input, context, python);
  if (input.options['dry-run']) return written(folder, python, context);
  const before = await readStatus(folder);
  let pid: number | undefined;
  if (before && before.pid !== undefined && !hasEnded(before))
    context.note(`${basename(folder)} is running: it is shown, not started again.`);
  else if (before?.state === 'finished') context.note(`${basename(folder)} had finished.`);
  else {
    const { readOptimised } = await import('../train/optimised.ts');
    const environment = { ...python.environment, ...(await readOptimised(folder))?.environment };
    pid = await launch(folder, { ...python, environment });
    await (await import('../chips/index.ts')).recordRun(folder, pid, environment, context.signal);
  }
  return input.options.detach ? detached(folder, pid, context) : watched(folder, pid, context);
}

/** What would start the run; a later --resume starts it. */
async function written(folder: string, place: Awaited<ReturnType<typeof placeOf>>, context: CommandContext): Promise<TrainingRecord> {
  const [{ writeStart }, { follow }] = await Promise.all([import('../train/launch.ts'), import('../train/follow.ts')]);
  const { command } = await writeStart(folder, place);
  const name = basename(folder);
  context.note(`${name} is laid out and not started. It is started by train --resume --run ${name}, which runs:\n${command.join(' ')}`);
  return recordOf(folder, await follow(folder, { signal: AbortSignal.abort() }), context);
}

/** The configuration's words from the options; the file's own count before the notebook's active chip. */
async function placeOf(input: Arguments, context: CommandContext) {
  const { ownPython, userEngines } = await import('../chips/index.ts');
  const active = context.session?.active();
  const { engines } = await userEngines(context.cwd, context.environment);
  const user = engines.find((one) => one.name === (input.options.chip ?? active?.chip));
  const chip = user?.chip ?? (input.options.chip as string | undefined);
  const framework = user?.framework ?? (input.options.framework as string | undefined);
  if (user && user.place !== 'local') {
    throw new TradewindError({
      code: 'refused',
      message: `the engine ${user.name} lives elsewhere, and a training runs on this machine or by sbatch`,
      where: user.where,
      remedy: 'In Slurm: workers.launcher: slurm in the configuration, here or on the login node.',
    });
  }
  return {
    python: user?.python ?? ownPython(context.environment),
    modules: user?.modules,
    environment: { ...context.environment, ...user?.environment },
    cwd: context.cwd,
    signal: context.signal,
    sets: [
      ...((input.options.set as string[] | undefined) ?? []),
      ...(input.options.chip && chip ? [`chip=${chip}`] : []),
      ...(input.options.framework || (input.options.chip && user) ? [`framework=${framework}`] : []),
    ],
    defaults: active ? [`chip=${user?.chip ?? active.chip}`, `framework=${user?.framework ?? active.framework}`] : [],
  };
}

/** The folder of a new run, checked and laid out. */
async function laidOut(input: Arguments, context: CommandContext, place: Awaited<ReturnType<typeof placeOf>>): Promise<string> {
  const [{ checkName, freeName, prepare }, { runNames, runsFolder }, { hasEnded, readStatus }] = await Promise.all([
    import('../train/launch.ts'),
    import('../train/folder.ts'),
    import('../train/status.ts'),
  ]);
  const file = input.positionals.FILE as string | undefined;
  if (file === undefined) {
    throw new TradewindError({
      code: 'usage',
      message: 'train needs a configuration',
      remedy: 'train FILE.yaml, or train --resume --run NAME.',
    });
  }
  const taken = await runNames(context.cwd);
  const name = (input.options.run as string | undefined) ?? freeName(file, taken);
  checkName(name);
  const folder = join(runsFolder(context.cwd), name);
  if (taken.includes(name)) {
    const status = await readStatus(folder);
    if (status && !hasEnded(status)) {
      throw new TradewindError({ code: 'refused', message: `the run ${name} is still running`, remedy: `runs stop ${name}` });
    }
    if (!input.options.force) {
      throw new TradewindError({
        code: 'refused',
        message: `there is a run ${name} already (${status?.state ?? 'without status'})`,
        where: folder,
        remedy: `--resume goes on with it, --force replaces it, --run takes another name.`,
      });
    }
  }
  context.progress({ label: 'checking the configuration', done: 0 });
  await prepare(folder, file, place.sets, place.defaults, place);
  if (input.options.optimise !== undefined) await optimise(folder, file, String(input.options.optimise), place);
  return folder;
}

/** Lays the folder out again with what the words ask for, now that the chip and framework are known. */
async function optimise(folder: string, file: string, words: string, place: Awaited<ReturnType<typeof placeOf>>): Promise<void> {
  const [{ detect }, { prepare }, { readConfiguration }, { readEffects, trialsFolder, writeOptimised }] = await Promise.all([
    import('../chips/index.ts'),
    import('../train/launch.ts'),
    import('../train/outcome.ts'),
    import('../train/optimised.ts'),
  ]);
  try {
    const before = await readConfiguration(folder);
    const asked = askedFor(words);
    const cards = (await detect(place)).cards.get(before.chip)?.length ?? 1;
    const target = targetOf(before.chip, before.framework, cards);
    const found = taken(asked, target);
    // The user's own words come last.
    await prepare(folder, file, [...found.flatMap((one) => one.on(target)), ...place.sets], place.defaults, place);
    await writeOptimised(folder, {
      applied: applied(found, target, before as unknown as Record<string, unknown>, place.sets, await readEffects(dirname(folder), before)),
      environment: environmentOf(found, join(trialsFolder(dirname(folder)), 'graphs')),
    });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The folder of the run to go on with. */
async function resumed(input: Arguments, context: CommandContext): Promise<string> {
  const { findRun } = await import('../train/folder.ts');
  const file = input.positionals.FILE as string | undefined;
  const name = (input.options.run as string | undefined) ?? (file && basename(file, extname(file)));
  if (name === undefined)
    throw new TradewindError({ code: 'usage', message: '--resume needs the run', remedy: 'train --resume --run NAME; runs lists them.' });
  if (input.options.set || input.options.framework || input.options.chip || input.options.optimise) {
    throw new TradewindError({
      code: 'usage',
      message: 'a run goes on as it began: --resume takes no --set, --framework, --chip or --optimise',
      remedy: 'Start another run with model.weights: CHECKPOINT to change something.',
    });
  }
  return findRun(name, context.cwd);
}

/** Returns as soon as the trainer has said that it runs, or why not. */
async function detached(folder: string, pid: number | undefined, context: CommandContext): Promise<TrainingRecord> {
  const { follow } = await import('../train/follow.ts');
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, context.signal, AbortSignal.timeout(20_000)]);
  const last = await follow(folder, { pid, signal, each: ({ status }) => void (status?.state !== 'starting' && enough.abort()) });
  context.note(`${basename(folder)} goes on by itself: runs ${basename(folder)} shows it, runs stop ${basename(folder)} stops it.`);
  return outcome(folder, last, context);
}

/** Shows the run until it ends. An interrupt stops the run, then this. */
async function watched(folder: string, pid: number | undefined, context: CommandContext): Promise<TrainingRecord> {
  const { followToEnd } = await import('../train/follow.ts');
  let live: LiveDisplay | undefined;
  let drawn = 0;
  const last = await followToEnd(folder, {
    pid,
    signal: context.signal,
    stopping: () => context.note('stopping after this step, with a checkpoint …'),
    async each(state) {
      const { status } = state;
      if (!status) return;
      context.progress(
        status.steps
          ? { label: status.message ?? `training ${basename(folder)}`, done: status.step, total: status.steps, unit: 'steps' }
          : { label: `starting ${basename(folder)}`, done: 0 },
      );
      if (Date.now() - drawn < PICTURE) return;
      drawn = Date.now();
      const record = await recordOf(folder, state, context);
      if (live) live.update(record);
      else live = context.show(record);
    },
  });
  live?.update(await recordOf(folder, last, context));
  return outcome(folder, last, context);
}

/** `others`: folders of runs that are drawn over it. */
export async function recordOf(
  folder: string,
  state: Parameters<typeof import('../train/record.ts').trainingFacts>[1],
  context: CommandContext,
  others: readonly string[] = [],
): Promise<TrainingRecord> {
  const { trainingFacts } = await import('../train/record.ts');
  return { ...baseRecord('training', context), ...(await trainingFacts(folder, state, others)) };
}

/** The record, or the error that ended the run. */
async function outcome(
  folder: string,
  last: Awaited<ReturnType<typeof import('../train/follow.ts').follow>>,
  context: CommandContext,
): Promise<TrainingRecord> {
  const name = basename(folder);
  const { status } = last;
  const resume = `train --resume --run ${name} goes on from the newest checkpoint.`;
  switch (status?.state) {
    case 'failed':
      throw new TradewindError(status.error ?? { code: 'process', message: status.message ?? `the run ${name} failed` });
    case 'interrupted':
      throw new TradewindError({
        code: 'interrupted',
        message: `${name} was stopped at step ${status.step} of ${status.steps}`,
        remedy: resume,
      });
    case 'lost':
    case undefined: {
      const { logTail } = await import('../train/launch.ts');
      throw new TradewindError({
        code: 'process',
        message: `the run ${name} is lost: ${status?.message ?? 'status.json is gone'}`,
        details: logTail(folder) || undefined,
        remedy: resume,
      });
    }
    default:
      return recordOf(folder, last, context);
  }
}
