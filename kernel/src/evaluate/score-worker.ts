/** A thread of an evaluation: takes tasks one after the other, answers with their results, and tells how far it is. */
import { parentPort, workerData } from 'node:worker_threads';
import { TradewindError } from '../records/errors.ts';
import type { Answer, Question } from './pool.ts';
import { type Setup, scorer } from './scorer.ts';

const port = parentPort!;
const { run } = scorer(workerData as Setup, new AbortController().signal);

port.on('message', ({ id, task }: Question) => {
  let [fields, told] = [0, performance.now()];
  const tell = (answer: Answer) => port.postMessage(answer);
  const progress = (more: number) => {
    fields += more;
    if (performance.now() - told < 50) return;
    tell({ id, fields });
    [fields, told] = [0, performance.now()];
  };
  run(task, progress).then(
    (results) => tell({ id, fields, results }),
    (error) =>
      tell({
        id,
        fields: 0,
        error: error instanceof TradewindError ? error.data : { code: 'internal', message: String(error?.stack ?? error) },
      }),
  );
});
