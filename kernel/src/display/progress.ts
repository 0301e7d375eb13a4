/** Progress as one line: label, share, rate and time left. The arithmetic (`meter`) is shared by the terminal's bar and the notebook's. */
import type { MimeBundle } from './display.ts';
import { block, element, STYLE, safe } from './html.ts';
import { duration, padEnd, printable, width } from './text.ts';

export interface Progress {
  label: string;
  done: number;
  /** Absent while it is not known. */
  total?: number;
  unit?: string;
}

export interface ProgressView extends Progress {
  /** 0 … 1; absent while the total is not known. */
  share?: number;
  elapsed: number;
  /** Units a second since this label began; absent in its first moments. */
  rate?: number;
  secondsLeft?: number;
}

/** Follows a stream of progress; a new label begins a new count. `now` gives milliseconds. */
export function meter(now: () => number = () => performance.now()): (progress: Progress) => ProgressView {
  let label: string | undefined;
  let begun = 0;
  let from = 0;
  return (progress) => {
    if (progress.label !== label || progress.done < from) {
      label = progress.label;
      begun = now();
      from = progress.done;
    }
    const elapsed = (now() - begun) / 1000;
    const rate = elapsed >= 0.5 && progress.done > from ? (progress.done - from) / elapsed : undefined;
    const share =
      progress.total === undefined || progress.total <= 0 ? undefined : Math.min(1, Math.max(0, progress.done / progress.total));
    const secondsLeft = rate === undefined || progress.total === undefined ? undefined : Math.max(0, progress.total - progress.done) / rate;
    return { ...progress, share, elapsed, rate, secondsLeft };
  };
}

function number(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en').replaceAll(',', '\u2009');
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(2);
}

/** `12/40 files`, `3.4/s`, `0:12 left`. */
function facts(view: ProgressView): string[] {
  // What has no count is told by the time that it takes.
  if (view.total === undefined && view.done === 0) return view.elapsed >= 1 ? [duration(view.elapsed)] : [];
  const unit = view.unit ? ` ${view.unit}` : '';
  const some = [`${number(view.done)}${view.total === undefined ? '' : `/${number(view.total)}`}${unit}`];
  if (view.rate !== undefined) some.push(`${number(Number(view.rate.toPrecision(3)))}/s`);
  if (view.secondsLeft !== undefined && view.share !== undefined && view.share < 1) some.push(`${duration(view.secondsLeft)} left`);
  return some;
}

/** One line of at most `columns`, with a bar where there is room for one. */
export function progressText(view: ProgressView, columns = 80): string {
  const right = facts(view).join('  ');
  const label = printable(view.label);
  const percent = view.share === undefined ? '' : `${String(Math.floor(view.share * 100)).padStart(3)} %`;
  const room = columns - width(label) - width(right) - width(percent) - 6;
  if (view.share === undefined || room < 10) return clip([label, percent.trim(), right].filter(Boolean).join('  '), columns);
  const length = Math.min(30, room);
  const full = Math.round(view.share * length);
  return `${padEnd(label, width(label))}  ${'━'.repeat(full)}${'─'.repeat(length - full)} ${percent}  ${right}`;
}

function clip(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let short = '';
  for (const character of text) {
    if (width(short + character) > columns - 1) break;
    short += character;
  }
  return `${short}…`;
}

/** A slim bar and one line of text. */
export function progressHtml(view: ProgressView): string {
  const label = [view.label, facts(view).join(', ')].filter(Boolean).join(': ');
  const percent = view.share === undefined ? undefined : Math.floor(view.share * 100);
  const bar =
    percent === undefined
      ? safe('')
      : element(
          'div',
          {
            role: 'progressbar',
            'aria-label': view.label,
            'aria-valuemin': 0,
            'aria-valuemax': 100,
            'aria-valuenow': percent,
            style:
              'height:4px;border-radius:2px;background:var(--jp-layout-color3,rgba(128,128,128,.3));max-width:480px;overflow:hidden;margin:2px 0',
          },
          element('div', { style: `height:4px;width:${percent}%;background:${STYLE.accent}` }),
        );
  return block(element('div', label), bar).html;
}

/**
 * Draws progress in a notebook: nothing for what ends at once, then a display that is updated at most five times a second.
 * `end` leaves nothing of it behind: the result that follows says what was done.
 */
export function liveProgress(
  draw: (bundle: MimeBundle) => void,
  now: () => number = () => performance.now(),
): { update(progress: Progress): void; end(): void } {
  const follow = meter(now);
  let due = Number.NaN;
  let shown = false;
  let ended = false;
  let waiting: ProgressView | undefined;
  let timer: NodeJS.Timeout | undefined;
  const paint = () => {
    timer = undefined;
    if (!waiting || ended) return;
    due = now() + INTERVAL_MS;
    shown = true;
    draw({ 'text/plain': progressText(waiting), 'text/html': progressHtml(waiting) });
    waiting = undefined;
  };
  return {
    update(progress) {
      waiting = follow(progress);
      if (Number.isNaN(due)) due = now() + PATIENCE_MS;
      const rest = due - now();
      if (rest <= 0) {
        clearTimeout(timer);
        paint();
      } else timer ??= setTimeout(paint, rest).unref();
    },
    end() {
      ended = true;
      clearTimeout(timer);
      if (shown) draw({ 'text/plain': '', 'text/html': '' });
      shown = false;
    },
  };
}

const INTERVAL_MS = 200;
/** What is done sooner needs no bar. */
const PATIENCE_MS = 400;
