/** What a finished run came to: epochs and their seconds, speed, scores of its best epoch, memory. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { TradewindError } from '../records/errors.ts';
import type { ProtocolTraining } from '../records/protocol.ts';
import type { MetricsLine } from '../records/training.ts';
import { readEnvironment } from './folder.ts';
import { metricsReader } from './metrics.ts';
import { createSeries, thinned } from './series.ts';

/** The curves in the record of several runs, and the points of each. */
const CURVES = ['loss', 'validation_loss'];
const POINTS = 200;

export const middle = (values: readonly number[], share = 0.5): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
};

export interface RunConfiguration {
  chip: string;
  framework: ProtocolTraining['framework'];
  precision: string;
  seed: number;
  model: { class: string; source?: string; arguments: Record<string, unknown> };
  training: Record<string, unknown> & { batch: number };
  optimizer: Record<string, unknown>;
  loss: Record<string, unknown>;
  convergence?: Record<string, unknown>;
  workers: { count: number };
}

export async function readConfiguration(folder: string): Promise<RunConfiguration> {
  return parse(await readFile(join(folder, 'config.yaml'), 'utf8'));
}

/** The run as a row of the paper's tables. Throws a TradewindError where it has no whole epoch. */
export async function outcomeOf(folder: string, name: string): Promise<Omit<ProtocolTraining, 'forecast' | 'watts' | 'meter'>> {
  const [config, environment, { lines }] = await Promise.all([
    readConfiguration(folder),
    readEnvironment(folder),
    metricsReader(folder).next(),
  ]);
  const ends = epochEnds(lines);
  const best = ends.reduce<MetricsLine | undefined>(
    (found, line) => ((line.validation_loss ?? Infinity) < (found?.validation_loss ?? Infinity) ? line : found),
    undefined,
  );
  if (!best) {
    throw new TradewindError({
      code: 'input',
      message: `${name} has no validated epoch`,
      remedy: 'Give data.validation a part of the days.',
    });
  }
  const seconds = ends.map((line, at) => line.time - (ends[at - 1]?.time ?? 0));
  const steady = seconds.length > 1 ? seconds.slice(1) : seconds;
  const epochSeconds = middle(steady);
  const steps = lines.filter((line) => line.epoch === ends[0]!.epoch).length;
  const series = createSeries();
  series.add(lines);
  const scores = (kind: string) =>
    Object.fromEntries(
      Object.entries(best)
        .filter(([key]) => key.startsWith(`validation_${kind}_`))
        .map(([key, value]) => [key.slice(`validation_${kind}_`.length), value]),
    );
  const versions = (environment.versions ?? {}) as Record<string, string>;
  const memory = environment.memory as { peak?: number } | undefined;
  return {
    run: name,
    chip: config.chip,
    framework: config.framework,
    precision: config.precision,
    device: String(environment.device ?? '?'),
    version: versions[config.framework === 'pytorch' ? 'torch' : 'mindspore'] ?? '?',
    workers: config.workers.count,
    batch: config.training.batch,
    epochs: ends.length,
    converged: environment.converged !== undefined,
    epochSeconds,
    firstEpochSeconds: seconds[0]!,
    totalSeconds: ends.at(-1)!.time,
    samplesPerSecond: (steps * config.training.batch) / epochSeconds,
    memoryPeak: memory?.peak,
    validationLoss: best.validation_loss!,
    rmse: scores('rmse'),
    acc: scores('acc'),
    series: CURVES.flatMap((curve) => {
      const found = series.curve(curve);
      return found ? [thinned(curve, found, POINTS)] : [];
    }),
  };
}

/** The last line of each epoch that was validated. */
function epochEnds(lines: readonly MetricsLine[]): MetricsLine[] {
  return lines.filter((line) => line.validation_loss !== undefined);
}
