/**
 * One sampler for all who watch: `chip --watch`, the sidebar's panel, several notebooks' pages of one kernel. It begins with the first
 * watcher and keeps an hour; when nobody watches it goes on, seldom, so that the hour is whole when somebody comes back.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { MeterSample } from '../records/energy.ts';
import { createHistory, type MonitoredCard } from '../records/monitor.ts';
import { createRemoteMeters, type RemoteLook, type RemoteMeters } from './elsewhere.ts';
import { findMeters, sampleUntil } from './sampler.ts';

/** Seconds between two looks while nobody watches. */
const REST = 15;

/** What the engine of a name on another machine answers. */
export interface RemoteAnswer {
  engine: string;
  look: RemoteLook | null;
  age: number;
}

/** Asks the engines on other machines; `request` gives what to ask the engine of a name. Those that don't answer are left out. */
export type AskElsewhere = (request: (engine: string) => object) => Promise<RemoteAnswer[]>;

export interface Monitor {
  /** Calls back after every look, at least `interval` seconds apart; what it returns ends that. */
  watch(interval: number, each: (samples: readonly MeterSample[]) => void): () => void;
  cards(): MonitoredCard[];
  /** Does anything on this machine meter power, and why not? Resolves when the meters have been found. */
  readonly power: Promise<{ powered: boolean; reason: string }>;
}

export function createMonitor(environment: NodeJS.ProcessEnv, elsewhere: AskElsewhere = async () => []): Monitor {
  const history = createHistory();
  const watchers = new Set<{ interval: number; each: (samples: readonly MeterSample[]) => void }>();
  const remotes = new Map<string, RemoteMeters>();
  const meters = findMeters(environment, new AbortController().signal);
  let waking = new AbortController();
  let running = false;

  const interval = () => Math.min(REST, ...[...watchers].map((one) => one.interval));

  const remote = (engine: string) => {
    const known = remotes.get(engine) ?? createRemoteMeters(engine);
    remotes.set(engine, known);
    return known;
  };

  async function lookElsewhere(): Promise<MeterSample[]> {
    const answers = await elsewhere((engine) => remote(engine).request(interval())).catch(() => []);
    return (await Promise.all(answers.map(({ engine, look, age }) => remote(engine).samples(look, age)))).flat();
  }

  async function run(): Promise<void> {
    await sampleUntil({
      environment,
      meters: await meters,
      interval,
      signal: new AbortController().signal,
      async each(samples) {
        const all = [...samples, ...(await lookElsewhere())];
        history.add(all);
        for (const { each } of watchers) each(all);
      },
      // It keeps no process alive, and a watcher who is in a hurry shortens a rest.
      async pause(milliseconds, least) {
        const begun = performance.now();
        await wait(milliseconds, undefined, { ref: watchers.size > 0, signal: waking.signal }).catch(() => {});
        const left = least - (performance.now() - begun);
        if (left > 0) await wait(left, undefined, { ref: watchers.size > 0 });
      },
    });
  }

  return {
    power: meters.then(({ powered, reason }) => ({ powered, reason })),
    cards: () => history.cards(),
    watch(seconds, each) {
      const watcher = { interval: seconds, each };
      watchers.add(watcher);
      waking.abort();
      waking = new AbortController();
      if (!running) {
        running = true;
        run().catch((error) => {
          running = false;
          console.error('tradewind: the meters could not be asked:', error);
        });
      }
      return () => watchers.delete(watcher);
    },
  };
}
