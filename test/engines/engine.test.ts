// Real engine processes: how they start, what their files allow, how they end and what is said of it.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, describe, test } from 'node:test';
import { obituary } from '../../kernel/src/engines/death.ts';
import { attach } from '../../kernel/src/engines/engine.ts';
import { type Exit, removeSocketFolder, startProcess } from '../../kernel/src/engines/process.ts';
import { defaultSpec, engineKey, engineName } from '../../kernel/src/engines/spec.ts';
import { createHeader, open, parse } from '../../kernel/src/wire/message.ts';
import { createSigner, seal } from '../../kernel/src/wire/signature.ts';

const options = { session: 's', key: 'secret', scheme: 'hmac-sha256', cwd: process.cwd(), commands: ['chip'] };
after(removeSocketFolder);

test('an engine starts, answers under the kernel’s key, and ends', { timeout: 60_000 }, async () => {
  const spec = { ...defaultSpec(), environment: { MARK: 'x' } };
  const started = startProcess(spec, options);
  assert.equal(statSync(started.connectionFile).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(started.connectionFile)).mode & 0o777, 0o700);
  const reply = Promise.withResolvers<Record<string, unknown>>();
  const engine = attach(spec, started, (_, channel, frames) => {
    if (channel === 'shell') reply.resolve(parse(open(frames)).content);
  });
  const hello = await engine.ready;
  assert.match(hello.python, /^3\.\d+/);
  assert.ok(hello.features.includes('debugger'));
  const content = {
    code: '',
    silent: true,
    user_expressions: { a: "__import__('os').environ['MARK'], 'TRADEWIND_COMMANDS' in __import__('os').environ" },
  };
  const signer = createSigner(options.key);
  engine.send(
    'shell',
    seal(signer, { identities: [], header: createHeader('execute_request', 's'), parentHeader: {}, metadata: {}, content }),
  );
  const { user_expressions } = (await reply.promise) as { user_expressions: { a: { data: Record<string, string> } } };
  assert.equal(user_expressions.a.data['text/plain'], "('x', False)");
  engine.kill();
  const exit = await engine.exited;
  assert.deepEqual([exit.code, exit.signal, exit.outOfMemory], [null, 'SIGKILL', false]);
  engine.dispose();
  assert.ok(!existsSync(started.connectionFile));
  engine.kill(); // nothing to end any more
});

test('a Python that is not there, or without ipykernel', { timeout: 30_000 }, async () => {
  const missing = startProcess({ ...defaultSpec(), python: '/nowhere/python' }, options);
  assert.match(obituary(defaultSpec(), undefined, await missing.exited).message, /could not be started: .*ENOENT/);
  const broken = { ...defaultSpec(), environment: { PYTHONHOME: '/nowhere' } };
  const engine = attach(broken, startProcess(broken, options), () => {});
  await assert.rejects(engine.ready);
  const death = obituary(broken, engine.pid, await engine.exited);
  assert.match(death.message, /ended by itself with exit code 1/);
  assert.match(death.details ?? '', /encodings/);
  engine.dispose();
});

describe('why an engine ended, in words', () => {
  const exit = (more: Partial<Exit>): Exit => ({ code: null, signal: null, stderr: [], outOfMemory: false, ...more });
  const spec = defaultSpec();

  test('out of memory', () => {
    const { message, remedy } = obituary(spec, 7, exit({ signal: 'SIGKILL', outOfMemory: true }));
    assert.equal(message, 'The engine cpu/pytorch (process 7) ran out of memory and was killed by the system.');
    assert.match(remedy!, /next cell starts it again.*smaller/);
  });

  test('a signal, an exit code', () => {
    assert.match(obituary(spec, 7, exit({ signal: 'SIGBUS' })).message, /SIGBUS \(signal 7\): a bus error/);
    assert.match(obituary(spec, 7, exit({ signal: 'SIGUSR1' })).message, /ended by SIGUSR1 \(signal 10\)\.$/);
    assert.match(obituary(spec, 7, exit({ code: 3 })).message, /by itself with exit code 3/);
  });

  test('its last words: the end of stderr, or Python’s own account of a crash', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    assert.deepEqual(obituary(spec, 7, exit({ code: 1, stderr: lines })).details?.split('\n'), lines.slice(-15));
    const crash = [...lines, 'Fatal Python error: Aborted', ...lines];
    assert.equal(obituary(spec, 7, exit({ code: 1, stderr: crash })).details?.split('\n')[0], 'Fatal Python error: Aborted');
    assert.equal(obituary(spec, 7, exit({ code: 1 })).details, undefined);
  });
});

test('engines are the same when chip, framework, Python and variables are', () => {
  const spec = { ...defaultSpec(), environment: { A: '1', B: '2' } };
  assert.equal(engineKey(spec), engineKey({ ...spec, title: 'another', environment: { B: '2', A: '1' } }));
  assert.notEqual(engineKey(spec), engineKey({ ...spec, environment: { A: '1' } }));
  assert.notEqual(engineKey(spec), engineKey({ ...spec, framework: 'mindspore' }));
  assert.equal(engineName(spec), 'cpu/pytorch');
});
