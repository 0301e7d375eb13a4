// fit and benchmark, from the words to the record: counted, projected and measured for real, on small models.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { benchmark } from '../../kernel/src/commands/benchmark.ts';
import { fit } from '../../kernel/src/commands/fit.ts';
import { bundleOf } from '../../kernel/src/display/bundle.ts';
import { pretendedContext } from './pretend.ts';

const SMALL = ['img_size=(720,1440)', 'embed_dim=64', 'depth=2'];

describe('fit', () => {
  test('memory against both of the chip’s figures, every way, and the paper’s rows left out', async () => {
    const options = { chip: '910b', workers: 16, batch: 2, set: SMALL, framework: 'mindspore' };
    const record = await fit.run({ positionals: { MODEL: '/somewhere/fourcastnet' }, options }, pretendedContext());
    assert.equal(record.provenance, 'projected');
    const [asked, half, recompute] = record.variants;
    assert.deepEqual(
      record.variants.map((one) => [one.precision, one.recompute]),
      [
        ['fp32', false],
        ['fp16', false],
        ['fp32', true],
        ['fp16', true],
      ],
    );
    assert.deepEqual(
      asked!.memories.map(({ source, gib }) => [source, gib]),
      [
        ['Table 1', 40],
        ['text', 32],
      ],
    );
    assert.ok(
      asked!.memories.every(
        ({ fits, left, gib }) => fits === left >= 0 && Math.abs(left + asked!.peak + asked!.exchange - gib * 2 ** 30) < 1,
      ),
    );
    assert.equal(asked!.exchange, asked!.gradients, 'sixteen workers exchange gradients');
    assert.ok(recompute!.activations < asked!.activations);
    assert.ok(recompute!.operations > asked!.operations);
    assert.equal(half!.seconds.length, 2, 'both FP16 figures of the paper are computed');
    assert.ok(asked!.mindsporePyNative > asked!.peak && asked!.mindsporeCpu! > asked!.mindsporePyNative);
    const [weights, divided] = record.ways!;
    assert.deepEqual(
      [weights!.name, weights!.precision, divided!.name, divided!.precision],
      ['fp16-weights', 'fp16', 'model-parallel', 'fp32'],
    );
    assert.equal(2 * weights!.weights, half!.weights);
    assert.equal(weights!.exchange, weights!.gradients);
    assert.ok(weights!.peak < half!.peak && weights!.memories[0]!.largestBatch >= half!.memories[0]!.largestBatch);
    assert.equal(divided!.weights, Math.floor(asked!.weights / divided!.cards));
    assert.ok(divided!.peak < asked!.peak && divided!.activations === asked!.activations);
    assert.deepEqual(record.uncounted, []);
    assert.equal(record.roofline.leftOut.forecast.length, 10);
    assert.equal(record.roofline.leftOut.training.length, 12);
    assert.ok(record.roofline.trainingFactor > 1 && record.roofline.trainingFactor < 1.3, `${record.roofline.trainingFactor}`);
    const text = String((await bundleOf(record))['text/plain']);
    assert.match(text, /≈ projected/);
    assert.match(text.replace(/\s+/g, ' '), /fp16 weights \(≈ projected\): fits in 40 GiB .* largest batch \d+/);
    assert.match(text.replace(/\s+/g, ' '), /model over 2 cards \(≈ projected\): fits in 40 GiB/);
    assert.match(text, /fits in 40 GiB \(Table 1\)/);
  });
  test('a chip without figures, a framework that it refuses, and a batch of nothing are told', async () => {
    const call = (options: Record<string, string | number>) => fit.run({ positionals: { MODEL: 'aigoms' }, options }, pretendedContext());
    await assert.rejects(call({ chip: 'cpu' }), /no figures for CPU/);
    await assert.rejects(call({ chip: 'dcu', framework: 'mindspore' }), /does not run on DCU/);
    await assert.rejects(call({ chip: 'a100', batch: 0 }), /--batch is at least 1/);
  });
});

describe('benchmark', () => {
  test('every row of the paper has its place, projected by a fit that has not seen it', async () => {
    const record = await benchmark.run({ positionals: {}, options: { 'no-run': true } }, pretendedContext());
    assert.deepEqual([record.forecasts.length, record.trainings.length, record.hardware.length, record.energy.length], [10, 12, 5, 3]);
    const text = String((await bundleOf(record))['text/plain']);
    for (const value of ['0.353', '1.17', '0.605', '5400', '12600', '337500', '392', '235'])
      assert.ok(text.includes(value), `${value} of the paper is shown`);
  });
  test('both frameworks are timed on the processor, and its reduced model is not set against the paper', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'tradewind-benchmark-'));
    const context = pretendedContext({ environment: { ...process.env, XDG_CACHE_HOME: cache } });
    const options = { chip: 'cpu', steps: 3, warmup: 1 };
    const record = await benchmark.run({ positionals: { MODEL: ['fourcastnet'] }, options }, context);
    rmSync(cache, { recursive: true, force: true });
    assert.deepEqual(
      record.measured.map((one) => [one.framework, one.size, one.forecast.seconds.length, /^cpu/i.test(one.device)]),
      [
        ['pytorch', 'reduced', 3, true],
        ['mindspore', 'reduced', 3, true],
      ],
      JSON.stringify(record.without),
    );
    for (const { forecast, training } of record.measured) {
      assert.ok(forecast.median > 0 && forecast.low <= forecast.median && forecast.median <= forecast.high);
      // The fastest of each, with room: a busy machine may slow every forecast and no training step.
      assert.ok(Math.min(...training.seconds) > 0.3 * Math.min(...forecast.seconds), 'a training step has a forward pass in it');
    }
    assert.ok(record.forecasts.every((placed) => placed.measured === undefined));
  });
});
