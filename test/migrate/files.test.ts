// Whatever lies in a source: each odd file gets a line that says what, where and what to do, comes out as it was, and the rest goes on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { migrate as command } from '../../kernel/src/commands/migrate.ts';
import { groupsOf } from '../../kernel/src/migrate/groups.ts';
import type { SourceModule } from '../../kernel/src/migrate/modules.ts';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import type { ReportRecord } from '../../kernel/src/records/report.ts';
import { migrateFiles, migrateFolder, writeFiles } from './migration.ts';

const MODEL = 'import torch\n\n\ndef f():\n    return torch.zeros(2)\n';
const latin1 = (text: string) => Buffer.from(text, 'latin1');

const exitCode = (record: object) => command.exitCode!(record as ReportRecord);

describe('encodings', () => {
  test('by Python’s rules: what can be read is migrated, what can not is left with a remedy', async () => {
    const torch = `${MODEL}x = "`;
    const files: Record<string, [text: string | Buffer, reason: RegExp | undefined]> = {
      'latin.py': [latin1(`# -*- coding: latin-1 -*-\n${torch}\xe9"\n`), /its encoding is latin-1; save it as UTF-8/],
      'second_line.py': [latin1(`#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\n${torch}\xe9"\n`), /iso-8859-15/],
      'plain_in_latin.py': [`# -*- coding: latin-1 -*-\n${MODEL}`, undefined],
      'emacs.py': [`# -*- coding: utf-8-unix -*-\n${torch}é"\n`, undefined],
      'not_a_declaration.py': [`import torch\n# coding: latin-1\nx = torch.zeros(1)  # é\n`, undefined],
      'undeclared.py': [latin1(`${torch}\xe9"\n`), /it is not UTF-8; save it/],
      'utf16.py': [Buffer.from(`\ufeff${MODEL}`, 'utf16le'), /UTF-16, which Python does not read; save it/],
      'rot13.py': ['# coding: rot13\nvzcbeg gbepu\n', /its encoding is rot13/],
      'binary.py': [Buffer.from([0x78, 0x3d, 0xff, 0xfe, 0]), /zero bytes/],
      'bom.py': [`\ufeff${MODEL}`, undefined],
    };
    const {
      skipped,
      files: written,
      read,
      root,
    } = await migrateFiles(Object.fromEntries(Object.entries(files).map(([file, [text]]) => [file, text])));
    for (const [file, [text, reason]] of Object.entries(files)) {
      assert.ok(written.includes(file), file);
      const line = skipped.find((one) => one.file === file);
      if (reason) {
        assert.match(line?.reason ?? 'no line', reason, file);
        assert.ok(readFileSync(join(root, file)).equals(Buffer.from(text as Buffer)), `${file} is as it was`);
      } else {
        assert.equal(line, undefined, file);
        assert.match(read(file), /compat\.zeros/, file);
      }
    }
    const left = (file: string) => skipped.find((one) => one.file === file)?.left;
    assert.deepEqual([left('latin.py'), left('utf16.py'), left('binary.py')], [true, true, false]);
  });
});

describe('what is no ordinary file', () => {
  test('links, circles of links, pipes and names that are not UTF-8: a line each', { timeout: 60_000 }, async () => {
    const root = writeFiles({ 'good.py': MODEL, 'pkg/inner.py': MODEL });
    const elsewhere = writeFiles({ 'other.py': MODEL });
    symlinkSync('circle.py', join(root, 'circle.py'));
    symlinkSync('..', join(root, 'pkg', 'up'));
    symlinkSync('nowhere.py', join(root, 'dangling.py'));
    symlinkSync(join(elsewhere, 'other.py'), join(root, 'outside.py'));
    symlinkSync('good.py', join(root, 'same.py'));
    mkdirSync(join(root, 'folder.py'));
    assert.equal(spawnSync('mkfifo', [join(root, 'pipe.py')]).status, 0);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x61, 0xff, 0x2e, 0x70, 0x79])]), MODEL);
    const { skipped, read } = await migrateFolder(root);
    const reason = (file: RegExp) => skipped.find((one) => file.test(one.file));
    assert.match(reason(/^circle/)!.reason, /in a circle/);
    assert.match(reason(/up$/)!.reason, /make it again in OUT/);
    assert.match(reason(/^dangling/)!.reason, /leads nowhere/);
    assert.match(reason(/^outside/)!.reason, /put the real file here/);
    assert.match(reason(/^pipe/)!.reason, /a pipe/);
    assert.match(reason(/\ufffd/)!.reason, /not UTF-8; rename/);
    assert.deepEqual(
      skipped.filter((one) => one.left).map((one) => one.file),
      ['a\ufffd.py', 'outside.py'],
    );
    assert.match(read('pkg/inner.py'), /compat\.zeros/);
  });

  test('a module and a package of one name both come out', async () => {
    const { read, summary } = await migrateFiles({ 'a.py': MODEL, 'a/__init__.py': MODEL, 'b/c.py': MODEL, 'b.c.py': MODEL });
    for (const file of ['a.py', 'a/__init__.py', 'b/c.py', 'b.c.py']) assert.match(read(file), /compat\.zeros/, file);
    assert.equal(summary.files, 4);
  });
});

describe('size and depth', () => {
  test('what is too large or nested too deeply is left; a long function costs no more than its lines', { timeout: 120_000 }, async () => {
    const lines = 4000;
    const { skipped, uses, read } = await migrateFiles({
      'huge.py': `x = [\n${'    1234567,\n'.repeat(400_000)}]\n`,
      'deep.py': `import torch\nx = ${'torch.relu(x) + '.repeat(3000)}1\n`,
      'long.py': `import torch\n\n\ndef f(x):\n${'    x = torch.relu(x)\n'.repeat(lines)}    return x\n`,
    });
    assert.deepEqual(
      skipped.map(({ file, reason }) => [file, /; split/.test(reason)]),
      [
        ['deep.py', true],
        ['huge.py', true],
      ],
    );
    assert.equal(uses.length, lines);
    assert.equal(read('long.py').match(/= ops\.relu\(x\)|= mint\.\S*relu\(x\)|= compat\.relu\(x\)/g)?.length, lines);
  });

  test('a source that is too large is taken package by package', () => {
    const path = join(rootFolder(), 'package.json');
    const modules = new Map(['a.x', 'a.y.z', 'a.y', 'b', 'b.c', 'd'].map((name) => [name, { name, path } as SourceModule]));
    const names = (limit: number) => groupsOf(modules, limit).map((group) => [...group.keys()]);
    const size = readFileSync(path).length;
    assert.deepEqual(names(6 * size), [['a.x', 'a.y.z', 'a.y', 'b', 'b.c', 'd']]);
    assert.deepEqual(names(3 * size), [['a.x', 'a.y.z', 'a.y'], ['b', 'b.c'], ['d']]);
    assert.deepEqual(names(2 * size), [['a.x'], ['a.y.z', 'a.y'], ['b', 'b.c'], ['d']]);
    assert.equal(names(1).flat().length, 6);
  });
});

describe('a long migration', () => {
  const files = { 'a.py': MODEL, 'b.py': `from a import f\n${MODEL}`, 'c.py': `import torch.nn\nfrom b import f\n${MODEL}` };
  const phases = ['reading', 'following imports', 'understanding', 'rewriting'];

  test('each phase tells how far it is, and of how many', async () => {
    const seen: [label: string, done: number, total?: number][] = [];
    await migrateFiles(files, { progress: (...one) => seen.push(one) });
    assert.deepEqual([...new Set(seen.map(([label]) => label))], phases);
    for (const [label, done, total] of seen) assert.ok(done < total!, `${label} ${done} of ${total}`);
  });

  for (const phase of phases)
    test(`an interrupt is heard while it is ${phase}`, async () => {
      const controller = new AbortController();
      const seen = new Set<string>();
      const progress = (label: string) => {
        seen.add(label);
        if (label !== phase) return;
        controller.abort(new Error('interrupted'));
        // Longer than work may go on without a look at the event loop.
        for (const until = performance.now() + 80; performance.now() < until; );
      };
      await assert.rejects(migrateFiles(files, { progress, signal: controller.signal }), /interrupted/);
      assert.deepEqual([...seen], phases.slice(0, phases.indexOf(phase) + 1));
    });
});

describe('exit codes', () => {
  const summary = { unsupported: 0, maybe: 0 };
  test('3 where a file that may hold PyTorch was left, 0 where not', () => {
    assert.equal(exitCode({ summary, skipped: [{ file: 'a.py', reason: 'because', left: true }] }), 3);
    assert.equal(
      exitCode({
        summary,
        skipped: [
          { file: 'a.py', reason: 'because', left: false },
          { file: 'b', reason: 'because' },
        ],
      }),
      0,
    );
  });

  test('a syntax error names its line', async () => {
    const { skipped } = await migrateFiles({ 'broken.py': 'import torch\n\n\ndef f(:\n', 'print2.py': 'print "hello"\nx = 0777L\n' });
    assert.match(skipped.find((one) => one.file === 'broken.py')!.reason, /^line 4 is no valid Python; correct it/);
    assert.equal(skipped.find((one) => one.file === 'broken.py')!.left, true);
  });
});

test('a slice of the standard library comes out byte for byte, with no file left out', { timeout: 120_000 }, async () => {
  const { stdout } = spawnSync(
    join(rootFolder(), '.venv', 'bin', 'python'),
    ['-c', 'import sysconfig; print(sysconfig.get_paths()["stdlib"])'],
    { encoding: 'utf8' },
  );
  const library = stdout.trim();
  for (const folder of ['asyncio', 'email', 'json', 'xml', 'lib2to3'].map((name) => join(library, name))) {
    const { root, files, uses } = await migrateFolder(folder);
    assert.deepEqual(uses, []);
    const wanted = (readdirSync(folder, { recursive: true, encoding: 'utf8' }) as string[]).filter((file) => file.endsWith('.py'));
    assert.deepEqual(
      wanted.filter((file) => !files.includes(file)),
      [],
      folder,
    );
    for (const file of wanted) assert.ok(readFileSync(join(root, file)).equals(readFileSync(join(folder, file))), file);
  }
});
