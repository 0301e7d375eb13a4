// Run folders: status and liveness, metrics as they grow, summaries, following.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TradewindError } from '../../kernel/src/records/errors.ts';
import { findRun, runNames, summarise } from '../../kernel/src/train/folder.ts';
import { follow } from '../../kernel/src/train/follow.ts';
import { checkName, freeName } from '../../kernel/src/train/launch.ts';
import { metricsReader } from '../../kernel/src/train/metrics.ts';
import { trainingFacts } from '../../kernel/src/train/record.ts';
import { createSeries } from '../../kernel/src/train/series.ts';
import { readStatus } from '../../kernel/src/train/status.ts';
import { line, madeRun, temporaryFolder, writeStatus } from './place.ts';

const ownStart = () =>
  Number(
    readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\)\s/s, '')
      .split(' ')[19],
  );

describe('status', () => {
  test('a run whose process lives is running; one whose pid belongs to a later process is lost', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', { state: 'running', pid: process.pid, processStart: ownStart() });
    assert.equal((await readStatus(folder))?.state, 'running');
    writeStatus(folder, { state: 'running', pid: process.pid, processStart: ownStart() - 1 });
    const lost = await readStatus(folder);
    assert.equal(lost?.state, 'lost');
    assert.match(lost?.message ?? '', /ended without a word/);
  });

  test('what has ended needs no process; what never got one is lost after a minute', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', { state: 'interrupted', pid: 1 << 30 });
    assert.equal((await readStatus(folder))?.state, 'interrupted');
    writeStatus(folder, { state: 'starting', updatedAt: new Date().toISOString() });
    assert.equal((await readStatus(folder))?.state, 'starting');
    assert.equal((await readStatus(folder, Date.now() + 61_000))?.state, 'lost');
  });

  test('a damaged status is none', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', {});
    for (const text of ['', '{', 'null', '{"state":"dancing"}']) {
      writeFileSync(join(folder, 'status.json'), text);
      assert.equal(await readStatus(folder), undefined);
    }
    assert.equal((await summarise(folder)).status.state, 'lost');
  });
});

describe('metrics', () => {
  test('lines come once and whole, however the file was cut while it was written', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', {});
    const file = join(folder, 'metrics.jsonl');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }),
        async (count, cuts) => {
          const text = Array.from({ length: count }, (_, at) => line(at + 1)).join('');
          writeFileSync(file, '');
          const reader = metricsReader(folder);
          const steps: number[] = [];
          let written = 0;
          for (const cut of [...cuts.map((one) => Math.min(one, text.length)).sort((a, b) => a - b), text.length]) {
            appendFileSync(file, text.slice(written, cut));
            written = cut;
            steps.push(...(await reader.next()).lines.map((one) => one.step));
          }
          assert.deepEqual(
            steps,
            Array.from({ length: count }, (_, at) => at + 1),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test('foreign lines are passed over, a missing file is empty', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', {}, `${line(1)}nonsense\n[]\nnull\n{"loss":1}\n${line(2)}{"step":3`);
    assert.deepEqual(
      (await metricsReader(folder).next()).lines.map((one) => one.step),
      [1, 2],
    );
    assert.deepEqual(await metricsReader(join(place.path, 'nowhere')).next(), { lines: [], restarted: false });
  });

  test('a file that a resume replaced is read anew', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', {}, line(1) + line(2));
    const reader = metricsReader(folder);
    await reader.next();
    writeFileSync(join(folder, 'new'), line(1) + line(20) + line(30));
    renameSync(join(folder, 'new'), join(folder, 'metrics.jsonl'));
    const { lines, restarted } = await reader.next();
    assert.equal(restarted, true);
    assert.deepEqual(
      lines.map((one) => one.step),
      [1, 20, 30],
    );
  });

  test('a file that was written anew under the same number is read anew, although it is longer', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', {}, line(1) + line(2));
    const reader = metricsReader(folder);
    await reader.next();
    writeFileSync(join(folder, 'metrics.jsonl'), line(1, { other: 7 }) + line(2) + line(3));
    const { lines, restarted } = await reader.next();
    assert.equal(restarted, true);
    assert.deepEqual(
      lines.map((one) => one.step),
      [1, 2, 3],
    );
  });

  test('a file that was rotated away is read to its end, then its successor; who comes later reads all of them in order', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', {}, line(1) + line(2));
    const file = join(folder, 'metrics.jsonl');
    const reader = metricsReader(folder);
    await reader.next();
    appendFileSync(file, line(3));
    renameSync(file, `${file}.1`);
    writeFileSync(file, line(4));
    const { lines, restarted } = await reader.next();
    assert.equal(restarted, false);
    assert.deepEqual(
      lines.map((one) => one.step),
      [3, 4],
    );
    renameSync(`${file}.1`, `${file}.2`);
    renameSync(file, `${file}.1`);
    writeFileSync(file, line(5) + line(6).slice(0, 8));
    assert.deepEqual(
      (await reader.next()).lines.map((one) => one.step),
      [5],
    );
    assert.deepEqual(
      (await metricsReader(folder).next()).lines.map((one) => one.step),
      [1, 2, 3, 4, 5],
    );
  });

  test('a record keeps the spike of a long curve', () => {
    const series = createSeries();
    series.add(Array.from({ length: 100_000 }, (_, at) => ({ step: at + 1, epoch: 0, time: at, loss: at === 54_321 ? 99 : 1 })));
    const [curve] = series.decimated();
    assert.equal(curve?.name, 'loss');
    assert.ok(curve!.step.length <= 500);
    assert.equal(curve!.value[curve!.step.indexOf(54_322)], 99);
    assert.deepEqual(series.latest(), { loss: 1 });
    assert.equal(series.speed(), 1);
  });
});

describe('runs', () => {
  test('are found by name or path; a wrong name gets the nearest', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'ocean', {});
    assert.deepEqual(await runNames(place.path), ['ocean']);
    assert.equal(await findRun('ocean', place.path), folder);
    assert.equal(await findRun(folder, '/'), folder);
    await assert.rejects(
      findRun('ocaen', place.path),
      (error) => error instanceof TradewindError && /did you mean ocean/.test(error.message) && /Runs: ocean/.test(error.data.remedy ?? ''),
    );
    assert.deepEqual(await runNames(join(place.path, 'nowhere')), []);
  });

  test('take the name of their file, numbered when it is taken', () => {
    assert.equal(freeName('/x/ocean.yaml', []), 'ocean');
    assert.equal(freeName('/x/ocean.yaml', ['ocean', 'ocean-2']), 'ocean-3');
    assert.equal(freeName('/x/..a b!.yaml', []), 'a-b-');
    assert.throws(() => checkName('../up'), TradewindError);
    assert.throws(() => checkName('.hidden'), TradewindError);
    checkName('Nordsee_2.1');
  });

  test('a failed run says why in its record', async () => {
    using place = temporaryFolder();
    const error = { code: 'process', message: 'the loss became nan at step 3', remedy: 'Lower optimizer.lr.' } as const;
    const folder = madeRun(place.path, 'a', { state: 'failed', message: error.message, error, pid: 3, processStart: 4 }, line(1) + line(2));
    const facts = await trainingFacts(folder);
    assert.equal(facts.fault, 'the loss became nan at step 3 — Lower optimizer.lr.');
    assert.equal('processStart' in facts.run.status || 'error' in facts.run.status, false);
    assert.deepEqual(facts.run.latest, { loss: 0.5 });
    assert.deepEqual(facts.series, [
      { name: 'loss', step: [1, 2], value: [1, 0.5] },
      { name: 'time', step: [1, 2], value: [1, 2] },
    ]);
    assert.equal(facts.run.parameters, 12345);
  });

  test('are followed to their end', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', { state: 'running', pid: process.pid }, line(1));
    let looks = 0;
    const last = await follow(folder, {
      interval: 5,
      each() {
        looks++;
        if (looks < 4) appendFileSync(join(folder, 'metrics.jsonl'), line(looks + 1));
        else writeStatus(folder, { state: 'finished', pid: process.pid });
      },
    });
    assert.equal(last.status?.state, 'finished');
    assert.equal(last.series.latest().loss, 0.25);
  });

  test('a trainer that dies before its first word is lost at once', async () => {
    using place = temporaryFolder();
    const folder = madeRun(place.path, 'a', { state: 'starting', updatedAt: new Date().toISOString() });
    const { status } = await follow(folder, { pid: 1 << 30 });
    assert.equal(status?.state, 'lost');
  });
});
