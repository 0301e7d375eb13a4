/** `chip --watch`: what every card says, drawn again and again until it is interrupted. */
import type { MonitorRecord } from '../records/monitor.ts';
import { baseRecord } from './base.ts';
import type { CommandContext, LiveDisplay } from './command.ts';
import { monitorOf } from './monitors.ts';

/** Watches for `seconds`, or until the user stops it; the record is the last picture. */
export async function watch(context: CommandContext, interval: number, seconds: number | undefined): Promise<MonitorRecord> {
  const monitor = monitorOf(context);
  const signal = seconds === undefined ? context.signal : AbortSignal.any([context.signal, AbortSignal.timeout(seconds * 1000)]);
  let live: LiveDisplay | undefined;
  const record = (): MonitorRecord => ({ ...baseRecord('monitor', context), cards: monitor.cards() });
  const stop = monitor.watch(Math.max(0.1, interval), () => {
    if (live) live.update(record());
    else live = context.show(record());
  });
  try {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    stop();
  }
  return record();
}
