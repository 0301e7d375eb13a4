// Set-up says in one clear line what the machine lacks, and never takes a half-finished step as whole.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { faultOf } from '../../setup/fault.mjs';
import { stamp, stamped, unstamp } from '../../setup/places.mjs';
import { checkNode, findPython } from '../../setup/prerequisites.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-setup-'));
after(() => rmSync(folder, { recursive: true }));

function fakePython(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('prerequisites', () => {
  test('an old Node is refused by its version', () => {
    assert.throws(() => checkNode('18.19.1'), /Node 18\.19\.1 is too old/);
    checkNode('20.0.0');
  });

  test('a Python of the wrong version is named with its version and the remedy', () => {
    const TRADEWIND_PYTHON = fakePython('python-old', 'echo "3.8 True /usr/bin/python3.8"');
    assert.throws(
      () => findPython({ TRADEWIND_PYTHON }),
      (error: Error & { remedy: string }) => {
        assert.match(error.message, /Python 3\.11 or 3\.12 with venv is needed: found .*python-old: Python 3\.8/);
        assert.match(error.remedy, /TRADEWIND_PYTHON/);
        return true;
      },
    );
  });

  test('a Python without venv is named with what it said', () => {
    const TRADEWIND_PYTHON = fakePython('python-bare', 'echo "ModuleNotFoundError: No module named ensurepip" >&2; exit 1');
    assert.throws(() => findPython({ TRADEWIND_PYTHON }), /No module named ensurepip/);
  });

  test('no Python at all lists where it looked', () => {
    assert.throws(() => findPython({ TRADEWIND_PYTHON: join(folder, 'nowhere') }), /looked for .*nowhere/);
  });

  test('a good Python is taken', () => {
    const TRADEWIND_PYTHON = fakePython('python-good', 'echo "3.12 True /opt/python"');
    assert.deepEqual(findPython({ TRADEWIND_PYTHON }), { version: '3.12', is64: true, executable: '/opt/python' });
  });
});

describe('causes of a failed tool', () => {
  const cases: [string, RegExp][] = [
    ['OSError: [Errno 28] No space left on device', /the disk is full/],
    ['npm error code ENOSPC', /the disk is full/],
    ['npm error code ENOTFOUND', /cannot be reached/],
    ['WARNING: Retrying after connection broken by NewConnectionError', /cannot be reached/],
    ['ERROR: No matching distribution found for mindspore==2.10.0', /no build for this machine \(mindspore==2\.10\.0\)/],
    ["ModuleNotFoundError: No module named 'ensurepip'", /no venv module/],
  ];
  for (const [output, expected] of cases) {
    test(output, () => {
      const fault = faultOf('installing', output, 'setup.log');
      assert.match(fault.message, expected);
      assert.match(fault.remedy, /setup\.log/);
    });
  }

  test('an unknown failure shows its last lines', () => {
    assert.match(faultOf('building', 'one\ntwo\nthree\nfour\n', 'setup.log').message, /building failed: two \| three \| four/);
  });
});

test('a stamp holds only for the inputs it was written for', () => {
  const file = join(folder, 'stamp');
  assert.equal(stamped(file, 'a'), false);
  stamp(file, 'a');
  assert.equal(stamped(file, 'a'), true);
  assert.equal(stamped(file, 'b'), false);
  unstamp(file);
  assert.equal(stamped(file, 'a'), false);
});
