// `tradewind migrate` from the shell's side: the report's files, exit codes, and a notebook given by itself.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runLine } from '../../kernel/src/commands/run.ts';
import type { TradewindError } from '../../kernel/src/records/errors.ts';
import { pretendedContext } from './pretend.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-migrate-command-'));
  writeFileSync(join(folder, 'model.py'), 'import torch\n\n\ndef run(x):\n    return torch.relu(x)\n');
  writeFileSync(join(folder, 'left.py'), 'import torch\n\n\ndef run(x):\n    return torch.jit.fork(x)\n');
  const cell = {
    cell_type: 'code',
    execution_count: 1,
    metadata: {},
    outputs: [],
    source: ['import torch\n', 'y = torch.relu(torch.ones(2))'],
  };
  writeFileSync(join(folder, 'a.ipynb'), JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 2 }));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const run = (words: string) => runLine(`migrate ${words}`, pretendedContext({ cwd: folder }));
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

test('the report as a page and as Markdown; 0 where all is migrated, 3 where something is left', async () => {
  const outcome = await run('model.py -o whole --html r.html --markdown r.md');
  assert.ok(outcome.kind === 'record' && outcome.exitCode === 0);
  assert.match(read('r.html'), /^<!doctype html>[\s\S]*torch\.relu/);
  assert.match(read('r.md'), /^# Migration of `[^`]*model\.py`\n[\s\S]*\| `torch\.relu\(x\)` \| `(compat|ops)\.relu\(x\)`/);
  const left = await run('left.py -o left --markdown left.md');
  assert.ok(left.kind === 'record' && left.exitCode === 3);
  assert.match(read('left.md'), /✗ unsupported \| `torch\.jit\.fork`/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('a report that cannot be written says so, and that the migration is in place', async () => {
  const outcome = await run('model.py -o other --markdown none/r.md');
  assert.ok(outcome.kind === 'error' && outcome.exitCode === 2);
  assert.match((outcome.error as TradewindError).message, /the report could not be written .*ENOENT.*the migration itself is in place/);
  assert.ok(existsSync(join(folder, 'other', 'model.py')));
});

test('a notebook by itself is a source', async () => {
  const outcome = await run('a.ipynb -o book');
  assert.ok(outcome.kind === 'record' && outcome.record.kind === 'report' && outcome.exitCode === 0);
  assert.deepEqual(readdirSync(join(folder, 'book')), ['a.ipynb', 'tradewind_compat.py']);
  assert.doesNotMatch(read('book/a.ipynb'), /torch\./);
  assert.deepEqual(outcome.record.notebooks, [{ file: 'a.ipynb', changed: [1], cleared: [] }]);
});
