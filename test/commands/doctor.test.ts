// The doctor's checks: pins against packages, engines.yaml, Python, and the verdict as an exit code.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { doctor } from '../../kernel/src/commands/doctor.ts';
import { diskCheck, engineFileCheck, kernelChecks, nodeChecks } from '../../kernel/src/commands/doctor-checks.ts';
import { packageChecks, parsePins, pythonChecks } from '../../kernel/src/commands/doctor-python.ts';
import type { DoctorRecord } from '../../kernel/src/records/doctor.ts';
import { createMachine } from '../chips/machine.ts';
import { pretendedContext } from './pretend.ts';

describe('pins', () => {
  const text = `# comment
torch==2.13.0
netCDF4==1.7.5 ; python_version > "3"
typing_extensions==4.16.0  # why
extra[one,two]==1.0
unpinned
range>=2
`;
  test('are read with normalised names', () => {
    assert.deepEqual(
      [...parsePins(text)],
      [
        ['torch', '2.13.0'],
        ['netcdf4', '1.7.5'],
        ['typing-extensions', '4.16.0'],
        ['extra', '1.0'],
      ],
    );
  });
  test('a local build fits its pin; what is missing or another version is named with both', () => {
    assert.deepEqual(packageChecks(parsePins(text), { torch: '2.13.0+cpu', netcdf4: '1.7.4', extra: '1.0' }), [
      { name: 'torch', status: 'ok', found: '2.13.0+cpu' },
      { name: 'netcdf4', status: 'wrong', found: '1.7.4, pinned: 1.7.5', remedy: 'npm start installs the pinned packages.' },
      {
        name: 'typing-extensions',
        status: 'missing',
        found: 'not installed (pinned: 4.16.0)',
        remedy: 'npm start installs the pinned packages.',
      },
      { name: 'other packages', status: 'ok', found: '1 as pinned' },
    ]);
  });
});

describe('Python', () => {
  test('none at its place', async () => {
    using machine = createMachine();
    rmSync(machine.python);
    const [check, ...rest] = await pythonChecks(pretendedContext(machine.context));
    assert.deepEqual([check!.status, check!.found, rest.length], ['missing', `no Python at ${machine.python}`, 0]);
  });
  test('this environment’s packages are the pinned ones', async () => {
    const checks = await pythonChecks(pretendedContext({ environment: { ...process.env, TRADEWIND_PYTHON: undefined } }));
    assert.deepEqual(
      checks.filter((check) => check.status !== 'ok'),
      [],
    );
    assert.ok(checks.some((check) => check.name === 'mindspore'));
  });
});

describe('engines.yaml', () => {
  test('none is fine', async () => {
    using machine = createMachine();
    assert.deepEqual(await engineFileCheck(machine.context), [
      { name: 'engines.yaml', status: 'optional', found: 'none: no engines of your own' },
    ]);
  });
  test('a fault has its line, a Python that is gone its engine', async () => {
    using broken = createMachine({ engines: 'engines:\n  - name: a\n' });
    const [fault] = await engineFileCheck(broken.context);
    assert.equal(fault!.status, 'wrong');
    assert.match(fault!.found, /engines\.yaml:2: an engine needs chip$/);
    using gone = createMachine({ engines: 'engines: [{name: a, chip: cpu, framework: pytorch, python: ./nowhere}]\n' });
    const [check] = await engineFileCheck(gone.context);
    assert.match(check!.found, /engines\.yaml:1: no Python at .*nowhere$/);
    assert.equal(check!.remedy, 'Mend python: of the engine a, or take it out.');
  });
});

test('Node, the npm packages and the disk of this checkout', async () => {
  const checks = [...(await nodeChecks()), ...(await diskCheck(process.cwd()))];
  assert.deepEqual(
    checks.map((check) => [check.name, check.status]),
    [
      ['node', 'ok'],
      ['npm packages', 'ok'],
      ['disk', 'ok'],
    ],
  );
});

test('every finding that needs a hand has a remedy', async () => {
  for (const check of await kernelChecks()) assert.ok(check.status === 'ok' || check.remedy, check.name);
});

test('the verdict is the exit code', async () => {
  const record = (status: DoctorRecord['checks'][number]['status'], healthy: boolean) =>
    ({ healthy, checks: [{ name: 'x', status, found: '' }] }) as unknown as DoctorRecord;
  assert.deepEqual([doctor.exitCode!(record('ok', true)), doctor.exitCode!(record('missing', false))], [0, 1]);
  using machine = createMachine();
  rmSync(machine.python);
  const found = await doctor.run({ positionals: {}, options: {} }, pretendedContext(machine.context));
  assert.equal(found.healthy, false);
});
