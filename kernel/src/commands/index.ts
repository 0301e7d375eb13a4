/** The list of commands. Lazy: the names are known at once, a command's code is loaded when it is used. */

import { TradewindError } from '../records/errors.ts';
import { didYouMean } from '../records/nearest.ts';
import type { Command } from './command.ts';

export interface CommandEntry {
  name: string;
  /** The command's own summary (a test compares the two), so that the list needs no loading. */
  summary: string;
  /** Only in a notebook. */
  needsSession?: boolean;
  load(): Promise<Command>;
}

// biome-ignore format: one line an entry
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'chip', summary: 'show the chips that are here, or switch to one', load: async () => (await import('./chip.ts')).chip as Command },
  { name: 'chips', summary: 'list every chip of the catalogue with its figures and what was found', load: async () => (await import('./chips.ts')).chips as Command },
  { name: 'migrate', summary: 'rewrite PyTorch source for MindSpore and report every use of torch', load: async () => (await import('./migrate.ts')).migrate as Command },
  { name: 'verify', summary: 'run the original and its migration and compare what they compute', load: async () => (await import('./verify.ts')).verify as Command },
  { name: 'weights', summary: 'convert a checkpoint from PyTorch to MindSpore or back, tensor by tensor', load: async () => (await import('./weights.ts')).weights as Command },
  { name: 'data', summary: 'prepare a data set', load: async () => (await import('./data.ts')).data as Command },
  { name: 'train', summary: 'train a model in a process of its own, with a live loss curve', load: async () => (await import('./train.ts')).train as Command },
  { name: 'runs', summary: 'list training runs', load: async () => (await import('./runs.ts')).runs as Command },
  { name: 'protocol', summary: 'the paper’s protocol: one training on every engine here, beside the paper’s tables', load: async () => (await import('./protocol.ts')).protocol as Command },
  { name: 'evaluate', summary: 'score forecasts against a truth: RMSE and ACC by lead and grid point', load: async () => (await import('./evaluate.ts')).evaluate as Command },
  { name: 'score', summary: 'the same as evaluate', load: async () => (await import('./score.ts')).score as Command },
  { name: 'compare', summary: 'compare scored forecasts', load: async () => (await import('./compare.ts')).compare as Command },
  { name: 'merge', summary: 'merge parts of a score into one', load: async () => (await import('./merge.ts')).merge as Command },
  { name: 'push', summary: 'send variables from the active engine to another', needsSession: true, load: async () => (await import('./push.ts')).push as Command },
  { name: 'pull', summary: 'fetch variables from another engine into the active one', needsSession: true, load: async () => (await import('./pull.ts')).pull as Command },
  { name: 'fit', summary: 'project what a model needs on a chip: memory, largest batch, time a step', load: async () => (await import('./fit.ts')).fit as Command },
  { name: 'advise', summary: 'list what a chip gains from, and measure each of it here, on against off', load: async () => (await import('./advise.ts')).advise as Command },
  { name: 'benchmark', summary: 'time a forecast and a training step on every engine here, beside the paper’s tables', load: async () => (await import('./benchmark.ts')).benchmark as Command },
  { name: 'energy', summary: 'energy and throughput per watt of runs or of a cell, beside the paper’s Table S1', load: async () => (await import('./energy.ts')).energy as Command },
  { name: 'doctor', summary: 'say what is installed, what is missing, and the remedy of each', load: async () => (await import('./doctor.ts')).doctor as Command },
];

export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => entry.name === name);
}

/** The command of that name. Throws a usage error that names the nearest one. */
export async function loadCommand(name: string): Promise<Command> {
  const entry = findCommand(name);
  if (!entry) {
    throw new TradewindError({
      code: 'usage',
      message: `there is no command ${name || '(empty)'}${didYouMean(
        name,
        COMMANDS.map((one) => one.name),
      )}`,
      remedy: 'tradewind --help lists the commands.',
    });
  }
  return entry.load();
}
