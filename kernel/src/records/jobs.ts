/** The record of `chip --jobs`: cells that run in the background, and those that did. */
import type { BaseRecord } from './record.ts';

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'stopped';

export interface BackgroundCell {
  /** Its number: what `chip --stop` takes. */
  id: number;
  /** The execution count of its cell. */
  cell: number;
  /** `cpu/mindspore`; several where it runs on them together. */
  engines: string[];
  /** Its first line that says something. */
  code: string;
  state: JobState;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** How long it has run, or ran; waiting is not counted. */
  seconds: number;
  /** Why it failed. */
  reason?: string;
}

export interface JobsRecord extends BaseRecord<'jobs'> {
  cells: BackgroundCell[];
}

export function isOver(state: JobState): boolean {
  return state === 'done' || state === 'failed' || state === 'stopped';
}
