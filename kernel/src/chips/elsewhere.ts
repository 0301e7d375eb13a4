/** The meters of another machine: its engine runs the drivers' tools there (engine/meters.py), and their output is read here as everywhere. */
import type { Card } from '../records/chips.ts';
import type { MeterSample } from '../records/energy.ts';
import type { Vendor } from './catalogue.ts';
import { type ReportedCard, TOOLS } from './tools.ts';

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
  const counters = new Map<number, { last: number; turned: number }>();
  let read = 0;

  async function cardsOf(look: RemoteLook, tool: (typeof TOOLS)[number]): Promise<ReportedCard[]> {
    const answer = (words: readonly string[]) =>
      look.answers.find((one) => one.tool === tool.name && one.words.join(' ') === words.join(' '))?.output;
    const output = answer(tool.arguments);
    if (output === undefined) return [];
    const cards = tool.parse(output).map((card) => ({ ...card, vendor: card.vendor ?? tool.vendors[0]! }));
    if (!tool.complete) return cards;
    return tool.complete(cards, async (words) => {
      more.set(`${tool.name} ${words.join(' ')}`, { tool: tool.name, words, places: tool.places });
      return answer(words) ?? '';
    });
  }

  /** A counter that never goes back, in joules. */
  function joules({ index, microjoules, range }: RemoteLook['rapl'][number]): number {
    const counter = counters.get(index) ?? { last: microjoules, turned: 0 };
    counters.set(index, counter);
    if (microjoules < counter.last) counter.turned += range;
    counter.last = microjoules;
    return (microjoules + counter.turned) / 1e6;
  }

  return {
    request: (interval) => ({
      commands: [...TOOLS.map((tool) => ({ tool: tool.name, words: tool.arguments, places: tool.places })), ...more.values()],
      interval,
    }),
    async samples(look, age) {
      if (!look || look.number === read) return [];
      read = look.number;
      const time = Date.now() / 1000 - age;
      const samples: MeterSample[] = [];
      const heard = new Set<Vendor>();
      for (const tool of TOOLS) {
        const cards = (await cardsOf(look, tool)).filter((card) => !heard.has(card.vendor));
        for (const card of cards) heard.add(card.vendor);
        for (const { index, name, powerW, vendor: _, ...card } of cards)
          samples.push({ time, place, meter: tool.name, card: index, name, watts: powerW, ...card });
      }
      for (const zone of look.rapl) samples.push({ time, place, meter: 'rapl', card: zone.index, name: zone.name, joules: joules(zone) });
      return [...samples, { time, place, meter: 'host', card: 0, ...look.host }];
    },
  };
}
