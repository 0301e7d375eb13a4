/** The record of `advise`: what a chip is said to gain from, what that sets, and what it changed where it ran. */
import type { Framework } from './chips.ts';
import type { BaseRecord } from './record.ts';

/** What one optimisation changed here: a short training with it and one without, everything else the same. */
export interface OptimisationEffect {
  /** Optimiser steps that both ran. */
  steps: number;
  /** Seconds a step, median after the first ones: with and without. */
  seconds: { on: number; off: number };
  /** Seconds until the first step was done: what compiling takes. */
  firstSeconds: { on: number; off: number };
  /** Bytes: of the device's allocator, or the process's peak on a CPU. Absent where a side did not tell. */
  memory?: { on: number; off: number };
  /** Of the last step. */
  loss: { on: number; off: number };
  /** ISO 8601, UTC. */
  measuredAt: string;
  /** What the device said of itself. */
  device: string;
}

/** An optimisation of the table, as it stands for one chip and framework. */
export interface AdvisedOptimisation {
  name: string;
  title: string;
  /** What it does, and what it may cost. */
  what: string;
  /** Is it advised for this chip and framework? Others can be asked for by name. */
  advised: boolean;
  /** Why (not). */
  reason: string;
  /** Where the advice stands. It is documented; only `effect` is measured. */
  source: string;
  provenance: 'documented';
  /** What `train` is set to (`key=value`), what `migrate` is, and what the trainer's environment holds. */
  sets: { train: string[]; migrate: string[]; environment: string[] };
  effect?: OptimisationEffect;
  /** Why it could not be measured here. */
  unmeasured?: string;
}

/** What a run or a migration was given, in its own record. */
export type AppliedOptimisation = Pick<AdvisedOptimisation, 'name' | 'title' | 'source' | 'provenance' | 'effect'> & {
  /** What it has set, as `key: before → after`. */
  changed: string[];
};

export interface AdviceRecord extends BaseRecord<'advice'> {
  chip: string;
  title: string;
  framework: Framework;
  /** The configuration whose training was measured. */
  file?: string;
  optimisations: AdvisedOptimisation[];
}

/** Relative change in per cent; negative is less. */
export function changePct({ on, off }: { on: number; off: number }): number {
  return (100 * (on - off)) / off;
}
