/** The record of `fit`: does a model fit on a chip, and how long may a step take. Everything in it is projected, none of it measured. */

import type { AdvisedOptimisation } from './advice.ts';
import type { Framework } from './chips.ts';
import type { BaseRecord } from './record.ts';

/** Against one of the chip's memory figures; sources that disagree give one each. */
export interface MemoryVerdict {
  source: string;
  gib: number;
  fits: boolean;
  /** Bytes left over; negative where it does not fit. */
  left: number;
  /** 0 where not even one sample fits. */
  largestBatch: number;
}

export interface ProjectedSeconds {
  source: string;
  tflops: number;
  seconds: number;
}

/** A training step in one way: bytes by what they hold, at the batch asked for. */
export interface FitVariant {
  precision: string;
  recompute: boolean;
  recomputedBlocks: number;
  batch: number;
  weights: number;
  buffers: number;
  gradients: number;
  optimizerStates: number;
  inputs: number;
  /** Kept from the forward pass for the backward pass. */
  activations: number;
  /** Buckets of gradients that workers exchange. */
  exchange: number;
  /** The largest sum of all that lives at one time, without `exchange`. */
  peak: number;
  peakPhase: string;
  /** What the memory pool of MindSpore's PyNative mode would hold, by what it took on the CPU. */
  mindsporePyNative: number;
  /** The whole process with MindSpore in PyNative mode on a CPU, its compiled optimiser included; absent in records of before. */
  mindsporeCpu?: number;
  operations: number;
  bytes: number;
  memories: MemoryVerdict[];
  /** Of the kernels alone; `asThePaper` has what the paper's training takes besides, and the exchange between so many workers. */
  seconds: (ProjectedSeconds & { asThePaper: number })[];
}

/** What else the paper does against a memory that is too small. The trainer divides a model with MindSpore on Ascends and GPUs alone, and keeps float32 weights. */
export interface FitWay {
  name: 'fp16-weights' | 'model-parallel';
  precision: string;
  recompute: boolean;
  /** That the model is divided over. */
  cards: number;
  /** Bytes a card. */
  weights: number;
  gradients: number;
  optimizerStates: number;
  activations: number;
  exchange: number;
  peak: number;
  memories: MemoryVerdict[];
}

/** A row of the paper, projected by a fit that has not seen it. */
export interface LeftOutRow {
  row: string;
  paper: number;
  projected: number;
  /** Relative. */
  error: number;
}

export interface FitRecord extends BaseRecord<'fit'> {
  provenance: 'projected';
  model: string;
  chip: string;
  title: string;
  framework: Framework;
  workers: number;
  parameters: number;
  /** What a training there gains from, by the paper; absent in records of before. */
  advice?: Pick<AdvisedOptimisation, 'name' | 'title' | 'reason'>[];
  /** What was asked first, then what other precision and recompute would give. */
  variants: FitVariant[];
  /** Absent in records of before. */
  ways?: FitWay[];
  /** Ways that this model could not be counted in. */
  uncounted?: { name: string; reason: string }[];
  forecast: { batch: number; precision: string; peak: number; operations: number; bytes: number; seconds: ProjectedSeconds[] };
  roofline: {
    efficiency: number;
    efficiencyFrom: string;
    /** Seconds a step besides its kernels. */
    stepOverhead: number;
    growth: number;
    /** Of the paper's epoch; it does not tell them. */
    samples: number;
    /** Error bars: times and divided by. */
    forecastFactor: number;
    trainingFactor: number;
    leftOut: { forecast: LeftOutRow[]; training: LeftOutRow[] };
  };
}
