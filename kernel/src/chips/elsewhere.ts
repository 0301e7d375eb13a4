/** The meters of another machine: its engine runs the drivers' tools there (engine/meters.py), and their output is read here as everywhere. */
import type { Card } from '../records/chips.ts';
import type { MeterSample } from '../records/energy.ts';
import type { Vendor } from './catalogue.ts';
import { energyCounter } from './rapl.ts';
import { cardSamples } from './sampler.ts';
import { cardsOf, type ReportedCard, TOOLS } from './tools.ts';

interface Command {
  tool: string;
  words: readonly string[];
  places: readonly string[];
}

/** One look of an engine's machine, as `engine/meters.py` gives it. */
export interface RemoteLook {
  number: number;
  answers: { tool: string; words: string[]; output: string }[];
  host: Pick<Card, 'name' | 'utilisationPct' | 'memoryUsedMB' | 'memoryTotalMB'>;
  rapl: { index: number; name: string; microjoules: number; range: number }[];
}

export interface RemoteMeters {
  /** What the engine is asked. */
  request(interval: number): { commands: Command[]; interval: number };
  /** The samples of a look that was made `age` seconds ago; none of a look that was read already. */
  samples(look: RemoteLook | null, age: number): Promise<MeterSample[]>;
}

/** `place` is the engine's name, as its samples carry it. */
export function createRemoteMeters(place: string): RemoteMeters {
  /** Questions that an answer gave rise to (a card's own figures): asked from the next look on. */
  const more = new Map<string, Command>();
  const counters = new Map<number, (microjoules: number) => number>();
  let read = 0;

  async function cardsIn(look: RemoteLook, tool: (typeof TOOLS)[number]): Promise<ReportedCard[]> {
    const answer = (words: readonly string[]) =>
      look.answers.find((one) => one.tool === tool.name && one.words.join(' ') === words.join(' '))?.output;
    const output = answer(tool.arguments);
    if (output === undefined) return [];
    return cardsOf(tool, output, async (words) => {
      more.set(`${tool.name} ${words.join(' ')}`, { tool: tool.name, words, places: tool.places });
      return answer(words) ?? '';
    });
  }

  function joules({ index, microjoules, range }: RemoteLook['rapl'][number]): number {
    const counter = counters.get(index) ?? energyCounter(range);
    counters.set(index, counter);
    return counter(microjoules);
  }

  return {
    request: (interval) => ({
      commands: [...TOOLS.map((tool) => ({ tool: tool.name, words: tool.arguments, places: tool.places })), ...more.values()],
      interval,
    }),
    async samples(look, age) {
      if (!look || look.number === read) return [];
      read = look.number;
      const where = { time: Date.now() / 1000 - age, place };
      const samples: MeterSample[] = [];
      const heard = new Set<Vendor>();
      for (const tool of TOOLS) {
        const cards = (await cardsIn(look, tool)).filter((card) => !heard.has(card.vendor));
        for (const card of cards) heard.add(card.vendor);
        samples.push(...cardSamples(tool.name, cards, where));
      }
      for (const zone of look.rapl) samples.push({ ...where, meter: 'rapl', card: zone.index, name: zone.name, joules: joules(zone) });
      return [...samples, { ...where, meter: 'host', card: 0, ...look.host }];
    },
  };
}
