/** The record of `verify`: a ladder of comparisons between the original and its migration, against a float64 reference. */
import type { BaseRecord } from './record.ts';

export interface Rung {
  /** `weights`, `forward`, `layers`, `loss`, `gradients`, `optimiser step`, `training`, `mixed precision (float16)`, `graph forward`, … */
  name: string;
  passed: boolean;
  /** Distance of each framework's float32 result to the float64 reference, relative to its largest magnitude. */
  torchError: number;
  /** Null: not a finite number, another shape, or it did not run (the note says which). */
  mindsporeError: number | null;
  /** mindsporeError / torchError. */
  ratio: number | null;
  /** Largest difference between the two frameworks, relative to the reference's largest magnitude. */
  maxAbs: number | null;
  seconds: number;
  /** Why it failed or was left out, in a sentence. */
  note?: string;
}

export interface VerificationRecord extends BaseRecord<'verification'> {
  source: string;
  output: string;
  passed: boolean;
  rungs: Rung[];
  /** Rungs that could not be run here, with the reason: they are neither passed nor failed. */
  notRun?: { name: string; reason: string }[];
  /** The losses of the training rung, step by step. */
  losses?: { torch: number[]; mindspore: number[] };
  /** The layer where the error is born: the first, inner ones first, that goes wrong when it is fed the original's inputs. */
  firstDivergence?: {
    /** `blocks.0.filter`; `(the whole model)` for the model itself. */
    layer: string;
    /** `model.py:97: def forward(self, x):`, relative to source and output. */
    sourceLine: string;
    migratedLine: string;
    /** Null: it did not run, or is not finite. */
    error: number | null;
    /** The original's layers, outer ones first; at most 400. */
    layers?: { path: string; class: string }[];
  };
}
