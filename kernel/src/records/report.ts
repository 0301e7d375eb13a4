/** The record of a migration: every torch use, what became of it, and what is left to do by hand. */
import type { AppliedOptimisation } from './advice.ts';
import type { BaseRecord } from './record.ts';

export type Strategy = 'equivalent' | 'custom' | 'restructured' | 'unsupported';
export type UseStatus = 'migrated' | 'maybe' | 'unsupported';
/** How far a rewrite can be trusted unseen: it can; it may be wrong here, and the reason says why; it was not made, the remedy says what to do. */
export type Grade = 'safe' | 'needs a look' | 'shown only';

/** What a measurement on both frameworks gave for an operator's row: errors in units of float32 rounding. */
export interface OperatorMeasurement {
  samples: number;
  passed: number;
  forward?: number;
  gradient?: number;
  /** Those of which every sample passed; by dtype: samples passed, and run. */
  dtypes: string[];
  counts?: Record<string, [passed: number, samples: number]>;
  torch: string;
  mindspore: string;
}

/** One torch use in the source. */
export interface Use {
  file: string;
  /** 1-based line and 0-based column, in the source. */
  line: number;
  column: number;
  /** In a notebook: the 1-based number of the cell, in which `line` and `toLine` count. */
  cell?: number;
  /** The canonical PyTorch name, `torch.fft.rfft2`, `torch.Tensor.view`, … */
  api: string;
  status: UseStatus;
  strategy: Strategy;
  grade?: Grade;
  /** The source text of the use, and the text that stands in its place. */
  from: string;
  to: string;
  /** The line of the output file where the replacement stands (1-based). */
  toLine?: number;
  measured?: OperatorMeasurement;
  /** Why there is nothing to measure, where `measured` can not be: an attribute, random numbers, restructured code. */
  unmeasured?: string;
  /** MindSpore's own "Supported Platforms" of what stands in its place. */
  documented?: string[];
  reason?: string;
  remedy?: string;
  /** Shapes and dtypes seen by the tracer, `float32[2, 20, 64, 128]`. */
  shapes?: string[];
  /** Dtypes that it works on, by the trace or by inference; those of them that `measured` leaves out; and those whose samples did not all pass. */
  dtypes?: string[];
  unmeasuredDtypes?: string[];
  partlyMeasured?: { dtype: string; passed: number; samples: number }[];
}

/** A notebook of which cells were rewritten, by their 1-based numbers. */
export interface MigratedNotebook {
  file: string;
  changed: number[];
  /** Cells whose outputs were cleared: they were the original's. */
  cleared: number[];
}

/** A library that was brought along into OUT. */
export interface VendoredPackage {
  package: string;
  /** By its dist-info; absent where it has none. */
  distribution?: string;
  version?: string;
  licence?: string;
  /** Where in OUT its licence texts lie. */
  licenceFiles: string[];
  files: number;
}

export interface AuditFinding {
  file: string;
  line: number;
  cell?: number;
  rule: string;
  message: string;
  remedy: string;
}

/** Does the graph compiler take a module? `unknown`: something is left in its code that was not settled. */
export type GraphAnswer = 'yes' | 'no' | 'unknown';

/**
 * What stands in the way of graph mode, in the source. `refused`: the compiler says no. `wrong`: it compiles, and gives other values or gradients than Python.
 */
export interface GraphFinding {
  file: string;
  line: number;
  cell?: number;
  rule: string;
  effect: 'refused' | 'wrong' | 'unknown';
  why: string;
  remedy: string;
}

/** Of one module class, with all code that its forward reaches. */
export interface GraphVerdict {
  class: string;
  file: string;
  line: number;
  cell?: number;
  graph: GraphAnswer;
  findings: GraphFinding[];
}

export interface ReportSummary {
  files: number;
  uses: number;
  migrated: number;
  maybe: number;
  unsupported: number;
  byStrategy: Record<Strategy, number>;
  seconds: number;
}

export interface ReportRecord extends BaseRecord<'report'> {
  source: string;
  output: string;
  target: 'portable' | 'ascend';
  /** `--chip`: what of the advice for it was applied, and what a training there can take. */
  advice?: { chip: string; applied: AppliedOptimisation[]; forTraining: string[] };
  /** Was the original run under the tracer? */
  traced: boolean;
  summary: ReportSummary;
  uses: Use[];
  /** Uses in definitions of vendored libraries that the traced run does not reach: rewritten like the rest, and counted apart. */
  unreached?: Use[];
  vendored?: VendoredPackage[];
  notebooks?: MigratedNotebook[];
  audit: AuditFinding[];
  /** Graph mode, class by class; absent in records of older versions. */
  graph?: GraphVerdict[];
  /** Files that could not be read or parsed, with the reason and what to do; the rest went on. `left`: they may hold PyTorch code. */
  skipped: { file: string; reason: string; left?: boolean }[];
}
