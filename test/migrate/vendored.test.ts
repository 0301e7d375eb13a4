// Libraries that come along: their licence lies beside them, rewritten modules say whose they are, and what the entry never calls is counted apart.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Trace } from '../../kernel/src/migrate/trace.ts';
import { migrateFolder, writeFiles } from './migration.ts';

const LIBRARY = {
  'thelib/__init__.py': '',
  'thelib/ops.py':
    '#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"""Operations."""\nimport torch\n\n\ndef used(x):\n    return torch.relu(x)\n\n\n@staticmethod\ndef unused(x):\n    return torch.jit.fork(x)\n',
  'thelib/plain.py': 'ONE = 1\n',
  'the_lib-1.2.dist-info/METADATA': 'Metadata-Version: 2.4\nName: the-lib\nVersion: 1.2\nLicense-Expression: MIT\n\nText.\n',
  'the_lib-1.2.dist-info/RECORD': 'thelib/__init__.py,,\nthelib/ops.py,,\n',
  'the_lib-1.2.dist-info/licenses/LICENSE': 'The MIT licence.\n',
  'bare/__init__.py': 'import torch\n\n\ndef double(x):\n    return torch.add(x, x)\n',
};
const CASE = 'import torch\nimport bare\nfrom thelib.ops import used\n\n\ndef run(x):\n    return bare.double(used(x))\n';

function traceOf(folder: string, file: string, lines: readonly number[]): Trace {
  return { calls: [], modules: [], executed: [join(folder, file)], functions: lines.map((line) => [join(folder, file), line]) };
}

test('the licence text is copied, and a rewritten module says whose it is', async () => {
  const folder = writeFiles(LIBRARY);
  const made = await migrateFolder(writeFiles({ 'case.py': CASE }), { searchPath: [folder] });
  assert.equal(made.read('thelib/LICENSE'), 'The MIT licence.\n');
  const [first, second, third, fourth] = made.read('thelib/ops.py').split('\n');
  assert.deepEqual([first, second, fourth], ['#!/usr/bin/env python', '# -*- coding: utf-8 -*-', '"""Operations."""']);
  assert.match(third!, /^# From the-lib 1\.2 \(licence: MIT\), changed: migrated .* its licence is in thelib\/LICENSE\.$/);
  assert.match(made.read('bare/__init__.py'), /^# From bare, changed: .* no licence text was found with it\.\n/);
  assert.deepEqual(
    made.vendored?.map(({ package: name, licence, licenceFiles }) => [name, licence, licenceFiles]),
    [
      ['bare', undefined, []],
      ['thelib', 'MIT', ['thelib/LICENSE']],
    ],
  );
  // The user's own files carry no notice, and lines of the report follow the one that was put in.
  assert.doesNotMatch(made.read('case.py'), /# From/);
  const relu = made.uses.find((use) => use.api === 'torch.relu')!;
  assert.match(made.read('thelib/ops.py').split('\n')[relu.toLine! - 1]!, /relu/);
});

test('without a trace everything counts; with one, what the run did not call is apart, decorated functions too', async () => {
  const folder = writeFiles(LIBRARY);
  const source = writeFiles({ 'case.py': CASE });
  const whole = await migrateFolder(source, { searchPath: [folder] });
  assert.equal(whole.unreached, undefined);
  assert.equal(whole.summary.unsupported, 1);
  const ran = (lines: number[]) =>
    migrateFolder(source, {
      searchPath: [folder],
      entry: join(source, 'case.py'),
      trace: async () => traceOf(folder, 'thelib/ops.py', lines),
    });
  const traced = await ran([7]);
  assert.deepEqual(
    traced.unreached?.map((use) => use.api),
    ['torch.add', 'torch.jit.fork'],
  );
  assert.equal(traced.summary.unsupported, 0);
  assert.equal(traced.summary.uses, traced.uses.length);
  assert.ok(traced.uses.some((use) => use.api === 'torch.relu'));
  // Python counts a decorated function from its decorator.
  assert.equal((await ran([7, 11])).summary.unsupported, 1);
});
