/** `chip --watch`: what every card says, drawn again and again until it is interrupted. */
import { sampleUntil } from '../chips/index.ts';
import { createHistory, type MonitorRecord } from '../records/monitor.ts';
import { baseRecord } from './base.ts';
import type { CommandContext, LiveDisplay } from './command.ts';

/** Watches for `seconds`, or until the user stops it; the record is the last picture. */
export async function watch(context: CommandContext, interval: number, seconds: number | undefined): Promise<MonitorRecord> {
  const history = createHistory();
  const signal = seconds === undefined ? context.signal : AbortSignal.any([context.signal, AbortSignal.timeout(seconds * 1000)]);
  let live: LiveDisplay | undefined;
  const record = (): MonitorRecord => ({ ...baseRecord('monitor', context), cards: history.cards() });
  await sampleUntil({
    environment: context.environment,
    interval,
    signal,
    each(samples) {
      history.add(samples);
      if (live) live.update(record());
      else live = context.show(record());
    },
  });
  return record();
}
