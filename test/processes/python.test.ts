// A Python module's events, faults, crashes and interrupts, with a real Python and modules written for the test.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { runPython } from '../../kernel/src/processes/python.ts';
import type { TradewindError } from '../../kernel/src/records/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-python-'));
after(() => rmSync(folder, { recursive: true }));

function module(name: string, source: string) {
  writeFileSync(join(folder, `${name}.py`), source);
  const events: unknown[] = [];
  const run = (signal = new AbortController().signal, python = defaultPython()) =>
    runPython<unknown>({ python, module: name, arguments: ['x y', '$HOME'], cwd: folder, signal, onEvent: (event) => events.push(event) });
  return { run, events };
}

test('progress and result come through; what the module prints is not taken for an event', async () => {
  const { run, events } = module(
    'good',
    `import sys
from tradewind.events import progress, reporting, result
with reporting():
    print('{"event": "result", "value": "printed"}')
    progress("reading", 1, 3, "files")
    result({"arguments": sys.argv[1:], "nan": float("nan"), "nested": [float("inf"), 1.5]})
`,
  );
  assert.deepEqual(await run(), { arguments: ['x y', '$HOME'], nan: null, nested: [null, 1.5] });
  assert.deepEqual(events, [{ event: 'progress', label: 'reading', done: 1, total: 3, unit: 'files' }]);
});

test("the module's own error arrives as data", async () => {
  const { run } = module(
    'refused',
    `from tradewind.events import TradewindError, reporting
with reporting():
    raise TradewindError("no such store: a.zarr", where="config.yaml:3", remedy="make it first")
`,
  );
  await assert.rejects(run(), (error: TradewindError) => {
    assert.deepEqual(error.data, { code: 'input', message: 'no such store: a.zarr', where: 'config.yaml:3', remedy: 'make it first' });
    return true;
  });
});

test('a missing package is named with the command that installs it', async () => {
  const { run } = module('lacking', 'from tradewind.events import reporting\nwith reporting():\n    import no_such_package_at_all\n');
  await assert.rejects(
    run(),
    (error: TradewindError) => error.data.code === 'absent' && /pip install no_such_package_at_all/.test(error.data.remedy ?? ''),
  );
});

test('a crash shows the last lines that it printed', async () => {
  const { run } = module('crashing', 'raise ValueError("a very particular thing")\n');
  await assert.rejects(
    run(),
    (error: TradewindError) =>
      error.data.code === 'process' && /exit code 1/.test(error.message) && /very particular/.test(error.data.details ?? ''),
  );
});

test('a death by signal names the signal', async () => {
  const { run } = module('dying', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n');
  await assert.rejects(run(), (error: TradewindError) => /SIGKILL/.test(error.message) && /memory/.test(error.data.remedy ?? ''));
});

test('an interrupt lets the module put things in order', async () => {
  const { run, events } = module(
    'busy',
    `import time
from tradewind.events import emit
try:
    emit("ready")
    time.sleep(60)
except KeyboardInterrupt:
    emit("tidied")
`,
  );
  const controller = new AbortController();
  const running = run(controller.signal);
  while (events.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort();
  await assert.rejects(running, (error: TradewindError) => error.data.code === 'interrupted');
  assert.deepEqual(events, [{ event: 'ready' }, { event: 'tidied' }]);
});

test('a Python that is not there is an error of its own', async () => {
  const { run } = module('unused', '');
  await assert.rejects(
    run(undefined, join(folder, 'python')),
    (error: TradewindError) => error.data.code === 'absent' && /could not be started/.test(error.message),
  );
});
