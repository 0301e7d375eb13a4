/** The chips record: what `chip` shows, `chips` lists and the toolbar's selector draws. */
import { chipEntries, detect } from '../chips/index.ts';
import type { ChipsRecord } from '../records/chips.ts';
import { baseRecord } from './base.ts';
import type { CommandContext } from './command.ts';

/** Detects what is here; `figures` keeps the paper's figures in the entries. */
export async function chipsRecord(
  context: Pick<CommandContext, 'cwd' | 'environment' | 'signal' | 'session'> & { progress?: CommandContext['progress'] },
  figures: boolean,
): Promise<ChipsRecord> {
  const detection = await detect(context);
  const entries = chipEntries(detection, context.session?.engines());
  const versions: Record<string, string> = {};
  for (const { user, framework, probe } of detection.candidates) {
    if (user) continue;
    if (probe.python) versions.python = probe.python;
    if (probe.version) versions[framework === 'pytorch' ? 'torch' : 'mindspore'] = probe.version;
  }
  return {
    ...baseRecord('chips', context, versions),
    active: context.session?.active(),
    chips: figures ? entries : entries.map(({ figures: _, ...entry }) => entry),
  };
}
