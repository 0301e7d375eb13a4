/** Spreads the tasks of an evaluation over threads; where there is one, they are done here. */
import { Worker } from 'node:worker_threads';
import { type ErrorData, TradewindError } from '../records/errors.ts';
import { type Result, type Scorer, type Setup, scorer, type Task } from './scorer.ts';
import { interrupted } from './task.ts';

export interface Question {
  id: number;
  task: Task;
}

export interface Answer {
  id: number;
  /** Fields scored since the last answer. */
  fields: number;
  /** At the end of the task. */
  results?: Result[];
  error?: ErrorData;
}

/** Tasks that a thread has at a time: it sums one while the other is written. */
const AT_A_TIME = 2;

/** Runs all tasks; `done` gets each one's results as it ends, in any order. */
export async function runTasks(
  setup: Setup,
  tasks: readonly Task[],
  threads: number,
  signal: AbortSignal,
  progress: (fields: number) => void,
  done: (task: Task, results: Result[]) => Promise<void>,
): Promise<void> {
  const queue = [...tasks];
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const hands =
    threads > 1
      ? Array.from({ length: Math.min(threads, tasks.length) }, () => thread(setup))
      : [{ ...scorer(setup, both), close: async () => {} }];
  let all: Promise<void>[] = [];
  try {
    const work = async ({ run }: Scorer) => {
      for (let task = queue.shift(); task; task = queue.shift()) {
        if (both.aborted) break;
        await done(task, await run(task, progress));
      }
    };
    const stopping = new Promise<never>((_, reject) => {
      const stopped = () => reject(interrupted(setup.score.path));
      if (signal.aborted) stopped();
      else signal.addEventListener('abort', stopped, { once: true });
    });
    stopping.catch(() => {});
    all = hands.flatMap((hand) => Array.from({ length: AT_A_TIME }, () => work(hand)));
    await Promise.race([Promise.all(all), stopping]);
  } finally {
    stop.abort();
    await Promise.all(hands.map((hand) => hand.close()));
    // Nothing is written once this has returned.
    await Promise.allSettled(all);
  }
}

type Hand = Scorer & { close(): Promise<unknown> };

function thread(setup: Setup): Hand {
  const ending = import.meta.filename.endsWith('.ts') ? 'score-worker.ts' : 'score-worker.mjs';
  const worker = new Worker(new URL(`./${ending}`, import.meta.url), { workerData: setup });
  const waiting = new Map<number, { progress(fields: number): void; resolve(results: Result[]): void; reject(error: Error): void }>();
  let next = 0;
  let gone: Error | undefined;
  worker.on('message', ({ id, fields, results, error }: Answer) => {
    const one = waiting.get(id)!;
    one.progress(fields);
    if (results) one.resolve(results);
    else if (error) one.reject(new TradewindError(error));
    if (results || error) waiting.delete(id);
  });
  const fail = (error: Error) => {
    gone = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () =>
    fail(
      gone ??
        new TradewindError({
          code: 'internal',
          message: 'a thread of the evaluation ended',
          remedy: 'Give it more room with --memory, or fewer threads with --threads.',
        }),
    ),
  );
  return {
    run: (task, progress) =>
      new Promise((resolve, reject) => {
        if (gone) {
          reject(gone);
          return;
        }
        const id = next++;
        waiting.set(id, { progress, resolve, reject });
        worker.postMessage({ id, task } satisfies Question);
      }),
    close: () => worker.terminate(),
  };
}
