/** The record of a training run: what the loss widget draws and `runs` lists. */
import type { AppliedOptimisation } from './advice.ts';
import type { BaseRecord } from './record.ts';

export const RUN_STATES = ['starting', 'running', 'finished', 'interrupted', 'failed', 'lost'] as const;
/** `lost`: its process is gone without having said why. */
export type RunState = (typeof RUN_STATES)[number];

/** One line of `metrics.jsonl`. */
export interface MetricsLine {
  step: number;
  epoch: number;
  /** Seconds since the run began (summed over resumes). */
  time: number;
  [name: string]: number;
}

/** `status.json` of a run folder. */
export interface RunStatus {
  state: RunState;
  pid?: number;
  step: number;
  steps: number;
  epoch: number;
  epochs: number;
  /** Optimiser steps a second, lately. */
  rate?: number;
  secondsLeft?: number;
  message?: string;
  updatedAt: string;
}

export interface RunSummary {
  name: string;
  folder: string;
  framework: string;
  chip: string;
  model: string;
  parameters?: number;
  /** What it computes with: full (float32), fp16, bf16; absent where the run doesn't say. */
  precision?: string;
  /** What was switched on against time or memory, in words (`recompute`, `batch in 2 parts`); absent where the run doesn't say. */
  ways?: string[];
  status: RunStatus;
  /** The newest value of each metric. */
  latest: Record<string, number>;
}

/** A run with a min–max decimated copy of its metrics; the series `time`, where there is one, gives the others their times. */
export interface RunCurves {
  run: RunSummary;
  series: { name: string; step: number[]; value: number[] }[];
  /** The step and the reason, when the run was stopped by a fault. */
  fault?: string;
}

/** A run as the widget and the static picture draw it, a reopened notebook's data. */
export interface TrainingRecord extends BaseRecord<'training'>, RunCurves {
  /** What `--optimise` has set, and what that changed where it was measured. */
  optimisations?: AppliedOptimisation[];
  /** Runs that are drawn over it. */
  others?: RunCurves[];
}

export interface RunsRecord extends BaseRecord<'runs'> {
  folder: string;
  runs: RunSummary[];
}

/** Where two runs part beyond rounding; the rule stands in `parting.ts`. */
export interface Parting {
  step: number;
  /** Relative difference of the losses there; null where one of the two is not finite. */
  difference: number | null;
  tolerance: number;
}

export interface RunComparisonRecord extends BaseRecord<'run-comparison'> {
  a: string;
  b: string;
  /** Keys of the configurations that differ; null where a run hasn't the key. */
  configuration: { key: string; a: string | null; b: string | null }[];
  /** The last value of each metric of either, and (a − b)/|b|. */
  metrics: { name: string; a: number | null; b: number | null; relative: number | null }[];
  parting?: Parting;
  /** Common steps whose losses were compared, whether they are enough to say that the runs agree, the largest relative difference up to the parting, and the numbers' spacing. */
  compared: { steps: number; judged: boolean; largest: number; epsilon: number };
  /** Optimiser steps a second: of the median time from one logged step to the next, measured by each run. */
  speed: { a: number | null; b: number | null; ratio: number | null };
  /** Both, for the widget. */
  training: TrainingRecord;
}
