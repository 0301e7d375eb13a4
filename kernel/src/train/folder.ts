/** Runs on disk: where they lie, what each is, and how far it has come. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { TradewindError } from '../records/errors.ts';
import { nearest } from '../records/nearest.ts';
import type { RunSummary } from '../records/training.ts';
import { metricsReader } from './metrics.ts';
import { createSeries, type Series } from './series.ts';
import { readStatus, type StatusFile } from './status.ts';
import { waysOf } from './ways.ts';

/** What the trainer says of itself and of where it runs. */
export interface EnvironmentFile {
  framework?: string;
  chip?: string;
  model?: string;
  parameters?: number;
  precision?: string;
  platform?: string;
  versions?: Record<string, string>;
  [key: string]: unknown;
}

/** Where runs lie: `./runs` of the working folder. */
export function runsFolder(cwd: string): string {
  return join(cwd, 'runs');
}

/** The folder of a run that is there, by its name or its path. Throws a TradewindError that names the nearest one. */
export async function findRun(word: string, cwd: string): Promise<string> {
  for (const folder of [join(runsFolder(cwd), word), resolve(cwd, word)]) {
    if (existsSync(join(folder, 'config.yaml'))) return folder;
  }
  const names = await runNames(cwd);
  const near = nearest(word, names);
  throw new TradewindError({
    code: 'input',
    message: `there is no run ${word} in ${runsFolder(cwd)}${near ? `; did you mean ${near}?` : ''}`,
    remedy: names.length ? `Runs: ${names.join(', ')}.` : 'tradewind train FILE.yaml makes one.',
  });
}

export async function runNames(cwd: string): Promise<string[]> {
  const entries = await readdir(runsFolder(cwd), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(runsFolder(cwd), entry.name, 'config.yaml')))
    .map((entry) => entry.name)
    .sort();
}

export async function readEnvironment(folder: string): Promise<EnvironmentFile> {
  try {
    return JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8'));
  } catch {
    return {};
  }
}

/** What the run's own configuration says of how its steps are computed; absent where it cannot be read. */
export async function readWays(folder: string): Promise<{ ways?: string[] }> {
  const ways = await readFile(join(folder, 'config.yaml'), 'utf8')
    .then((text) => waysOf(parse(text)))
    .catch(() => undefined);
  return ways === undefined ? {} : { ways };
}

/** All metrics that a run has written. */
export async function readSeries(folder: string): Promise<Series> {
  const series = createSeries();
  await metricsReader(folder).each((lines, restarted) => {
    if (restarted) series.clear();
    series.add(lines);
  });
  return series;
}

/** A run's summary. `status` and `series` save reading them again where they are followed. */
export async function summarise(folder: string, status?: StatusFile, series?: Series): Promise<RunSummary> {
  const environment = await readEnvironment(folder);
  const curves = series ?? (await readSeries(folder));
  const { processStart, error, ...shown } = status ??
    (await readStatus(folder)) ?? {
      state: 'lost' as const,
      step: 0,
      steps: 0,
      epoch: 0,
      epochs: 0,
      message: 'status.json is missing or damaged',
      updatedAt: new Date(0).toISOString(),
    };
  return {
    name: basename(folder),
    folder,
    framework: environment.framework ?? '?',
    chip: environment.chip ?? '?',
    model: environment.model ?? '?',
    parameters: environment.parameters,
    ...(environment.precision !== undefined && { precision: environment.precision }),
    ...(await readWays(folder)),
    status: shown,
    latest: curves.latest(),
  };
}
