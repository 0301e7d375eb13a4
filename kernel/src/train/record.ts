/** Runs as the record that the loss widget draws. */
import { dirname } from 'node:path';
import type { RunCurves, TrainingRecord } from '../records/training.ts';
import { readEnvironment, readSeries, summarise } from './folder.ts';
import type { Watched } from './follow.ts';
import { readEffects, readOptimised } from './optimised.ts';
import { readConfiguration } from './outcome.ts';
import type { Series } from './series.ts';
import { readStatus } from './status.ts';

/** The parts of a TrainingRecord that the folder knows. */
export type TrainingFacts = RunCurves & Pick<TrainingRecord, 'environment' | 'optimisations' | 'others'>;

/** Reads the folder and those of the runs that are drawn over it; `watched` saves reading again what is followed. */
export async function trainingFacts(folder: string, watched?: Watched, others: readonly string[] = []): Promise<TrainingFacts> {
  const environment = await readEnvironment(folder);
  const runs = 1 + others.length;
  return {
    ...(await runCurves(folder, runs, watched)),
    ...(await optimised(folder)),
    ...(others.length > 0 && { others: await Promise.all(others.map((one) => runCurves(one, runs))) }),
    environment: {
      chip: environment.chip ?? '?',
      framework: environment.framework,
      platform: environment.platform ?? `${process.platform} ${process.arch}`,
      versions: environment.versions ?? {},
    },
  };
}

/** What the run was optimised by, with what has been measured of the same training since. */
async function optimised(folder: string): Promise<Pick<TrainingRecord, 'optimisations'>> {
  const file = await readOptimised(folder);
  if (!file || file.applied.length === 0) return {};
  const effects = await readEffects(dirname(folder), await readConfiguration(folder));
  return { optimisations: file.applied.map((one) => ({ ...one, ...(effects[one.name] && { effect: effects[one.name] }) })) };
}

/** One run, with curves short enough for a record that holds `runs` of them; `known`: what was read of it already. */
export async function runCurves(folder: string, runs: number, known?: { status?: Watched['status']; series: Series }): Promise<RunCurves> {
  const status = known ? known.status : await readStatus(folder);
  const series = known?.series ?? (await readSeries(folder));
  const error = status?.state === 'failed' ? status.error : undefined;
  return {
    run: await summarise(folder, status, series),
    series: series.decimated(runs),
    fault: error && [error.message, error.details, error.remedy].filter(Boolean).join(' — '),
  };
}
