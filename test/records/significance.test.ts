/** Tests of significance against NumPy and SciPy, and by what they are for: how often they see a difference where there is none. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { blockLength, drawCounts, interval, seeded } from '../../kernel/src/records/bootstrap.ts';
import { discoveryThreshold, inflationOf, momentsOf, pairedTest, studentP } from '../../kernel/src/records/significance.ts';

const random = seeded(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** An autoregressive process of order two about `mean`, run in. */
function process(length: number, phi1: number, phi2: number, mean = 0): number[] {
  const series = [normal(), normal()];
  for (let t = 2; t < length + 200; t++) series.push(phi1 * series[t - 1]! + phi2 * series[t - 2]! + normal());
  return series.slice(-length).map((x) => x + mean);
}
const even = (length: number) => Array.from({ length }, (_, at) => at);
const close = (found: number, wanted: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(found - wanted) <= tolerance * Math.max(1e-12, Math.abs(wanted)), `${what}: ${found} against ${wanted}`);

describe('against NumPy and SciPy', () => {
  const gappy = even(70).filter((at) => at % 9 !== 4 && at !== 31);
  const series = [
    { series: process(40, 0, 0, 0.3), positions: even(40) },
    { series: process(120, 0.6, 0, 0.5), positions: even(120) },
    { series: process(365, 0.5, 0.3, 1), positions: even(365) },
    { series: process(33, -0.4, 0.1), positions: even(33) },
    { series: process(gappy.length, 0.4, 0.2, 4), positions: gappy },
  ];
  const t = [0, 0.3, 1, 2, 2.5, 4, 9].flatMap((value) => [1, 2, 3, 4, 9, 10, 99, 364, 1001].map((freedom) => [value, freedom]));
  const ps = Array.from({ length: 300 }, (_, at) => (at % 5 === 0 ? random() ** 6 : random()));
  const answered = spawnSync(defaultPython(), [join(import.meta.dirname, 'significance.py')], {
    input: JSON.stringify({ series, t, ps }),
    encoding: 'utf8',
  });
  assert.equal(answered.status, 0, answered.stderr);
  const wanted = JSON.parse(answered.stdout) as {
    tests: { mean: number; inflation: number; standardError: number; p: number }[];
    blocks: number[];
    p: number[];
    threshold: number;
  };

  test('the paired test of a series, even and with gaps', () => {
    for (const [at, one] of series.entries()) {
      const found = pairedTest(momentsOf(one.series, one.positions))!;
      for (const name of ['mean', 'inflation', 'standardError', 'p'] as const)
        close(found[name], wanted.tests[at]![name], 1e-8, `${at}, ${name}`);
    }
  });

  test('the length of a block', () => {
    for (const [at, one] of series.entries()) close(blockLength(one.series), wanted.blocks[at]!, 1e-9, `series ${at}`);
    assert.ok(wanted.blocks.some((length) => length > 5) && wanted.blocks.some((length) => length < 4), `${wanted.blocks}`);
  });

  test('Student’s t', () => {
    for (const [at, [value, freedom]] of t.entries()) {
      const p = studentP(value!, freedom!);
      assert.ok(Math.abs(p - wanted.p[at]!) < 1e-13, `${value}, ${freedom}: ${p} against ${wanted.p[at]}`);
    }
  });

  test('the threshold of false discoveries', () => {
    assert.ok(wanted.threshold > 0);
    assert.equal(discoveryThreshold([...ps, null, Number.NaN], 0.1), wanted.threshold);
    assert.equal(discoveryThreshold([0.5, 0.9], 0.1), 0);
  });
});

describe('the paired test', () => {
  test('sees a difference where there is none about as often as it says, for neighbours that are alike too; without the correction far too often', () => {
    let [found, naive] = [0, 0];
    const runs = 600;
    for (let run = 0; run < runs; run++) {
      const one = pairedTest(momentsOf(process(150, 0.5, 0.15), even(150)))!;
      if (one.p < 0.05) found++;
      if (studentP((one.mean / one.standardError) * one.inflation, one.samples - 1) < 0.05) naive++;
    }
    assert.ok(found / runs < 0.1, `${found} of ${runs}`);
    assert.ok(naive / runs > 0.25, `${naive} of ${runs}`);
  });

  test('sees one that is there', () => {
    let found = 0;
    for (let run = 0; run < 50; run++) if (pairedTest(momentsOf(process(150, 0.4, 0, 1), even(150)))!.p < 0.05) found++;
    assert.ok(found > 45, `${found} of 50`);
  });

  test('says nothing of too few, of values without neighbours, and of what is no stationary process', () => {
    assert.equal(pairedTest(momentsOf(process(9, 0, 0), even(9))), null);
    assert.equal(
      pairedTest(
        momentsOf(
          process(40, 0, 0),
          even(40).map((at) => 5 * at),
        ),
      ),
      null,
    );
    assert.equal(inflationOf(0.5, 1), null);
    assert.equal(inflationOf(1, 1), null);
  });

  test('identical forecasts don’t differ; a constant difference is no chance', () => {
    assert.equal(pairedTest(momentsOf(Array(20).fill(0), even(20)))!.p, 1);
    assert.equal(pairedTest(momentsOf(Array(20).fill(0.1), even(20)))!.p, 0);
  });
});

describe('the bootstrap', () => {
  test('draws as many times as there are, the same ones from the same seed, neighbours together', () => {
    const counts = drawCounts(50, 400, 8, 3);
    assert.deepEqual(drawCounts(50, 400, 8, 3), counts);
    assert.notDeepEqual(drawCounts(50, 400, 8, 4), counts);
    let [together, drawn] = [0, 0];
    for (let sample = 0; sample < 400; sample++) {
      const row = counts.subarray(sample * 50, (sample + 1) * 50);
      assert.equal(
        row.reduce((sum, one) => sum + one, 0),
        50,
      );
      for (let time = 0; time < 50; time++) {
        if (row[time]) drawn++;
        if (row[time] && row[(time + 1) % 50]) together++;
      }
    }
    assert.ok(together / drawn > 0.85, `${together / drawn}`);
  });

  test('its bounds hold the mean of a process nearly as often as they say; single values drawn alone don’t', () => {
    const runs = 150;
    const held = (block: (series: number[]) => number) =>
      Array.from({ length: runs }, (_, run) => {
        const series = process(200, 0.5, 0, 2);
        const counts = drawCounts(200, 300, block(series), run);
        const means = Array.from({ length: 300 }, (_, sample) =>
          series.reduce((sum, x, time) => sum + (x * counts[sample * 200 + time]!) / 200, 0),
        );
        const [low, high] = interval(means, 0.95)!;
        return low < 2 && 2 < high;
      }).filter(Boolean).length / runs;
    const [blocks, alone] = [held(blockLength), held(() => 1)];
    assert.ok(blocks > 0.82 && blocks < 0.99, `${blocks}`);
    assert.ok(alone < 0.82, `${alone}`);
  });
});
