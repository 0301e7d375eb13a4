/** What `push` and `pull` share: variables move between the active engine and another one. */
import type { TransferRecord } from '../records/transfer.ts';
import type { Command } from './command.ts';

/** A command that moves variables; `outwards`: from the active engine, else into it. */
export function transferCommand(
  name: 'push' | 'pull',
  summary: string,
  details: string,
  examples: readonly string[],
  outwards: boolean,
): Command<TransferRecord> {
  const end = outwards ? 'to' : 'from';
  return {
    name,
    summary,
    details,
    examples,
    positionals: [{ name: 'VARIABLE', kind: 'variable', description: 'the names of the variables', many: true }],
    options: [
      {
        name: end,
        value: { name: 'ENGINE', kind: 'engine' },
        required: true,
        description: 'the other engine: cpu/mindspore, or either part where that is enough',
      },
    ],
    needsSession: true,
    run(input, context) {
      const { chip, framework } = context.session!.active();
      const active = `${chip}/${framework}`;
      const other = input.options[end] as string;
      const variables = [...new Set(input.positionals.VARIABLE as string[])];
      return outwards ? context.session!.transfer(variables, active, other) : context.session!.transfer(variables, other, active);
    },
    // Some variables moved and others could not: done in part; none moved: the answer is no.
    exitCode: (record) => (record.variables.every((one) => one.moved) ? 0 : record.variables.some((one) => one.moved) ? 3 : 1),
  };
}
