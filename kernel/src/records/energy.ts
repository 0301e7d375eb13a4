/** Energy as records and as arithmetic: what a meter said over time → joules, mean watts, and throughput per watt (formula 3 of the paper). */

import type { PaperEnergy } from './paper.ts';
import type { BaseRecord } from './record.ts';

/** What one meter said of one card at one moment: a line of `energy.jsonl`. */
export interface MeterSample {
  /** Seconds since 1970. */
  time: number;
  /** The engine whose machine it is; absent for the kernel's own. */
  place?: string;
  /** `nvidia-smi`, `npu-smi`, `hy-smi`, `rocm-smi`, `rapl`, `host`. */
  meter: string;
  card: number;
  name: string;
  watts?: number;
  /** A counter of energy used since some moment; where there is one it is believed rather than watts. */
  joules?: number;
  utilisationPct?: number;
  memoryUsedMB?: number;
  memoryTotalMB?: number;
  temperatureC?: number;
}

export interface EnergyUse {
  /** Of all cards together. */
  joules: number;
  /** From the first to the last sample. */
  seconds: number;
  watts: number;
  cards: number;
  meter: string;
  samples: number;
}

/** One card's joules between its first and last sample: the counter's difference, else watts by the trapezium rule over the samples' own times. */
export function joulesOf(samples: readonly MeterSample[]): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return 0;
  if (first.joules !== undefined && last.joules !== undefined) return last.joules - first.joules;
  let sum = 0;
  for (let at = 1; at < samples.length; at++) {
    const [before, after] = [samples[at - 1]!, samples[at]!];
    sum += ((before.watts! + after.watts!) / 2) * (after.time - before.time);
  }
  return sum;
}

/**
 * What was used, by the meter of the chip that computed: an accelerator's tool where it gave power, else RAPL. Undefined where no meter gave two
 * readings of power or energy: no meter, no number.
 */
export function energyUse(samples: readonly MeterSample[]): EnergyUse | undefined {
  const byMeter = new Map<string, Map<number, MeterSample[]>>();
  for (const sample of samples) {
    if (sample.watts === undefined && sample.joules === undefined) continue;
    const cards = byMeter.get(sample.meter) ?? new Map<number, MeterSample[]>();
    byMeter.set(sample.meter, cards);
    cards.set(sample.card, [...(cards.get(sample.card) ?? []), sample]);
  }
  const meter = [...byMeter.keys()].sort((a, b) => Number(a === 'rapl') - Number(b === 'rapl'))[0];
  if (meter === undefined) return undefined;
  const cards = [...byMeter.get(meter)!.values()].map((one) => [...one].sort((a, b) => a.time - b.time)).filter((one) => one.length > 1);
  if (cards.length === 0) return undefined;
  const seconds = Math.max(...cards.map((one) => one.at(-1)!.time)) - Math.min(...cards.map((one) => one[0]!.time));
  if (seconds <= 0) return undefined;
  const joules = cards.reduce((sum, one) => sum + joulesOf(one), 0);
  return { joules, seconds, watts: joules / seconds, cards: cards.length, meter, samples: cards.reduce((sum, one) => sum + one.length, 0) };
}

/** The paper's formula (3): energy efficiency is throughput over power. */
export function throughputPerWatt(throughput: number, watts: number): number {
  return throughput / watts;
}

/** A measured row: a training, a benchmark or a cell. */
export interface MeasuredEnergy {
  name: string;
  /** `training`, `cell`. */
  what: string;
  chip: string;
  framework?: string;
  use: EnergyUse;
  /** Units a second (samples, steps), where something was counted. */
  throughput?: number;
  unit?: string;
  perWatt?: number;
  /** Per cent of the base's. */
  relative?: number;
}

export interface EnergyRecord extends BaseRecord<'energy'> {
  /** The measured row that is 100, and the paper's. */
  base?: string;
  paperBase: string;
  measured: MeasuredEnergy[];
  /** Table S1, its efficiencies relative to `paperBase`. */
  paper: PaperEnergy[];
  /** What gave no number, and why. */
  without: { name: string; reason: string }[];
  /** A cell's own: how long it ran, and the most memory that each card held, and the engine's own process. */
  cell?: { seconds: number; peaks: { name: string; memoryMB: number }[] };
}

/** Table S1 with another chip as 100. Throws a RangeError where it has no such chip. */
export function relativeTo(base: string, rows: readonly PaperEnergy[]): PaperEnergy[] {
  const one = rows.find((row) => row.chip === base);
  if (!one) throw new RangeError(base);
  return rows.map((row) => ({
    ...row,
    trainingEfficiency: (100 * row.trainingEfficiency) / one.trainingEfficiency,
    forecastEfficiency: (100 * row.forecastEfficiency) / one.forecastEfficiency,
  }));
}
