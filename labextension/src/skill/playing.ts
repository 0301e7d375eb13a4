/** Playing over the leads: one after the other, each shown for a while, from the first again after the last. */

/** Milliseconds that each lead is shown. */
const INTERVAL = 400;

export interface Playing {
  readonly on: boolean;
  start(): void;
  stop(): void;
}

/** `show` is given the next lead; `leads` and `lead` say what there is and what is shown, each time anew. */
export function playing(leads: () => readonly number[], lead: () => number, show: (lead: number) => void): Playing {
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    get on() {
      return timer !== undefined;
    },
    start() {
      clearInterval(timer);
      timer = setInterval(() => {
        const all = leads();
        const next = all[(all.indexOf(lead()) + 1) % all.length];
        if (next !== undefined) show(next);
      }, INTERVAL);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
