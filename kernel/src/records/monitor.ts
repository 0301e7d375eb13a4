/** The record of `chip --watch`: what every card and the processor say now, and how the last hour was. */
import type { MeterSample } from './energy.ts';
import type { BaseRecord } from './record.ts';

export interface MonitoredCard {
  meter: string;
  card: number;
  name: string;
  /** The newest word of the meter. */
  now: MeterSample;
  /** Per cent busy and MB in use over the last hour, thinned; null where the meter told nothing. */
  history: { time: number[]; utilisationPct: (number | null)[]; memoryUsedMB: (number | null)[] };
}

export interface MonitorRecord extends BaseRecord<'monitor'> {
  cards: MonitoredCard[];
}

const HOUR = 3600;
const POINTS = 120;

/** Keeps an hour of samples, a card each. */
export function createHistory(): { add(samples: readonly MeterSample[]): void; cards(): MonitoredCard[] } {
  const kept = new Map<string, MeterSample[]>();
  return {
    add(samples) {
      for (const sample of samples) {
        const key = `${sample.meter} ${sample.card}`;
        const all = kept.get(key) ?? [];
        kept.set(key, all);
        all.push(sample);
        while (all[0]!.time < sample.time - HOUR) all.shift();
      }
    },
    cards: () =>
      [...kept.values()].map((all) => {
        const step = Math.ceil(all.length / POINTS);
        // The newest is always among them.
        const thin = all.filter((_, at) => (all.length - 1 - at) % step === 0);
        const { meter, card, name } = all[0]!;
        return {
          ...{ meter, card, name, now: all.at(-1)! },
          history: {
            time: thin.map((one) => one.time),
            utilisationPct: thin.map((one) => one.utilisationPct ?? null),
            memoryUsedMB: thin.map((one) => one.memoryUsedMB ?? null),
          },
        };
      }),
  };
}
