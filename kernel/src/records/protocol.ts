/** The record of `protocol`: the same training on every engine that is here, in full and mixed precision, beside the paper's rows. */
import type { Framework } from './chips.ts';
import { ACCURACY_CLAIM } from './claims.ts';
import type { BaseRecord } from './record.ts';
import type { TrainingRecord } from './training.ts';

export interface ProtocolTraining {
  run: string;
  chip: string;
  framework: Framework;
  precision: string;
  /** What the device said of itself. */
  device: string;
  version: string;
  workers: number;
  batch: number;
  /** Epochs until the loss was stable, or that were allowed. */
  epochs: number;
  converged: boolean;
  /** Median of the epochs after the first, validation included; the first apart, as graphs are compiled in it. */
  epochSeconds: number;
  firstEpochSeconds: number;
  totalSeconds: number;
  samplesPerSecond: number;
  /** Bytes: of the device's allocator, or of the process on a CPU. */
  memoryPeak?: number;
  /** Mean watts while it trained, where a meter is. */
  watts?: number;
  meter?: string;
  /** The best epoch's. */
  validationLoss: number;
  rmse: Record<string, number>;
  acc: Record<string, number>;
  /** Seconds a forecast step on one card: median and middle half. */
  forecast?: { median: number; low: number; high: number; steps: number; first: number };
  series: TrainingRecord['series'];
}

/** One training against another: per cent that its RMSE is larger, by variable. */
export interface ProtocolDeviation {
  what: 'mixed against full' | 'engine against engine';
  run: string;
  against: string;
  rmsePct: Record<string, number>;
  passed: boolean;
}

export interface ProtocolRecord extends BaseRecord<'protocol'> {
  file: string;
  model: string;
  parameters: number;
  seed: number;
  /** The hyperparameters that all runs share, as `key: value`. */
  settings: Record<string, string>;
  /** The paper's AI-GOMS at its published size and batch: only then its rows can be compared. */
  published: boolean;
  trainings: ProtocolTraining[];
  without: { name: string; reason: string }[];
  deviations: ProtocolDeviation[];
}

/** Mixed precision against full on each engine, and each engine against the first, in full precision; more than the paper's 5 % worse fails. */
export function deviations(trainings: readonly ProtocolTraining[]): ProtocolDeviation[] {
  const full = trainings.filter((one) => one.precision === 'full');
  const pairs: [ProtocolDeviation['what'], ProtocolTraining, ProtocolTraining][] = [];
  for (const one of trainings) {
    if (one.precision === 'full') continue;
    const other = full.find(({ chip, framework }) => chip === one.chip && framework === one.framework);
    if (other) pairs.push(['mixed against full', one, other]);
  }
  for (const one of full.slice(1)) pairs.push(['engine against engine', one, full[0]!]);
  return pairs.map(([what, one, other]) => {
    const rmsePct = Object.fromEntries(
      Object.entries(one.rmse)
        .filter(([name]) => other.rmse[name] !== undefined)
        .map(([name, value]) => [name, (100 * (value - other.rmse[name]!)) / other.rmse[name]!]),
    );
    const values = Object.values(rmsePct);
    return {
      what,
      run: one.run,
      against: other.run,
      rmsePct,
      passed: values.length > 0 && values.every((pct) => pct <= ACCURACY_CLAIM.deviationPct),
    };
  });
}
