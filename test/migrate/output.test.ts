// OUT and --force with real folders: what a migration wrote is replaced, what anybody added or changed is never lost, and a run that ends early leaves OUT whole.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { COMPAT_FILE, readManifest } from '../../kernel/src/migrate/manifest.ts';
import { migrate } from '../../kernel/src/migrate/migrate.ts';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import { listFiles, refused, temporaryFolder, writeFiles } from './migration.ts';

const MODEL = 'import torch\n\n\ndef f():\n    return torch.zeros(2)\n';
const OTHER = 'import torch\n\n\ndef g():\n    return torch.ones(3)\n';
const CLI = join(rootFolder(), 'kernel', 'src', 'cli.ts');

const into = (source: string, output: string, more: object = {}) => migrate({ source, output, target: 'portable', force: true, ...more });

/** Everything in a folder, links and empty folders too, with its content: what must not change. */
function picture(folder: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(folder, below)).sort()) {
    const file = join(below, name);
    const stat = lstatSync(join(folder, file));
    if (stat.isDirectory()) Object.assign(found, { [`${file}/`]: '' }, picture(folder, file));
    else if (stat.isSymbolicLink()) found[file] = `→ ${readlinkSync(join(folder, file))}`;
    else found[file] = stat.isFile() ? readFileSync(join(folder, file), 'latin1') : 'something else';
  }
  return found;
}

const litter = (output: string) => readdirSync(dirname(output)).filter((name) => name.startsWith('.'));

/** A source of two files, and its migration. */
async function migrated(files: Record<string, string> = { 'model.py': MODEL, 'pkg/layers.py': OTHER, 'data.txt': 'data\n' }) {
  const source = writeFiles(files);
  const output = join(temporaryFolder(), 'out');
  await migrate({ source, output, target: 'portable', force: false });
  return { source, output };
}

describe('where OUT may lie', () => {
  test('never SOURCE, nor around it, nor inside it', async () => {
    const source = writeFiles({ 'model.py': MODEL });
    for (const [output, message] of [
      [source, /OUT is SOURCE itself/],
      [dirname(source), /around SOURCE/],
      ['/', /around SOURCE/],
      [join(source, 'out'), /inside SOURCE/],
      [join(source, 'deep', 'down', 'out'), /inside SOURCE/],
    ] as const)
      await assert.rejects(into(source, output), refused('refused', message));
    assert.deepEqual(picture(source), { 'model.py': MODEL });
  });

  test('a file as SOURCE: OUT may lie beside it, and is no folder around it', async () => {
    const root = writeFiles({ 'model.py': MODEL });
    await into(join(root, 'model.py'), join(root, 'out'));
    assert.deepEqual(listFiles(join(root, 'out')), ['model.py', COMPAT_FILE]);
    await assert.rejects(into(join(root, 'model.py'), root), refused('refused', /around SOURCE/));
    await assert.rejects(into(join(root, 'model.py'), join(root, 'model.py')), refused('refused', /OUT is SOURCE itself/));
  });

  test('by its real path: through links to SOURCE, into it and around it', async () => {
    const source = writeFiles({ 'model.py': MODEL, 'sub/x.py': OTHER });
    const links = temporaryFolder();
    symlinkSync(source, join(links, 'same'));
    symlinkSync(join(source, 'sub'), join(links, 'into'));
    symlinkSync(dirname(source), join(links, 'around'));
    symlinkSync(join(links, 'nowhere'), join(links, 'dangling'));
    for (const [output, message] of [
      ['same', /OUT is SOURCE itself/],
      ['into', /inside SOURCE/],
      [join('into', 'out'), /inside SOURCE/],
      ['around', /around SOURCE/],
      ['dangling', /a link to nothing/],
    ] as const)
      await assert.rejects(into(source, join(links, output)), refused('refused', message));
    assert.deepEqual(picture(source), { 'model.py': MODEL, 'sub/': '', 'sub/x.py': OTHER });
  });

  test('an OUT behind a link is replaced where it lies, and the link stays', async () => {
    const { source, output } = await migrated();
    const link = join(temporaryFolder(), 'link');
    symlinkSync(output, link);
    writeFileSync(join(source, 'model.py'), OTHER);
    await into(source, link);
    assert.equal(readlinkSync(link), output);
    assert.match(readFileSync(join(output, 'model.py'), 'utf8'), /def g/);
  });

  test('an entry in OUT is not lost', async () => {
    const { source, output } = await migrated();
    const entry = join(output, 'case.py');
    writeFileSync(entry, 'def build(): ...\n');
    await assert.rejects(into(source, output, { entry }), refused('refused', /entry lies in OUT/));
    assert.equal(readFileSync(entry, 'utf8'), 'def build(): ...\n');
  });

  test('a file is no OUT', async () => {
    const source = writeFiles({ 'model.py': MODEL });
    const output = join(temporaryFolder(), 'notes.txt');
    writeFileSync(output, 'mine');
    await assert.rejects(into(source, output), refused('refused', /OUT is a file/));
    assert.equal(readFileSync(output, 'utf8'), 'mine');
  });
});

describe('--force', () => {
  test('without it nothing that exists is touched', async () => {
    const { source, output } = await migrated();
    const before = picture(output);
    await assert.rejects(into(source, output, { force: false }), refused('refused', /exists already/));
    assert.deepEqual(picture(output), before);
  });

  test('a folder that is not a migration’s is refused; an empty one is taken', async () => {
    const source = writeFiles({ 'model.py': MODEL });
    const output = temporaryFolder();
    writeFileSync(join(output, 'mine.txt'), 'mine');
    await assert.rejects(into(source, output), refused('refused', /not a migration’s/));
    // Nor is one with a file of that name.
    writeFileSync(join(output, COMPAT_FILE), '"""Written by `tradewind migrate`: …"""\n');
    await assert.rejects(into(source, output), refused('refused', /not a migration’s/));
    assert.deepEqual(listFiles(output), ['mine.txt', COMPAT_FILE]);
    const empty = temporaryFolder();
    chmodSync(empty, 0o750);
    await into(source, empty);
    assert.deepEqual(listFiles(empty), ['model.py', COMPAT_FILE]);
    assert.equal(statSync(empty).mode & 0o777, 0o750);
  });

  test('replaces what the migration wrote, removes what it would not write any more, keeps what was added', async () => {
    const { source, output } = await migrated();
    writeFileSync(join(output, 'mine.txt'), 'mine');
    writeFileSync(join(output, 'pkg', 'notes.md'), 'notes');
    writeFileSync(join(output, 'read-only.bin'), Buffer.from([0, 255]), { mode: 0o400 });
    mkdirSync(join(output, 'runs', 'first'), { recursive: true });
    mkdirSync(join(output, 'empty'));
    chmodSync(join(output, 'runs'), 0o700);
    symlinkSync('/etc/hostname', join(output, 'link'));
    symlinkSync('nowhere', join(output, 'pkg', 'dangling'));
    assert.equal(spawnSync('mkfifo', [join(output, 'pipe')]).status, 0);
    const { ino } = statSync(join(output, 'mine.txt'));
    rmSync(join(source, 'pkg'), { recursive: true });
    writeFileSync(join(source, 'model.py'), OTHER);
    writeFileSync(join(source, 'new.py'), MODEL);
    await into(source, output);
    const after = picture(dirname(output));
    const inside = (file: string) => after[join('out', file)];
    assert.match(inside('model.py')!, /def g/);
    assert.match(inside('new.py')!, /def f/);
    assert.equal(inside('pkg/layers.py'), undefined);
    assert.deepEqual(
      [inside('mine.txt'), inside('pkg/notes.md'), inside('read-only.bin'), inside('link'), inside('pkg/dangling')],
      ['mine', 'notes', '\0ÿ', '→ /etc/hostname', '→ nowhere'],
    );
    assert.equal(inside('runs/first/'), '');
    assert.equal(inside('empty/'), '');
    assert.equal(statSync(join(output, 'runs')).mode & 0o777, 0o700);
    assert.equal(statSync(join(output, 'read-only.bin')).mode & 0o777, 0o400);
    assert.ok(lstatSync(join(output, 'pipe')).isFIFO());
    assert.equal(statSync(join(output, 'mine.txt')).ino, ino, 'the very same file');
    assert.deepEqual(litter(output), []);
    // And once more, so that what was added is still known as added.
    await into(source, output);
    assert.equal(readFileSync(join(output, 'mine.txt'), 'utf8'), 'mine');
  });

  test('a folder with nothing left in it goes', async () => {
    const { source, output } = await migrated();
    rmSync(join(source, 'pkg'), { recursive: true });
    await into(source, output);
    assert.deepEqual(Object.keys(picture(output)), ['data.txt', 'model.py', COMPAT_FILE]);
  });

  test('files that were changed since are named, and nothing is touched', async () => {
    const { source, output } = await migrated();
    writeFileSync(join(output, 'pkg', 'layers.py'), 'better = True\n');
    writeFileSync(join(output, 'data.txt'), 'other data\n');
    const before = picture(output);
    await assert.rejects(into(source, output), refused('refused', /changed since .*: data\.txt, pkg\/layers\.py/));
    assert.deepEqual(picture(output), before);
    // A file that is gone is written again.
    rmSync(join(output, 'data.txt'));
    rmSync(join(output, 'pkg', 'layers.py'));
    await into(source, output);
    assert.equal(readFileSync(join(output, 'data.txt'), 'utf8'), 'data\n');
  });

  test('so is tradewind_compat.py, at its end too, and a link in the place of a file', async () => {
    for (const change of [
      (text: string) => text.replace('def load_torch_state', '# mine\ndef load_torch_state'),
      (text: string) => `${text}\nmine = 1\n`,
      (text: string) => text.replace(/^# [0-9a-f]{32} "model\.py"$/m, '# mine'),
    ]) {
      const { source, output } = await migrated();
      const path = join(output, COMPAT_FILE);
      writeFileSync(path, change(readFileSync(path, 'utf8')));
      await assert.rejects(into(source, output), refused('refused', /changed since .*tradewind_compat\.py/));
    }
    const { source, output } = await migrated();
    renameSync(join(output, 'model.py'), join(output, 'moved.py'));
    symlinkSync('moved.py', join(output, 'model.py'));
    await assert.rejects(into(source, output), refused('refused', /changed since .*model\.py/));
  });

  test('what was added is never overwritten by a new file, nor by a new folder', async () => {
    for (const [added, wanted] of [
      ['extra.py', 'extra.py'],
      ['extra', 'extra/inner.py'],
      ['extra/inner.py/mine.txt', 'extra/inner.py'],
    ] as const) {
      const { source, output } = await migrated();
      mkdirSync(dirname(join(output, added)), { recursive: true });
      writeFileSync(join(output, added), 'mine');
      mkdirSync(dirname(join(source, wanted)), { recursive: true });
      writeFileSync(join(source, wanted), OTHER);
      const before = picture(output);
      await assert.rejects(into(source, output), refused('refused', new RegExp(`in the way of this one: ${added}`)));
      assert.deepEqual(picture(output), before);
      assert.deepEqual(litter(output), []);
    }
  });

  test('a folder that is now a link out of OUT is not followed', async () => {
    const { source, output } = await migrated();
    const elsewhere = join(temporaryFolder(), 'elsewhere');
    renameSync(join(output, 'pkg'), elsewhere);
    symlinkSync(elsewhere, join(output, 'pkg'));
    await assert.rejects(into(source, output), refused('refused', /in the way of this one: pkg/));
    rmSync(join(source, 'pkg'), { recursive: true });
    await into(source, output);
    assert.deepEqual(listFiles(elsewhere), ['layers.py']);
  });

  test('a list that names files outside OUT reaches none of them', async () => {
    const { source, output } = await migrated();
    const victim = join(dirname(output), 'victim.txt');
    writeFileSync(victim, 'mine');
    const path = join(output, COMPAT_FILE);
    const hash = /^# ([0-9a-f]{32}) "data\.txt"$/m.exec(readFileSync(path, 'utf8'))![1]!;
    writeFileSync(victim, 'data\n');
    writeFileSync(path, `${readFileSync(path, 'utf8')}# ${hash} "../victim.txt"\n# ${hash} "${victim}"\n`);
    assert.ok(![...readManifest(output)!.keys()].some((file) => file.includes('victim')));
    await assert.rejects(into(source, output), refused('refused', /changed since/));
    assert.equal(readFileSync(victim, 'utf8'), 'data\n');
  });
});

describe('a run that ends early', () => {
  test('leaves OUT whole: bad input, an interruption, and no trace beside it', async () => {
    const { source, output } = await migrated();
    writeFileSync(join(output, 'mine.txt'), 'mine');
    const before = picture(output);
    await assert.rejects(into(source, output, { entry: join(source, 'absent.py') }), refused('input', /no entry file/));
    const stop = new AbortController();
    const running = into(source, output, { signal: stop.signal, progress: () => stop.abort() });
    await assert.rejects(running);
    assert.deepEqual(picture(output), before);
    assert.deepEqual(litter(output), []);
  });

  test('killed at any moment: OUT is the old one or the new one, whole', { timeout: 120_000 }, async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`pkg/m${at}.py`, MODEL.replace('f()', `f${at}()`)]));
    const { source, output } = await migrated(files);
    writeFileSync(join(output, 'mine.txt'), 'mine');
    const old = picture(output);
    for (let at = 0; at < 300; at++) writeFileSync(join(source, `pkg/m${at}.py`), OTHER);
    const seen = new Set<string>();
    for (const late of [0, 3, 12]) {
      const child = spawn(process.execPath, [CLI, 'migrate', source, '-o', output, '--force'], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      // From the moment on that the new OUT is being written.
      while (!litter(output).length && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, late));
      child.kill('SIGKILL');
      await ended;
      const now = existsSync(output)
        ? picture(output)
        : picture(join(dirname(output), litter(output).find((name) => name.includes('.old-'))!));
      const whole = now['pkg/m0.py'] === old['pkg/m0.py'] ? 'old' : 'new';
      seen.add(whole);
      assert.equal(now['mine.txt'], 'mine');
      for (let one = 0; one < 300; one++)
        assert.equal(now[`pkg/m${one}.py`] === old[`pkg/m${one}.py`] ? 'old' : 'new', whole, `m${one}.py after ${late} ms`);
      if (whole === 'new') break;
    }
    assert.ok(seen.has('old'), 'no run was killed while it wrote');
  });

  test('killed between its last two renames: the next run finds the old OUT', async () => {
    const { source, output } = await migrated();
    writeFileSync(join(output, 'mine.txt'), 'mine');
    const before = picture(output);
    renameSync(output, join(dirname(output), `.${basename(output)}.old-12345678`));
    await assert.rejects(into(source, output, { force: false }), refused('refused', /exists already/));
    assert.deepEqual(picture(output), before);
    assert.deepEqual(litter(output), []);
  });

  test('an OUT that cannot be written is bad input', async () => {
    const source = writeFiles({ 'model.py': MODEL });
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, 'mine');
    await assert.rejects(into(source, join(file, 'out')), refused('input', /cannot be written/));
    await assert.rejects(into(source, '/proc/tradewind-out'), refused('input', /cannot be written/));
  });
});

describe('permissions', () => {
  test('a script stays executable, and what was read-only can be migrated again', async () => {
    const source = writeFiles({ 'train.py': `#!/usr/bin/env python\n${MODEL}`, 'plain.sh': 'echo\n' });
    chmodSync(join(source, 'train.py'), 0o555);
    chmodSync(join(source, 'plain.sh'), 0o555);
    const output = join(temporaryFolder(), 'out');
    await into(source, output);
    assert.equal(statSync(join(output, 'train.py')).mode & 0o777, 0o755);
    assert.equal(statSync(join(output, 'plain.sh')).mode & 0o777, 0o555);
    await into(source, output);
  });
});
