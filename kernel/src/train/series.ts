/** The metrics of a run as curves short enough for a record: min–max decimated, no spike lost. */
import { Curve } from '../records/curve.ts';
import { decimate } from '../records/decimate.ts';
import { evenlySpread } from '../records/evenlySpread.ts';
import { metricValue } from '../records/metricsBatch.ts';
import type { MetricsLine, RunCurves } from '../records/training.ts';

/** Points of a curve in a record at most, and of all its curves together: a notebook's output stays below 300 kB. */
const POINTS = 500;
const ALL_POINTS = 6000;
const LEAST_POINTS = 20;
const CLOCK_POINTS = 60;
const ABSCISSAE: ReadonlySet<string> = new Set(['step', 'epoch', 'time']);

export interface Series {
  add(lines: readonly MetricsLine[]): void;
  clear(): void;
  /** The newest value of each metric. */
  latest(): Record<string, number>;
  curve(name: string): Curve | undefined;
  /** `runs`: how many runs share the record. */
  decimated(runs?: number): RunCurves['series'];
  /** Optimiser steps a second, of the median time from one logged step to the next; undefined below three steps. */
  speed(): number | undefined;
}

export function createSeries(): Series {
  const curves = new Map<string, Curve>();
  return {
    add(lines) {
      for (const line of lines) {
        const time = typeof line.time === 'number' ? line.time : Number.NaN;
        for (const name in line) {
          if (ABSCISSAE.has(name)) continue;
          let curve = curves.get(name);
          if (!curve) {
            curve = new Curve();
            curves.set(name, curve);
          }
          curve.push(line.step, time, metricValue(line[name]));
        }
      }
    },
    clear: () => curves.clear(),
    latest: () => Object.fromEntries([...curves].map(([name, curve]) => [name, curve.value[curve.length - 1]!])),
    curve: (name) => curves.get(name),
    decimated(runs = 1) {
      const points = Math.max(LEAST_POINTS, Math.min(POINTS, Math.floor(ALL_POINTS / runs / Math.max(1, curves.size))));
      const drawn = [...curves].map(([name, curve]) => thinned(name, curve, points));
      const clock = longest(curves);
      if (clock) drawn.push(timesOf(clock));
      return drawn;
    },
    speed() {
      const clock = longest(curves);
      if (!clock || clock.length < 3) return undefined;
      const each: number[] = [];
      for (let at = Math.max(1, clock.length - 10_000); at < clock.length; at++) {
        each.push((clock.time[at]! - clock.time[at - 1]!) / (clock.step[at]! - clock.step[at - 1]!));
      }
      each.sort((a, b) => a - b);
      const middle = each[each.length >> 1]!;
      return middle > 0 ? 1 / middle : undefined;
    },
  };
}

/** A curve of so many points at most. */
export function thinned(name: string, curve: Curve, points: number): RunCurves['series'][number] {
  const kept = decimate(curve.value.subarray(0, curve.length), points);
  return { name, step: kept.map((at) => curve.step[at]!), value: kept.map((at) => Number(curve.value[at]!.toPrecision(6))) };
}

/** The curve that knows most times. */
function longest(curves: ReadonlyMap<string, Curve>): Curve | undefined {
  let found: Curve | undefined;
  for (const curve of curves.values()) {
    if (curve.length > (found?.length ?? 0) && Number.isFinite(curve.time[curve.length - 1])) found = curve;
  }
  return found;
}

function timesOf(curve: Curve): RunCurves['series'][number] {
  const kept = evenlySpread(curve.length, CLOCK_POINTS);
  return { name: 'time', step: kept.map((at) => curve.step[at]!), value: kept.map((at) => Number(curve.time[at]!.toPrecision(7))) };
}
