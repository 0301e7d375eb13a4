/** The metrics of a run as curves short enough for a record: min–max decimated, no spike lost. */
import { decimate } from '../records/decimate.ts';
import type { MetricsLine, TrainingRecord } from '../records/training.ts';

/** Points a curve in a record: about 60 kB for the five curves of a run. */
const POINTS = 500;
const ABSCISSAE: ReadonlySet<string> = new Set(['step', 'epoch', 'time']);

export interface Series {
  add(lines: readonly MetricsLine[]): void;
  clear(): void;
  /** The newest value of each metric. */
  latest(): Record<string, number>;
  decimated(points?: number): TrainingRecord['series'];
}

export function createSeries(): Series {
  const curves = new Map<string, { step: number[]; value: number[] }>();
  return {
    add(lines) {
      for (const line of lines) {
        for (const [name, value] of Object.entries(line)) {
          if (ABSCISSAE.has(name) || typeof value !== 'number') continue;
          let curve = curves.get(name);
          if (!curve) {
            curve = { step: [], value: [] };
            curves.set(name, curve);
          }
          curve.step.push(line.step);
          curve.value.push(value);
        }
      }
    },
    clear: () => curves.clear(),
    latest: () => Object.fromEntries([...curves].map(([name, curve]) => [name, curve.value.at(-1)!])),
    decimated(points = POINTS) {
      return [...curves].map(([name, curve]) => {
        const kept = decimate(curve.value, points);
        return { name, step: kept.map((at) => curve.step[at]!), value: kept.map((at) => Number(curve.value[at]!.toPrecision(6))) };
      });
    },
  };
}
