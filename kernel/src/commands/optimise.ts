/** The words of `--optimise`, and what comes of them for a training: the keys that are set, and what is told of it. */
import { type Asked, chosenOptimisations, findChip, OPTIMISATIONS, type Optimisation, type Target } from '../chips/index.ts';
import type { AdvisedOptimisation, AppliedOptimisation, OptimisationEffect } from '../records/advice.ts';
import type { Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import { didYouMean } from '../records/nearest.ts';
import type { Option } from './command.ts';

const NAMES = OPTIMISATIONS.map(({ name }) => name);

export const OPTIMISE: Option = {
  name: 'optimise',
  value: { name: 'NAMES', kind: 'text' },
  description: `what advise lists, with commas: advised, a name, or no-NAME (${NAMES.join(', ')})`,
};

/** `advised,bf16,no-graph`. Throws a usage error where a word is none. */
export function askedFor(text: string): Asked {
  const asked: Asked = { advised: false, with: [], without: [] };
  for (const word of text.split(',').map((one) => one.trim())) {
    if (word === 'advised') asked.advised = true;
    else if (NAMES.includes(word)) asked.with.push(word);
    else if (word.startsWith('no-') && NAMES.includes(word.slice(3))) asked.without.push(word.slice(3));
    else {
      throw new TradewindError({
        code: 'usage',
        message: `there is no optimisation ${word || '(empty)'}${didYouMean(word, NAMES)}`,
        remedy: `advised, or ${NAMES.join(', ')}; no-NAME leaves one out. tradewind advise says what they do.`,
      });
    }
  }
  return asked;
}

/** What is known of a chip by its name: one of the catalogue. Throws a usage error where it is none. */
export function targetOf(chip: string, framework: Framework, cards: number): Target {
  const found = findChip(chip);
  if (found) return { chip: found, framework, cards };
  throw new TradewindError({ code: 'usage', message: `there is no chip ${chip}`, remedy: 'tradewind chips lists them.' });
}

/** What is taken. Throws where one was named that cannot be had there. */
export function taken(asked: Asked, target: Target): Optimisation[] {
  const { taken: found, impossible } = chosenOptimisations(asked, target);
  const [first] = impossible;
  if (!first) return found;
  throw new TradewindError({
    code: 'refused',
    message: `${first.name} cannot be had on ${target.chip.name} with ${target.framework}: ${first.reason}`,
    remedy: `Leave it out; tradewind advise --chip ${target.chip.name} --framework ${target.framework} says what can.`,
  });
}

/** The variables of the trainer's environment, `{cache}` being a folder. */
export function environmentOf(optimisations: readonly Optimisation[], cache: string): Record<string, string> {
  return Object.fromEntries(
    optimisations.flatMap(({ environment = {} }) =>
      Object.entries(environment).map(([name, value]) => [name, value.replace('{cache}', cache)]),
    ),
  );
}

/** Optimisations as a run's record tells them: which keys have become what; those of `sets` are the user's own. */
export function applied(
  optimisations: readonly Optimisation[],
  target: Target,
  before: Record<string, unknown>,
  sets: readonly string[],
  effects: Record<string, OptimisationEffect>,
): AppliedOptimisation[] {
  const own = new Set(sets.map((set) => set.split('=')[0]));
  return optimisations.map(({ name, title, source, on, environment = {}, migrate = [] }) => ({
    name,
    title,
    source,
    provenance: 'documented',
    changed: [
      ...on(target).map((set) => {
        const [key, value] = set.split('=') as [string, string];
        const old = valueAt(before, key);
        if (own.has(key)) return `${key}: ${old}, as --set has it`;
        return old === value ? `${key}: ${value}, as it was` : `${key}: ${old} → ${value}`;
      }),
      ...Object.entries(environment).map(([variable]) => `${variable} set`),
      ...migrate.map((option) => `migrate ${option}`),
    ],
    ...(effects[name] && { effect: effects[name] }),
  }));
}

function valueAt(config: Record<string, unknown>, key: string): string {
  const value = key.split('.').reduce<unknown>((inner, part) => (inner as Record<string, unknown> | undefined)?.[part], config);
  return value === undefined ? '–' : String(value);
}

/** The whole table for a chip and framework. */
export function advice(target: Target, effects: Record<string, OptimisationEffect> = {}): AdvisedOptimisation[] {
  const { taken: best } = chosenOptimisations({ advised: true, with: [], without: [] }, target);
  return OPTIMISATIONS.map((one) => {
    const { advised, reason } = one.advice(target);
    const first = best.find(({ group }) => group !== undefined && group === one.group);
    const instead = advised && first && first !== one ? `${reason}; ${first.name} is taken before it` : undefined;
    return {
      ...{ name: one.name, title: one.title, what: one.what, source: one.source, provenance: 'documented' as const },
      advised: best.includes(one),
      reason: one.impossible?.(target) ?? instead ?? reason,
      sets: { train: one.on(target), migrate: [...(one.migrate ?? [])], environment: Object.keys(one.environment ?? {}) },
      ...(effects[one.name] && { effect: effects[one.name] }),
    };
  });
}
