/** The record of `chip --watch`: what every card and the processor say now, and how the last hour was. */
import type { MeterSample } from './energy.ts';
import type { BaseRecord } from './record.ts';

/** What of a sample is kept over the hour. */
export const SERIES = ['utilisationPct', 'memoryUsedMB', 'watts', 'temperatureC'] as const;
export type Series = (typeof SERIES)[number];

export interface MonitoredCard {
  /** The engine whose machine it is; absent for the kernel's own. */
  place?: string;
  meter: string;
  card: number;
  name: string;
  /** The newest word of the meter. */
  now: MeterSample;
  /** The last hour, thinned; null where the meter told nothing. Records of before have no watts and temperatures. */
  history: { time: number[]; utilisationPct: (number | null)[]; memoryUsedMB: (number | null)[] } & Partial<
    Record<Series, (number | null)[]>
  >;
}

export interface MonitorRecord extends BaseRecord<'monitor'> {
  cards: MonitoredCard[];
}

const HOUR = 3600;
const POINTS = 120;

export interface History {
  add(samples: readonly MeterSample[]): void;
  cards(): MonitoredCard[];
}

/** Keeps an hour of samples, a card each; `before` is what another one kept. */
export function createHistory(before: readonly MonitoredCard[] = []): History {
  const kept = new Map<string, MeterSample[]>();

  function add(samples: readonly MeterSample[]): void {
    for (const sample of samples) {
      const key = `${sample.place ?? ''} ${sample.meter} ${sample.card}`;
      const all = kept.get(key) ?? [];
      kept.set(key, all);
      all.push(withWatts(sample, all.at(-1)));
      while (all[0]!.time < sample.time - HOUR) all.shift();
    }
  }

  for (const { now, history } of before) {
    add(
      history.time.map((time, at) => ({
        ...now,
        ...Object.fromEntries(SERIES.map((one) => [one, history[one]?.[at] ?? undefined])),
        time,
      })),
    );
  }
  return {
    add,
    cards: () =>
      [...kept.values()].map((all) => {
        const step = Math.ceil(all.length / POINTS);
        // The newest is always among them.
        const thin = all.filter((_, at) => (all.length - 1 - at) % step === 0);
        const series = (name: Series) => thin.map((one) => one[name] ?? null);
        const { place, meter, card, name } = all[0]!;
        return {
          ...{ ...(place !== undefined && { place }), meter, card, name, now: all.at(-1)! },
          history: {
            time: thin.map((one) => one.time),
            utilisationPct: series('utilisationPct'),
            memoryUsedMB: series('memoryUsedMB'),
            watts: series('watts'),
            temperatureC: series('temperatureC'),
          },
        };
      }),
  };
}

/** A counter of energy tells power by its growth since the sample before. */
function withWatts(sample: MeterSample, last: MeterSample | undefined): MeterSample {
  if (sample.watts !== undefined || sample.joules === undefined || last?.joules === undefined || sample.time <= last.time) return sample;
  return { ...sample, watts: Math.round((10 * (sample.joules - last.joules)) / (sample.time - last.time)) / 10 };
}
