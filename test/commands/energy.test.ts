// energy: runs side by side, a cell between two looks at the meters, and the reasons for numbers that are not given.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { energy } from '../../kernel/src/commands/energy.ts';
import { createMachine } from '../chips/machine.ts';
import * as samples from '../chips/samples.ts';
import { pretendedContext, pretendedSession } from './pretend.ts';

/** A run of 100 steps in 50 s at two samples a step, with a meter that said so many watts. */
function layRun(cwd: string, name: string, watts: number | undefined): void {
  const folder = join(cwd, 'runs', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), 'training:\n  batch: 2\n');
  writeFileSync(join(folder, 'environment.json'), JSON.stringify({ chip: '910b', framework: 'mindspore' }));
  const lines = [1, 51, 101].map((step) => JSON.stringify({ step, epoch: 1, time: step / 2 }));
  writeFileSync(join(folder, 'metrics.jsonl'), `${lines.join('\n')}\n`);
  const meter = [0, 25, 50].map((time) => JSON.stringify({ time, meter: 'npu-smi', card: 0, name: '910B', watts }));
  if (watts !== 0) writeFileSync(join(folder, 'energy.jsonl'), `${meter.join('\n')}\n`);
}

describe('energy of runs', () => {
  test('throughput per watt, relative to a base; what was not metered is named with its reason', async () => {
    using machine = createMachine();
    layRun(machine.folder, 'a', 200);
    layRun(machine.folder, 'b', 400);
    layRun(machine.folder, 'dark', undefined);
    layRun(machine.folder, 'old', 0);
    const context = pretendedContext({ cwd: machine.folder, environment: machine.context.environment });
    const record = await energy.run({ positionals: {}, options: {} }, context);
    assert.deepEqual(
      record.measured.map(({ name, use, throughput, perWatt, relative }) => [name, use.joules, throughput, perWatt, relative]),
      [
        ['a', 10_000, 4, 0.02, 100],
        ['b', 20_000, 4, 0.01, 50],
      ],
    );
    assert.deepEqual(
      record.without.map(({ name, reason }) => [name, /no reading of power|was not metered/.test(reason)]),
      [
        ['dark', true],
        ['old', true],
      ],
    );
    const other = await energy.run({ positionals: { RUN: ['a', 'b'] }, options: { base: 'b' } }, context);
    assert.deepEqual(
      other.measured.map((row) => row.relative),
      [200, 100],
    );
    await assert.rejects(energy.run({ positionals: {}, options: { base: 'dark' } }, context), /dark has no measured throughput/);
  });
});

describe('%%energy', () => {
  test('meters the cell and tells the largest memory', async () => {
    using machine = createMachine({ tools: { 'npu-smi': samples.NPU_910B4 } });
    let ran = false;
    const runBody = async () => {
      await wait(400);
      ran = true;
      return true;
    };
    const session = { ...pretendedSession(), runBody };
    const context = pretendedContext({ cwd: machine.folder, environment: machine.context.environment, session });
    const record = await energy.run({ positionals: {}, options: { interval: 0.1 }, body: 'train()' }, context);
    assert.equal(ran, true);
    assert.equal(record.measured.length, 1);
    const { use } = record.measured[0]!;
    assert.ok(Math.abs(use.watts - 89.9) < 1e-6 && use.seconds >= 0.3);
    assert.deepEqual(record.cell!.peaks.map(({ name }) => name)[0], '910B4 5');
  });
  test('without a meter there is no number, and the reason', async () => {
    using machine = createMachine();
    const session = { ...pretendedSession(), runBody: async () => true };
    const context = pretendedContext({ cwd: machine.folder, environment: machine.context.environment, session });
    const record = await energy.run({ positionals: {}, options: {}, body: 'x' }, context);
    assert.equal(record.measured.length, 0);
    assert.match(record.without[0]!.reason, /no accelerator’s tool reported a card/);
    assert.ok(record.cell!.peaks.some(({ name, memoryMB }) => name === 'host memory' && memoryMB > 0));
  });
  test('a shell has no cell', async () => {
    await assert.rejects(energy.run({ positionals: {}, options: {}, body: 'x' }, pretendedContext()), /in a notebook/);
  });
});
