// Joules from samples, throughput per watt, and the paper's Table S1 recomputed from its own Tables 2 and 4 by its formula (3).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { energyUse, joulesOf, type MeterSample, relativeTo, throughputPerWatt } from '../../kernel/src/records/energy.ts';
import { PAPER_ENERGY, PAPER_FORECASTS, PAPER_TRAINING } from '../../kernel/src/records/paper.ts';

const card = (time: number, watts: number, more: Partial<MeterSample> = {}): MeterSample => ({
  time,
  meter: 'npu-smi',
  card: 0,
  name: '910B',
  watts,
  ...more,
});

describe('joules', () => {
  test('by the trapezium rule over the samples’ own times, however uneven', () => {
    assert.equal(joulesOf([card(0, 100), card(2, 200), card(3, 200), card(10, 0)]), 300 + 200 + 700);
  });
  test('a straight line is integrated exactly, wherever it is sampled', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 30 }), (times) => {
        const all = [0, ...times.sort((a, b) => a - b), 1000].map((time) => card(time, 3 * time + 7));
        assert.ok(Math.abs(joulesOf(all) - (1500 * 1000 + 7000)) < 1e-6);
      }),
    );
  });
  test('a counter is believed rather than watts', () => {
    assert.equal(joulesOf([card(0, 1, { joules: 50 }), card(1, 1, { joules: 90 })]), 40);
  });
});

describe('energy used', () => {
  test('cards are summed; the accelerator’s meter goes before RAPL', () => {
    const rapl = (time: number, joules: number): MeterSample => ({ time, meter: 'rapl', card: 0, name: 'package-0', joules });
    const use = energyUse([rapl(0, 0), card(0, 100), card(0, 50, { card: 1 }), rapl(10, 900), card(10, 100), card(10, 50, { card: 1 })])!;
    assert.deepEqual(
      { ...use, samples: undefined },
      { joules: 1500, seconds: 10, watts: 150, cards: 2, meter: 'npu-smi', samples: undefined },
    );
  });
  test('no meter, no number', () => {
    assert.equal(energyUse([]), undefined);
    assert.equal(energyUse([card(0, 100)]), undefined, 'one reading is no duration');
    const dark = { time: 0, meter: 'host', card: 0, name: 'cpu', utilisationPct: 50 };
    assert.equal(energyUse([dark, { ...dark, time: 9 }]), undefined);
  });
});

describe('Table S1', () => {
  const chips = ['a100', '910b', 'dcu'] as const;
  const energy = (chip: string) => PAPER_ENERGY.find((row) => row.chip === chip)!;
  test('its training column is formula (3) on Table 2 at one sample a card', () => {
    const efficiency = (chip: string) => {
      const row = PAPER_TRAINING.find((one) => one.chip === chip && one.table === 'Table 2' && one.batch === 1 && one.workers === 16)!;
      return throughputPerWatt(1 / row.epochSeconds, energy(chip).trainingWatts);
    };
    for (const chip of chips)
      assert.ok(Math.abs((100 * efficiency(chip)) / efficiency('a100') - energy(chip).trainingEfficiency) < 1, chip);
  });
  test('its forecast column is formula (3) on Table 4’s AI-GOMS with PyTorch', () => {
    const efficiency = (chip: string) => {
      const row = PAPER_FORECASTS.find((one) => one.chip === chip && one.model === 'aigoms' && one.framework === 'pytorch')!;
      return throughputPerWatt(1 / row.seconds, energy(chip).forecastWatts);
    };
    for (const chip of chips)
      assert.ok(Math.abs((100 * efficiency(chip)) / efficiency('a100') - energy(chip).forecastEfficiency) < 1, chip);
  });
  test('another chip may be 100', () => {
    const rows = relativeTo('910b', PAPER_ENERGY);
    assert.deepEqual([rows[1]!.trainingEfficiency, rows[1]!.forecastEfficiency], [100, 100]);
    assert.ok(Math.abs(rows[0]!.trainingEfficiency - 86.96) < 0.01);
    assert.throws(() => relativeTo('none', PAPER_ENERGY), RangeError);
  });
});
