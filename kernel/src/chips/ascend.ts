/**
 * What `npu-smi info` prints → cards. A card has two rows: the NPU's (name, health, power, temperature) and its chip's (bus, use of the
 * cores, memory). The newer tools print HBM beside the general memory, the older (and cards without HBM) only `Memory-Usage(MB)`;
 * a card with several chips (`Ascend910` of the A3 series) has one pair of rows a chip, the power only in the first.
 */
import type { Card } from '../records/chips.ts';

const USAGE = /(\d+)\s*\/\s*(\d+)/g;

export function parseNpuSmi(output: string): Card[] {
  const cards: Card[] = [];
  let open: (Card & { npu: string }) | undefined;
  for (const line of output.split(/\r?\n/)) {
    if (!line.includes('|')) continue;
    const cells = line
      .trim()
      .replace(/^\|/, '')
      .replace(/\|$/, '')
      .split('|')
      .map((cell) => cell.trim());
    // The table of processes has four columns and another meaning.
    if (cells.length !== 3 || /^(NPU|Chip)\b/.test(cells[0]!)) {
      open = undefined;
      continue;
    }
    const [first, second, third] = cells as [string, string, string];
    if (/^[0-9A-Fa-f]{4}:[0-9A-Fa-fxX]{2}:/.test(second)) {
      if (!open) continue;
      const chip = /^(\d+)(?:\s+(\d+))?/.exec(first);
      const usages = [...third.matchAll(USAGE)].map((match) => [Number(match[1]), Number(match[2])] as const);
      // HBM is the last pair; cards without it have one pair, and a pair of zeros says that there is none of that kind.
      const [used, total] = usages.findLast(([, all]) => all > 0) ?? [];
      const { npu, ...card } = open;
      cards.push({
        ...card,
        index: chip?.[2] !== undefined ? Number(chip[2]) : Number(npu),
        memoryUsedMB: used,
        memoryTotalMB: total,
        utilisationPct: number(/^\s*(\d+(?:\.\d+)?)/.exec(third)?.[1]),
      });
      open = undefined;
      continue;
    }
    const named = /^(\d+)\s+(\S.*)$/.exec(first);
    if (!named) {
      open = undefined;
      continue;
    }
    const [power, temperature] = third.split(/\s+/);
    open = { npu: named[1]!, index: Number(named[1]), name: named[2]!.trim(), powerW: number(power), temperatureC: number(temperature) };
  }
  return distinct(cards);
}

/** Older tools print no physical number: then a second chip of the same card is counted on. */
function distinct(cards: Card[]): Card[] {
  const seen = new Set<number>();
  return cards.map((card) => {
    let index = card.index;
    while (seen.has(index)) index++;
    seen.add(index);
    return { ...card, index };
  });
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
