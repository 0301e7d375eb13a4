/** From runs and choices to the curves and marks of the picture: colours, families, faults, partings, pins. */
import type { PartingResult } from '../../../kernel/src/records/parting.ts';
import { type Horizontal, placeText } from './axis.ts';
import type { LossChoice } from './controls.ts';
import { firstFault } from './curves.ts';
import { familyOf, LOSS_PANEL, metricOf, ordered } from './metrics.ts';
import type { Pin } from './readings.ts';
import type { RunCurve } from './readout.ts';
import { type DisplayedRun, smootherOf, stepsPerEpoch } from './run.ts';
import { abscissa, type Mark } from './scene.ts';

export interface Colours {
  /** Of runs, and of what has none of its own. */
  series: readonly string[];
  /** By CSS variable. */
  byVariable: ReadonlyMap<string, string>;
}

const NONE: Colours = { series: [''], byVariable: new Map() };

export function familiesOf(runs: readonly DisplayedRun[]): string[] {
  return ordered(runs.flatMap((run) => [...run.curves.byName.keys()].map(familyOf)));
}

/** Has one of the run's curves places on this horizontal axis? */
export function hasAxis(run: DisplayedRun, horizontal: Horizontal): boolean {
  const perEpoch = stepsPerEpoch(run);
  return [...run.curves.byName.values()].some((curve) => abscissa({ curve, stepsPerEpoch: perEpoch }, horizontal));
}

/** One run is coloured by metric; of several each has its own colour, and metrics differ by their dashes. */
export function drawnCurves(
  runs: readonly DisplayedRun[],
  choice: Pick<LossChoice, 'hidden' | 'smoothing'>,
  { series, byVariable }: Colours = NONE,
): RunCurve[] {
  const shown = runs.map((run, at) => ({ run, at })).filter(({ run }) => !run.hidden);
  const several = runs.length > 1;
  const names = ordered(runs.flatMap((run) => [...run.curves.byName.keys()])).filter((name) => !choice.hidden.has(familyOf(name)));
  /** Of each panel, how many names it has so far. */
  const inPanel = new Map<string, number>();
  return names.flatMap((name) => {
    const { colour, dash, sparse, panel } = metricOf(name);
    const place = inPanel.get(panel) ?? 0;
    inPanel.set(panel, place + 1);
    const own = (colour !== undefined && byVariable.get(colour)) || series[place % series.length]!;
    return shown.flatMap(({ run, at }) => {
      const curve = run.curves.byName.get(name);
      if (!curve) return [];
      const smooth = choice.smoothing > 0 && !sparse && panel === LOSS_PANEL;
      return [
        {
          run: run.about.name,
          name,
          curve,
          mean: smooth ? smootherOf(run, name).of(choice.smoothing) : undefined,
          colour: several ? series[at % series.length]! : own,
          dash,
          stepsPerEpoch: stepsPerEpoch(run),
        },
      ];
    });
  });
}

export function marksOf(
  runs: readonly DisplayedRun[],
  curves: readonly RunCurve[],
  partings: readonly (PartingResult | undefined)[],
  pins: readonly Pin[],
  horizontal: Horizontal,
): Mark[] {
  const several = runs.length > 1;
  const marks: Mark[] = [];
  for (const { run, name, curve, stepsPerEpoch: perEpoch } of curves) {
    const step = firstFault(curve);
    const at = step === undefined ? undefined : placeOf(curve, step, horizontal, perEpoch);
    if (at !== undefined) marks.push({ at, kind: 'fault', text: `${several ? `${run} ` : ''}${metricOf(name).label} not finite` });
  }
  partings.forEach((result, index) => {
    const [main, other] = [runs[0]!, runs[index]!];
    const curve = other.curves.byName.get('loss');
    if (!result?.parting || !curve || other.hidden || main.hidden) return;
    const at = placeOf(curve, result.parting.step, horizontal, stepsPerEpoch(other));
    if (at !== undefined)
      marks.push({ at, kind: 'parting', text: `${other.about.name} parts at step ${placeText(result.parting.step, 'step')}` });
  });
  for (const pin of pins) {
    if (pin.horizontal === horizontal) marks.push({ at: pin.place, kind: 'pin', text: placeText(pin.place, horizontal) });
  }
  return marks;
}

/** Where a step of a curve stands on the horizontal axis. */
function placeOf(curve: RunCurve['curve'], step: number, horizontal: Horizontal, perEpoch: number | undefined): number | undefined {
  if (horizontal === 'step') return step;
  if (horizontal === 'epoch') return perEpoch === undefined ? undefined : step / perEpoch;
  const at = curve.step.subarray(0, curve.length).indexOf(step);
  const time = curve.time[at];
  return time !== undefined && Number.isFinite(time) ? time : undefined;
}
