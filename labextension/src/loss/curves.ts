/** The curves of a run: taken from a record, or grown line by line as `metrics.jsonl` grows. */
import type { MetricsLine, TrainingRecord } from '../../../kernel/src/records/training.ts';

export interface Curve {
  name: string;
  step: number[];
  /** Seconds since the run began; empty where the source doesn't say. */
  time: number[];
  value: number[];
}

export interface Curves {
  byName: Map<string, Curve>;
  /** Lines of `metrics.jsonl` that are in here; 0 for curves of a record. */
  lines: number;
}

/** What places a line, and is no curve itself. */
const PLACES = new Set(['step', 'epoch', 'time']);

export function emptyCurves(): Curves {
  return { byName: new Map(), lines: 0 };
}

/** The record's own (decimated) series; a series called `time`, where there is one, gives the others their times. */
export function curvesOf(record: TrainingRecord): Curves {
  const clock = record.series.find(({ name }) => name === 'time');
  const byName = new Map<string, Curve>();
  for (const { name, step, value } of record.series) {
    if (PLACES.has(name)) continue;
    byName.set(name, {
      name,
      step,
      value: value.map(asNumber),
      time: clock ? step.map((at) => interpolated(clock.step, clock.value, at)) : [],
    });
  }
  return { byName, lines: 0 };
}

/**
 * Appends lines of `metrics.jsonl`. A step that goes back means that the run was resumed from an older checkpoint: what the unfinished
 * attempt wrote from that step on is dropped, as the run itself has forgotten it.
 */
export function append(curves: Curves, lines: readonly MetricsLine[]): void {
  for (const line of lines) {
    curves.lines++;
    for (const [name, raw] of Object.entries(line)) {
      if (PLACES.has(name)) continue;
      const value = asNumber(raw);
      let curve = curves.byName.get(name);
      if (!curve) {
        curve = { name, step: [], time: [], value: [] };
        curves.byName.set(name, curve);
      }
      while (curve.step.length > 0 && curve.step.at(-1)! >= line.step) {
        curve.step.pop();
        curve.time.pop();
        curve.value.pop();
      }
      curve.step.push(line.step);
      curve.time.push(line.time);
      curve.value.push(value);
    }
  }
}

/** The first step at which a curve has a value that is not finite. */
export function firstFault(curve: Curve): number | undefined {
  const at = curve.value.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? undefined : curve.step[at];
}

/** JSON has no NaN: it comes as null or as a word. */
function asNumber(raw: unknown): number {
  if (typeof raw === 'number') return raw;
  if (raw === 'Infinity' || raw === '-Infinity') return Number(raw);
  return Number.NaN;
}

function interpolated(xs: readonly number[], ys: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length - 1;
  if (high < 0) return Number.NaN;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  const x0 = xs[low - 1];
  const x1 = xs[low]!;
  if (x0 === undefined || x1 <= x) return ys[low]!;
  return ys[low - 1]! + ((ys[low]! - ys[low - 1]!) * (x - x0)) / (x1 - x0);
}
