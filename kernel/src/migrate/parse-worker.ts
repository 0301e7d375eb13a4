/** The thread that `ahead.ts` starts: parses files and hands them over in batches. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Batch, takeFiles } from './ahead.ts';

const BATCH = 32;
let files: Batch['files'] = [];

function send(): void {
  parentPort!.postMessage(
    { files } satisfies Batch,
    files.flatMap(({ kept }) => (kept ? [kept.flat.numbers.buffer as ArrayBuffer] : [])),
  );
  files = [];
}

await takeFiles(workerData, (file) => {
  files.push(file);
  if (files.length === BATCH) send();
});
if (files.length) send();
