/** Significance from scored stores to the record: the series behind a test, several scores against one, maps, and what isn't known. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { runLine } from '../../kernel/src/commands/run.ts';
import { seeded } from '../../kernel/src/records/bootstrap.ts';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import { momentsOf, pairedTest } from '../../kernel/src/records/significance.ts';
import type { ComparisonRecord } from '../../kernel/src/records/skill.ts';
import { pretendedContext, recordedBy } from '../commands/pretend.ts';
import { picturesOf } from '../display/markup.ts';
import { days, hours, temporaryFolder, writeField } from './stores.ts';

const cwd = await temporaryFolder();
const context = pretendedContext({ cwd });
const run = async (line: string) =>
  (await recordedBy(line, context)) as unknown as { record: ComparisonRecord; exitCode: number; bundle: Record<string, unknown> };
const refusal = async (line: string) => sentence(((await runLine(line, context)) as { error: unknown }).error);

const [STARTS, ROWS, COLUMNS] = [40, 18, 36];
const latitude = { name: 'latitude', values: Array.from({ length: ROWS }, (_, i) => -85 + 10 * i), units: 'degrees_north' };
const longitude = { name: 'longitude', values: Array.from({ length: COLUMNS }, (_, j) => -175 + 10 * j), units: 'degrees_east' };
const starts = days(Array.from({ length: STARTS }, (_, day) => day));
const land = (i: number, j: number) => i > 3 && i < 8 && j > 9 && j < 15;
/** White noise that is the same for the same words. */
const noise = (...words: number[]) => seeded(words.reduce((sum, word) => (Math.imul(sum, 31) + word + 7) >>> 0, 17))() - 0.5;
const truthAt = (day: number, i: number, j: number) => (land(i, j) ? Number.NaN : 10 + 2 * noise(day, i, j));
/** What all forecasts have in common, and each its own: errors of the same size. */
const error = (own: number, start: number, lead: number, i: number, j: number) =>
  (lead + 1) * (noise(9, start, lead, i, j) + 0.3 * noise(own, start, lead, i, j));
const FORECASTS: Record<string, (start: number, lead: number, i: number, j: number) => number> = {
  base: (...at) => error(101, ...at),
  other: (...at) => error(202, ...at),
  // Worse everywhere, by a little, always.
  worse: (...at) => 1.03 * error(101, ...at),
  // Worse in one box of the southern Pacific alone.
  local: (start, lead, i, j) => error(202, start, lead, i, j) * (i < 6 && j < 8 ? 2 : 1),
};
await writeField(join(cwd, 'truth.zarr'), 'T0', [days(Array.from({ length: STARTS + 3 }, (_, day) => day)), latitude, longitude], truthAt);
await writeField(join(cwd, 'clim.zarr'), 'T0', [latitude, longitude], () => 10);
const written = (
  name: string,
  of: (start: number, lead: number, i: number, j: number) => number,
  axes = [starts, hours([24, 48]), latitude, longitude],
) =>
  writeField(join(cwd, `${name}.zarr`), 'T0', axes, (start, lead, i, j) => truthAt(start + lead + 1, i, j) + of(start, lead, i, j), {
    chunks: [3, 1, ROWS, COLUMNS],
  });
for (const [name, of] of Object.entries(FORECASTS)) await written(name, of);
const stores = '--truth truth.zarr --climatology clim.zarr --variables T0';
await run(
  `evaluate ${Object.keys(FORECASTS)
    .map((name) => `${name}.zarr`)
    .join(' ')} ${stores} -o all.zarr`,
);

describe('a pair', async () => {
  const { record } = await run('compare all.zarr#worse all.zarr#base --bootstrap 200');
  const { significance } = record;

  test('tests the difference of the squared errors by initial time, which a loop over the cells gives too', () => {
    for (const lead of [0, 1]) {
      const series = Array.from({ length: STARTS }, (_, start) => {
        let [sum, weight] = [0, 0];
        for (let i = 0; i < ROWS; i++) {
          for (let j = 0; j < COLUMNS; j++) {
            if (land(i, j) || Math.abs(latitude.values[i]!) > 20) continue;
            const w = Math.cos((latitude.values[i]! * Math.PI) / 180);
            weight += w;
            sum += w * (FORECASTS.worse!(start, lead, i, j) ** 2 - FORECASTS.base!(start, lead, i, j) ** 2);
          }
        }
        return sum / weight;
      });
      const wanted = pairedTest(momentsOf(series, starts.values))!;
      const found = significance!.p.tropics!.T0!.rmse[lead]!;
      assert.ok(Math.abs(found - wanted.p) <= 1e-3 * wanted.p + 1e-15, `${found} against ${wanted.p}`);
    }
  });

  test('a small difference that is always there is significant in every region, and its bounds don’t hold nought', () => {
    assert.equal(significance!.initialTimes, STARTS);
    const { low, high } = significance!.bootstrap!;
    for (const region of ['global', 'tropics', 'southern-ocean']) {
      for (const lead of [0, 1]) {
        assert.ok(significance!.p[region]!.T0!.rmse[lead]! < 1e-6);
        assert.ok(low[region]!.T0!.rmse[lead]! > 2.5 && high[region]!.T0!.rmse[lead]! < 3.5);
      }
    }
    assert.ok(significance!.boxes.discovered >= significance!.boxes.tested / 2);
  });

  test('two that are equally good differ in few boxes, and the bounds are those of the same seed', async () => {
    const one = (await run('compare all.zarr#other all.zarr#base --bootstrap 200')).record.significance!;
    assert.ok(one.boxes.significant < 0.2 * one.boxes.tested, `${one.boxes.significant} of ${one.boxes.tested}`);
    assert.ok(one.boxes.discovered <= one.boxes.significant);
    const again = (await run('compare all.zarr#other all.zarr#base --bootstrap 200')).record.significance!;
    assert.deepEqual(again.bootstrap, one.bootstrap);
    const other = (await run('compare all.zarr#other all.zarr#base --bootstrap 200 --seed 2')).record.significance!;
    assert.notDeepEqual(other.bootstrap!.low, one.bootstrap!.low);
    assert.equal((await run('compare all.zarr#other all.zarr#base --bootstrap 0')).record.significance!.bootstrap, undefined);
  });

  test('text, scorecard and verdict say it', async () => {
    const { bundle } = await run('compare all.zarr#worse all.zarr#base --bootstrap 200');
    const [text, html] = [String(bundle['text/plain']), String(bundle['text/html'])];
    assert.match(text, /\+3\.00 %\*\*/);
    assert.match(text, /boxes differ significantly \(p < 0\.05: paired t-test/);
    assert.match(text.replaceAll(/\s+/g, ' '), /the paper \(MindSpore against PyTorch\): slightly worse, as here/);
    assert.match(html, /significant, also among all boxes/);
    assert.match(picturesOf(html).join(), /<path d="M\d+ \d+h6l-6 6z/);
  });
});

describe('several', () => {
  test('are measured by the first, each with a scorecard and a verdict', async () => {
    const { record, exitCode, bundle } = await run('compare all.zarr#base all.zarr#other all.zarr#worse all.zarr#local --bootstrap 0');
    assert.deepEqual(
      [record, ...record.more!].map(({ a, b }) => [a, b]),
      [
        ['other', 'base'],
        ['worse', 'base'],
        ['local', 'base'],
      ],
    );
    assert.equal(exitCode, 1);
    assert.deepEqual(
      [record, ...record.more!].map(({ withinClaim }) => withinClaim),
      [true, true, false],
    );
    assert.ok(Math.abs(record.more![0]!.deviation.T0!.rmse[0]! - 3) < 0.01);
    const html = String(bundle['text/html']);
    assert.equal(html.match(/<img alt="Scorecard of T0/g)!.length, 3);
    assert.match(String(bundle['text/plain']), /2 of 3 agree with base/);
    assert.ok(JSON.stringify(bundle).length < 300e3);
    const pair = (await run('compare all.zarr#worse all.zarr#base --bootstrap 0')).record;
    assert.deepEqual(record.more![0]!.significance!.p, pair.significance!.p);
  });

  test('a whole score, measured by the one that --base names', async () => {
    const { record } = await run('compare all.zarr --base worse --bootstrap 0');
    assert.deepEqual(
      [record, ...record.more!].map(({ a, b }) => [a, b]),
      [
        ['base', 'worse'],
        ['other', 'worse'],
        ['local', 'worse'],
      ],
    );
    assert.match(await refusal('compare all.zarr#base --base base'), /base is alone/);
  });

  test('any that is unlike the others is refused by name, with what differs', async () => {
    const later = days(Array.from({ length: STARTS }, (_, day) => day + 1));
    await writeField(
      join(cwd, 'later.zarr'),
      'T0',
      [later, hours([24, 48]), latitude, longitude],
      (start, lead, i, j) => truthAt(start + lead + 2, i, j) + 0.1,
    );
    await run(`evaluate later.zarr ${stores} -o later-score.zarr`);
    assert.match(
      await refusal('compare all.zarr#base all.zarr#other later-score.zarr'),
      /later and base can't be compared, their initial times differ: 40 and 40, number 1 is 2003-01-02T00:00 and 2003-01-01T00:00/,
    );
    await written('holes', (start, lead, i, j) => (i === 12 && j === 3 ? Number.NaN : error(5, start, lead, i, j)));
    await run(`evaluate holes.zarr ${stores} -o holes-score.zarr`);
    assert.match(
      await refusal('compare all.zarr#base all.zarr#other holes-score.zarr'),
      /holes and base can't be compared, their masks differ: 1 cells of T0 at 24 h/,
    );
    await run('evaluate other.zarr --truth truth.zarr --variables T0 -o fixed.zarr');
    assert.match(await refusal('compare all.zarr#base all.zarr#worse fixed.zarr'), /their truths or climatologies differ/);
  });
});

describe('maps', () => {
  test('mark the cells where one is worse, and hardly any else', async () => {
    const { record, bundle } = await run('compare all.zarr#local all.zarr#other --stippling --bootstrap 0');
    const { test: words, masks } = record.skill.significance!;
    assert.match(words, /Geer 2016.*Benjamini and Hochberg.*Wilks 2016/);
    assert.deepEqual(
      masks.map(({ variable, metric, lead }) => [variable, metric, lead]),
      [
        ['T0', 'rmse', 0],
        ['T0', 'acc', 0],
        ['T0', 'rmse', 1],
        ['T0', 'acc', 1],
      ],
    );
    assert.deepEqual([record.skill.grid.latitude.length, record.skill.grid.longitude.length], [ROWS, COLUMNS]);
    for (const { data } of masks) {
      const cells = inflateSync(Buffer.from(data, 'base64'));
      let [inside, outside, size] = [0, 0, 0];
      for (let i = 0; i < ROWS; i++) {
        for (let j = 0; j < COLUMNS; j++) {
          const box = i < 6 && j < 8;
          if (box) size++;
          if (cells[i * COLUMNS + j]) box ? inside++ : outside++;
        }
      }
      assert.ok(inside > 0.9 * size, `${inside} of ${size}`);
      assert.equal(outside, 0);
    }
    // The static map of A − B has dots over the same cells: the eight western columns of 36 and the six southern rows of 18, on 292 × 146 pixels.
    const [dotted, ...others] = picturesOf(String(bundle['text/html'])).filter((svg) => svg.includes('id="dots"'));
    assert.equal(others.length, 0);
    const rows = [...dotted!.match(/<path id="dots" d="([^"]+)"/)![1]!.matchAll(/M([\d.]+) ([\d.]+)h([\d.]+)/g)];
    const dots = rows.map(([, x, y, length]) => [Number(x) + Number(length), Number(y)] as const);
    assert.ok(dots.length >= 6 && dots.every(([x, y]) => x < (292 * 8) / 36 && y > (146 * 12) / 18), dots.join(' '));
  });

  test('a forecast that has gone since is named', async () => {
    cpSync(join(cwd, 'other.zarr'), join(cwd, 'gone.zarr'), { recursive: true });
    await run(`evaluate gone.zarr ${stores} -o gone-score.zarr`);
    rmSync(join(cwd, 'gone.zarr'), { recursive: true });
    assert.match(await refusal('compare gone-score.zarr all.zarr#base --stippling --bootstrap 0'), /gone\.zarr/);
  });
});

describe('what is not known', () => {
  test('scores from before the sums were kept still compare, and the command that gives them is said', async () => {
    cpSync(join(cwd, 'all.zarr'), join(cwd, 'earlier.zarr'), { recursive: true });
    const file = join(cwd, 'earlier.zarr', 'zarr.json');
    const metadata = JSON.parse(readFileSync(file, 'utf8'));
    delete metadata.attributes.tradewind_score.domains;
    writeFileSync(file, JSON.stringify(metadata));
    const { record, bundle } = await run('compare earlier.zarr#worse all.zarr#base');
    assert.equal(record.significance, undefined);
    assert.match(record.significanceUnknown!, /tradewind evaluate .*worse\.zarr --truth .*truth\.zarr -o .*earlier\.zarr/);
    assert.match(String(bundle['text/plain']), /Significance isn't known: worse's score keeps no sums by initial time/);
    assert.ok(Math.abs(record.deviation.T0!.rmse[0]! - 3) < 0.01);
  });

  test('of parts that were merged, it is the whole’s; of few initial times it isn’t known', async () => {
    for (const part of [1, 2, 3, 4, 5]) await run(`evaluate base.zarr worse.zarr ${stores} --part ${part}/5 -o part-${part}.zarr`);
    await run('merge part-4.zarr part-1.zarr part-2.zarr part-5.zarr part-3.zarr -o merged.zarr');
    const [whole, merged] = await Promise.all(
      ['all', 'merged'].map(
        async (name) => (await run(`compare ${name}.zarr#worse ${name}.zarr#base --bootstrap 50`)).record.significance!,
      ),
    );
    assert.deepEqual(merged!.p, whole!.p);
    assert.match((await run('compare part-1.zarr')).record.significanceUnknown!, /8 initial times are too few/);
  });
});
