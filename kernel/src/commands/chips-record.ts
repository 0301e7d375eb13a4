/** The chips record: what `chip` shows, `chips` lists and the toolbar's selector draws. */
import { chipEntries, type Detection, detect } from '../chips/index.ts';
import type { ChipsRecord } from '../records/chips.ts';
import { baseRecord } from './base.ts';
import type { CommandContext } from './command.ts';

type Context = Pick<CommandContext, 'cwd' | 'environment' | 'signal' | 'session'> & Partial<Pick<CommandContext, 'progress'>>;

/** Detects what is here; `catalogue` asks for the figures of every chip to be drawn. */
export async function chipsRecord(context: Context, catalogue: boolean): Promise<ChipsRecord> {
  const detection = await detect(context);
  const record = recordOf(detection, context.session, catalogue);
  const chips = new Map(detection.candidates.flatMap(({ user }) => (user ? [[user.name, user.chip] as const] : [])));
  for (const { chip, framework, proved, detail } of (await context.session?.prove?.((name) => chips.get(name) ?? name)) ?? []) {
    const engine = record.chips.find((one) => one.name === chip)?.engines.find((one) => one.framework === framework);
    if (engine && proved) engine.device = detail;
    else if (engine) Object.assign(engine, { usable: false, reason: `its device did not prove itself: ${detail}` });
  }
  return record;
}

/** The record of what was detected, with the engines' states of this moment. */
export function recordOf(detection: Detection, session: CommandContext['session'], catalogue: boolean): ChipsRecord {
  const versions: Record<string, string> = {};
  for (const { user, framework, probe } of detection.candidates) {
    if (user) continue;
    if (probe.python) versions.python = probe.python;
    if (probe.version) versions[framework === 'pytorch' ? 'torch' : 'mindspore'] = probe.version;
  }
  return {
    ...baseRecord('chips', { session }, versions),
    active: session?.active(),
    catalogue,
    chips: chipEntries(detection, session?.engines()),
  };
}
