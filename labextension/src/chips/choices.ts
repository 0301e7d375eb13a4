/** What the chip selector offers: one choice for each engine, with why it can't be chosen where it can't. */
import type { ChipEntry, ChipsRecord, EngineEntry, Framework } from '../../../kernel/src/records/chips.ts';

export interface EngineChoice {
  chip: string;
  framework: Framework;
  /** `cpu · pytorch` */
  label: string;
  /** What stands under the label: the engine's state, or why it can't be chosen. */
  note: string;
  usable: boolean;
  active: boolean;
}

export function engineLabel(chip: string, framework: Framework): string {
  return `${chip} · ${framework}`;
}

/** The usable engines first, in the catalogue's order; then the others, each with its reason. */
export function engineChoices(record: ChipsRecord): EngineChoice[] {
  const all = record.chips.flatMap((chip) => chip.engines.map((engine) => choiceOf(chip, engine, record.active)));
  return [...all.filter((choice) => choice.usable), ...all.filter((choice) => !choice.usable)];
}

/** The state of the engine that cells run on. */
export function activeState(record: ChipsRecord): EngineEntry['state'] | undefined {
  const { active } = record;
  if (!active) return undefined;
  return record.chips.find(({ name }) => name === active.chip)?.engines.find(({ framework }) => framework === active.framework)?.state;
}

function choiceOf(chip: ChipEntry, engine: EngineEntry, active: ChipsRecord['active']): EngineChoice {
  return {
    chip: chip.name,
    framework: engine.framework,
    label: engineLabel(chip.name, engine.framework),
    note: engine.usable ? [chip.title, engine.version, engine.state].filter(Boolean).join(', ') : whyNot(chip, engine),
    usable: engine.usable,
    active: active?.chip === chip.name && active.framework === engine.framework,
  };
}

function whyNot(chip: ChipEntry, engine: EngineEntry): string {
  if (engine.reason) return engine.reason;
  if (chip.present) return 'not usable';
  const missing = chip.lookedFor.find(({ found }) => !found);
  return missing ? `not here: ${missing.what}: ${missing.detail}` : 'not here';
}
