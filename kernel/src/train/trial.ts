/** Runs to their end for a measurement, in a folder of their own, and what an A/B comparison wants to know of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorData, TradewindError } from '../records/errors.ts';
import type { RunStatus } from '../records/training.ts';
import { readEnvironment } from './folder.ts';
import { followToEnd } from './follow.ts';
import { launch, logTail, type TrainerPlace } from './launch.ts';
import { metricsReader } from './metrics.ts';
import { middle } from './outcome.ts';
import type { StatusFile } from './status.ts';

/** Steps that are not timed: caches fill, and the frameworks' allocators grow. */
const WARMUP = 2;

export interface Trial {
  steps: number;
  /** Seconds a step, median after the first two. */
  seconds: number;
  /** Until the first step was done. */
  firstSeconds: number;
  memory?: number;
  loss: number;
  device: string;
}

/** Trains the prepared run to its end. Throws why it failed; an aborted signal stops it after the step that it is in. */
export async function trainToEnd(folder: string, place: TrainerPlace, each: (status: RunStatus) => void): Promise<void> {
  const pid = await launch(folder, place);
  const { status } = await followToEnd(folder, { pid, signal: place.signal, each: ({ status }) => status && each(status) });
  place.signal.throwIfAborted();
  if (status?.state !== 'finished') throw new TradewindError(whyUnfinished(folder, 'the training', status));
}

/** What kept a run that is over from its end. */
export function whyUnfinished(folder: string, name: string, status: StatusFile | undefined): ErrorData {
  return status?.error ?? { code: 'process', message: `${name} is ${status?.state}: ${status?.message ?? logTail(folder, 3)}` };
}

/** What the finished run came to. */
export async function trialOf(folder: string): Promise<Trial> {
  const [{ lines }, environment] = await Promise.all([metricsReader(folder).next(), readEnvironment(folder)]);
  const trained = lines.filter((line) => line.loss !== undefined);
  const seconds = trained.slice(1).map((line, at) => line.time - trained[at]!.time);
  const timed = seconds.slice(Math.min(WARMUP, Math.max(0, seconds.length - 1)));
  const last = trained.at(-1);
  if (!last || timed.length === 0) throw new TradewindError({ code: 'process', message: 'the training was too short to be timed' });
  return {
    steps: trained.length,
    seconds: middle(timed),
    firstSeconds: trained[0]!.time,
    memory: (environment.memory as { peak?: number } | undefined)?.peak,
    loss: last.loss!,
    device: String(environment.device ?? '?'),
  };
}

/** The configuration of a prepared run, without the line that says where it is from: equal texts are equal trainings. */
export async function configurationText(folder: string): Promise<string> {
  return (await readFile(join(folder, 'config.yaml'), 'utf8')).replace(/^#.*\n/, '');
}
