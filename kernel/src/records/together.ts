/** The record of `%%chip A,B --together`: one cell on several engines, what each said in a column of its own. */
import type { BaseRecord } from './record.ts';

/** What an engine put out, as a notebook file holds it. */
export type CollectedOutput =
  | { type: 'stream'; name: string; text: string }
  | { type: 'display'; data: Record<string, unknown>; metadata: Record<string, unknown> /** A result's number. */; count?: number }
  | { type: 'error'; ename: string; evalue: string; traceback: string[] };

export type ColumnState = 'waiting' | 'running' | 'done' | 'failed';

export interface Column {
  /** `cpu/mindspore`. */
  engine: string;
  /** `CPU · MindSpore`. */
  title: string;
  state: ColumnState;
  /** How long the cell has run there, or ran. */
  seconds: number;
  outputs: CollectedOutput[];
}

export interface TogetherRecord extends BaseRecord<'together'> {
  columns: Column[];
}
