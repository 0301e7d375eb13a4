// Meters: tools that print what real ones print, RAPL as the system shows it, the price of looking, and samples on disk.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { findMeters, readSamples, record, sampleUntil } from '../../kernel/src/chips/index.ts';
import { raplCounter, raplZones } from '../../kernel/src/chips/rapl.ts';
import { energyUse, type MeterSample } from '../../kernel/src/records/energy.ts';
import { createMachine } from './machine.ts';
import * as samples from './samples.ts';

const never = new AbortController().signal;
const folder = () => mkdtempSync(join(tmpdir(), 'tradewind-meters-'));

function powercap(counter: number, range = 1000e6): string {
  const place = folder();
  for (const [zone, name] of [
    ['intel-rapl:0', 'package-0'],
    ['intel-rapl:0:0', 'core'],
    ['intel-rapl:1', 'psys'],
  ] as const) {
    mkdirSync(join(place, zone));
    writeFileSync(join(place, zone, 'name'), `${name}\n`);
    writeFileSync(join(place, zone, 'energy_uj'), `${counter}\n`);
    writeFileSync(join(place, zone, 'max_energy_range_uj'), `${range}\n`);
  }
  return place;
}

describe('meters', () => {
  test('every tool that reports cards is asked again; power, use, memory and temperature come with the time', async () => {
    using machine = createMachine({ tools: { 'nvidia-smi': samples.NVIDIA_TWO, 'npu-smi': samples.NPU_910B4, 'hy-smi': 'nothing' } });
    const meters = await findMeters(machine.context.environment, never, '/nowhere');
    assert.equal(meters.powered, true);
    const before = Date.now() / 1000;
    const look = await meters.look(never);
    assert.deepEqual(
      look.map((one) => [one.meter, one.card, one.watts, one.utilisationPct !== undefined || one.meter === 'host']),
      [
        ['nvidia-smi', 0, 221.5, true],
        ['nvidia-smi', 1, 33.1, true],
        ['npu-smi', 5, 89.9, true],
        ['host', 0, undefined, true],
      ],
    );
    assert.ok(look.every((one) => one.time >= before && one.time <= Date.now() / 1000));
    // The system counts the processor's time in ticks of 10 ms.
    await wait(50);
    const again = await meters.look(never);
    assert.ok(again.at(-1)!.utilisationPct! >= 0, 'the processor’s use is known from the second look on');
  });
  test('without power there is a reason, not a zero', async () => {
    using machine = createMachine({ tools: { 'nvidia-smi': samples.NVIDIA_WITHOUT_FIGURES } });
    const meters = await findMeters(machine.context.environment, never, '/nowhere');
    assert.equal(meters.powered, false);
    assert.match(meters.reason, /nvidia-smi tells no power; this processor shows no RAPL/);
    assert.equal(energyUse([...(await meters.look(never)), ...(await meters.look(never))]), undefined);
  });
  test('RAPL: packages alone, and the counter may turn', async () => {
    const place = powercap(999e6);
    try {
      const { zones } = await raplZones(place);
      assert.deepEqual(
        zones.map((zone) => zone.name),
        ['package-0'],
      );
      const read = raplCounter(zones[0]!);
      assert.equal(await read(), 999);
      writeFileSync(join(place, 'intel-rapl:0', 'energy_uj'), '3000000\n');
      assert.equal(await read(), 1003);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
  test('RAPL that only root may read is told', { skip: process.getuid?.() === 0 }, async () => {
    const place = powercap(1);
    chmodSync(join(place, 'intel-rapl:0', 'energy_uj'), 0);
    const { zones, refused } = await raplZones(place);
    assert.deepEqual([zones.length, /EACCES/.test(refused!)], [0, true]);
    rmSync(place, { recursive: true });
  });
});

describe('sampling', () => {
  test('takes less than a hundredth of a core: a costly tool is asked seldom', { skip: process.platform !== 'linux' }, async () => {
    using machine = createMachine({ tools: { 'nvidia-smi': samples.NVIDIA_TWO } });
    // Some 50 ms of processor time a look: five seconds must pass before the next.
    appendFileSync(join(machine.folder, 'bin', 'nvidia-smi'), '');
    const tool = join(machine.folder, 'bin', 'nvidia-smi');
    writeFileSync(tool, readFileSync(tool, 'utf8').replace('#!/bin/sh\n', '#!/bin/sh\ni=0; while [ $i -lt 60000 ]; do i=$((i+1)); done\n'));
    const done = new AbortController();
    let looks = 0;
    const sampling = sampleUntil({
      environment: machine.context.environment,
      interval: 0.05,
      signal: done.signal,
      each: () => void looks++,
    });
    await wait(1500);
    done.abort();
    await sampling;
    assert.equal(looks, 2, 'one look, and the last that closes the integral');
  });
  test('a cheap look is taken as often as asked, and costs little', { skip: process.platform !== 'linux' }, async () => {
    using machine = createMachine();
    const done = new AbortController();
    let looks = 0;
    const meters = await findMeters(machine.context.environment, never, '/nowhere');
    const before = process.cpuUsage();
    const sampling = sampleUntil({
      environment: machine.context.environment,
      interval: 0.2,
      signal: done.signal,
      meters,
      each: () => void looks++,
    });
    await wait(2000);
    done.abort();
    await sampling;
    const { user, system } = process.cpuUsage(before);
    assert.ok(looks >= 5, `${looks} looks`);
    // At the panel's two seconds between looks a tenth of this.
    assert.ok((user + system) / looks / 1e6 < 0.02, `${(user + system) / looks / 1000} ms of processor time a look`);
  });
  test('a process is metered while it lives, into a file that a torn line does not spoil', async () => {
    using machine = createMachine({ tools: { 'npu-smi': samples.NPU_910B4 } });
    const file = join(machine.folder, 'energy.jsonl');
    // Long against what the first look takes on a busy machine.
    const child = spawn('sleep', ['2']);
    await record(file, child.pid, 0.2, machine.context.environment, never);
    appendFileSync(file, '{"time": 12, "met');
    const read: MeterSample[] = await readSamples(file);
    const use = energyUse(read)!;
    assert.equal(use.meter, 'npu-smi');
    assert.ok(Math.abs(use.watts - 89.9) < 1e-6 && use.seconds > 0.7 && use.seconds < 10, JSON.stringify(use));
    assert.deepEqual(await readSamples(join(machine.folder, 'none.jsonl')), []);
  });
});
