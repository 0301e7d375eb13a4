/** The record of `data`: a prepared store, where it came from, what is wrong with it, and its statistics. */
import type { BaseRecord } from './record.ts';

export interface DatasetRecord extends BaseRecord<'dataset'> {
  store: string;
  source: string;
  variables: string[];
  shape: Record<string, number>;
  period: [string, string];
  bytes: number;
  seconds: number;
  /** A SHA-256 over the values, so that two machines can say whether they have the same data. */
  digest: string;
  /** Steps that are missing or bad: NaN in the store, and in no sample. */
  masked?: number;
  /** The first 1,000 of them. */
  problems?: DataProblem[];
  /** How many there are, where that is more. */
  problemCount?: number;
  statistics?: Record<string, VariableStatistics>;
  /** First and last step of the training part that the statistics are of. */
  training?: [string, string];
  /** What was written beside a store (`data fields`). */
  files?: string[];
}

export interface DataProblem {
  /** A time of the store, a file or a variable. */
  where: string;
  what: string;
  /** The whole step is left out. */
  masked: boolean;
}

/** Over the sea and the valid steps, in the variable's units; `change` is the root mean square over one lead. */
export interface VariableStatistics {
  mean: number;
  deviation: number;
  change?: number;
  minimum: number;
  maximum: number;
  count: number;
  units: string;
}
