/** The record of `push` and `pull`: which variables went from one engine to another. */
import type { BaseRecord } from './record.ts';

export interface TransferredVariable {
  name: string;
  moved: boolean;
  /** `numpy float32[720, 1440]`, `torch.Tensor bfloat16[2, 3]` … */
  type: string;
  bytes: number;
  seconds: number;
  /** Why it could not be moved. */
  reason?: string;
}

export interface TransferRecord extends BaseRecord<'transfer'> {
  from: string;
  to: string;
  /** From the first byte read to the last variable set; absent in records of before. */
  seconds?: number;
  variables: TransferredVariable[];
}
