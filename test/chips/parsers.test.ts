// The parsers of the drivers' tools, on what those really print and on garbage.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseNpuSmi } from '../../kernel/src/chips/ascend.ts';
import { identify } from '../../kernel/src/chips/catalogue.ts';
import { parseNvidiaSmi } from '../../kernel/src/chips/nvidia.ts';
import { parseRocmSmi } from '../../kernel/src/chips/rocm.ts';
import type { Card } from '../../kernel/src/records/chips.ts';
import * as samples from './samples.ts';

const none = { memoryTotalMB: undefined, memoryUsedMB: undefined, utilisationPct: undefined, powerW: undefined, temperatureC: undefined };

describe('nvidia-smi', () => {
  test('cards of one machine', () => {
    assert.deepEqual(parseNvidiaSmi(samples.NVIDIA_TWO), [
      {
        index: 0,
        name: 'NVIDIA A100-SXM4-40GB',
        memoryTotalMB: 40960,
        memoryUsedMB: 20480,
        utilisationPct: 87,
        powerW: 221.5,
        temperatureC: 62,
      },
      {
        index: 1,
        name: 'NVIDIA GeForce RTX 3090',
        memoryTotalMB: 24576,
        memoryUsedMB: 1024,
        utilisationPct: 13,
        powerW: 33.1,
        temperatureC: 41,
      },
    ]);
  });
  test('heads and units do no harm', () => {
    assert.deepEqual(parseNvidiaSmi(samples.NVIDIA_WITH_UNITS), [
      {
        index: 0,
        name: 'NVIDIA A100-SXM4-40GB',
        memoryTotalMB: 40960,
        memoryUsedMB: 4,
        utilisationPct: 0,
        powerW: 44.71,
        temperatureC: 31,
      },
    ]);
  });
  test('a figure that the card does not give is absent, not zero', () => {
    assert.deepEqual(parseNvidiaSmi(samples.NVIDIA_WITHOUT_FIGURES), [
      { index: 0, name: 'NVIDIA GB10', ...none, temperatureC: 45 },
      { index: 1, name: 'NVIDIA Orin', ...none },
    ]);
  });
  test('a name may hold commas; warnings are no cards', () => {
    assert.deepEqual(
      parseNvidiaSmi(samples.NVIDIA_NOISY).map((card) => [card.index, card.name, card.memoryTotalMB]),
      [[0, 'NVIDIA GPU, PCIe edition', 40960]],
    );
    assert.deepEqual(parseNvidiaSmi(samples.NVIDIA_FAILED), []);
  });
});

describe('npu-smi', () => {
  test('25.5.2: one 910B4', () => {
    assert.deepEqual(parseNpuSmi(samples.NPU_910B4), [
      { index: 5, name: '910B4', memoryTotalMB: 32768, memoryUsedMB: 2922, utilisationPct: 0, powerW: 89.9, temperatureC: 39 },
    ]);
  });
  test('24.1: the table of processes is not read as cards', () => {
    assert.deepEqual(
      parseNpuSmi(samples.NPU_910B2).map((card) => [card.index, card.name, card.memoryUsedMB, card.utilisationPct]),
      [
        [3, '910B2', 61125, 9],
        [4, '910B2', 61125, 0],
      ],
    );
  });
  test('a card of two chips counts twice, by physical number; its power stands once', () => {
    assert.deepEqual(
      parseNpuSmi(samples.NPU_A3).map((card) => [card.index, card.name, card.memoryTotalMB, card.powerW]),
      [
        [0, 'Ascend910', 65536, 178.8],
        [1, 'Ascend910', 65536, undefined],
        [2, 'Ascend910', 65536, 187.2],
      ],
    );
  });
  test('masked bus addresses', () => {
    assert.deepEqual(
      parseNpuSmi(samples.NPU_MASKED).map((card) => [card.index, card.name, card.memoryTotalMB]),
      [
        [0, '910B4-1', 65536],
        [1, '910B4-1', 65536],
      ],
    );
  });
  test('22.0: a 310P3 without HBM', () => {
    assert.deepEqual(parseNpuSmi(samples.NPU_310P), [
      { index: 0, name: '310P3', memoryTotalMB: 21534, memoryUsedMB: 994, utilisationPct: 0, powerW: 16.2, temperatureC: 42 },
    ]);
  });
});

describe('hy-smi and rocm-smi', () => {
  test('hy-smi --json', () => {
    const [first, second] = parseRocmSmi(samples.HY_JSON);
    assert.deepEqual(first, {
      index: 0,
      name: 'K100_AI',
      vendor: 'hygon',
      memoryTotalMB: 65520,
      memoryUsedMB: 2,
      utilisationPct: 0,
      powerW: 77,
      temperatureC: 37,
    });
    assert.equal(second?.index, 1);
  });
  test('lines around the JSON, bytes, numbers that are numbers', () => {
    const cards = parseRocmSmi(samples.HY_Z100L);
    assert.deepEqual(
      cards.map((card) => [card.vendor, card.name, card.memoryTotalMB, card.memoryUsedMB, card.utilisationPct, card.temperatureC]),
      [
        ['hygon', 'Z100L', 32752, 8192, 92, 54],
        ['hygon', 'Z100L', 16368, 0, 0, undefined],
      ],
    );
    assert.deepEqual(
      cards.map((card) => identify(card.vendor, card.name, card.memoryTotalMB).name),
      ['dcu', 'dcu-16gb'],
    );
  });
  test('a tool without --json', () => {
    assert.deepEqual(
      parseRocmSmi(samples.HY_LINES).map((card) => [card.vendor, card.name, card.memoryTotalMB, card.memoryUsedMB, card.utilisationPct]),
      [
        ['hygon', 'Z100SM', 16368, 9000, 75],
        ['hygon', 'Z100SM', undefined, 8000, 50],
      ],
    );
  });
  test('AMD’s own cards are AMD’s', () => {
    assert.deepEqual(
      [samples.ROCM_RADEON, samples.ROCM_PHOENIX]
        .flatMap(parseRocmSmi)
        .map((card) => [card.vendor, card.name, card.memoryTotalMB, card.powerW]),
      [
        ['amd', 'Radeon RX 7900 XT', 20464, undefined],
        ['amd', 'Phoenix3', undefined, 7.222],
      ],
    );
  });
});

describe('garbage', () => {
  const parsers: [string, (text: string) => Card[]][] = [
    ['nvidia-smi', parseNvidiaSmi],
    ['npu-smi', parseNpuSmi],
    ['rocm-smi', parseRocmSmi],
  ];
  const real = Object.values(samples) as string[];
  /** Pieces of real output, cut, joined and sprinkled with anything. */
  const broken = fc
    .array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(...real).chain((text) => fc.nat(text.length).map((cut) => text.slice(0, cut))),
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join('\n'));
  for (const [name, parse] of parsers) {
    test(`${name}: never throws, and what it gives are cards with finite figures and distinct numbers`, () => {
      fc.assert(
        fc.property(broken, (text) => {
          for (const card of parse(text)) {
            assert.ok(Number.isInteger(card.index) && card.index >= 0);
            assert.ok(card.name.length > 0);
            for (const value of [card.memoryTotalMB, card.memoryUsedMB, card.utilisationPct, card.powerW, card.temperatureC]) {
              assert.ok(value === undefined || (Number.isFinite(value) && value >= 0));
            }
          }
        }),
        { numRuns: 300 },
      );
    });
  }
});

test('reported names lead to chips, and what the catalogue does not name to the vendor’s own entry', () => {
  const cases: [Parameters<typeof identify>, string][] = [
    [['nvidia', 'NVIDIA A100-SXM4-40GB', 40960], 'a100'],
    [['nvidia', 'NVIDIA A100 80GB PCIe', 81920], 'a100'],
    [['nvidia', 'A100-PCIE-40GB', 40536], 'a100'],
    [['nvidia', 'NVIDIA GeForce RTX 3090', 24576], '3090'],
    [['nvidia', 'NVIDIA GeForce RTX 3090 Ti', 24564], 'cuda'],
    [['nvidia', 'NVIDIA H200', 143771], 'cuda'],
    [['nvidia', 'NVIDIA A10', 23028], 'cuda'],
    [['huawei', '910B2', 65536], '910b'],
    [['huawei', '910B4-1', 65536], '910b'],
    [['huawei', '910B2C', 65536], '910b'],
    [['huawei', 'Ascend 910B3', 65536], '910b'],
    [['huawei', 'Ascend910B1', 65536], '910b'],
    [['huawei', 'Ascend910', 65536], 'ascend'],
    [['huawei', '310P3', 21534], 'ascend'],
    [['hygon', 'Z100L', 32752], 'dcu'],
    [['hygon', 'Z100L', 16368], 'dcu-16gb'],
    [['hygon', 'Z100L', undefined], 'dcu'],
    [['hygon', 'K100_AI', 65520], 'hygon'],
    [['amd', 'Radeon RX 7900 XT', 20464], 'rocm'],
  ];
  assert.deepEqual(
    cases.map(([call]) => [...call, identify(...call).name]),
    cases.map(([call, chip]) => [...call, chip]),
  );
});
