/**
 * Optimisations by chip, as data: the paper's list (Sun et al., arXiv 2510.17852), each with what it sets in Tradewind's trainer and
 * migrator, for whom it is advised and why. All of it is documented advice; `advise FILE --measure` tells what it changes where it runs.
 *
 * To add one, add an entry: `on` and `off` are what the trainer is set to in an A/B comparison.
 */
import type { Framework } from '../records/chips.ts';
import type { Chip } from './catalogue.ts';

/** A chip and framework that advice is asked for, with what is known of them. */
export interface Target {
  chip: Chip;
  framework: Framework;
  /** Cards of the chip that are here. */
  cards: number;
}

export interface Optimisation {
  name: string;
  title: string;
  what: string;
  source: string;
  /** `key=value` of the training configuration. */
  on: (target: Target) => string[];
  off: readonly string[];
  /** Options of `migrate`. */
  migrate?: readonly string[];
  /** Variables of the trainer's environment; `{cache}` is a folder beside the runs. */
  environment?: Readonly<Record<string, string>>;
  /** It shows from the second start on: the first one fills a cache. */
  secondStart?: boolean;
  /** Those that say the same otherwise: of them the first that is advised is taken. */
  group?: string;
  /** Is it advised there, and why (not)? */
  advice: (target: Target) => { advised: boolean; reason: string };
  /** Why it cannot be had there at all. */
  impossible?: (target: Target) => string | undefined;
}

const PAPER = 'paper (arXiv 2510.17852), performance optimisation';
const no = (reason: string) => ({ advised: false, reason });
const yes = (reason: string) => ({ advised: true, reason });

/** How many times faster the chip multiplies matrices in FP16 than in FP32, by the catalogue's first figures. */
function halfGain({ figures }: Chip): number | undefined {
  const [half, single] = [figures?.fp16Tflops[0]?.value, figures?.fp32Tflops[0]?.value];
  return half && single ? half / single : undefined;
}

/** Chips whose matrix engine takes bfloat16 (NVIDIA's and Huawei's own specifications). */
const BF16_CHIPS = ['a100', '3090', '910b'];

function halfPrecision(target: Target): { advised: boolean; reason: string } {
  const gain = halfGain(target.chip);
  if (gain === undefined) return no('the catalogue has no FP16 figure for it: measure it');
  if (gain < 1.5) return no(`FP16 is ${gain.toFixed(1)} times FP32 there (Table 1): it saves memory, hardly time`);
  return yes(`FP16 is ${gain.toFixed(1)} times FP32 there (Table 1)`);
}

export const OPTIMISATIONS: readonly Optimisation[] = [
  {
    name: 'bf16',
    title: 'Mixed precision, BF16',
    what: 'Matrix products and convolutions in bfloat16, weights and loss in float32; no loss scale is needed. Validate the skill: protocol does.',
    source: `${PAPER}: matrix engine, FP16 and BF16`,
    on: () => ['precision=bf16'],
    off: ['precision=full'],
    group: 'precision',
    advice: (target) =>
      target.chip.figures && !BF16_CHIPS.includes(target.chip.name) ? no('its matrix engine has no bfloat16') : halfPrecision(target),
    impossible: ({ chip, framework }) =>
      chip.name === 'cpu' && framework === 'mindspore' ? 'MindSpore on the CPU has no bfloat16 matrix products' : undefined,
  },
  {
    name: 'fp16',
    title: 'Mixed precision, FP16',
    what: 'Matrix products and convolutions in float16 with a dynamic loss scale, weights and loss in float32. Validate the skill: protocol does.',
    source: `${PAPER}: matrix engine, FP16 and BF16`,
    on: () => ['precision=fp16'],
    off: ['precision=full'],
    group: 'precision',
    advice: halfPrecision,
  },
  {
    name: 'graph',
    title: 'Graph mode',
    what: 'The whole training step is compiled (ms.jit): operators are fused and launched without Python; the first step takes longer.',
    source: `${PAPER}: graph mode`,
    on: () => ['graph=true'],
    off: ['graph=false'],
    advice: ({ framework }) =>
      framework === 'mindspore' ? yes('PyNative mode launches each operator from Python') : no('it is MindSpore’s'),
    impossible: ({ framework }) => (framework === 'mindspore' ? undefined : 'graph mode is MindSpore’s'),
  },
  {
    name: 'compile-cache',
    title: 'Compile cache of graph mode',
    what: 'Compiled graphs are kept in a folder beside the runs: the second start of the same training skips the compiler’s front end.',
    source: `${PAPER}: graph mode; MindSpore’s documentation of MS_COMPILER_CACHE_ENABLE`,
    on: () => ['graph=true'],
    off: ['graph=true'],
    environment: { MS_COMPILER_CACHE_ENABLE: '1', MS_COMPILER_CACHE_PATH: '{cache}' },
    secondStart: true,
    advice: ({ framework }) =>
      no(
        framework === 'mindspore'
          ? 'with MindSpore 2.10 the trainer fails (it cannot follow relative imports); measure it first'
          : 'it is MindSpore’s',
      ),
    impossible: ({ framework }) => (framework === 'mindspore' ? undefined : 'the compile cache is MindSpore’s'),
  },
  {
    name: 'recompute',
    title: 'Recomputation',
    what: 'Of repeated blocks only the inputs are kept and their insides computed again going backwards: less memory, about a third more operations.',
    source: `${PAPER}: recomputation and scheduling of forward and backward against peaks of memory`,
    on: () => ['training.recompute=true'],
    off: ['training.recompute=false'],
    advice: () => no('it trades time for memory: ask for it where fit says that the batch does not fit'),
  },
  {
    name: 'accumulate',
    title: 'Batch in two parts',
    what: 'Forward and backward of half the batch, then of the other half, before the optimiser’s step: half the activations at a time, the same step.',
    source: `${PAPER}: recomputation and scheduling of forward and backward against peaks of memory`,
    on: () => ['training.accumulate=2'],
    off: ['training.accumulate=1'],
    advice: () => no('it trades time for memory: ask for it where fit says that the batch does not fit'),
  },
  {
    name: 'data-parallel',
    title: 'Data parallel',
    what: 'Every card that is here takes its share of the batch; gradients are averaged.',
    source: `${PAPER}: data and model parallelism; Tables 2 and 3`,
    on: ({ cards }) => [`workers.count=${Math.max(1, cards)}`],
    off: ['workers.count=1'],
    group: 'parallel',
    advice: ({ cards }) => (cards > 1 ? yes(`${cards} cards are here`) : no('one card is here')),
    impossible: ({ cards }) => (cards > 1 ? undefined : 'it needs two cards or more'),
  },
  {
    name: 'model-parallel',
    title: 'Model parallel',
    what: 'MindSpore divides operators and their weights over the cards that are here (sharding propagation); each works on the whole batch.',
    source: `${PAPER}: data and model parallelism; MindSpore’s documentation of auto_parallel`,
    on: ({ cards }) => [`workers.count=${Math.max(1, cards)}`, 'workers.parallel=operators'],
    off: ['workers.count=1', 'workers.parallel=data'],
    group: 'parallel',
    advice: () => no('data parallel is faster: ask for it where fit says that weights and states do not fit on one card'),
    impossible: ({ chip, framework, cards }) =>
      framework !== 'mindspore' || chip.name === 'cpu'
        ? 'it is MindSpore’s, on Ascends and GPUs'
        : cards > 1
          ? undefined
          : 'it needs two cards or more',
  },
  {
    name: 'fused-operators',
    title: 'Built-in fused operators',
    what: 'The migrator takes MindSpore’s operators that are fused on an Ascend (mint: convolution, layer norm, GELU, AdamW) in place of portable ones.',
    source: `${PAPER}: built-in convolution and normalisation operators; MindSpore’s “Supported Platforms”`,
    on: () => [],
    off: [],
    migrate: ['--target=ascend'],
    advice: ({ chip, framework }) =>
      chip.vendor === 'huawei' && framework === 'mindspore' ? yes('they are the chip’s own') : no('they are the Ascend’s own'),
    impossible: ({ chip, framework }) =>
      chip.vendor === 'huawei' && framework === 'mindspore' ? undefined : 'they run on an Ascend with MindSpore alone',
  },
];

/** What the words of `--optimise` ask for, by names of the table. */
export interface Asked {
  /** Those that are advised there. */
  advised: boolean;
  with: string[];
  without: string[];
}

/** What is taken, in the table's order: the advised ones where they were asked for, with and without those named. `unknown` and `impossible` are told. */
export function chosenOptimisations(
  asked: Asked,
  target: Target,
): { taken: Optimisation[]; unknown: string[]; impossible: { name: string; reason: string }[] } {
  const known = new Set(OPTIMISATIONS.map(({ name }) => name));
  const unknown = [...asked.with, ...asked.without].filter((name) => !known.has(name));
  const impossible = OPTIMISATIONS.flatMap((one) => {
    const reason = asked.with.includes(one.name) ? one.impossible?.(target) : undefined;
    return reason ? [{ name: one.name, reason }] : [];
  });
  // What was named stands before what is advised: `bf16` asked for on a chip that is advised fp16 is bf16 alone.
  const groups = new Set(OPTIMISATIONS.filter((one) => asked.with.includes(one.name)).map(({ group }) => group));
  const taken = OPTIMISATIONS.filter((one) => {
    if (asked.without.includes(one.name) || one.impossible?.(target)) return false;
    if (asked.with.includes(one.name)) return true;
    if (!asked.advised || !one.advice(target).advised) return false;
    if (one.group === undefined) return true;
    if (groups.has(one.group)) return false;
    groups.add(one.group);
    return true;
  });
  return { taken, unknown, impossible };
}
