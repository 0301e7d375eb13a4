// What a run's configuration switches on against time or memory, in words.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readWays, summarise } from '../../kernel/src/train/folder.ts';
import { madeRun, temporaryFolder } from './place.ts';

const PLAIN =
  'framework: pytorch\nprecision: full\ngraph: true\ntraining: {batch: 8, accumulate: 1, recompute: false, average: null}\nworkers: {count: 1}\n';
const EVERY =
  'framework: mindspore\nprecision: bf16\ngraph: true\ntraining: {batch: 8, accumulate: 4, recompute: true, average: 0.999}\nworkers: {count: 16}\n';

test('what is on is told in words; what stands at its default is not, nor graph mode where PyTorch trains', async () => {
  using place = temporaryFolder();
  const folder = madeRun(place.path, 'a', {});
  const read = async (text: string) => {
    writeFileSync(join(folder, 'config.yaml'), text);
    return (await summarise(folder)).ways;
  };
  assert.deepEqual(await read(EVERY), [
    ...['bf16', 'graph mode', 'recompute', 'batch in 4 parts'],
    ...['averaged weights (decay 0.999)', '16 workers'],
  ]);
  assert.deepEqual(await read(PLAIN), []);
});

test('a loop of one’s own, a damaged configuration and none at all say nothing', async () => {
  using place = temporaryFolder();
  const folder = madeRun(place.path, 'a', {});
  for (const text of ['run: mine\n', '', 'training: [', 'training: null\n', 'training: 3\n']) {
    writeFileSync(join(folder, 'config.yaml'), text);
    assert.deepEqual(await readWays(folder), {}, text);
  }
  assert.deepEqual(await readWays(join(folder, 'nowhere')), {});
});
