/** `chip`: what is here at a glance; with a name, cells run there from here on. */
import { type ChipsRecord, FRAMEWORKS, type Framework, isFramework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import type { JobsRecord } from '../records/jobs.ts';
import type { MonitorRecord } from '../records/monitor.ts';
import { baseRecord } from './base.ts';
import { chipsRecord } from './chips-record.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { watch } from './watch.ts';

export const chip: Command<ChipsRecord | JobsRecord | MonitorRecord> = {
  name: 'chip',
  summary: 'show the chips that are here, or switch to one',
  details: `Without a name it shows each chip: present or not, its memory, which frameworks run on it and the state of their engines.

With a name, cells run on that chip from here on; %%chip NAME at the top of a cell is for that cell alone. Every engine that was started stays alive with its variables; %push and %pull move them. A chip that is not here is refused with what was looked for: there is no silent fall back to the CPU. An engine can be written as chip/framework.

%%chip A,B --together runs the cell on both at once and shows what each says in a column of its own; one that fails takes nothing from the other. %%chip NAME --background runs the cell while the notebook goes on: its output arrives under it. A later cell for that engine waits its turn. An interrupt passes it by; --jobs lists such cells, --stop ends one, --wait waits for all.

--watch shows every card's use, memory, power and temperature, again and again until it is interrupted, with the use of the last hour at most; it takes less than a hundredth of a core.

Engines of your own (other Python environments) come from engines.yaml; tradewind chips --help shows one.`,
  examples: [
    'chip',
    'chip --watch',
    'chip cpu --framework mindspore',
    '%%chip 910b',
    '%%chip cpu/pytorch,cpu/mindspore --together',
    '%%chip cpu/mindspore --background',
    'chip --jobs',
  ],
  positionals: [
    {
      name: 'NAME',
      kind: 'chip',
      description: 'a chip, an engine of engines.yaml, or chip/framework; several with commas for --together',
      optional: true,
    },
  ],
  options: [
    {
      name: 'framework',
      short: 'f',
      value: { name: 'FRAMEWORK', kind: 'text', choices: FRAMEWORKS },
      description: 'the framework to run there; without it the active one where it runs there',
    },
    { name: 'together', description: 'with %%chip A,B: run the cell on all of them at once, outputs side by side' },
    { name: 'background', description: 'with %%chip: run the cell while the notebook goes on' },
    { name: 'jobs', description: 'list the cells in the background' },
    { name: 'stop', value: { name: 'NUMBER', kind: 'integer' }, description: 'end that cell in the background' },
    { name: 'wait', description: 'wait until no cell runs in the background' },
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
    if (input.options.jobs || input.options.wait || input.options.stop !== undefined) return jobs(input, context);
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
      throw noSession(
        'switching to a chip',
        `Use %chip ${name} in a notebook on the Tradewind kernel; tradewind chips shows what is here.`,
      );
    }
    const names = namesOf(name, framework, input);
    if (names.length > 1 || input.options.background) {
      if (!context.session.spread) throw noSession('running cells beside each other');
      await context.session.spread(names, input.options.background === true);
    } else {
      const [word, itsFramework] = names[0]!.split('/') as [string, Framework | undefined];
      await context.session.switchTo(word, itsFramework, input.body !== undefined);
    }
    return chipsRecord(context, false);
  },
};

const USAGE = '%%chip A,B --together, or %%chip NAME --background, at the top of a cell.';

/** The engines that are named, each as `%chip` takes it or as `chip/framework`. Throws a usage error where the options don't go with them. */
function namesOf(text: string, framework: Framework | undefined, { options, body }: Arguments): string[] {
  const wrong = (message: string, remedy = USAGE) => new TradewindError({ code: 'usage', message, remedy });
  const names = text.split(',').map((word) => word.trim());
  if (names.some((word) => word === '')) throw wrong(`an engine's name is missing in ${text}`);
  if ((options.together || options.background) && body === undefined) throw wrong('--together and --background are for a cell: %%chip');
  if (names.length > 1 && !options.together)
    throw wrong(`${text} names ${names.length} engines`, 'Add --together to run the cell on all of them.');
  if (names.length === 1 && options.together) throw wrong('--together takes two engines or more, with commas between them');
  if (names.length > 1 && body === undefined) throw wrong('several engines are for one cell: %%chip');
  return names.map((word) => {
    const part = word.split('/')[1];
    if (part === undefined) return framework && !isFramework(word) ? `${word}/${framework}` : word;
    if (!isFramework(part)) throw wrong(`${part} is no framework: ${word}`, `Frameworks: ${FRAMEWORKS.join(', ')}.`);
    if (framework && framework !== part) throw wrong(`${word} and --framework ${framework} disagree`, 'Name the framework once.');
    return word;
  });
}

function noSession(what: string, remedy = 'Use it in a notebook on the Tradewind kernel.'): TradewindError {
  return new TradewindError({ code: 'usage', message: `${what} is for a notebook: a shell has no engines`, remedy });
}

/** The cells in the background, after what was asked to be done with them. */
async function jobs({ options }: Arguments, context: CommandContext): Promise<JobsRecord> {
  const { session } = context;
  if (!session?.jobs) throw noSession('--jobs, --stop and --wait');
  if (options.stop !== undefined) await session.stopJob?.(Number(options.stop));
  if (options.wait) await session.waitForJobs?.();
  return { ...baseRecord('jobs', context), cells: session.jobs() };
}
