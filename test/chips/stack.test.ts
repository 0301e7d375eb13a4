// From the card up to the framework: the first thing that is missing is named, with the remedy, for machines laid out in a folder of their own.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { detect, stackChecks } from '../../kernel/src/chips/index.ts';
import { parseNpuDetails } from '../../kernel/src/chips/npu-details.ts';
import { CANN_OF_MINDSPORE, CANN_OF_TORCH_NPU, cannFits } from '../../kernel/src/chips/supported.ts';
import { createMachine, type MachineParts, target } from './machine.ts';
import * as samples from './samples.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tradewind-root-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function lay(...files: [path: string, text: string][]): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

async function checks(parts: MachineParts, environment: NodeJS.ProcessEnv = {}) {
  using machine = createMachine(parts);
  const all = await stackChecks({ detection: await detect(machine.context), environment, root });
  return all.map(({ name, status, found, remedy }) => ({ name, status, found, remedy }));
}

const npu = { targets: [target('npu', true, 'torch_npu 2.8.0, sees 1 card', [{ index: 0, name: '910B4' }])], version: '2.8.0' };
const ms = (version: string) => ({
  targets: [target('Ascend', true, `mindspore ${version}, sees 1 card`, [{ index: 0, name: '910B4' }])],
  version,
});
const DRIVER: [string, string] = ['/usr/local/Ascend/driver/version.info', 'Version=25.5.2\nascendhal_version=7.35.23\n'];
const CANN: [string, string] = [
  '/usr/local/Ascend/ascend-toolkit/latest/aarch64-linux/ascend_toolkit_install.info',
  samples.CANN_INSTALL_INFO,
];
const LOADED = { ASCEND_OPP_PATH: '/opp' };

describe('Ascend', () => {
  test('no trace, no word', async () => {
    assert.deepEqual(await checks({}), []);
  });
  test('a driver that is installed and not loaded comes first, and nothing above it is judged', async () => {
    lay(DRIVER);
    const [first, ...rest] = await checks({});
    assert.deepEqual([first!.name, first!.status, rest.length], ['Ascend: driver', 'missing', 0]);
    assert.match(first!.found, /25\.5\.2 is installed, but .*not loaded.*CANN, framework: not looked at/);
    assert.match(first!.remedy!, /driver/);
  });
  test('a driver without cards: npu-smi’s own words', async () => {
    lay(DRIVER, ['/dev/davinci_manager', '']);
    const last = (await checks({ tools: { 'npu-smi': { output: 'DrvMngGetConsoleLogLevel failed. (g_conLogLevel=3)\n', code: 255 } } })).at(
      -1,
    )!;
    assert.deepEqual([last.name, last.status], ['Ascend: npu-smi', 'missing']);
    assert.match(last.found, /DrvMngGetConsoleLogLevel failed/);
  });
  test('no CANN, then CANN whose environment is not loaded', async () => {
    lay(DRIVER);
    const tools = { 'npu-smi': samples.NPU_910B4 };
    const without = (await checks({ tools })).at(-1)!;
    assert.deepEqual([without.name, without.status], ['Ascend: CANN', 'missing']);
    lay(CANN);
    const unloaded = (await checks({ tools })).at(-1)!;
    assert.deepEqual([unloaded.name, unloaded.status], ['Ascend: CANN', 'wrong']);
    assert.match(unloaded.found, /8\.3\.RC1 .*ASCEND_OPP_PATH is not set/);
    assert.match(unloaded.remedy!, /source .*set_env\.sh/);
  });
  test('frameworks that were built for this CANN, and one that was not', async () => {
    lay(DRIVER, CANN);
    const tools = { 'npu-smi': samples.NPU_910B4 };
    const fitting = await checks({ tools, pytorch: npu, mindspore: ms('2.10.0') }, LOADED);
    assert.deepEqual(
      fitting.map(({ name, status }) => [name, status]),
      ['driver', 'npu-smi', 'firmware', 'CANN', 'framework'].map((name) => [`Ascend: ${name}`, 'ok']),
    );
    const wrong = (await checks({ tools, pytorch: npu, mindspore: ms('2.7.2') }, LOADED)).at(-1)!;
    assert.equal(wrong.status, 'wrong');
    assert.match(wrong.found, /MindSpore 2\.7\.2 wants CANN 8\.5\.0, and 8\.3\.RC1 is here/);
  });
  test('no framework that sees the card', async () => {
    lay(DRIVER, CANN);
    const last = (await checks({ tools: { 'npu-smi': samples.NPU_910B4 } }, LOADED)).at(-1)!;
    assert.deepEqual([last.name, last.status], ['Ascend: framework', 'missing']);
  });
});

describe('DCU', () => {
  const tools = { 'hy-smi': samples.HY_Z100L };
  test('DTK that is not loaded, then a torch that is not Sugon’s', async () => {
    lay(['/dev/kfd', '']);
    const first = (await checks({ tools })).at(-1)!;
    assert.deepEqual([first.name, first.status], ['DCU: DTK', 'missing']);
    lay(['/opt/dtk/.info/version', '25.04.1\n']);
    const second = (await checks({ tools, pytorch: { targets: [target('cuda', false, 'torch 2.5.1 is built for the CPU only')] } })).at(
      -1,
    )!;
    assert.deepEqual([second.name, second.status], ['DCU: framework', 'missing']);
    assert.match(second.remedy!, /Sugon’s own wheel/);
    const hip = target('hip', true, 'torch 2.5.1, built for ROCm 6.1', [{ index: 0, name: 'Z100L' }]);
    assert.ok((await checks({ tools, pytorch: { targets: [hip] } })).every(({ status }) => status === 'ok'));
  });
});

describe('NVIDIA', () => {
  test('the kernel module, and what nvidia-smi says when it is gone', async () => {
    lay(['/dev/nvidiactl', '']);
    assert.match((await checks({})).at(-1)!.found, /not loaded/);
    lay(['/proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\n']);
    const all = await checks({ tools: { 'nvidia-smi': { output: samples.NVIDIA_FAILED, code: 9 } } });
    assert.deepEqual([all[0]!.found, all[1]!.status], ['535.129.03', 'missing']);
    assert.match(all[1]!.found, /couldn't communicate/);
  });
});

describe('tables of CANN', () => {
  test('beginnings fit whole numbers; what is not listed is not judged', () => {
    assert.equal(cannFits(CANN_OF_MINDSPORE, '2.10.0', '8.5.0'), 'yes');
    assert.equal(cannFits(CANN_OF_MINDSPORE, '2.10.0', '8.3.RC1'), 'yes');
    assert.equal(cannFits(CANN_OF_MINDSPORE, '2.10.0', '8.1.RC1'), 'no');
    assert.equal(cannFits(CANN_OF_TORCH_NPU, '2.7.1.post2', '8.5.0'), 'yes');
    assert.equal(cannFits(CANN_OF_TORCH_NPU, '2.7.1', '8.5.0'), 'no');
    assert.equal(cannFits(CANN_OF_TORCH_NPU, '2.7.1.dev20250101', '8.5.0'), 'unknown');
  });
});

describe('npu-smi info -t', () => {
  test('common: the chip before its lines, the controller’s apart', () => {
    assert.deepEqual([...parseNpuDetails(samples.NPU_COMMON_910B)], [[0, { utilisationPct: 0, powerW: 69, temperatureC: 46 }]]);
  });
  test('a card of two chips: the controller’s power counts once', () => {
    assert.deepEqual(
      [...parseNpuDetails(samples.NPU_COMMON_310P)],
      [
        [0, { utilisationPct: 0, temperatureC: 60, powerW: 45.2 }],
        [1, { utilisationPct: 0, temperatureC: 59 }],
      ],
    );
  });
  test('usages: the chip behind its lines, HBM before DDR; power alone', () => {
    assert.deepEqual(
      [...parseNpuDetails(samples.NPU_USAGES_910B)],
      [[0, { memoryTotalMB: 32768, memoryUsedMB: 8192, utilisationPct: 40 }]],
    );
    assert.deepEqual([...parseNpuDetails(samples.NPU_POWER)], [[0, { powerW: 103.5 }]]);
  });
  test('garbage gives nothing, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom(...samples.NPU_COMMON_310P.split('\n'), '', ':', 'Chip ID : x')).map((lines) => lines.join('\n')),
        ),
        (text) => {
          for (const figures of parseNpuDetails(text).values())
            for (const value of Object.values(figures)) assert.ok(Number.isFinite(value));
        },
      ),
    );
  });
});
