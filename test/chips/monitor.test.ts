// One sampler for all who watch: the hour that it keeps, watchers that come and go, and engines on other machines.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createRemoteMeters, type RemoteLook } from '../../kernel/src/chips/elsewhere.ts';
import { createMonitor } from '../../kernel/src/chips/index.ts';
import { pythonPackageFolder, rootFolder } from '../../kernel/src/processes/places.ts';
import type { MeterSample } from '../../kernel/src/records/energy.ts';
import { createHistory } from '../../kernel/src/records/monitor.ts';
import { createMachine } from './machine.ts';
import * as samples from './samples.ts';

const host = { name: 'Processor', memoryUsedMB: 1000, memoryTotalMB: 4000, utilisationPct: 12 };
const look = (number: number, answers: RemoteLook['answers'], rapl: RemoteLook['rapl'] = []): RemoteLook => ({
  number,
  answers,
  host,
  rapl,
});

test('a counter of energy tells watts, and an hour that another kept is taken over', () => {
  const history = createHistory();
  for (const [time, joules] of [
    [100, 50],
    [102, 70],
    [104, 130],
  ] as const)
    history.add([{ time, meter: 'rapl', card: 0, name: 'package-0', joules }]);
  const [card] = history.cards();
  assert.deepEqual(card!.history.watts, [null, 10, 30]);
  assert.equal(card!.now.watts, 30);
  const second = createHistory(history.cards());
  second.add([{ time: 106, meter: 'rapl', card: 0, name: 'package-0', joules: 140 }]);
  assert.deepEqual(second.cards()[0]!.history.watts, [null, 10, 30, 5]);
  assert.deepEqual(second.cards()[0]!.history.time, [100, 102, 104, 106]);
});

test('cards of two machines with the same number stay apart', () => {
  const history = createHistory();
  const sample = (place?: string): MeterSample => ({ time: 1, place, meter: 'host', card: 0, name: place ?? 'here' });
  history.add([sample(), sample('far/mindspore')]);
  assert.deepEqual(
    history.cards().map(({ place, name }) => [place, name]),
    [
      [undefined, 'here'],
      ['far/mindspore', 'far/mindspore'],
    ],
  );
});

test('another machine’s tools are read by the same parsers, each look once, at the time when it was made', async () => {
  const meters = createRemoteMeters('far/mindspore');
  const asked = meters.request(2).commands;
  assert.deepEqual(
    asked.map(({ tool }) => tool),
    ['nvidia-smi', 'npu-smi', 'hy-smi', 'rocm-smi'],
  );
  const answers = [{ tool: 'npu-smi', words: ['info'], output: samples.NPU_910B4 }];
  const read = await meters.samples(look(1, answers, [{ index: 0, name: 'package-0', microjoules: 9e6, range: 10e6 }]), 3);
  assert.deepEqual(
    read.map(({ place, meter, card, watts, joules }) => [place, meter, card, watts, joules]),
    [
      ['far/mindspore', 'npu-smi', 5, 89.9, undefined],
      ['far/mindspore', 'rapl', 0, undefined, 9],
      ['far/mindspore', 'host', 0, undefined, undefined],
    ],
  );
  assert.ok(Math.abs(Date.now() / 1000 - 3 - read[0]!.time) < 1);
  assert.deepEqual(await meters.samples(look(1, answers), 5), []);
  assert.deepEqual(await meters.samples(null, 0), []);
  // The counter has turned.
  const again = await meters.samples(look(2, [], [{ index: 0, name: 'package-0', microjoules: 1e6, range: 10e6 }]), 0);
  assert.equal(again[0]!.joules, 11);
});

test('an engine’s own looks (Python): tools that are there, the processor, and no look twice while it is too early', () => {
  using machine = createMachine({ tools: { 'nvidia-smi': samples.NVIDIA_TWO } });
  const script = `
import json, sys, time
from tradewind.engine import meters
commands = json.loads(sys.argv[1])
looks = meters.Looks()
looks.ask(commands, 0.2)
looks._thread.join()
looks.ask(commands, 0.2)
first = looks.newest["number"]
time.sleep(0.3)
meters._memory({"begin": True}, [])
block = bytearray(120 << 20)
del block
peak = meters._memory({}, [])[0]["peakMB"]
print(json.dumps({"look": looks.newest, "first": first, "peak": peak, "after": meters._memory({"begin": True}, [])[0]["peakMB"]}))`;
  const commands = createRemoteMeters('x').request(1).commands;
  const out = execFileSync(`${rootFolder()}/.venv/bin/python`, ['-c', script, JSON.stringify(commands)], {
    env: { ...machine.context.environment, PYTHONPATH: pythonPackageFolder() },
    encoding: 'utf8',
  });
  const { look: made, first, peak, after } = JSON.parse(out);
  assert.equal(first, 1);
  assert.deepEqual(
    made.answers.map(({ tool, output }: { tool: string; output: string }) => [tool, output.trim()]),
    [['nvidia-smi', samples.NVIDIA_TWO.trim()]],
  );
  assert.ok(made.host.memoryTotalMB > made.host.memoryUsedMB && made.host.memoryUsedMB > 0);
  if (process.platform === 'linux') assert.ok(peak - after > 100, `${peak} and ${after} MiB`);
});

test('watchers come and go: the hour is shared, a hurried one shortens the rest, and other machines are asked with it', async () => {
  using machine = createMachine({ tools: { 'npu-smi': samples.NPU_910B4 } });
  let number = 0;
  const monitor = createMonitor(machine.context.environment, async (request) => {
    assert.equal((request('far/pytorch') as { interval: number }).interval, 0.1);
    return [{ engine: 'far/pytorch', look: look(++number, []), age: 0 }];
  });
  const seen: number[] = [];
  const stop = monitor.watch(0.1, (all) => seen.push(all.length));
  const end = Date.now() + 10_000;
  while (seen.length < 3 && Date.now() < end) await wait(50);
  stop();
  const [count] = [seen.length];
  assert.ok(count >= 3, `${count} looks`);
  assert.deepEqual(
    monitor.cards().map(({ place, meter }) => [place, meter]),
    [
      [undefined, 'npu-smi'],
      [undefined, 'host'],
      ['far/pytorch', 'host'],
    ],
  );
  assert.equal((await monitor.power).powered, true);
  await wait(300);
  assert.equal(seen.length, count, 'who left hears no more');
  // It rests now; the next one who comes is not kept waiting for that.
  const first = await new Promise((resolve) => {
    const leave = monitor.watch(0.1, () => {
      leave();
      resolve(true);
    });
  });
  assert.equal(first, true);
});
