/** A connection that is lost and tried again, less and less often: since when, when next, and what the user is told of it. */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;

export interface Outage {
  /** The connection is lost; it may be known already. */
  begin(): void;
  /** Calls `again` after a wait, twice as long each time; gives the wait in seconds. */
  retry(again: () => void): number;
  /** It is there: how many seconds it was not, or undefined where it was not lost. */
  over(): number | undefined;
  /** Nothing is tried any more. */
  stop(): void;
}

export function createOutage(): Outage {
  let since: number | undefined;
  let wait = FIRST_WAIT;
  let timer: NodeJS.Timeout | undefined;
  return {
    begin() {
      since ??= Date.now();
    },
    retry(again) {
      // Not all engines at the same moment.
      timer = setTimeout(again, wait * (0.8 + 0.4 * Math.random()));
      const seconds = wait / 1000;
      wait = Math.min(wait * 2, LONGEST_WAIT);
      return seconds;
    },
    over() {
      const seconds = since === undefined ? undefined : (Date.now() - since) / 1000;
      since = undefined;
      wait = FIRST_WAIT;
      return seconds;
    },
    stop: () => clearTimeout(timer),
  };
}

/** Tells of the connection to `whom`: that it is lost, once an outage, and that it is there again. */
export function outageNotices(whom: string, notice: (text: string) => void) {
  let told = false;
  return {
    lost(reason: string, seconds: number): void {
      if (!told)
        notice(`Lost the connection to ${whom}: ${reason}. The cell goes on there; trying again in ${seconds} s, then less often.`);
      told = true;
    },
    /** `state` as the engine's server tells it, where one does. */
    back(seconds: number, state?: string): void {
      told = false;
      notice(`Connected to ${whom} again after ${seconds.toFixed(1)} s${state ? ` (it is ${state})` : ''}.`);
    },
  };
}
