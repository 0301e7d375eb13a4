// A pretended session and context for commands: lists instead of engines and screens.
import type { CommandContext, SessionAccess } from '../../kernel/src/commands/command.ts';
import { runLine } from '../../kernel/src/commands/run.ts';
import type { Framework } from '../../kernel/src/records/chips.ts';
import { describe, TradewindError } from '../../kernel/src/records/errors.ts';
import type { TransferRecord } from '../../kernel/src/records/transfer.ts';
import { TRADEWIND_VERSION } from '../../kernel/src/records/version.ts';

export interface PretendedSession extends SessionAccess {
  calls: unknown[][];
}

/** Switches to whatever is asked but `absent`; moves variables whose names begin with `a`. */
export function pretendedSession(changed: () => void = () => {}): PretendedSession {
  let active: { chip: string; framework: Framework } = { chip: 'cpu', framework: 'pytorch' };
  const calls: unknown[][] = [];
  return {
    calls,
    active: () => active,
    async switchTo(chip, framework, forCell) {
      calls.push(['switchTo', chip, framework, forCell]);
      if (chip === 'absent') throw new TradewindError({ code: 'absent', message: 'no such chip is here', remedy: 'bring one' });
      active = { chip, framework: framework ?? active.framework };
      changed();
    },
    engines: () => [{ ...active, state: 'idle' }],
    async transfer(variables, from, to): Promise<TransferRecord> {
      calls.push(['transfer', variables, from, to]);
      return {
        kind: 'transfer',
        version: 1,
        createdAt: '2026-11-24T00:00:00.000Z',
        tradewind: TRADEWIND_VERSION,
        environment: { chip: 'cpu', platform: 'test', versions: {} },
        from,
        to,
        variables: variables.map((name) => {
          const moved = name.startsWith('a');
          return {
            name,
            moved,
            type: 'numpy float32[2]',
            bytes: moved ? 8 : 0,
            seconds: 0.001,
            reason: moved ? undefined : 'it is a generator',
          };
        }),
      };
    },
  };
}

export interface PretendedContext extends CommandContext {
  notes: string[];
}

export function pretendedContext(part: Partial<CommandContext> = {}): PretendedContext {
  const notes: string[] = [];
  return {
    notes,
    cwd: process.cwd(),
    environment: process.env,
    signal: new AbortController().signal,
    progress() {},
    note: (line) => notes.push(line),
    show: () => ({ update() {} }),
    ...part,
  };
}

/** Runs a line; its exit code, its record or its error in words. */
export async function toldBy(line: string, context: CommandContext) {
  const outcome = await runLine(line, context);
  return {
    exitCode: outcome.exitCode,
    record: outcome.kind === 'record' ? outcome.record : undefined,
    error: outcome.kind === 'error' ? describe(outcome.error) : '',
  };
}

/** Runs a line that has to give a record; throws what went wrong instead. */
export async function recordedBy(line: string, context: CommandContext) {
  const outcome = await runLine(line, context);
  if (outcome.kind !== 'record') throw outcome.kind === 'error' ? outcome.error : new Error(outcome.kind);
  return outcome;
}
