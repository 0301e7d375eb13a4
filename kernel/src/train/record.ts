/** A run as the record that the loss widget draws. */
import type { TrainingRecord } from '../records/training.ts';
import { readEnvironment, summarise } from './folder.ts';
import type { Watched } from './follow.ts';
import { metricsReader } from './metrics.ts';
import { createSeries } from './series.ts';
import { readStatus } from './status.ts';

/** The parts of a TrainingRecord that the folder knows. */
export type TrainingFacts = Pick<TrainingRecord, 'run' | 'series' | 'fault'> & Pick<TrainingRecord, 'environment'>;

/** Reads the folder; `watched` saves reading again what is followed. */
export async function trainingFacts(folder: string, watched?: Watched): Promise<TrainingFacts> {
  const status = watched ? watched.status : await readStatus(folder);
  let series = watched?.series;
  if (!series) {
    series = createSeries();
    series.add((await metricsReader(folder).next()).lines);
  }
  const environment = await readEnvironment(folder);
  const error = status?.state === 'failed' ? status.error : undefined;
  return {
    run: await summarise(folder, status, series),
    series: series.decimated(),
    fault: error && [error.message, error.details, error.remedy].filter(Boolean).join(' — '),
    environment: {
      chip: environment.chip ?? '?',
      framework: environment.framework,
      platform: environment.platform ?? `${process.platform} ${process.arch}`,
      versions: environment.versions ?? {},
    },
  };
}
