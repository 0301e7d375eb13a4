/** Progress on a terminal's standard error: one line redrawn in place; plain lines now and then where it is no terminal (a log, a pipe). */
import { meter, type Progress, progressText } from './progress.ts';
import { printable } from './text.ts';

/** What is needed of `process.stderr`. */
export interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface TerminalProgress {
  update(progress: Progress): void;
  /** Prints a line above the bar. */
  line(text: string): void;
  /** Removes the bar. */
  end(): void;
}

const REDRAW_MS = 100;
const LOG_MS = 10_000;
/** The first line of a log comes after this. */
const PATIENCE_MS = 2_000;
const CLEAR = '\r\u001b[K';

export function terminalProgress(terminal: Terminal, now: () => number = () => performance.now()): TerminalProgress {
  const follow = meter(now);
  // A short command says nothing in a log.
  let drawn = terminal.isTTY ? Number.NEGATIVE_INFINITY : now() + PATIENCE_MS - LOG_MS;
  let label: string | undefined;
  let shown = false;
  return {
    update(progress) {
      const view = follow(progress);
      const due = now() - drawn >= (terminal.isTTY ? REDRAW_MS : LOG_MS);
      if (!due && !(terminal.isTTY && (progress.label !== label || view.share === 1))) return;
      drawn = now();
      label = progress.label;
      const line = progressText(view, Math.min(terminal.columns ?? 80, 120) - 1);
      terminal.write(terminal.isTTY ? CLEAR + line : `${line}\n`);
      shown = Boolean(terminal.isTTY);
    },
    line(text) {
      const lines = text.split('\n').map(printable).join('\n');
      terminal.write(`${shown ? CLEAR : ''}${lines}\n`);
      shown = false;
    },
    end() {
      if (shown) terminal.write(CLEAR);
      shown = false;
    },
  };
}
