// From tools and frameworks to chips and engines: on pretended machines, and on this one.
import assert from 'node:assert/strict';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { chipEntries, detect, resolveEngine } from '../../kernel/src/chips/index.ts';
import type { ChipEntry } from '../../kernel/src/records/chips.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';
import { CPU, createMachine, target } from './machine.ts';
import * as samples from './samples.ts';

const entry = (entries: ChipEntry[], name: string) => entries.find((one) => one.name === name)!;

/** What a call throws; fails when it does not throw a TradewindError. */
async function refused(work: Promise<unknown>): Promise<TradewindError['data']> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof TradewindError, String(error));
    return error.data;
  }
  return assert.fail('it was not refused');
}

const cuda = [
  CPU,
  target('cuda', true, 'torch 2.13.0+cu126, built for CUDA 12.6, sees 1 card', [
    { index: 0, name: 'NVIDIA A100-SXM4-40GB', memoryTotalMB: 40326 },
  ]),
];

describe('a machine without accelerators', () => {
  test('only the CPU is present; each absent chip says what was looked for, in order', async () => {
    using machine = createMachine({ pytorch: { targets: [CPU, target('cuda', false, 'torch 2.13.0+cpu is built for the CPU only')] } });
    const entries = chipEntries(await detect(machine.context));
    assert.deepEqual(
      entries.map((one) => [one.name, one.present]),
      [
        ['cpu', true],
        ['a100', false],
        ['3090', false],
        ['910b', false],
        ['dcu', false],
        ['dcu-16gb', false],
      ],
    );
    const steps = entry(entries, 'a100').lookedFor;
    assert.deepEqual(
      steps.map((step) => step.what),
      ['nvidia-smi', '/dev/nvidiactl', 'torch.cuda', 'MindSpore’s GPU target'],
    );
    assert.equal(steps[0]!.detail, 'not on the PATH');
    assert.equal(steps[2]!.detail, 'torch 2.13.0+cpu is built for the CPU only');
    assert.match(entry(entries, 'a100').remedy!, /nvidia-smi on the PATH/);
    assert.deepEqual(
      entry(entries, 'cpu').engines.map((engine) => [engine.framework, engine.usable, engine.state]),
      [
        ['pytorch', true, 'stopped'],
        ['mindspore', true, 'stopped'],
      ],
    );
  });

  test('an absent chip is refused with what was looked for, never replaced', async () => {
    using machine = createMachine();
    const data = await refused(resolveEngine('910b', 'mindspore', machine.context));
    assert.equal(data.code, 'absent');
    assert.match(data.message, /no Huawei Ascend 910b is here; nothing else is used in its place/);
    assert.match(data.details!, /✗ npu-smi: /);
    assert.match(data.details!, /✗ torch_npu: /);
    assert.match(data.remedy!, /npu-smi on the PATH/);
  });

  test('MindSpore on the DCU is refused with the reason, whether a DCU is here or not', async () => {
    using machine = createMachine();
    const data = await refused(resolveEngine('dcu', 'mindspore', machine.context));
    assert.equal(data.code, 'refused');
    assert.match(data.message, /MindSpore does not run on DCU chips/);
    assert.equal(data.remedy, '%chip dcu --framework pytorch');
    using other = createMachine({ tools: { 'hy-smi': samples.HY_Z100L } });
    assert.equal((await refused(resolveEngine('dcu', 'mindspore', other.context))).code, 'refused');
  });

  test('an unknown chip gets the nearest name', async () => {
    using machine = createMachine();
    const data = await refused(resolveEngine('910', undefined, machine.context));
    assert.equal(data.message, 'there is no chip 910 (did you mean 910b?)');
  });

  test('the CPU is chosen with the active framework, and with the other when that is not installed', async () => {
    using machine = createMachine({ pytorch: { version: null, checked: 'no package torch', targets: [] } });
    const choice = await resolveEngine('cpu', undefined, machine.context, 'pytorch');
    assert.deepEqual(choice, {
      chip: 'cpu',
      framework: 'mindspore',
      title: 'CPU · MindSpore',
      python: machine.python,
      environment: {},
      modules: [],
      place: 'local',
    });
    const data = await refused(resolveEngine('cpu', 'pytorch', machine.context));
    assert.match(data.message, /PyTorch cannot run on CPU here: PyTorch is not there: no package torch/);
  });

  test('an environment without ipykernel is told, with the line that mends it', async () => {
    using machine = createMachine({ pytorch: { ipykernel: null }, mindspore: { ipykernel: null } });
    const data = await refused(resolveEngine('cpu', 'pytorch', machine.context));
    assert.match(data.message, /has no ipykernel/);
    assert.equal(data.remedy, `${machine.python} -m pip install ipykernel`);
  });
});

describe('machines with accelerators', () => {
  test('an A100 and a build of torch that sees it', async () => {
    using machine = createMachine({
      tools: { 'nvidia-smi': '0, NVIDIA A100-SXM4-40GB, 40960, 4, 0, 44.71, 31\n' },
      pytorch: { targets: cuda },
    });
    const entries = chipEntries(await detect(machine.context), [{ chip: 'a100', framework: 'pytorch', state: 'busy' }]);
    const a100 = entry(entries, 'a100');
    assert.equal(a100.present, true);
    assert.deepEqual(a100.lookedFor[0], { what: 'nvidia-smi', found: true, detail: '1 card: NVIDIA A100-SXM4-40GB' });
    assert.deepEqual(
      a100.cards.map((card) => card.memoryTotalMB),
      [40960],
    );
    assert.deepEqual(a100.engines[0], { framework: 'pytorch', usable: true, version: '2.0', state: 'busy', reason: undefined });
    assert.equal(a100.engines[1]!.usable, false);
    const choice = await resolveEngine('a100', undefined, machine.context, 'mindspore');
    assert.deepEqual([choice.framework, choice.title, choice.environment], ['pytorch', 'NVIDIA A100 · PyTorch', {}]);
  });

  test('a card that the driver lists and no framework can use: refused with the build as the reason', async () => {
    using machine = createMachine({
      tools: { 'nvidia-smi': samples.NVIDIA_TWO },
      pytorch: { version: '2.13.0+cpu', targets: [CPU, target('cuda', false, 'torch 2.13.0+cpu is built for the CPU only')] },
    });
    const data = await refused(resolveEngine('a100', undefined, machine.context));
    assert.equal(data.code, 'absent');
    assert.match(data.message, /PyTorch cannot run on NVIDIA A100 here: torch 2\.13\.0\+cpu is built for the CPU only/);
    assert.match(data.remedy!, /CUDA build of torch/);
  });

  test('two kinds of NVIDIA cards: the engine sees its own kind, in nvidia-smi’s order; the user’s choice stands', async () => {
    const parts = { tools: { 'nvidia-smi': samples.NVIDIA_TWO }, pytorch: { targets: cuda } };
    using machine = createMachine(parts);
    assert.deepEqual((await resolveEngine('3090', 'pytorch', machine.context)).environment, {
      CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
      CUDA_VISIBLE_DEVICES: '1',
    });
    using chosen = createMachine({ ...parts, environment: { CUDA_VISIBLE_DEVICES: '0,1' } });
    assert.deepEqual((await resolveEngine('3090', 'pytorch', chosen.context)).environment, {});
  });

  test('an NVIDIA card that the catalogue does not name is an entry of its own, without the paper’s figures', async () => {
    using machine = createMachine({ tools: { 'nvidia-smi': '0, NVIDIA H200, 143771, 0, 0, 75.88, 29\n' }, pytorch: { targets: cuda } });
    const found = entry(chipEntries(await detect(machine.context)), 'cuda');
    assert.deepEqual([found.present, found.figures, found.cards[0]!.name], [true, undefined, 'NVIDIA H200']);
    assert.equal((await resolveEngine('cuda', undefined, machine.context)).framework, 'pytorch');
  });

  test('an Ascend 910B4 with both frameworks', async () => {
    const device = { index: 0, name: 'Ascend910B4', memoryTotalMB: 29952 };
    using machine = createMachine({
      tools: { 'npu-smi': samples.NPU_910B4 },
      pytorch: { targets: [CPU, target('npu', true, 'torch_npu 2.6.0, sees 1 card', [device])] },
      mindspore: { targets: [CPU, target('Ascend', true, 'mindspore 2.10.0, sees 1 card', [{ index: 0, name: 'Ascend910B4' }])] },
    });
    const entries = chipEntries(await detect(machine.context));
    assert.deepEqual(
      entry(entries, '910b').engines.map((engine) => engine.usable),
      [true, true],
    );
    assert.deepEqual(
      entry(entries, '910b').cards.map((card) => card.memoryTotalMB),
      [32768],
      'the driver’s word stands: the framework’s is not counted as a second card',
    );
  });

  test('a DCU runs PyTorch, and hy-smi’s cards are not counted again from rocm-smi', async () => {
    using machine = createMachine({
      tools: { 'hy-smi': samples.HY_Z100L, 'rocm-smi': samples.HY_Z100L },
      pytorch: { targets: [CPU, target('hip', true, 'torch 2.4.1, built for ROCm 6.1, sees 2 cards', [{ index: 0, name: 'Z100L' }])] },
    });
    const entries = chipEntries(await detect(machine.context));
    assert.deepEqual(
      ['dcu', 'dcu-16gb'].map((name) => entry(entries, name).cards.length),
      [1, 1],
    );
    const [pytorch, mindspore] = entry(entries, 'dcu').engines;
    assert.equal(pytorch!.usable, true);
    assert.match(mindspore!.reason!, /MindSpore does not run on DCU chips/);
    assert.deepEqual((await resolveEngine('dcu-16gb', undefined, machine.context)).environment, { HIP_VISIBLE_DEVICES: '1' });
  });

  test('in a container without tools the framework’s word counts', async () => {
    using machine = createMachine({ pytorch: { targets: cuda } });
    const a100 = entry(chipEntries(await detect(machine.context)), 'a100');
    assert.deepEqual([a100.present, a100.lookedFor[0]!.found, a100.lookedFor[2]!.found], [true, false, true]);
  });

  test('a tool that fails is told with its own words', async () => {
    using machine = createMachine({ tools: { 'nvidia-smi': { output: samples.NVIDIA_FAILED, code: 9 } } });
    const [step] = entry(chipEntries(await detect(machine.context)), 'a100').lookedFor;
    assert.equal(step!.found, false);
    assert.match(step!.detail, /^it failed \(exit code 9\): NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver/);
  });
});

describe('engines of the user’s', () => {
  const engines = (python: string) => `engines:
  - name: npu-env
    chip: 910b
    framework: mindspore
    python: ${python}
    environment:
      ASCEND_RT_VISIBLE_DEVICES: "0"
`;

  test('one is chosen by its name, with its Python and variables', async () => {
    using machine = createMachine({
      tools: { 'npu-smi': samples.NPU_910B4 },
      mindspore: { targets: [CPU, target('Ascend', true, 'sees 1 card', [{ index: 0, name: 'Ascend910B4' }])] },
      engines: engines('./python'),
    });
    const choice = await resolveEngine('npu-env', undefined, machine.context);
    assert.deepEqual(choice, {
      chip: 'npu-env',
      framework: 'mindspore',
      title: 'npu-env (Huawei Ascend 910b) · MindSpore',
      python: machine.python,
      environment: { ASCEND_RT_VISIBLE_DEVICES: '0' },
      modules: [],
      place: 'local',
    });
    const data = await refused(resolveEngine('npu-env', 'pytorch', machine.context));
    assert.equal(data.message, 'the engine npu-env runs MindSpore, not PyTorch');
    const mine = entry(chipEntries(await detect(machine.context)), 'npu-env');
    assert.deepEqual([mine.present, mine.engines.length, mine.engines[0]!.usable], [true, 1, true]);
  });

  test('its chip must be here too, and its Python must run', async () => {
    using machine = createMachine({ engines: engines('./python') });
    assert.match((await refused(resolveEngine('npu-env', undefined, machine.context))).message, /no Huawei Ascend 910b is here/);
    using broken = createMachine({ tools: { 'npu-smi': samples.NPU_910B4 }, engines: engines('./nowhere/python') });
    assert.match((await refused(resolveEngine('npu-env', undefined, broken.context))).message, /Python could not be started/);
  });

  test('where the own environment cannot and a user’s engine can, that is the remedy', async () => {
    using machine = createMachine({
      tools: { 'npu-smi': samples.NPU_910B4 },
      mindspore: { version: null, checked: 'no package mindspore', targets: [] },
      pytorch: { targets: [CPU, target('npu', false, 'torch_npu is not installed')] },
    });
    using other = createMachine({
      mindspore: { targets: [CPU, target('Ascend', true, 'sees 1 card', [{ index: 0, name: 'Ascend910B4' }])] },
    });
    writeFileSync(join(machine.folder, 'engines.yaml'), engines(other.python));
    const data = await refused(resolveEngine('910b', 'mindspore', machine.context));
    assert.equal(data.remedy, `%chip npu-env has it (${join(machine.folder, 'engines.yaml')}:2).`);
  });
});

describe('the probes’ memory', () => {
  const count = (file: string) => readFileSync(file, 'utf8').trim().split('\n').length;

  test('a framework is asked once, and again when its environment or the cards change', async () => {
    using machine = createMachine();
    await detect(machine.context);
    await detect(machine.context);
    assert.equal(count(machine.probes), 2, 'one question a framework');
    await detect({ ...machine.context, environment: { ...machine.context.environment, CUDA_VISIBLE_DEVICES: '0' } });
    assert.equal(count(machine.probes), 4);
    const later = new Date(Date.now() + 5000);
    utimesSync(machine.python, later, later);
    await detect(machine.context);
    assert.equal(count(machine.probes), 6);
  });

  test('a failure is not remembered', async () => {
    using machine = createMachine();
    const good = readFileSync(machine.python, 'utf8');
    writeFileSync(machine.python, '#!/bin/sh\nexit 3\n');
    const broken = await detect(machine.context);
    assert.match(broken.candidates[0]!.probe.checked, /ended with exit code 3/);
    writeFileSync(machine.python, good);
    assert.equal((await detect(machine.context)).candidates[0]!.probe.version, '2.0');
  });

  test('an interrupt ends the looking', async () => {
    using machine = createMachine();
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(detect({ ...machine.context, signal: controller.signal }));
  });
});

test('this machine: the processor with its real cores and memory, and the frameworks of the environment', async () => {
  using machine = createMachine();
  const { TRADEWIND_PYTHON: _, ...environment } = machine.context.environment;
  const detection = await detect({ ...machine.context, environment: { ...environment, PATH: process.env.PATH } });
  const cpu = entry(chipEntries(detection), 'cpu');
  assert.equal(cpu.present, true);
  const [card] = cpu.cards;
  assert.match(card!.name, /\d+ cores?$/);
  assert.ok(card!.memoryTotalMB! > 500 && card!.memoryUsedMB! > 0 && card!.memoryUsedMB! < card!.memoryTotalMB!);
  for (const { probe } of detection.candidates) {
    assert.match(probe.version!, /^\d+\.\d+/);
    assert.ok(probe.targets.some((one) => one.name === 'cpu' && one.built));
  }
});
