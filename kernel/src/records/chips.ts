/** The record of `chip` and `chips`: what is here, what is not, and what would bring it. */
import type { BaseRecord } from './record.ts';

export const FRAMEWORKS = ['pytorch', 'mindspore'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export function isFramework(word: unknown): word is Framework {
  return (FRAMEWORKS as readonly unknown[]).includes(word);
}

/** A figure with its source; where sources disagree a chip has several, and all are shown. */
export interface SourcedFigure {
  value: number;
  source: string;
}

export interface ChipFigures {
  memoryGB: SourcedFigure[];
  fp16Tflops: SourcedFigure[];
  fp32Tflops: SourcedFigure[];
  bandwidthGBs: SourcedFigure[];
}

/** A card that a driver tool or a framework reported. */
export interface Card {
  index: number;
  name: string;
  memoryTotalMB?: number;
  memoryUsedMB?: number;
  utilisationPct?: number;
  powerW?: number;
  temperatureC?: number;
}

export type EngineState = 'absent' | 'stopped' | 'starting' | 'idle' | 'busy' | 'dead';

export interface EngineEntry {
  framework: Framework;
  /** Can it be started here? */
  usable: boolean;
  state: EngineState;
  /** Why it is not usable, or how it died. */
  reason?: string;
  remedy?: string;
  version?: string;
  /** Where a computation in the running engine was found to have run: `on cpu`. */
  device?: string;
}

export interface ChipEntry {
  /** The word after `%chip`: `cpu`, `a100`, `3090`, `910b`, `dcu`, or a user engine's name. */
  name: string;
  title: string;
  present: boolean;
  cards: Card[];
  /** What was looked for, in order, and what came of it. */
  lookedFor: { what: string; found: boolean; detail: string }[];
  remedy?: string;
  figures?: ChipFigures;
  engines: EngineEntry[];
}

export interface ChipsRecord extends BaseRecord<'chips'> {
  active?: { chip: string; framework: Framework };
  /** True when the catalogue's figures were asked for (`chips`), not only what is here (`chip`). */
  catalogue?: boolean;
  chips: ChipEntry[];
}
