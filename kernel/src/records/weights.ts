/** The record of `weights`: a checkpoint converted from one framework to the other, and what became of every tensor in it. */
import type { Framework } from './chips.ts';
import type { BaseRecord } from './record.ts';

/**
 * `converted`, `renamed`, `reshaped`: it is in the target, bit for bit. `missing`: the model has it, the checkpoint does not. `unexpected`: the
 * target has no place for it. `shape-changed`: the model's shape differs. `left out`: the other framework keeps no such thing.
 */
export type TensorStatus = 'converted' | 'renamed' | 'reshaped' | 'missing' | 'unexpected' | 'shape-changed' | 'left out';

export interface ConvertedTensor {
  status: TensorStatus;
  /** Its names in the checkpoint and in the target; one of them is absent where it is in one alone. */
  source?: string;
  target?: string;
  dtype: string;
  sourceShape?: number[];
  targetShape?: number[];
  /** The layer of MindSpore's own that it belongs to. */
  layer?: string;
  note?: string;
}

export interface WeightsRecord extends BaseRecord<'weights'> {
  source: string;
  output: string;
  from: Framework;
  to: Framework;
  /** The migrated entry that told the names and shapes; absent where they were told by names alone. */
  model?: string;
  summary: {
    /** Tensors of the checkpoint's weights. */
    tensors: number;
    /** Those in the target, renamed and reshaped ones among them. */
    converted: number;
    renamed: number;
    reshaped: number;
    missing: number;
    unexpected: number;
    shapeChanged: number;
    leftOut: number;
    bytes: number;
    seconds: number;
  };
  tensors: ConvertedTensor[];
  /** What else the file holds: an optimiser's state, numbers, texts. */
  beside: { name: string; tensors: number; values: number }[];
  notes: string[];
}
