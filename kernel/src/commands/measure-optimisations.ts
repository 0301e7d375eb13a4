/** A/B comparisons of optimisations: a short training without and with each, everything else the same; one after the other, since they share the machine. */
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Asked, detect, OPTIMISATIONS, type Optimisation, type Target } from '../chips/index.ts';
import type { AdviceRecord, OptimisationEffect } from '../records/advice.ts';
import { describe } from '../records/errors.ts';
import { runsFolder } from '../train/folder.ts';
import { prepare, type TrainerPlace } from '../train/launch.ts';
import { readEffects, trialsFolder, writeEffects } from '../train/optimised.ts';
import { type RunConfiguration, readConfiguration } from '../train/outcome.ts';
import { configurationText, type Trial, trainToEnd, trialOf } from '../train/trial.ts';
import type { CommandContext } from './command.ts';
import { migratedModel } from './migrated-model.ts';
import { advice, environmentOf, taken, targetOf } from './optimise.ts';
import type { PresentEngine } from './present-engines.ts';

export interface Measurement {
  file: string;
  engine: PresentEngine;
  /** All that can be had there, where it is not given. */
  asked?: Asked;
  steps: number;
  sets: readonly string[];
}

type Measured = Pick<AdviceRecord, 'chip' | 'title' | 'framework' | 'file' | 'optimisations'>;

export async function measureOptimisations(request: Measurement, context: CommandContext): Promise<Measured> {
  const { chip, framework } = request.engine;
  const target = targetOf(chip, framework, (await detect(context)).cards.get(chip)?.length ?? 1);
  const wanted = request.asked
    ? taken(request.asked, target)
    : OPTIMISATIONS.filter((one) => !one.impossible?.(target) && changesTraining(one, target));
  const trials = createTrials(request, context);
  const config = await trials.configuration();
  const [effects, unmeasured]: [Record<string, OptimisationEffect>, Record<string, string>] = [{}, {}];
  for (const one of wanted) {
    try {
      if (!changesTraining(one, target)) throw new Error('it changes the migration, not the training');
      effects[one.name] = await compare(one, target, trials);
      await writeEffects(runsFolder(context.cwd), config, { [one.name]: effects[one.name]! });
    } catch (error) {
      context.signal.throwIfAborted();
      unmeasured[one.name] = describe(error).split('\n')[0]!;
    }
  }
  const known = await readEffects(runsFolder(context.cwd), config);
  return {
    ...{ chip, title: target.chip.title, framework, file: basename(request.file) },
    optimisations: advice(target, { ...known, ...effects }).map((one) => ({
      ...one,
      ...(unmeasured[one.name] !== undefined && { unmeasured: unmeasured[one.name] }),
    })),
  };
}

const changesTraining = (one: Optimisation, target: Target) => one.on(target).length > 0;

async function compare(one: Optimisation, target: Target, trials: Trials): Promise<OptimisationEffect> {
  const off = await trials.run(`${one.name}, without`, one.off, []);
  // What fills a cache is run once for that.
  if (one.secondStart) await trials.run(`${one.name}, first start`, one.on(target), [one], true);
  const on = await trials.run(`${one.name}, with`, one.on(target), [one]);
  return {
    steps: Math.min(on.steps, off.steps),
    seconds: { on: on.seconds, off: off.seconds },
    firstSeconds: { on: on.firstSeconds, off: off.firstSeconds },
    ...(on.memory !== undefined && off.memory !== undefined && { memory: { on: on.memory, off: off.memory } }),
    loss: { on: on.loss, off: off.loss },
    measuredAt: new Date().toISOString(),
    device: on.device,
  };
}

interface Trials {
  /** The training as it is, but short. */
  configuration(): Promise<RunConfiguration>;
  /** Trains with these keys set; a training that was run already is not run again, unless it is `anew`. */
  run(label: string, sets: readonly string[], optimisations: readonly Optimisation[], anew?: boolean): Promise<Trial>;
}

function createTrials({ file, engine, steps, sets: given }: Measurement, context: CommandContext): Trials {
  const known = new Map<string, Trial>();
  const place = join(trialsFolder(runsFolder(context.cwd)), `${engine.chip}-${engine.framework}-${process.pid}`);
  const cache = `${place}.graphs`;
  const short = [`training.epochs=${steps}`, `training.steps=${steps}`, 'training.validation_samples=1'];
  let migrated: Promise<string> | undefined;

  async function prepared(sets: readonly string[], environment: Record<string, string>): Promise<TrainerPlace> {
    const trainer: TrainerPlace = {
      python: engine.python,
      environment: { ...context.environment, ...engine.environment, ...environment },
      cwd: context.cwd,
      signal: context.signal,
    };
    const defaults: string[] = [];
    if (engine.framework === 'mindspore') {
      migrated ??= migratedModel('fourcastnet', context);
      defaults.push(`model.migrated=${await migrated}`);
    }
    const all = [...given, `chip=${engine.chip}`, `framework=${engine.framework}`, ...short, ...sets];
    await prepare(place, file, all, defaults, trainer);
    const { forecast } = (await readConfiguration(place)) as RunConfiguration & { forecast?: object };
    // A forecast is no part of what is measured, and a section that is in the file can't be taken out.
    if (forecast) await prepare(place, file, [...all, 'forecast.initial_times=1'], defaults, trainer);
    return trainer;
  }

  return {
    async configuration() {
      await prepared([], {});
      const config = await readConfiguration(place);
      rmSync(place, { recursive: true });
      return config;
    },
    async run(label, sets, optimisations, anew = false) {
      const environment = environmentOf(optimisations, cache);
      context.progress({ label, done: 0, total: steps, unit: 'steps' });
      const trainer = await prepared(sets, environment);
      try {
        const text = `${await configurationText(place)}${JSON.stringify(environment)}`;
        const before = known.get(text);
        if (before && !anew) return before;
        await trainToEnd(place, trainer, ({ step }) => context.progress({ label, done: step, total: steps, unit: 'steps' }));
        const trial = await trialOf(place);
        if (!anew) known.set(text, trial);
        return trial;
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    },
  };
}
