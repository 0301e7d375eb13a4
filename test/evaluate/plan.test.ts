/** How work is cut: by what fits, and so that a chunk of many leads isn't unpacked more often than it must be. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Inputs } from '../../kernel/src/evaluate/inputs.ts';
import { cutOf, type Pair, partOf } from '../../kernel/src/evaluate/plan.ts';
import { SUM_NAMES } from '../../kernel/src/records/scores.ts';

/** A quarter of a degree, thirty leads, with so many leads in a chunk. */
function inputs(leadsPerChunk: number): Inputs {
  const grid = { latitude: new Float64Array(721), longitude: new Float64Array(1440), store: '' };
  const reference = { grid, roles: { time: 0, latitude: 1, longitude: 2 }, chunks: [1, 721, 1440], elementBytes: 4 };
  const forecast = {
    grid,
    roles: { time: 0, leadTime: 1, latitude: 2, longitude: 3 },
    chunks: [1, leadsPerChunk, 721, 1440],
    elementBytes: 4,
    leadTimes: new Float64Array(30),
  };
  return { forecast, truth: { input: reference }, climatology: { input: reference } } as unknown as Inputs;
}

const pairs = (spacing: number): Pair[] =>
  Array.from({ length: 8 }, (_, initial) =>
    Array.from({ length: 30 }, (_, lead) => ({ initial, lead, start: initial * spacing, valid: initial * spacing + lead })),
  ).flat();

describe('a cut', () => {
  test('takes leads one by one where they share nothing, several where they share valid times', () => {
    assert.equal(cutOf(inputs(1), pairs(30), SUM_NAMES, [], 400e6).leads, 1);
    assert.ok(cutOf(inputs(1), pairs(1), SUM_NAMES, [], 500e6).leads > 1);
  });

  test('fits its budget, and unpacks a chunk of many leads as seldom as that allows', () => {
    const repeats = [1e9, 2e9, 8e9].map((budget) => {
      const cut = cutOf(inputs(30), pairs(30), SUM_NAMES, [], budget);
      assert.ok(cut.bytes <= budget, `${cut.bytes} of ${budget}`);
      assert.equal(cut.repeats, Math.ceil(30 / cut.leads));
      return cut.repeats;
    });
    assert.ok(repeats[0]! > repeats[1]! && repeats[1]! > repeats[2]! && repeats[2] === 1 && repeats[0]! < 30, repeats.join());
  });
});

test('parts hold every initial time once, neighbours together, and differ by one at most', () => {
  for (const [length, of] of [
    [5, 3],
    [16, 16],
    [100, 7],
  ] as const) {
    const times = Array.from({ length }, (_, at) => at);
    const parts = Array.from({ length: of }, (_, number) => partOf(times, [number + 1, of]));
    assert.deepEqual(parts.flat(), times);
    const sizes = parts.map((part) => part.length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, sizes.join());
  }
});
