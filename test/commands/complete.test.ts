// Completion and inspection of command lines, with positions in code points.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type CompletionContext, completeLine, inspectLine } from '../../kernel/src/commands/complete.ts';
import { COMMANDS } from '../../kernel/src/commands/index.ts';
import { completeForShell, completionScript } from '../../kernel/src/commands/shells.ts';
import { wordsOf } from '../../kernel/src/commands/words.ts';
import { pretendedSession } from './pretend.ts';
import { SAMPLE } from './sample.ts';

const SAIL = {
  name: 'sail',
  summary: SAMPLE.summary,
  load: async () => ({ ...SAMPLE, positionals: [{ name: 'RUN', kind: 'run' as const, description: 'a run' }], run: () => assert.fail() }),
};
let cwd: string;
let context: CompletionContext;
const complete = async (text: string, cursor = [...text].length) => completeLine(text, cursor, context, [...COMMANDS, SAIL]);
const matches = async (text: string) => (await complete(text)).matches;

before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tradewind-complete-'));
  for (const folder of ['runs/first', 'runs/second', 'my data', 'ocean.zarr', '.hidden']) mkdirSync(join(cwd, folder), { recursive: true });
  for (const file of ['case.py', 'my data/a file.txt', '海洋.yaml']) writeFileSync(join(cwd, file), '');
  writeFileSync(join(cwd, 'engines.yaml'), 'engines: [{name: npu-env, chip: 910b, framework: mindspore, python: ./p}]\n');
  context = { cwd, environment: {}, session: pretendedSession(), variables: async () => ['alpha', 'beta'] };
});
after(() => rmSync(cwd, { recursive: true }));

/** The options of `chip` besides its framework. */
const MORE = ['together', 'background', 'jobs', 'stop', 'wait', 'watch', 'seconds', 'interval', 'json', 'help'].map((name) => `--${name}`);

describe('what is completed', () => {
  test('names of commands; those of notebooks only in notebooks', async () => {
    assert.deepEqual(await matches('chi'), ['chip', 'chips']);
    assert.deepEqual(await matches('pu'), ['push', 'pull']);
    assert.deepEqual((await completeLine('pu', 2, { cwd, environment: {} })).matches, []);
    assert.deepEqual(await complete('%%chi'), { matches: ['chip', 'chips'], start: 2, end: 5 });
  });
  test('chips, engines of the user’s among them, and choices', async () => {
    assert.deepEqual(await matches('chip 9'), ['910b']);
    assert.deepEqual(await matches('chip n'), ['npu-env']);
    assert.deepEqual(await matches('chip cpu/m'), ['cpu/mindspore']);
    assert.deepEqual(await matches('chip cpu/pytorch,cpu/m'), ['cpu/pytorch,cpu/mindspore']);
    assert.deepEqual(await matches('chip cpu,9'), ['cpu,910b']);
    assert.deepEqual(await matches('chip cpu --framework '), ['pytorch', 'mindspore']);
    assert.deepEqual(await complete('chip cpu --framework=mi'), { matches: ['mindspore'], start: 21, end: 23 });
  });
  test('options, but none that is given already', async () => {
    assert.deepEqual(await matches('chip cpu --'), ['--framework', ...MORE]);
    assert.deepEqual(await matches('chip cpu --framework pytorch --'), MORE);
    assert.deepEqual(await matches('chips '), ['--json', '--help']);
  });
  test('variables and engines', async () => {
    assert.deepEqual(await matches('push al'), ['alpha']);
    assert.ok((await matches('pull x cpu/')).length >= 0);
  });
  test('runs come before paths', async () => {
    assert.deepEqual(await matches('sail fi'), ['first']);
    assert.deepEqual(await matches('sail runs/s'), ['runs/second/']);
  });
  test('nothing for what is no command of ours', async () => {
    assert.deepEqual(await matches('timeit x'), []);
  });
});

describe('paths', () => {
  test('folders end with a slash; hidden ones only when asked for', async () => {
    assert.deepEqual(await matches('chips --json '), ['case.py', 'engines.yaml', "'my data/", 'ocean.zarr/', 'runs/', '海洋.yaml']);
    assert.deepEqual(await matches('chips --json .h'), ['.hidden/']);
    assert.deepEqual(await matches('chips --json runs/f'), ['runs/first/']);
  });
  test('blanks are quoted in the quotes that were begun, and a folder’s stay open', async () => {
    assert.deepEqual(await matches('chips --json my'), ["'my data/"]);
    assert.deepEqual(await matches("chips --json 'my data/"), ["'my data/a file.txt'"]);
    assert.deepEqual(await complete('chips --json="my data/a'), { matches: ['"my data/a file.txt"'], start: 13, end: 23 });
  });
  test('positions count code points', async () => {
    const line = 'chips --json 海';
    assert.deepEqual(await complete(line), { matches: ['海洋.yaml'], start: 13, end: 14 });
    assert.deepEqual(await complete('%sail -o 😀 fi'), { matches: ['first'], start: 11, end: 13 });
  });
});

test('a completed line splits into the words that were meant', async () => {
  const line = "chips --json 'my data/a";
  const { matches: found, start } = await complete(line);
  assert.deepEqual(wordsOf([...line].slice(0, start).join('') + found[0]), ['chips', '--json', 'my data/a file.txt']);
});

test('anywhere in any line, it answers with a range in the line', async () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('chip', 'evaluate', ' --', '--json=', '"', "'", '%', '-o ', ' 😀 ', 'runs/', '-- '),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), fc.nat(40), async (pieces, at) => {
      const line = pieces.join('');
      const cursor = Math.min(at, [...line].length);
      const { matches: found, start, end } = await completeLine(line, cursor, context);
      assert.ok(start >= 0 && start <= end && end === cursor);
      assert.equal(new Set(found).size, found.length);
    }),
    { numRuns: 200 },
  );
});

test('inspection shows the help of our commands, and leaves other names alone', async () => {
  const bundle = await inspectLine('%chip');
  assert.match(String(bundle?.['text/plain']), /^usage: %chip \[NAME\]/);
  assert.match(String(bundle?.['text/html']), /<table/);
  assert.equal(await inspectLine('%timeit'), undefined);
  assert.equal(await inspectLine('x + 1'), undefined);
});

test('the shells’ scripts, and what they ask', async () => {
  assert.match(completionScript('bash'), /complete -F _tradewind tradewind/);
  assert.match(completionScript('zsh'), /bashcompinit/);
  assert.throws(() => completionScript('zhs'), { message: 'completion is for bash or zsh, not for zhs (did you mean zsh?)' });
  assert.equal(await completeForShell('tradewind chi', 13, cwd, {}), 'chip\nchips\n');
  assert.equal(await completeForShell('tradewind chip 9 --framework', 16, cwd, {}), '910b\n');
});
