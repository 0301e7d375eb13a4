// The contract of `tradewind migrate`: what OUT holds, what is refused, exit codes, robustness against what lies in real folders.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { migrate as command } from '../../kernel/src/commands/migrate.ts';
import { migrate } from '../../kernel/src/migrate/migrate.ts';
import { loadParser } from '../../kernel/src/migrate/parse.ts';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import type { ReportRecord } from '../../kernel/src/records/report.ts';
import { pretendedContext } from '../commands/pretend.ts';
import { migrateFiles, migrateFolder, refused, temporaryFolder, writeFiles } from './migration.ts';

const MODEL = 'import torch\n\n\ndef f():\n    return torch.zeros(2)\n';

describe('OUT', () => {
  test('keeps the layout and other files; only tradewind_compat.py is ours', async () => {
    const { files, read } = await migrateFiles({
      'pkg/__init__.py': '',
      'pkg/sub/model.py': MODEL,
      'pkg/data.bin': Buffer.from([0, 255, 13]),
      'README.md': '# hello\r\n',
    });
    assert.deepEqual(files, ['README.md', 'pkg/__init__.py', 'pkg/data.bin', 'pkg/sub/model.py', 'tradewind_compat.py']);
    assert.equal(read('README.md'), '# hello\r\n');
    assert.match(read('tradewind_compat.py'), /def load_torch_state\(/);
    assert.match(read('tradewind_compat.py'), /def torch_parameters\(/);
  });

  test('an entry elsewhere is migrated under its own name; a file as SOURCE lies at the root', async () => {
    const root = writeFiles({ 'model.py': MODEL });
    const entry = join(
      writeFiles({ 'case.py': 'import torch\nfrom model import f\n\n\ndef build():\n    return torch.nn.Identity()\n' }),
      'case.py',
    );
    const { files, read } = await migrateFolder(join(root, 'model.py'), { entry });
    assert.deepEqual(files, ['case.py', 'model.py', 'tradewind_compat.py']);
    assert.match(read('case.py'), /return compat\.Identity\(\)/);
  });

  test('an entry never takes the place of a file of SOURCE', async () => {
    const root = writeFiles({ 'model.py': MODEL });
    const entry = join(writeFiles({ 'model.py': 'def build(): ...\n' }), 'model.py');
    for (const source of [root, join(root, 'model.py')])
      await assert.rejects(
        migrate({ source, output: join(temporaryFolder(), 'out'), entry, target: 'portable', force: false }),
        refused('input', /would take its place/),
      );
  });

  test('a source that is not there is named', () =>
    assert.rejects(
      migrate({ source: '/no/such/place', output: join(temporaryFolder(), 'out'), target: 'portable', force: false }),
      refused('input', /there is no \/no\/such\/place/),
    ));
});

describe('what lies in real folders', () => {
  test('syntax errors, odd encodings, links and unreadable files get a line each, and the rest goes on', async () => {
    const root = writeFiles({
      'good.py': MODEL,
      'broken.py': 'def f(:\n',
      'latin.py': Buffer.from('# -*- coding: latin-1 -*-\nx = "\xe9"\n', 'latin1'),
      'binary.py': Buffer.from([0x78, 0x3d, 0xff, 0xfe]),
      'bom.py': '\ufeffimport torch\nx = torch.zeros(1)\n',
      'windows.py': 'import torch\r\nx = torch.zeros(1)\r\n',
      'empty.py': '',
    });
    symlinkSync('/etc/hostname', join(root, 'link.py'));
    mkdirSync(join(root, '__pycache__'));
    const { skipped, read, files } = await migrateFolder(root);
    assert.deepEqual(skipped.map((one) => one.file).sort(), ['binary.py', 'broken.py', 'latin.py', 'link.py']);
    assert.ok(skipped.every((one) => one.reason.length > 5));
    assert.match(read('good.py'), /compat\.zeros/);
    assert.equal(read('broken.py'), 'def f(:\n');
    assert.equal(read('bom.py'), '\ufeffimport tradewind_compat as compat\nx = compat.zeros(1)\n');
    assert.equal(read('windows.py'), 'import tradewind_compat as compat\r\nx = compat.zeros(1)\r\n');
    assert.ok(!files.includes('link.py'));
  });

  test('an unreadable file is skipped', { skip: process.getuid?.() === 0 ? 'root reads everything' : false }, async () => {
    const root = writeFiles({ 'good.py': MODEL, 'secret.py': MODEL });
    chmodSync(join(root, 'secret.py'), 0);
    const { skipped } = await migrateFolder(root);
    assert.match(skipped[0]!.reason, /cannot be read/);
  });

  test('packages that are not MindSpore’s are imported at first use; guarded imports stay', async () => {
    const { read } = await migrateFiles({
      'model.py':
        'import torch\nimport no_such_logger as log\ntry:\n    import no_such_engine\nexcept ImportError:\n    no_such_engine = None\n',
    });
    assert.match(read('model.py'), /^log = compat\.optional\("no_such_logger"\)$/m);
    assert.match(read('model.py'), /^ {4}import no_such_engine$/m);
  });
});

describe('the language', () => {
  test('whatever is in it, what comes out parses: PyTorch’s own modules, its optimisers and its distributed code', async () => {
    const packages = join(rootFolder(), '.venv', 'lib');
    const torch = join(packages, readdirSync(packages)[0]!, 'site-packages', 'torch');
    const parse = await loadParser();
    for (const folder of ['nn/utils', 'optim', 'distributions']) {
      const { read, files } = await migrateFolder(join(torch, folder));
      const broken = files.filter((file) => file.endsWith('.py') && parse(read(file)).firstError);
      assert.deepEqual(broken, [], folder);
    }
  });

  test('imports that go leave blocks that parse; patterns and settings stay what they are', async () => {
    const { read } = await migrateFiles({
      'model.py':
        'from typing import TYPE_CHECKING\n\nimport torch\n\nif TYPE_CHECKING:\n    from torch import Tensor\n    from torch import nn\n\ntorch.backends.cudnn.benchmark = True\n\n\ndef f(x):\n    match x:\n        case torch.Tensor():\n            return f"{torch.no_such(x)}"\n',
    });
    const text = read('model.py');
    assert.match(text, /if TYPE_CHECKING:\n {4}pass\n/);
    assert.match(text, /^compat\.SETTINGS\.benchmark = True$/m);
    assert.match(text, /case ms\.Tensor\(\):/);
    assert.match(text, /f"\{compat\.unsupported\('torch\.no_such', /);
  });
});

describe('nothing to do', () => {
  test('files without torch come out byte-identical: a slice of the standard library and of site-packages', async () => {
    const packages = join(rootFolder(), '.venv', 'lib');
    const site = join(packages, readdirSync(packages)[0]!, 'site-packages');
    for (const folder of ['yaml', 'packaging', 'tqdm', 'jupyter_client'].map((name) => join(site, name)).filter(existsSync)) {
      const { root, uses, files } = await migrateFolder(folder);
      assert.deepEqual(uses, []);
      let compared = 0;
      for (const file of files) {
        if (file === 'tradewind_compat.py') continue;
        compared++;
        assert.ok(readFileSync(join(root, file)).equals(readFileSync(join(folder, file))), join(folder, file));
      }
      assert.ok(compared > 5, folder);
    }
  });

  test('migrating twice changes nothing', async () => {
    const first = await migrateFolder(join(rootFolder(), 'kernel', 'python', 'tradewind', 'models', 'fourcastnet.py'));
    const second = await migrateFolder(first.root);
    assert.equal(second.summary.uses, 0);
    assert.deepEqual(second.files, first.files);
    for (const file of first.files) assert.equal(second.read(file), first.read(file));
  });
});

describe('the command', () => {
  const record = (summary: Partial<ReportRecord['summary']>) =>
    ({ summary: { unsupported: 0, maybe: 0, ...summary }, skipped: [] as object[] }) as ReportRecord;
  test('exit codes: 0 all migrated, 3 something left', () => {
    assert.equal(command.exitCode!(record({})), 0);
    assert.equal(command.exitCode!(record({ unsupported: 1 })), 3);
    assert.equal(command.exitCode!(record({ maybe: 1 })), 3);
  });

  test('runs, gives a whole record and writes the page', async () => {
    const root = writeFiles({ 'model.py': MODEL });
    const folder = temporaryFolder();
    const html = join(folder, 'report.html');
    const made = await command.run(
      { positionals: { SOURCE: root }, options: { out: join(folder, 'out'), html } },
      pretendedContext({ cwd: folder, environment: {} }),
    );
    assert.equal(made.kind, 'report');
    assert.ok(made.createdAt && made.tradewind && made.environment.versions.node);
    assert.equal(made.summary.uses, made.uses.length);
    const [use] = made.uses;
    assert.deepEqual(
      [use!.file, use!.line, use!.column, use!.from, use!.to, use!.toLine],
      ['model.py', 5, 11, 'torch.zeros(2)', 'compat.zeros(2)', 5],
    );
    assert.match(readFileSync(html, 'utf8'), /^<!doctype html>[\s\S]*1 of 1 uses migrated/);
  });
});
