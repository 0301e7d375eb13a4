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

/** The engine of a chip and framework, where it can run here; without a framework the preferred one where that can. */
export async function resolveEngine(
  chip: string,
  framework: Framework | undefined,
  cwd: string,
  environment: NodeJS.ProcessEnv,
  preferred?: Framework,
): Promise<EngineSpec> {
  const room = await import('../chips/index.ts');
  return room.resolveEngine(chip, framework, { cwd, environment, signal: new AbortController().signal }, preferred);
}

/** The comm target of that name. */
export async function findCommTarget(name: string): Promise<CommTarget | undefined> {
  return (await import('../commands/comm-targets.ts')).findCommTarget(name);
}
