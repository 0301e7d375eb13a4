/** The record of `verify`: a ladder of comparisons between the original and its migration, against a float64 reference. */
import type { BaseRecord } from './record.ts';

export interface Rung {
  /** `weights`, `forward`, `gradients`, `training`, `graph forward`, … */
  name: string;
  passed: boolean;
  /** Distance of each framework's float32 result to the float64 reference, relative to its largest magnitude. */
  torchError: number;
  mindsporeError: number;
  /** mindsporeError / torchError. */
  ratio: number;
  /** Largest difference between the two frameworks, relative to the reference's largest magnitude. */
  maxAbs: number;
  seconds: number;
  /** Why it failed or was left out, in a sentence. */
  note?: string;
}

export interface VerificationRecord extends BaseRecord<'verification'> {
  source: string;
  output: string;
  passed: boolean;
  rungs: Rung[];
  /** The losses of the training rung, step by step. */
  losses?: { torch: number[]; mindspore: number[] };
  firstDivergence?: { layer: string; sourceLine: string; migratedLine: string; error: number };
}
