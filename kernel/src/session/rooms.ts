/** The rooms that a session uses, loaded when they are first needed: commands, displays, chips, comm targets. */
import type { CommTarget } from '../commands/comm.ts';
import { defaultSpec, type EngineSpec } from '../engines/spec.ts';
import type { Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
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

/** The engine of a chip and framework. */
export async function resolveEngine(
  chip: string,
  framework: Framework | undefined,
  _cwd: string,
  _environment: NodeJS.ProcessEnv,
): Promise<EngineSpec> {
  if (chip !== 'cpu') throw new TradewindError({ code: 'absent', message: `the chip ${chip} is not here` });
  const wanted = framework ?? 'pytorch';
  return { ...defaultSpec(), framework: wanted, title: `CPU · ${wanted === 'pytorch' ? 'PyTorch' : 'MindSpore'}` };
}

/** The comm target of that name. */
export async function findCommTarget(_name: string): Promise<CommTarget | undefined> {
  return undefined;
}
