/** How a run's state, progress and figures are said; shared by one run's display and the list of runs. */
import type { RunState, RunStatus } from '../records/training.ts';
import type { Mark } from './html.ts';
import { duration } from './text.ts';

export const STATE_MARKS: Record<RunState, Mark> = {
  starting: 'neutral',
  running: 'neutral',
  finished: 'good',
  interrupted: 'warn',
  failed: 'bad',
  lost: 'bad',
};

/** `step 120 of 500, epoch 2 of 8, 14 steps/s, 0:27 left`. */
export function progressOf(status: RunStatus): string {
  const words = [];
  if (status.steps > 0) {
    words.push(`step ${status.step} of ${status.steps}`);
    if (status.epochs > 0) words.push(`epoch ${Math.min(status.epoch + 1, status.epochs)} of ${status.epochs}`);
  } else if (status.step > 0) words.push(`step ${status.step}`);
  if (status.state === 'running') {
    if (status.rate) words.push(`${Number(status.rate.toPrecision(2))} steps/s`);
    if (status.secondsLeft !== undefined) words.push(`${duration(status.secondsLeft)} left`);
  }
  return words.join(', ');
}

/** A metric's value, as short as it may be. */
export function figure(value: number | undefined): string {
  if (value === undefined) return '–';
  if (!Number.isFinite(value)) return String(value);
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}
