/** Samples on disk: `energy.jsonl`, a line a sample, written beside a run while its process lives; and reading it again. */
import { spawn } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive } from '../processes/alive.ts';
import { rootFolder } from '../processes/places.ts';
import type { MeterSample } from '../records/energy.ts';
import { findMeters, sampleUntil } from './sampler.ts';

export const ENERGY_FILE = 'energy.jsonl';

/** Appends what the meters say to `file` until `signal`, or until the process `pid` is gone. */
export async function record(
  file: string,
  pid: number | undefined,
  interval: number,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<number> {
  const gone = new AbortController();
  const until = AbortSignal.any([signal, gone.signal]);
  if (pid !== undefined) void watch(pid, gone, until);
  let count = 0;
  await sampleUntil({
    environment,
    interval,
    signal: until,
    async each(samples) {
      count += samples.length;
      await appendFile(file, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
    },
  });
  return count;
}

async function watch(pid: number, gone: AbortController, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    if (!isAlive(pid)) return gone.abort();
    await wait(500, undefined, { signal: until }).catch(() => {});
  }
}

/** The samples of a file; a torn last line, as of a recorder that was killed, is passed over. */
export async function readSamples(file: string): Promise<MeterSample[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line): MeterSample[] => {
    try {
      const sample = JSON.parse(line);
      return typeof sample?.time === 'number' && typeof sample.meter === 'string' && typeof sample.card === 'number' ? [sample] : [];
    } catch {
      return [];
    }
  });
}

/**
 * Starts a recorder of its own for a run, which ends with the run's process `pid` and outlives whoever started it.
 * Gives why there is none where nothing here meters power: no meter, no number.
 */
export async function recordRun(
  folder: string,
  pid: number,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  const meters = await findMeters(environment, signal);
  if (!meters.powered) return meters.reason;
  const words = ['energy', '--record', join(folder, ENERGY_FILE), '--pid', String(pid)];
  const child = spawn(process.execPath, [join(rootFolder(), 'kernel', 'bin', 'tradewind.mjs'), ...words], {
    env: environment,
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', () => {});
  child.unref();
  return undefined;
}
