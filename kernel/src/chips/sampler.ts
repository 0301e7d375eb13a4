/**
 * Asks the meters that are here again and again: the drivers' tools, RAPL, and the system for the processor's use and memory. A tool is a
 * process each time, so the pause between two looks is as long as it must be for the whole to cost less than one per cent of a core.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { MeterSample } from '../records/energy.ts';
import { processor } from './processor.ts';
import { type RaplZone, raplCounter, raplZones } from './rapl.ts';
import { presentTools, type ReportedCard } from './tools.ts';

/** The part of a core that sampling may take. */
const BUDGET = 0.01;

export interface Meters {
  /** One look at everything. Times are of the answers. */
  look(signal: AbortSignal): Promise<MeterSample[]>;
  /** Has anything here a meter of power or energy? */
  powered: boolean;
  /** Why there is none, where there is none. */
  reason: string;
}

/** Finds the meters that are here; a tool that answered with no card is not asked again. */
export async function findMeters(environment: NodeJS.ProcessEnv, signal: AbortSignal, powercap?: string): Promise<Meters> {
  const [tools, { zones, refused }] = await Promise.all([presentTools(environment, signal), raplZones(powercap)]);
  const counters = zones.map((zone) => ({ zone, read: raplCounter(zone) }));
  const use = processorUse();
  const powered = zones.length > 0 || tools.some((tool) => tool.first.some((card) => card.powerW !== undefined));
  const spoken = tools.map((tool) => `${tool.name} tells no power`);
  return {
    powered,
    reason: [
      tools.length === 0 ? 'no accelerator’s tool reported a card' : spoken.join('; '),
      refused ? `RAPL cannot be read (${refused})` : 'this processor shows no RAPL meter',
    ].join('; '),
    async look(one) {
      const cards = await Promise.all(tools.map(async (tool) => cardSamples(tool.name, await tool.ask(one))));
      return [...cards.flat(), ...(await Promise.all(counters.map(({ zone, read }) => raplSample(zone, read)))), hostSample(use())];
    },
  };
}

/** What a tool told of its cards, as samples; `where` when and on which machine (this one where no place is given). */
export function cardSamples(
  meter: string,
  cards: readonly ReportedCard[],
  where: Pick<MeterSample, 'time' | 'place'> = { time: Date.now() / 1000 },
): MeterSample[] {
  return cards.map(({ index, name, powerW, vendor: _, ...card }) => ({ ...where, meter, card: index, name, watts: powerW, ...card }));
}

async function raplSample(zone: RaplZone, read: () => Promise<number>): Promise<MeterSample> {
  const joules = await read();
  return { time: Date.now() / 1000, meter: 'rapl', card: zone.index, name: zone.name, joules };
}

function hostSample(utilisationPct: number | undefined): MeterSample {
  const { name, memoryUsedMB, memoryTotalMB } = processor();
  return { time: Date.now() / 1000, meter: 'host', card: 0, name, utilisationPct, memoryUsedMB, memoryTotalMB };
}

/** The processor's use in per cent since the last call; undefined at the first. */
function processorUse(): () => number | undefined {
  const total = () =>
    cpus().reduce((sum, { times }) => ({ idle: sum.idle + times.idle, all: sum.all + Object.values(times).reduce((a, b) => a + b, 0) }), {
      idle: 0,
      all: 0,
    });
  let before: ReturnType<typeof total> | undefined;
  return () => {
    const now = total();
    const [idle, all] = before ? [now.idle - before.idle, now.all - before.all] : [0, 0];
    before = now;
    return all > 0 ? Math.round(1000 * (1 - idle / all)) / 10 : undefined;
  };
}

/** Seconds of processor time that this process's children took which have ended (fields 16 and 17 of proc_pid_stat, in ticks of 10 ms). */
function childrenSeconds(): number | undefined {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\)\s/s, '')
      .split(' ');
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return undefined;
  }
}

export interface SamplingOptions {
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Seconds between two looks, at least. */
  interval: number | (() => number);
  each(samples: MeterSample[]): void | Promise<void>;
  meters?: Meters;
  /** Waits so many milliseconds, `least` of them in any case (what the looks cost asks for these); without it the signal ends the wait. */
  pause?(milliseconds: number, least: number): Promise<void>;
}

/** What the meters say while `run` is under way: its answer, and the samples from before its beginning to after its end. */
export async function sampledWhile<T>(
  options: Omit<SamplingOptions, 'signal' | 'each'>,
  run: () => Promise<T>,
): Promise<{ answer: T; samples: MeterSample[] }> {
  const samples: MeterSample[] = [];
  const done = new AbortController();
  const sampling = sampleUntil({ ...options, signal: done.signal, each: (some) => void samples.push(...some) });
  try {
    return { answer: await run(), samples };
  } finally {
    done.abort();
    await sampling;
  }
}

/** Looks until `signal` ends it; resolves then, after a last look that closes the integral. */
export async function sampleUntil({ environment, signal, interval, each, meters, pause }: SamplingOptions): Promise<void> {
  const open = new AbortController();
  const found = meters ?? (await findMeters(environment, open.signal));
  while (!signal.aborted) {
    const [before, began] = [childrenSeconds(), performance.now()];
    await each(await found.look(open.signal));
    const after = childrenSeconds();
    const took = (performance.now() - began) / 1000;
    // Where the system does not tell what the tools cost, all the time that they took is counted.
    const cost = before !== undefined && after !== undefined ? after - before : took;
    const least = (1000 * cost) / BUDGET;
    const whole = Math.max(1000 * ((typeof interval === 'number' ? interval : interval()) - took), least);
    await (pause ? pause(whole, least) : wait(whole, undefined, { signal }).catch(() => {}));
  }
  await each(await found.look(open.signal));
}
