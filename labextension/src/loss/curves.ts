/** The curves of a run: taken from a record, or grown batch by batch as `metrics.jsonl` grows. */
import { CURVE_LIMIT, Curve } from '../../../kernel/src/records/curve.ts';
import { metricValue, type UnpackedColumn } from '../../../kernel/src/records/metricsBatch.ts';
import type { RunCurves } from '../../../kernel/src/records/training.ts';

export interface Curves {
  byName: Map<string, Curve>;
  /** Lines of `metrics.jsonl` that are in here; 0 for curves of a record. */
  lines: number;
  lastStep: number;
  /** As the lines' epochs have it; undefined before the second epoch. */
  stepsPerEpoch: number | undefined;
}

/** What places a line, and is no curve itself. */
const PLACES = new Set(['step', 'epoch', 'time']);
/** Losses are seen closely; of other metrics (there may be a hundred) less is kept. */
const OTHER_LIMIT = 1 << 17;

export function emptyCurves(): Curves {
  return { byName: new Map(), lines: 0, lastStep: Number.NEGATIVE_INFINITY, stepsPerEpoch: undefined };
}

/** The record's own (decimated) series; a series called `time`, where there is one, gives the others their times. */
export function curvesOf({ series }: Pick<RunCurves, 'series'>): Curves {
  const curves = emptyCurves();
  const clock = series.find(({ name }) => name === 'time');
  for (const { name, step, value } of series) {
    if (PLACES.has(name)) continue;
    const curve = curveCalled(curves, name);
    step.forEach((at, index) => {
      curve.push(at, clock ? interpolated(clock.step, clock.value, at) : Number.NaN, metricValue(value[index]));
    });
  }
  return curves;
}

/**
 * Appends a batch of lines from its line number `from` on. A step that goes back means that the run was resumed from an older checkpoint: what
 * the unfinished attempt wrote from that step on is dropped from every curve, as the run itself has forgotten it.
 */
export function append(curves: Curves, columns: readonly UnpackedColumn[], from = 0): void {
  const steps = columns.find(({ name }) => name === 'step')!.values;
  const times = columns.find(({ name }) => name === 'time');
  noteEpochs(curves, columns, steps);
  for (let begin = from; begin < steps.length; ) {
    if (steps[begin]! < curves.lastStep) for (const curve of curves.byName.values()) curve.cutFrom(steps[begin]!);
    let end = begin + 1;
    while (end < steps.length && steps[end]! >= steps[end - 1]!) end++;
    curves.lastStep = steps[end - 1]!;
    for (const { name, lines, values } of columns) {
      if (PLACES.has(name)) continue;
      const curve = curveCalled(curves, name);
      for (let at = 0; at < values.length; at++) {
        const line = lines ? lines[at]! : at;
        if (line >= begin && line < end) curve.push(steps[line]!, times?.lines ? Number.NaN : times!.values[line]!, values[at]!);
      }
    }
    begin = end;
  }
  curves.lines += Math.max(0, steps.length - from);
}

/** The first step at which a curve has a value that is not finite. */
export function firstFault(curve: Curve): number | undefined {
  const { gap } = curve.extremes(0, curve.length);
  return gap < 0 ? undefined : curve.step[gap];
}

function curveCalled(curves: Curves, name: string): Curve {
  let curve = curves.byName.get(name);
  if (!curve) {
    curve = new Curve(/loss$/.test(name) ? CURVE_LIMIT : OTHER_LIMIT);
    curves.byName.set(name, curve);
  }
  return curve;
}

function noteEpochs(curves: Curves, columns: readonly UnpackedColumn[], steps: Float64Array): void {
  const epochs = columns.find(({ name }) => name === 'epoch');
  if (curves.stepsPerEpoch !== undefined || !epochs || epochs.lines) return;
  const second = epochs.values.findIndex((epoch) => epoch >= 1);
  if (second >= 0) curves.stepsPerEpoch = Math.max(1, (steps[second]! - 1) / epochs.values[second]!);
}

function interpolated(xs: readonly number[], ys: readonly number[], x: number): number {
  if (xs.length === 0) return Number.NaN;
  let high = xs.findIndex((one) => one >= x);
  if (high < 0) high = xs.length - 1;
  const [x0, x1] = [xs[high - 1], xs[high]!];
  if (x0 === undefined || x1 <= x) return ys[high]!;
  return ys[high - 1]! + ((ys[high]! - ys[high - 1]!) * (x - x0)) / (x1 - x0);
}
