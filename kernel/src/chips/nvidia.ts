/** What `nvidia-smi --query-gpu=… --format=csv,noheader,nounits` prints → cards. */
import type { Card } from '../records/chips.ts';

const FIELDS = ['index', 'name', 'memory.total', 'memory.used', 'utilization.gpu', 'power.draw', 'temperature.gpu'] as const;

export const NVIDIA_ARGUMENTS = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];

/** A figure, with or without its unit; `[N/A]`, `[Not Supported]`, `[Unknown Error]` … are no figure. */
export function figure(text: string | undefined): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(?:MiB|MB|%|W|C|c)?\s*$/.exec(text ?? '');
  return match ? Number(match[1]) : undefined;
}

/** One card a line; a name may hold commas, so fields are counted from both ends. What is no card's line is passed over. */
export function parseNvidiaSmi(output: string): Card[] {
  const cards: Card[] = [];
  for (const line of output.split(/\r?\n/)) {
    const parts = line.split(',').map((part) => part.trim());
    if (parts.length < FIELDS.length) continue;
    const [index, ...rest] = parts;
    const [memoryTotal, memoryUsed, utilisation, power, temperature] = rest.slice(-5);
    const name = rest.slice(0, -5).join(', ');
    if (!/^\d{1,4}$/.test(index!) || name === '' || /^\[.*\]$/.test(name)) continue;
    cards.push({
      index: Number(index),
      name,
      memoryTotalMB: figure(memoryTotal),
      memoryUsedMB: figure(memoryUsed),
      utilisationPct: figure(utilisation),
      powerW: figure(power),
      temperatureC: figure(temperature),
    });
  }
  return cards;
}
