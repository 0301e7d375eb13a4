/**
 * What `hy-smi` (Hygon's) and `rocm-smi` (AMD's, and Hygon's under that name) print → cards.
 *
 * Asked with `--json` they answer one object a card; Hygon's puts other lines around it now and then, counts memory in MiB or bytes
 * by version, and calls the cores DCU or, later, HCU. A tool too old for `--json` prints `DCU[0] : Card Series: …` lines.
 */
import type { Card } from '../records/chips.ts';
import type { Vendor } from './catalogue.ts';

export const ROCM_ARGUMENTS = ['--showproductname', '--showmeminfo', 'vram', '--showuse', '--showpower', '--showtemp', '--json'];

export type RocmCard = Card & { vendor: Vendor };

type Facts = Map<string, string>;

export function parseRocmSmi(output: string): RocmCard[] {
  const cards = fromJson(output) ?? fromLines(output);
  return [...cards].sort(([a], [b]) => a - b).map(([index, facts]) => card(index, facts));
}

function fromJson(output: string): Map<number, Facts> | undefined {
  const start = output.search(/\{\s*"(card|system)/);
  const end = output.lastIndexOf('}');
  if (start < 0 || end < start) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(output.slice(start, end + 1));
  } catch {
    return undefined;
  }
  const cards = new Map<number, Facts>();
  for (const [key, value] of Object.entries(data as object)) {
    const index = /^card(\d{1,4})$/.exec(key)?.[1];
    if (index === undefined || typeof value !== 'object' || value === null) continue;
    cards.set(Number(index), new Map(Object.entries(value).map(([name, fact]) => [name.trim().toLowerCase(), String(fact).trim()])));
  }
  return cards;
}

function fromLines(output: string): Map<number, Facts> {
  const cards = new Map<number, Facts>();
  for (const line of output.split(/\r?\n/)) {
    const match = /^\s*(?:GPU|DCU|HCU)\[(\d{1,4})\]\s*:\s*([^:]+?)\s*:\s*(.+?)\s*$/.exec(line);
    if (!match) continue;
    const index = Number(match[1]);
    if (!cards.has(index)) cards.set(index, new Map());
    cards.get(index)!.set(match[2]!.toLowerCase(), match[3]!);
  }
  return cards;
}

function card(index: number, facts: Facts): RocmCard {
  const text = (...names: string[]) =>
    names.map((name) => facts.get(name)).find((value) => value !== undefined && value !== '' && value !== 'N/A');
  const matching = (pattern: RegExp) => [...facts].find(([name]) => pattern.test(name));
  const number = (pattern: RegExp) => {
    const value = matching(pattern)?.[1];
    return value !== undefined && /^\d+(\.\d+)?%?$/.test(value) ? Number.parseFloat(value) : undefined;
  };
  const megabytes = (pattern: RegExp) => {
    const value = number(pattern);
    return value === undefined ? undefined : /\(b\)$/.test(matching(pattern)![0]) ? Math.round(value / 2 ** 20) : value;
  };
  const series = text('card series', 'card model', 'device name');
  const maker = text('card vendor') ?? '';
  const hygon = /haiguang|hygon|c-3000/i.test(maker) || matching(/^[dh]cu use/) !== undefined || /^(Z100|K100|BW)/i.test(series ?? '');
  return {
    index,
    name: series ?? (hygon ? 'Hygon DCU' : 'AMD GPU'),
    vendor: hygon ? 'hygon' : 'amd',
    memoryTotalMB: megabytes(/^vram total memory \((b|mib)\)$/),
    memoryUsedMB: megabytes(/^vram total used memory \((b|mib)\)$/),
    utilisationPct: number(/^(gpu|dcu|hcu) use \(%\)$/),
    powerW: number(/^(average graphics|current socket graphics) package power \(w\)$/),
    temperatureC: number(/^temperature \(sensor edge\) \(c\)$/) ?? number(/^temperature \(sensor (junction|core)\) \(c\)$/),
  };
}
