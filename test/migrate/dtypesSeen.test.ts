// The dtypes of a call site against those that its operator was measured for.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Trace } from '../../kernel/src/migrate/trace.ts';
import { migrateFiles, migrateFolder, writeFiles } from './migration.ts';

const SOURCE = 'import torch\n\n\ndef run(x):\n    return torch.relu(x)\n';

function traced(dtype: string): Promise<Trace> {
  const value = { shape: [2], dtype };
  return Promise.resolve({
    calls: [
      { file: 'case.py', line: 5, column: 11, endLine: 5, endColumn: 24, api: 'torch.relu', inputs: [value], outputs: [value], count: 1 },
    ],
    modules: [],
  });
}

async function relu(dtype: string) {
  const source = writeFiles({ 'case.py': SOURCE });
  const made = await migrateFolder(source, { entry: join(source, 'case.py'), trace: () => traced(dtype) });
  return made.uses.find((use) => use.api === 'torch.relu')!;
}

test('what was measured for the dtype says nothing more', async () => {
  const use = await relu('float32');
  assert.ok(use.measured!.dtypes.includes('float32'));
  assert.deepEqual([use.dtypes, use.unmeasuredDtypes, use.grade], [['float32'], undefined, 'safe']);
});

test('a dtype that was not measured is named; a complex one has to be looked at', async () => {
  const integer = await relu('uint32');
  assert.deepEqual([integer.unmeasuredDtypes, integer.grade], [['uint32'], 'safe']);
  const complex = await relu('complex64');
  assert.deepEqual([complex.unmeasuredDtypes, complex.grade], [['complex64'], 'needs a look']);
  assert.match(complex.reason!, /not measured for complex64/);
});

test('samples that did not all pass are counted', async () => {
  const source = writeFiles({ 'case.py': SOURCE.replace('torch.relu(x)', 'torch.real(x)') });
  const made = await migrateFolder(source, {
    entry: join(source, 'case.py'),
    trace: async () => {
      const trace = await traced('complex64');
      return { ...trace, calls: trace.calls.map((call) => ({ ...call, api: 'torch.real' })) };
    },
  });
  const use = made.uses.find((one) => one.api === 'torch.real')!;
  const [passed, samples] = use.measured!.counts!.complex64!;
  if (passed === samples) assert.deepEqual([use.partlyMeasured, use.unmeasuredDtypes], [undefined, undefined]);
  else assert.deepEqual(use.partlyMeasured, [{ dtype: 'complex64', passed, samples }]);
});

test('without a trace inference tells a complex tensor', async () => {
  const made = await migrateFiles({
    'case.py': 'import torch\n\n\ndef run(x: torch.Tensor):\n    y = torch.fft.fft(x)\n    return torch.relu(y)\n',
  });
  assert.deepEqual(made.uses.find((use) => use.api === 'torch.relu')!.unmeasuredDtypes, ['complex64']);
});
