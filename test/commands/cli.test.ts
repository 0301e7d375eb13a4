// The shell's `tradewind`, run for real from its source.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import { TRADEWIND_VERSION } from '../../kernel/src/records/version.ts';
import { createMachine, type Machine } from '../chips/machine.ts';

const CLI = join(rootFolder(), 'kernel', 'src', 'cli.ts');
let folder: string;
let machine: Machine;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-cli-'));
  machine = createMachine();
});
after(() => {
  rmSync(folder, { recursive: true });
  machine[Symbol.dispose]();
});

interface Ran {
  code: number;
  out: string;
  err: string;
}

function tradewind(...words: string[]): Promise<Ran> {
  return run(machine.context.environment, words);
}

function run(environment: NodeJS.ProcessEnv, words: string[]): Promise<Ran> {
  const env = { ...process.env, ...environment, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...words], { cwd: folder, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

test('help, version and the list of commands', async () => {
  const [none, help, version, command] = await Promise.all([
    tradewind(),
    tradewind('--help'),
    tradewind('--version'),
    tradewind('help', 'chips'),
  ]);
  assert.equal(none.code, 0);
  assert.equal(none.out, help.out);
  assert.match(help.out, /^ {2}evaluate {2,}score forecasts/m);
  assert.deepEqual([version.code, version.out], [0, `tradewind ${TRADEWIND_VERSION}\n`]);
  assert.match(command.out, /^usage: tradewind chips/);
});

test('wrong words: exit code 2, the fault and the remedy on standard error, nothing on standard output', async () => {
  const [unknown, option] = await Promise.all([tradewind('evalute'), tradewind('chips', '--jsn=x')]);
  assert.deepEqual([unknown.code, unknown.out], [2, '']);
  assert.match(unknown.err, /there is no command evalute \(did you mean evaluate\?\)\n→ tradewind --help/);
  assert.equal(option.code, 2);
  assert.match(option.err, /chips has no option --jsn \(did you mean --json\?\)\n→ usage: chips/);
});

describe('chips', () => {
  test('prints the table and writes the record', async () => {
    const { code, out, err } = await tradewind('chips', '--json', 'chips.json');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^ *chip +here +memory/m);
    assert.match(out, /40, 32 \[/, 'both memory figures of the 910b');
    const record = JSON.parse(readFileSync(join(folder, 'chips.json'), 'utf8'));
    assert.equal(record.kind, 'chips');
  });
  test('--json - puts the record alone on standard output', async () => {
    const { code, out } = await tradewind('chips', '--json', '-');
    assert.equal(code, 0);
    assert.equal(JSON.parse(out).kind, 'chips');
  });
});

test('doctor’s exit code says whether all is well, and its record says the same', async () => {
  const { code, out } = await run({}, ['doctor', '--json', '-']);
  const record = JSON.parse(out);
  assert.equal(record.kind, 'doctor');
  assert.equal(code, record.healthy ? 0 : 1);
  assert.equal(
    record.healthy,
    record.checks.every((check: { status: string }) => ['ok', 'optional'].includes(check.status)),
  );
});

test('completion for shells', async () => {
  const [script, found] = await Promise.all([tradewind('completion', 'bash'), tradewind('--complete', 'tradewind chip 9', '16')]);
  assert.match(script.out, /complete -F/);
  assert.equal(found.out, '910b\n');
});

test('ctrl-C ends it cleanly with exit code 130', async () => {
  // A driver's tool that hangs, as one does when a card fell off its bus.
  using hanging = createMachine({ tools: { 'nvidia-smi': '' } });
  const started = join(hanging.folder, 'started');
  writeFileSync(join(hanging.folder, 'bin', 'nvidia-smi'), `#!/bin/sh\n: > '${started}'\nexec /bin/sleep 20\n`);
  const child = spawn(process.execPath, [CLI, 'chips'], {
    cwd: folder,
    env: { ...process.env, ...hanging.context.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  while (!existsSync(started) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  const asked = performance.now();
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  assert.equal(code, 130);
  assert.match(err, /stopping …[\s\S]*interrupted/);
  assert.ok(performance.now() - asked < 10_000, 'it does not wait for the tool');
});

test('a reader that goes away ends it quietly', async () => {
  const child = spawn(process.execPath, [CLI, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  assert.deepEqual([code, err], [0, '']);
});

test('loading the list of commands is cheap: it reads no room, no command and no package', () => {
  const read = new Set<string>();
  const follow = (file: string) => {
    if (read.has(file)) return;
    read.add(file);
    for (const [, from] of readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*? from '([^']+)';/gm)) {
      assert.ok(from!.startsWith('.'), `${file} imports ${from}`);
      follow(join(dirname(file), from!));
    }
  };
  follow(join(rootFolder(), 'kernel', 'src', 'commands', 'index.ts'));
  assert.deepEqual([...read].map((file) => relative(join(rootFolder(), 'kernel', 'src'), file)).sort(), [
    'commands/index.ts',
    'records/errors.ts',
    'records/nearest.ts',
  ]);
});
