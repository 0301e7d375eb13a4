/** The rooms that a session uses, loaded when they are first needed: commands, displays, chips, comm targets. */
import type { CommTarget } from '../commands/comm.ts';
import type { EngineSpec } from '../engines/spec.ts';
import type { Framework } from '../records/chips.ts';
import type { Json } from '../wire/message.ts';
import type { CommandRoom } from './state.ts';

export function createCommandRoom(names: readonly string[]): CommandRoom {
  return {
    names: new Set(names),
    run: async (line, context, body) => (await import('../commands/run.ts')).runLine(line, context, body),
    complete: async (line, cursor, context) => (await import('../commands/complete.ts')).completeLine(line, cursor, context),
    help: async (name) => ((await (await import('../commands/complete.ts')).inspectLine(`%${name}`)) ?? {}) as Json,
    bundleOf: async (record) => (await import('../display/bundle.ts')).bundleOf(record),
    errorContent: async (error, command) => (await import('../display/error.ts')).errorContent(error, command),
    progress: async (draw) => (await import('../display/progress.ts')).liveProgress(draw),
  };
}

/** The engine for the word after `%chip`; `preferred` is taken where no framework is named and it runs there. Throws a TradewindError when it isn't here. */
export async function resolveEngine(
  chip: string,
  framework: Framework | undefined,
  preferred: Framework,
  context: { cwd: string; environment: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<EngineSpec> {
  return (await import('../chips/index.ts')).resolveEngine(chip, framework, context, preferred);
}

export async function findCommTarget(name: string): Promise<CommTarget | undefined> {
  return (await import('../commands/comm-targets.ts')).findCommTarget(name);
}
