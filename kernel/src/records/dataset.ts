/** The record of `data`: a prepared store, and where it came from. */
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
}
