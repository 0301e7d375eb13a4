import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { composeCompat, readCompat } from '../../kernel/src/migrate/compat.ts';
import { loadParser } from '../../kernel/src/migrate/parse.ts';
import { operatorsFolder, rootFolder } from '../../kernel/src/processes/places.ts';

const folder = mkdtempSync(join(tmpdir(), 'tw-compat-'));
after(() => rmSync(folder, { recursive: true }));
const python = join(rootFolder(), '.venv', 'bin', 'python');

describe('tradewind_compat.py', async () => {
  const parse = await loadParser();

  test('has what is needed and what that names, a base before its subclass though they name each other', async () => {
    writeFileSync(
      join(folder, 'a.py'),
      [
        'import math\nimport os',
        'class Base:\n    def __add__(self, other):\n        return Both(self, other)',
        'class Both(Base):\n    size = SIZE\n    pick = lambda self: later()',
        'def later(of=None):\n    return math.pi',
        'SIZE = later()',
        'def unused():\n    return os.sep',
      ].join('\n\n\n'),
    );
    const library = await readCompat(folder, parse);
    for (const needed of ['Base', 'Both', 'later', 'SIZE']) {
      const text = composeCompat(library, [needed]);
      assert.doesNotMatch(text, /unused|import os/);
      execFileSync(python, ['-c', `${text}\nassert ${needed} is not None`]);
    }
  });

  test('the whole library in one file runs', async () => {
    const library = await readCompat(join(operatorsFolder(), 'compat'), parse);
    const file = join(folder, 'tradewind_compat.py');
    writeFileSync(file, composeCompat(library, library.definitions.keys()));
    execFileSync(python, [file], { env: { ...process.env, GLOG_v: '3' } });
  });
});
