/** The record of a training run: what the loss widget draws and `runs` lists. */
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
  status: RunStatus;
  /** The newest value of each metric. */
  latest: Record<string, number>;
}

export interface TrainingRecord extends BaseRecord<'training'> {
  run: RunSummary;
  /** A min–max decimated copy of the metrics: the static picture's and a reopened notebook's data. */
  series: { name: string; step: number[]; value: number[] }[];
  /** The step and the reason, when the run was stopped by a fault. */
  fault?: string;
}

export interface RunsRecord extends BaseRecord<'runs'> {
  folder: string;
  runs: RunSummary[];
}
