/** Threads and memory: any number of threads gives the same sums to the last bit, faults in a thread are named as they are, an interrupt ends them all. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Score } from '../../kernel/src/evaluate/scoreStore.ts';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import { SUM_NAMES } from '../../kernel/src/records/scores.ts';
import { days, hours, score, temporaryFolder, writeField } from './stores.ts';

const folder = await temporaryFolder();
const latitude = { name: 'latitude', values: Array.from({ length: 37 }, (_, i) => -90 + 5 * i), units: 'degrees_north' };
const longitude = { name: 'longitude', values: Array.from({ length: 71 }, (_, j) => -175 + 5 * j), units: 'degrees_east' };
const LEADS = hours(Array.from({ length: 9 }, (_, lead) => 24 * (lead + 1)));
const NAMES = ['T0', 'S0'];
const wave = (...index: number[]) => Math.sin(index.reduce((sum, one, at) => sum + one * (at + 1.7) ** 2, 0));

const [forecast, truth, climatology] = ['forecast', 'truth', 'climatology'].map((name) => join(folder, `${name}.zarr`)) as [
  string,
  string,
  string,
];
for (const name of NAMES) {
  await writeField(forecast, name, [days([0, 3, 4, 9, 11]), LEADS, latitude, longitude], wave, { chunks: [2, 2, 37, 71] });
  await writeField(
    truth,
    name,
    [days(Array.from({ length: 30 }, (_, day) => day)), latitude, longitude],
    (day, i, j) => (j === 3 ? Number.NaN : wave(day, 0, i, j)),
    {
      chunks: [7, 20, 71],
    },
  );
  await writeField(climatology, name, [latitude, longitude], () => 0.1);
}
const call = { forecasts: [forecast, forecast], truth, climatology, variables: NAMES };

async function same(one: Score, two: Score): Promise<void> {
  assert.deepEqual(one.facts.forecasts, two.facts.forecasts);
  for (const each of one.facts.forecasts) {
    for (const name of NAMES) {
      for (let lead = 0; lead < LEADS.values.length; lead++) {
        const [a, b] = await Promise.all([one.sums(each, name, lead), two.sums(each, name, lead)]);
        for (const sum of SUM_NAMES) assert.deepEqual(a[sum], b[sum], `${name}, ${sum}, lead ${lead}`);
        const [left, right] = await Promise.all([one.domains(each, name, lead), two.domains(each, name, lead)]);
        assert.ok(left!.some((value) => value !== 0));
        assert.deepEqual(left, right, `by initial time: ${name}, lead ${lead}`);
      }
    }
  }
}

describe('threads', () => {
  test('one, three and five of them give the same sums to the last bit', async () => {
    const alone = await score({ ...call, threads: 1, output: join(folder, 'one.zarr') });
    for (const threads of [3, 5]) await same(alone, await score({ ...call, threads, output: join(folder, `${threads}.zarr`) }));
  });

  test('and so does little memory', async () => {
    const alone = await score({ ...call, threads: 1, output: join(folder, 'one.zarr') });
    await same(alone, await score({ ...call, threads: 1, memory: 1, output: join(folder, 'small.zarr') }));
  });

  test('without a climatology they share the mean of the truth', async () => {
    const bare = { ...call, climatology: undefined };
    const alone = await score({ ...bare, threads: 1, output: join(folder, 'mean-one.zarr') });
    await same(alone, await score({ ...bare, threads: 2, output: join(folder, 'mean-two.zarr') }));
  });

  test('an interrupted call keeps what is done, and the same call goes on from there to the same sums', async () => {
    const room = join(folder, 'stopped');
    await mkdir(room);
    const output = join(room, 'score.zarr');
    for (const threads of [1, 2]) {
      const stop = new AbortController();
      let seen = 0;
      const progress = (done: number) => {
        seen = done;
        if (done > 60) stop.abort();
      };
      await assert.rejects(score({ ...call, threads, output, signal: stop.signal, progress }), (error) => {
        assert.match(sentence(error), /leads are kept: the same call goes on/);
        return true;
      });
      assert.ok(seen < 180, `${seen} of 180 fields`);
      assert.equal(existsSync(output), false);
      const other = await score({ ...call, variables: ['T0'], threads: 1, output: join(folder, `other-${threads}.zarr`) });
      assert.doesNotMatch(other.facts.notes.join(), /kept/);
      const first: number[] = [];
      const whole = await score({ ...call, threads, output, progress: (done) => first.push(done) });
      assert.match(whole.facts.notes.join(), /\d+ leads were kept from an interrupted call/);
      assert.ok(first[0]! > 5, 'it begins where the other ended');
      await same(await score({ ...call, threads: 1, output: join(folder, 'one.zarr') }), whole);
      assert.deepEqual(readdirSync(room), ['score.zarr']);
      assert.deepEqual(readdirSync(output).sort(), ['0-f0', '1-f1', 'zarr.json']);
      rmSync(output, { recursive: true });
    }
  });

  test('a damaged chunk in a thread is named by store, variable and chunk, and nothing is left', async () => {
    const damaged = join(folder, 'damaged.zarr');
    await writeField(damaged, 'T0', [days([0, 3]), LEADS, latitude, longitude], wave, { chunks: [1, 1, 37, 71] });
    writeFileSync(join(damaged, 'T0', 'c', '1', '4', '0', '0'), 'no zstd frame');
    const room = join(folder, 'room');
    await mkdir(room);
    const scoring = score({ ...call, forecasts: [damaged], variables: ['T0'], threads: 2, output: join(room, 'score.zarr') });
    await assert.rejects(scoring, /chunk 1\/4\/0\/0 of T0 can't be read/);
    assert.deepEqual(readdirSync(room), []);
  });
});
