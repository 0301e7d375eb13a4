/** What the curves say at one place of the horizontal axis, and the whole of them as CSV. */
import { lowerBound } from '../../../kernel/src/records/curve.ts';
import { csvField } from '../csv.ts';
import type { Horizontal } from './axis.ts';
import { metricOf } from './metrics.ts';
import { abscissa, type DrawnCurve } from './scene.ts';

/** A curve with the run that it is of. */
export interface RunCurve extends DrawnCurve {
  run: string;
}

export interface Reading {
  run: string;
  name: string;
  label: string;
  colour: string;
  /** Of the point that lies nearest. */
  step: number;
  value: number;
  smoothed: number | undefined;
}

/** Of each curve the point nearest to a place; a curve that has not come so far, or begins later, says nothing. */
export function readingsAt(curves: readonly RunCurve[], horizontal: Horizontal, place: number): Reading[] {
  return curves.flatMap((one) => {
    const index = nearestIndex(one, horizontal, place);
    if (index === undefined) return [];
    const { curve, mean, run, name, colour } = one;
    return [
      {
        run,
        name,
        label: metricOf(name).label,
        colour,
        step: curve.step[index]!,
        value: curve.value[index]!,
        smoothed: mean?.value[index],
      },
    ];
  });
}

/** The place of the point that lies nearest, of the first curve that has one. */
export function nearestPlace(curves: readonly RunCurve[], horizontal: Horizontal, place: number): number | undefined {
  for (const one of curves) {
    const found = abscissa(one, horizontal);
    const index = nearestIndex(one, horizontal, place);
    if (found && index !== undefined) return found.along[index]! * found.factor;
  }
  return undefined;
}

/** The place `by` points further on, of the curve with the most points. */
export function neighbourPlace(curves: readonly RunCurve[], horizontal: Horizontal, place: number, by: number): number | undefined {
  const longest = curves.toSorted((a, b) => b.curve.length - a.curve.length)[0];
  const found = longest && abscissa(longest, horizontal);
  if (!longest || !found) return undefined;
  const at = lowerBound(found.along, longest.curve.length, place / found.factor - 1e-9);
  const next = Math.max(0, Math.min(longest.curve.length - 1, at + by));
  return found.along[next]! * found.factor;
}

function nearestIndex(one: RunCurve, horizontal: Horizontal, place: number): number | undefined {
  const { curve } = one;
  const found = abscissa(one, horizontal);
  if (!found || curve.length === 0) return undefined;
  const { along, factor } = found;
  const wanted = place / factor;
  const after = lowerBound(along, curve.length, wanted);
  const before = after - 1;
  // Beyond either end the curve has nothing to say, but for the rounding of a place that was just read from it.
  const slack = 1e-6 * Math.max(1, Math.abs(wanted));
  if (after === curve.length) return wanted - along[before]! <= slack ? before : undefined;
  if (before < 0) return along[0]! - wanted <= slack ? 0 : undefined;
  return wanted - along[before]! <= along[after]! - wanted ? before : after;
}

/** Every point of the curves, one a line: `run,metric,step,time,value`. */
export function csvOf(curves: readonly RunCurve[]): string {
  const lines = ['run,metric,step,time,value'];
  for (const { run, name, curve } of curves) {
    const head = `${csvField(run)},${csvField(name)}`;
    for (let at = 0; at < curve.length; at++) {
      const time = Number.isNaN(curve.time[at]!) ? '' : curve.time[at];
      lines.push(`${head},${curve.step[at]},${time},${curve.value[at]}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
