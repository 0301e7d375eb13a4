/** A run on display: what is known of it, its curves, and whether its folder is being followed. */
import { type MetricsBatch, unpackColumns } from '../../../kernel/src/records/metricsBatch.ts';
import type { RunCurves, RunStatus, RunSummary } from '../../../kernel/src/records/training.ts';
import { append, type Curves, curvesOf, emptyCurves } from './curves.ts';
import { type Smoother, smoother } from './smoothing.ts';

export interface DisplayedRun {
  about: RunSummary;
  status: RunStatus;
  fault: string | undefined;
  curves: Curves;
  /** By curve. */
  smoothers: Map<string, Smoother>;
  live: boolean;
  hidden: boolean;
  /** Chosen by the reader, not by the record. */
  added: boolean;
}

/** A run that lies beside the shown ones. */
export interface FoundRun {
  name: string;
  folder: string;
  framework: string;
  chip: string;
  precision?: string;
  ways?: string[];
}

/** What the kernel sends of a run's lines. */
export interface LinesMessage extends MetricsBatch {
  from: number;
}

export function displayedRun(record: RunCurves): DisplayedRun {
  const { run, fault } = record;
  return {
    about: run,
    status: run.status,
    fault,
    curves: curvesOf(record),
    smoothers: new Map(),
    live: false,
    hidden: false,
    added: false,
  };
}

/** A run that the reader has chosen: all but its name is still to come. */
export function addedRun(found: FoundRun): DisplayedRun {
  const status: RunStatus = { state: 'starting', step: 0, steps: 0, epoch: 0, epochs: 0, updatedAt: '' };
  const run = displayedRun({ run: { ...found, model: '', status, latest: {} }, series: [] });
  return { ...run, added: true };
}

/** A newer record of the same run. Lines from the folder are all there is; the record's copy counts only where none came. */
export function renew(run: DisplayedRun, record: RunCurves): void {
  run.about = record.run;
  run.fault = record.fault;
  if (run.curves.lines === 0) begin(run, curvesOf(record));
  if (record.run.status.updatedAt >= run.status.updatedAt) run.status = record.run.status;
}

/** Takes a batch of lines. Gives false where lines before it are missing: they are to be asked for again, from `run.curves.lines`. */
export function takeLines(run: DisplayedRun, message: LinesMessage, buffers: readonly DataView[]): boolean {
  // From the beginning: the record's decimated copy gives way to the whole file, and so does a file that was begun anew.
  if (message.from === 0) begin(run, emptyCurves());
  if (message.from > run.curves.lines) return false;
  append(run.curves, unpackColumns(message, buffers), run.curves.lines - message.from);
  return true;
}

function begin(run: DisplayedRun, curves: Curves): void {
  run.curves = curves;
  run.smoothers = new Map();
}

export function stepsPerEpoch({ status, curves }: DisplayedRun): number | undefined {
  return status.epochs > 0 && status.steps > 0 ? status.steps / status.epochs : curves.stepsPerEpoch;
}

export function smootherOf(run: DisplayedRun, name: string): Smoother {
  let found = run.smoothers.get(name);
  if (!found) {
    found = smoother(run.curves.byName.get(name)!);
    run.smoothers.set(name, found);
  }
  return found;
}
