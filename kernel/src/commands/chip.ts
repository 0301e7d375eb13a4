/** `chip`: what is here at a glance; with a name, cells run there from here on. */
import { type ChipsRecord, FRAMEWORKS, type Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import type { MonitorRecord } from '../records/monitor.ts';
import { chipsRecord } from './chips-record.ts';
import type { Command } from './command.ts';
import { watch } from './watch.ts';

export const chip: Command<ChipsRecord | MonitorRecord> = {
  name: 'chip',
  summary: 'show the chips that are here, or switch to one',
  details: `Without a name it shows each chip: present or not, its memory, which frameworks run on it and the state of their engines.

With a name, cells run on that chip from here on; %%chip NAME at the top of a cell is for that cell alone. Every engine that was started stays alive with its variables; %push and %pull move them. A chip that is not here is refused with what was looked for: there is no silent fall back to the CPU.

--watch shows every card's use, memory, power and temperature, again and again until it is interrupted, with the use of the last hour at most; it takes less than a hundredth of a core.

Engines of your own (other Python environments) come from engines.yaml; tradewind chips --help shows one.`,
  examples: ['chip', 'chip --watch', 'chip cpu --framework mindspore', '%%chip 910b'],
  positionals: [{ name: 'NAME', kind: 'chip', description: 'a chip, or an engine of engines.yaml', optional: true }],
  options: [
    {
      name: 'framework',
      short: 'f',
      value: { name: 'FRAMEWORK', kind: 'text', choices: FRAMEWORKS },
      description: 'the framework to run there; without it the active one where it runs there',
    },
    { name: 'watch', description: 'show the cards again and again until interrupted' },
    { name: 'seconds', value: { name: 'SECONDS', kind: 'number' }, description: 'with --watch: stop after so long' },
    {
      name: 'interval',
      value: { name: 'SECONDS', kind: 'number', default: '2' },
      description: 'with --watch: between two looks, at least',
    },
  ],
  body: 'the code that runs on that chip, in this cell alone',
  async run(input, context) {
    const name = input.positionals.NAME as string | undefined;
    const framework = input.options.framework as Framework | undefined;
    if (input.options.watch) return watch(context, Number(input.options.interval ?? 2), input.options.seconds as number | undefined);
    if (name === undefined) {
      if (framework !== undefined || input.body !== undefined) {
        throw new TradewindError({
          code: 'usage',
          message: 'chip needs a NAME to switch to',
          remedy: 'usage: chip [NAME] [--framework FRAMEWORK]',
        });
      }
      return chipsRecord(context, false);
    }
    if (!context.session) {
      throw new TradewindError({
        code: 'usage',
        message: 'switching to a chip is for a notebook: a shell has no engines',
        remedy: `Use %chip ${name} in a notebook on the Tradewind kernel; tradewind chips shows what is here.`,
      });
    }
    await context.session.switchTo(name, framework, input.body !== undefined);
    return chipsRecord(context, false);
  },
};
