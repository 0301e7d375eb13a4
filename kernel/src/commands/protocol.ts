/** `protocol FILE.yaml`: the paper's protocol: one training on every engine that is here, in full and mixed precision, beside the paper's rows. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { FRAMEWORKS } from '../records/chips.ts';
import { energyUse } from '../records/energy.ts';
import { describe, TradewindError } from '../records/errors.ts';
import { deviations, type ProtocolRecord, type ProtocolTraining } from '../records/protocol.ts';
import { middle, outcomeOf, type RunConfiguration, readConfiguration } from '../train/outcome.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { migratedModel } from './migrated-model.ts';
import { type PresentEngine, presentEngines } from './present-engines.ts';
import { tellProgress } from './python-side.ts';

const MIXED = ['fp16', 'bf16', 'none'] as const;

export const protocol: Command<ProtocolRecord> = {
  name: 'protocol',
  summary: 'the paper’s protocol: one training on every engine here, beside the paper’s tables',
  details: `Trains what FILE says on each chip and framework that is here, with the same hyperparameters and seed, in full and in mixed precision, until the loss is stable (section convergence; its defaults where the file has none; training.epochs is the limit). Then forecast steps are timed on one card, one sample.

The runs are ordinary runs, runs/FILE-CHIP-FRAMEWORK-PRECISION: an interrupted protocol goes on where it stopped when it is called again, and a finished run is read, not repeated. Engines run one after the other.

Validation RMSE is compared variable by variable: mixed precision with full on the same engine, and every engine with the first. Exit code 1: one of them is more than the paper's 5 % worse; 3: an engine that is here could not be measured.`,
  examples: ['protocol ocean.yaml', 'protocol ocean.yaml --framework pytorch --mixed bf16 --set training.epochs=40'],
  positionals: [{ name: 'FILE', kind: 'file', description: 'a training configuration, as for train' }],
  options: [
    { name: 'chip', value: { name: 'NAME', kind: 'chip' }, description: 'this chip alone' },
    { name: 'framework', value: { name: 'NAME', kind: 'text', choices: FRAMEWORKS }, description: 'this framework alone' },
    {
      name: 'mixed',
      value: { name: 'PRECISION', kind: 'text', choices: MIXED, default: 'fp16' },
      description: 'the mixed precision that is validated against full',
    },
    { name: 'set', value: { name: 'KEY=VALUE', kind: 'text' }, many: true, description: 'override a key of the configuration' },
    { name: 'forecast-steps', value: { name: 'COUNT', kind: 'integer', default: '20' }, description: 'timed forecast steps' },
    { name: 'force', description: 'train anew what was trained with another configuration' },
  ],
  run,
  exitCode: (record) =>
    record.deviations.some((one) => !one.passed) ? 1 : record.without.some((one) => one.name.split('/').length > 2) ? 3 : 0,
};

async function run(input: Arguments, context: CommandContext): Promise<ProtocolRecord> {
  const { readEnvironment, runsFolder } = await import('../train/folder.ts');
  const file = input.positionals.FILE as string;
  const { engines, refused } = await presentEngines(input.options, context);
  const mixed = String(input.options.mixed ?? 'fp16');
  const precisions = ['full', ...(mixed === 'none' ? [] : [mixed])];
  const record: ProtocolRecord = {
    ...baseRecord('protocol', context),
    file: basename(file),
    model: '?',
    parameters: 0,
    seed: 0,
    settings: {},
    published: false,
    trainings: [],
    without: refused,
    deviations: [],
  };
  let folder: string | undefined;
  for (const engine of engines) {
    for (const precision of precisions) {
      const words = `${engine.chip}/${engine.framework}/${precision}`;
      const name = `${basename(file, extname(file))}-${engine.chip}-${engine.framework}-${precision}`;
      const place = join(runsFolder(context.cwd), name);
      try {
        record.trainings.push(await trained(place, file, engine, precision, input, context));
        folder ??= place;
      } catch (error) {
        // An interrupt ends the protocol; another engine's fault is told beside the others' figures.
        if (context.signal.aborted) throw error;
        record.without.push({ name: words, reason: describe(error).split('\n')[0]! });
      }
    }
  }
  if (folder === undefined) {
    throw new TradewindError({
      code: 'process',
      message: 'no engine could be trained',
      details: record.without.map(({ name, reason }) => `${name}: ${reason}`).join('\n'),
      remedy: `tradewind train ${basename(file)} says more of one.`,
    });
  }
  const config = await readConfiguration(folder);
  const { parameters = 0, grid } = await readEnvironment(folder);
  return {
    ...record,
    model: config.model.class,
    parameters,
    seed: config.seed,
    settings: settingsOf(config),
    published: isPublished(config, grid),
    deviations: deviations(record.trainings),
  };
}

/** A finished run of the configuration: the one that is there, gone on with or begun. */
async function trained(
  folder: string,
  file: string,
  engine: PresentEngine,
  precision: string,
  input: Arguments,
  context: CommandContext,
): Promise<ProtocolTraining> {
  const [{ launch, prepare }, { followToEnd }, { hasEnded, readStatus }, { whyUnfinished }, chips] = await Promise.all([
    import('../train/launch.ts'),
    import('../train/follow.ts'),
    import('../train/status.ts'),
    import('../train/trial.ts'),
    import('../chips/index.ts'),
  ]);
  const name = basename(folder);
  const environment = { ...context.environment, ...engine.environment };
  const place = { python: engine.python, environment, cwd: context.cwd, signal: context.signal };
  const sets = [
    ...((input.options.set as string[] | undefined) ?? []),
    `chip=${engine.chip}`,
    `framework=${engine.framework}`,
    `precision=${precision}`,
  ];
  const defaults = ['convergence={}'];
  if (engine.framework === 'mindspore') defaults.push(`model.migrated=${await migratedModel('fourcastnet', context)}`);
  context.progress({ label: `${name}: checking the configuration`, done: 0 });
  const fresh = join(folder, '..', `.${name}.protocol`);
  await prepare(fresh, file, sets, defaults, place);
  await adopt(fresh, folder, name, input.options.force === true);
  let status = await readStatus(folder);
  if (status?.state !== 'finished') {
    let pid: number | undefined;
    if (!status || status.pid === undefined || hasEnded(status)) {
      pid = await launch(folder, place);
      await chips.recordRun(folder, pid, environment, context.signal);
    }
    ({ status } = await followToEnd(folder, {
      pid,
      signal: context.signal,
      stopping: () => context.note(`${name} stops after this step, with a checkpoint; the same call goes on from there.`),
      each({ status }) {
        if (status) context.progress({ label: name, done: status.step, total: status.steps || undefined, unit: 'steps' });
      },
    }));
  }
  if (status?.state !== 'finished') {
    const why = whyUnfinished(folder, name, status);
    throw new TradewindError(context.signal.aborted ? { ...why, code: 'interrupted' } : why);
  }
  const use = energyUse(await chips.readSamples(join(folder, chips.ENERGY_FILE)));
  return {
    ...(await outcomeOf(folder, name)),
    ...(use ? { watts: use.watts, meter: use.meter } : {}),
    forecast: await timedForecast(folder, engine, Number(input.options['forecast-steps'] ?? 20), context),
  };
}

/** The prepared folder takes its place where there is none yet; a run of the same configuration stays. */
async function adopt(fresh: string, folder: string, name: string, force: boolean): Promise<void> {
  const { configurationText } = await import('../train/trial.ts');
  if (existsSync(folder)) {
    const same = existsSync(join(folder, 'config.yaml')) && (await configurationText(folder)) === (await configurationText(fresh));
    if (!same && !force) {
      rmSync(fresh, { recursive: true });
      throw new TradewindError({
        code: 'refused',
        message: `the run ${name} has another configuration`,
        where: folder,
        remedy: '--force trains it anew; or give the file another name.',
      });
    }
    rmSync(same ? fresh : folder, { recursive: true });
    if (same) return;
  }
  renameSync(fresh, folder);
}

async function timedForecast(
  folder: string,
  engine: PresentEngine,
  steps: number,
  context: CommandContext,
): Promise<ProtocolTraining['forecast']> {
  const { runPython } = await import('../processes/python.ts');
  const { first, seconds } = await runPython<{ first: number; seconds: number[] }>({
    python: engine.python,
    module: 'tradewind.train.timed_forecast',
    arguments: [folder, String(Math.max(1, steps))],
    cwd: context.cwd,
    signal: context.signal,
    environment: { ...context.environment, ...engine.environment },
    onEvent: tellProgress(context),
  });
  return { median: middle(seconds), low: middle(seconds, 0.25), high: middle(seconds, 0.75), steps: seconds.length, first };
}

/** What decides about a training, in a few words. */
function settingsOf({ training, optimizer, loss, convergence, model }: RunConfiguration): Record<string, string> {
  const words = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value).replaceAll('"', '') : String(value));
  const kept: [string, unknown][] = [
    ['batch', training.batch],
    ['epochs, at most', training.epochs],
    ['learning rate', `${optimizer.lr}, ${optimizer.schedule}, warm-up ${optimizer.warmup_steps} steps`],
    ['weight decay', optimizer.weight_decay],
    ['loss', loss.kind],
    ['converged', convergence ? `${convergence.of} loss within ${convergence.tolerance} over ${convergence.window} epochs` : 'not asked'],
    ['model', model.arguments],
  ];
  return Object.fromEntries(kept.map(([name, value]) => [name, words(value)]));
}

/** AI-GOMS of the paper's tables: its class at its published size (embed 512, depth 12; decoder 1024 × 8) on the grid of 0.25°. */
function isPublished(config: RunConfiguration, grid: unknown): boolean {
  const published: Record<string, number> = { embed_dim: 512, depth: 12, decoder_embed_dim: 1024, decoder_depth: 8 };
  const { arguments: given } = config.model;
  return (
    config.model.class === 'AIGOMS' &&
    JSON.stringify(grid) === '[720,1440]' &&
    Object.entries(published).every(([name, value]) => given[name] === undefined || given[name] === value)
  );
}
