/** `fit MODEL --chip NAME`: before anyone queues a job, does it fit, which batch is the largest, and how long may a step take. */
import { findChip, ownPython } from '../chips/index.ts';
import { runPython } from '../processes/python.ts';
import { FRAMEWORKS, type Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import type { FitRecord } from '../records/fit.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { COST_TABLES, WITH_FIGURES } from './cost-request.ts';
import { advice, targetOf } from './optimise.ts';
import { tellProgress } from './python-side.ts';

type Projection = Omit<
  FitRecord,
  keyof ReturnType<typeof baseRecord> | 'provenance' | 'model' | 'chip' | 'title' | 'framework' | 'advice'
> & {
  case: string;
  versions: Record<string, string>;
};

export const fit: Command<FitRecord> = {
  name: 'fit',
  summary: 'project what a model needs on a chip: memory, largest batch, time a step',
  details: `MODEL is aigoms, fourcastnet or graphcast at its published size (--set changes an argument), or a Python file with build() and inputs(), perhaps loss(output) and optimizer(model).

The model runs on shapes alone: every operator's operations and bytes are counted, and every tensor from its birth to its death, so that the peak is that of a whole step with its optimiser's states. The chip need not be here. What the driver and the framework's own context take is not in it.

FP16 weights and the model divided over cards are projected beside them: what each would take a card, whether it then fits, the largest batch.

Seconds are a roofline whose efficiency is fitted on the paper's tables; the error bar comes from leaving each of its rows out. Where the paper gives two figures both are computed. Everything is projected, nothing measured. Exit code 1: what was asked for does not fit.`,
  examples: [
    'fit aigoms --chip 910b --workers 16 --batch 2',
    'fit case.py --chip dcu --precision fp16 --recompute',
    'fit fourcastnet --chip a100 --set img_size=(360,720)',
  ],
  positionals: [{ name: 'MODEL', kind: 'file', description: 'aigoms, fourcastnet, graphcast, or a file with build() and inputs()' }],
  options: [
    { name: 'chip', value: { name: 'NAME', kind: 'chip' }, required: true, description: 'a chip of the catalogue with figures' },
    { name: 'workers', value: { name: 'COUNT', kind: 'integer', default: '1' }, description: 'cards, data parallel' },
    { name: 'batch', value: { name: 'COUNT', kind: 'integer', default: '1' }, description: 'samples a card' },
    {
      name: 'precision',
      value: { name: 'KIND', kind: 'text', choices: ['fp32', 'fp16', 'bf16'], default: 'fp32' },
      description: 'fp16 and bf16 are mixed precision: weights and states stay fp32',
    },
    { name: 'recompute', description: 'repeated blocks keep their input alone and compute again in the backward pass' },
    {
      name: 'framework',
      value: { name: 'NAME', kind: 'text', choices: FRAMEWORKS, default: 'pytorch' },
      description: 'whose copies are counted',
    },
    { name: 'set', value: { name: 'NAME=VALUE', kind: 'text' }, many: true, description: "an argument of one of Tradewind's own models" },
  ],
  run,
  exitCode: (record) => (record.variants[0]!.memories.some((memory) => memory.fits) ? 0 : 1),
};

/** What is advised where the memory does not do. */
const AGAINST_PEAKS = ['recompute', 'accumulate'];

/** A file's path was made absolute; the names of Tradewind's own models are words. */
function modelOf(word: string): string {
  const last = word.split('/').at(-1)!;
  return ['aigoms', 'fourcastnet', 'graphcast'].includes(last) ? last : word;
}

async function run({ positionals, options }: Arguments, context: CommandContext): Promise<FitRecord> {
  const name = String(options.chip);
  const chip = findChip(name);
  if (!chip?.figures) {
    throw new TradewindError({
      code: 'usage',
      message: chip ? `the catalogue has no figures for ${chip.title}` : `there is no chip ${name}`,
      remedy: `Chips with figures: ${WITH_FIGURES.map((one) => one.name).join(', ')}.`,
    });
  }
  const framework = (options.framework ?? 'pytorch') as Framework;
  const refusal = chip.refuses?.[framework];
  if (refusal) throw new TradewindError({ code: 'refused', message: refusal, remedy: `fit … --chip ${name} --framework pytorch` });
  const [workers, batch] = [Number(options.workers ?? 1), Number(options.batch ?? 1)];
  for (const [word, value] of Object.entries({ workers, batch })) {
    if (value < 1) throw new TradewindError({ code: 'usage', message: `--${word} is at least 1, not ${value}` });
  }
  const {
    case: model,
    versions,
    ...found
  } = await runPython<Projection>({
    python: ownPython(context.environment),
    module: 'tradewind.cost',
    arguments: [
      JSON.stringify({
        model: modelOf(String(positionals.MODEL)),
        settings: options.set ?? [],
        chip: name,
        workers,
        batch,
        precision: options.precision ?? 'fp32',
        recompute: options.recompute === true,
        ...COST_TABLES,
      }),
    ],
    cwd: context.cwd,
    signal: context.signal,
    environment: context.environment,
    onEvent: tellProgress(context),
  });
  const fits = found.variants[0]!.memories.some((memory) => memory.fits);
  const advised = advice(targetOf(name, framework, workers)).flatMap((one) =>
    one.advised ? [one] : !fits && AGAINST_PEAKS.includes(one.name) ? [{ ...one, reason: 'it does not fit' }] : [],
  );
  return {
    ...baseRecord('fit', context, versions),
    ...{ provenance: 'projected', model, chip: name, title: chip.title, framework, ...found },
    advice: advised.map(({ name: word, title, reason }) => ({ name: word, title, reason })),
  };
}
