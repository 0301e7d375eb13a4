/** The line over a run's picture: its state, how far it is, how fast, how long still, and the newest values. */
import type { Curve } from '../../../kernel/src/records/curve.ts';
import type { RunState, RunStatus } from '../../../kernel/src/records/training.ts';
import { element, fill } from '../element.ts';
import { count, duration, number } from '../format.ts';
import { metricOf } from './metrics.ts';

export const STATES: Record<RunState, { sign: string; class: string; words: string }> = {
  starting: { sign: '◐', class: 'tw-warn', words: 'starting' },
  running: { sign: '▶', class: 'tw-good', words: 'running' },
  finished: { sign: '✓', class: 'tw-good', words: 'finished' },
  interrupted: { sign: '❙❙', class: 'tw-warn', words: 'interrupted: it can be resumed' },
  failed: { sign: '✕', class: 'tw-bad', words: 'failed' },
  lost: { sign: '✕', class: 'tw-bad', words: 'lost: its process is gone without having said why' },
};

export interface StatusLine {
  node: HTMLElement;
  show(status: RunStatus, fault: string | undefined, live: boolean): void;
  /** The newest value of each curve, by name. */
  values(curves: readonly (readonly [string, Curve])[]): void;
}

/** The epoch that the run is in, counted from 1 (`status.epoch` counts from 0). */
function epochOf({ epoch, epochs }: RunStatus): number {
  return Math.min(epochs, epoch + 1);
}

/** `step 120 of 500, epoch 2 of 8`; an own loop may not know how many there will be. */
export function progressText(status: RunStatus): string {
  const step = status.steps > 0 ? `step ${count(status.step)} of ${count(status.steps)}` : `step ${count(status.step)}`;
  return status.epochs > 0 ? `${step}, epoch ${count(epochOf(status))} of ${count(status.epochs)}` : step;
}

/** `9.1 steps/s · 27 s left` of a run that goes. */
export function paceText({ state, rate, secondsLeft }: RunStatus): string {
  if (state !== 'running' && state !== 'starting') return '';
  const parts = [rate !== undefined && `${number(rate, 3)} steps/s`, secondsLeft !== undefined && `${duration(secondsLeft)} left`];
  return parts.filter(Boolean).join(' · ');
}

export function statusLine(): StatusLine {
  const state = element('span', { class: 'tw-run-state', attributes: { role: 'status', 'aria-live': 'polite' } });
  const progress = element('span');
  const rate = element('span', { class: 'tw-muted' });
  const live = element('span', { class: 'tw-run-live' });
  const filled = element('div', { class: 'tw-run-filled' });
  const bar = element(
    'div',
    { class: 'tw-run-bar', attributes: { role: 'progressbar', 'aria-label': 'Steps done', 'aria-valuemin': 0 } },
    filled,
  );
  const message = element('p', { class: 'tw-run-message' });
  const values = element('dl', { class: 'tw-run-values' });
  let shown = '';
  return {
    node: element('div', { class: 'tw-run' }, element('div', { class: 'tw-run-line' }, state, progress, rate, live), bar, message, values),
    show(status, fault, connected) {
      const { sign, class: name, words } = STATES[status.state];
      const going = status.state === 'running' || status.state === 'starting';
      const text = going && !connected ? `${words} when this was saved` : words;
      // Set only when it changes, or a screen reader would say it at every step.
      if (shown !== text) {
        fill(state, element('span', { class: name, attributes: { 'aria-hidden': 'true' }, text: sign }), ` ${text}`);
        shown = text;
      }
      progress.textContent = progressText(status);
      rate.textContent = paceText(status);
      live.textContent = connected ? '● live' : '○ as saved';
      live.classList.toggle('tw-good', connected);
      live.classList.toggle('tw-muted', !connected);
      const share = status.steps > 0 ? Math.min(1, status.step / status.steps) : 0;
      filled.style.width = `${100 * share}%`;
      bar.setAttribute('aria-valuenow', String(status.step));
      bar.setAttribute('aria-valuemax', String(status.steps));
      bar.dataset.state = status.state;
      const notes = [fault, status.message].filter(Boolean).join(' · ');
      message.textContent = notes;
      message.hidden = notes === '';
      message.classList.toggle('tw-bad', status.state === 'failed' || status.state === 'lost' || fault !== undefined);
    },
    values(curves) {
      fill(
        values,
        ...curves
          .filter(([, curve]) => curve.length > 0)
          .map(([name, curve]) =>
            element(
              'div',
              { attributes: { 'data-metric': name } },
              element('dt', { text: metricOf(name).label }),
              element('dd', { text: number(curve.value[curve.length - 1]!) }),
            ),
          ),
      );
    },
  };
}
