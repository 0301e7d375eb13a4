/** What the chip selector offers: one choice for each engine that is to be had here, and one grey line for each chip that is not. */
import type { ChipEntry, ChipsRecord, EngineEntry, Framework } from '../../../kernel/src/records/chips.ts';

export interface EngineChoice {
  /** `cpu/pytorch`, or `a100` for a chip that is not here. */
  key: string;
  /** What to switch to; absent where it can't be chosen. */
  engine?: { chip: string; framework: Framework };
  /** `cpu · pytorch` */
  label: string;
  /** What stands under the label: the engine's state, or why it can't be chosen. */
  note: string;
  active: boolean;
}

export function engineLabel(chip: string, framework: Framework): string {
  return `${chip} · ${framework}`;
}

/** What can be chosen first, in the catalogue's order; then the rest, each with its reason. */
export function engineChoices(record: ChipsRecord): EngineChoice[] {
  const all = record.chips.flatMap((chip) => {
    const here = chip.present || chip.engines.some(({ usable }) => usable);
    return here ? chip.engines.map((engine) => engineChoice(chip, engine, record.active)) : [absentChoice(chip)];
  });
  return [...all.filter(({ engine }) => engine), ...all.filter(({ engine }) => !engine)];
}

/** The state of the engine that cells run on. */
export function activeState(record: ChipsRecord): EngineEntry['state'] | undefined {
  const { active } = record;
  if (!active) return undefined;
  return record.chips.find(({ name }) => name === active.chip)?.engines.find(({ framework }) => framework === active.framework)?.state;
}

function engineChoice(chip: ChipEntry, engine: EngineEntry, active: ChipsRecord['active']): EngineChoice {
  const { framework, usable, state, version, reason } = engine;
  return {
    key: `${chip.name}/${framework}`,
    ...(usable && { engine: { chip: chip.name, framework } }),
    label: engineLabel(chip.name, framework),
    note: usable ? [version, state].filter(Boolean).join(', ') : (reason ?? 'not usable'),
    active: active?.chip === chip.name && active.framework === framework,
  };
}

function absentChoice(chip: ChipEntry): EngineChoice {
  const reason = chip.engines[0]?.reason ?? 'not here';
  return { key: chip.name, label: chip.name, note: reason, active: false };
}
