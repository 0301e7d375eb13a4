/** `advise`: what a chip is said to gain from; with a training and --measure, what each of it changes here, on against off. */
import type { AdviceRecord } from '../records/advice.ts';
import { FRAMEWORKS, type Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { measureOptimisations } from './measure-optimisations.ts';
import { advice, askedFor, OPTIMISE, targetOf } from './optimise.ts';
import { presentEngines } from './present-engines.ts';

export const advise: Command<AdviceRecord> = {
  name: 'advise',
  summary: 'list what a chip gains from, and measure each of it here, on against off',
  details: `The list is the paper's: mixed precision, graph mode and its compile cache, recomputation, the batch in parts, data parallel, built-in fused operators. Each item says what it sets, for whom it is advised and why, and where that stands; all of it is documented.

train --optimise advised (or names, with commas; no-NAME leaves one out) applies it; migrate --chip NAME takes what concerns the migration. What was applied stands in the run's record.

With FILE and --measure the training of FILE runs a few steps without and with each item, everything else the same, and its seconds a step, seconds to the first step, peak of memory and loss are set side by side: measured here. It is kept, and a run that applies the item to the same model shows it.`,
  examples: [
    'advise --chip 910b --framework mindspore',
    'advise ocean.yaml --measure',
    'advise ocean.yaml --measure --optimise graph,recompute',
  ],
  positionals: [{ name: 'FILE', kind: 'file', description: 'a training configuration, as for train', optional: true }],
  options: [
    { name: 'chip', value: { name: 'NAME', kind: 'chip' }, description: 'the chip (default: the one that cells run on)' },
    { name: 'framework', value: { name: 'NAME', kind: 'text', choices: FRAMEWORKS }, description: 'pytorch or mindspore' },
    { name: 'measure', description: 'run FILE without and with each' },
    { ...OPTIMISE, description: 'with --measure: these alone, with commas (default: all that can be had here)' },
    { name: 'steps', value: { name: 'COUNT', kind: 'integer', default: '12' }, description: 'with --measure: optimiser steps of each run' },
    { name: 'set', value: { name: 'KEY=VALUE', kind: 'text' }, many: true, description: 'override a key of the configuration' },
  ],
  run,
};

async function run(input: Arguments, context: CommandContext): Promise<AdviceRecord> {
  const { options, positionals } = input;
  const file = positionals.FILE as string | undefined;
  const active = context.session?.active() ?? { chip: 'cpu', framework: 'pytorch' as Framework };
  const [chip, framework] = [String(options.chip ?? active.chip), (options.framework ?? active.framework) as Framework];
  if (!options.measure) {
    if (options.optimise !== undefined) throw usage('--optimise goes with --measure', 'advise FILE --measure, or train FILE --optimise.');
    const target = targetOf(chip, framework, 1);
    return { ...baseRecord('advice', context), chip, title: target.chip.title, framework, optimisations: advice(target) };
  }
  if (file === undefined) throw usage('--measure needs a training', 'advise FILE.yaml --measure');
  if (Number(options.steps ?? 12) < 4)
    throw usage('--steps is at least 4: the first ones are not timed', 'advise FILE.yaml --measure --steps 12');
  const asked = options.optimise === undefined ? undefined : askedFor(String(options.optimise));
  const { engines } = await presentEngines({ chip, framework }, context);
  const measured = await measureOptimisations(
    {
      ...{ file, engine: engines[0]!, asked, steps: Number(options.steps ?? 12) },
      sets: (options.set as string[] | undefined) ?? [],
    },
    context,
  );
  return { ...baseRecord('advice', context), ...measured };
}

function usage(message: string, remedy: string): TradewindError {
  return new TradewindError({ code: 'usage', message, remedy });
}
