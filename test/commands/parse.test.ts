// Words + definition → arguments, and every way to be wrong.
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Definition } from '../../kernel/src/commands/definition.ts';
import { parseWords, wantsHelp } from '../../kernel/src/commands/parse.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';
import { SAMPLE } from './sample.ts';

const parse = (...words: string[]) => parseWords(words, SAMPLE, '/ship');

test('positionals, options, defaults, numbers and absolute paths', () => {
  assert.deepEqual(parse('src', 'a', '-o', '../out', '--set', 'x=1', '--set=y=a=b', '--rate=-2.5e3', '--no-trace', 'b', '-n', '3'), {
    positionals: { SOURCE: '/ship/src', STOP: ['a', 'b'] },
    options: { output: '/out', set: ['x=1', 'y=a=b'], rate: -2500, 'no-trace': true, steps: 3, target: 'portable' },
    body: undefined,
  });
  assert.deepEqual(parse('~/src', '--output=~').positionals.SOURCE, join(homedir(), 'src'));
  assert.equal(parse('-', '-o', 'out', '--json', '-').options.json, '-');
  assert.deepEqual(parse('-o', 'out', '--', '--strange', '-x').positionals, { SOURCE: '/ship/--strange', STOP: ['-x'] });
  assert.deepEqual(parse('src', '-3', '-o', 'out').positionals.STOP, ['-3']);
  assert.equal(parse('src', '-o', '-odd').options.output, '/ship/-odd');
});

describe('wrong words', () => {
  const cases: [words: string[], message: string][] = [
    [['src'], '--output OUT is missing'],
    [[], '--output OUT is missing'],
    [['-o', 'out'], 'sail needs SOURCE: where from'],
    [['src', '-o'], '-o needs a value: OUT'],
    [['src', '--output', '--no-trace'], '--output needs a value: OUT'],
    [['src', '-o', 'a', '-o', 'b'], '-o is given twice'],
    [['src', '--ouput', 'x'], 'sail has no option --ouput (did you mean --output?)'],
    [['src', '-o', 'x', '-z'], 'sail has no option -z'],
    [['src', '-o', 'x', '--no-trace=yes'], '--no-trace takes no value, got yes'],
    [['src', '-o', 'x', '--target', 'ascent'], '--target is one of portable, ascend, not ascent (did you mean ascend?)'],
    [['src', '-o', 'x', '-n', '2.5'], '-n is a whole number, not 2.5'],
    [['src', '-o', 'x', '-n', '1e400'], '-n is a whole number, not 1e400'],
    [['src', '-o', 'x', '--rate', 'fast'], '--rate is a number, not fast'],
    [['', '-o', 'x'], 'SOURCE is empty: it needs a path'],
  ];
  for (const [words, message] of cases) {
    test(message, () => {
      assert.throws(
        () => parse(...words),
        (error) => {
          assert.ok(error instanceof TradewindError);
          assert.deepEqual([error.data.code, error.data.message], ['usage', message]);
          assert.match(error.data.remedy!, /^usage: sail SOURCE \[STOP …\] -o OUT /);
          return true;
        },
      );
    });
  }
  test('words too many', () => {
    const one: Definition = { ...SAMPLE, positionals: SAMPLE.positionals.slice(0, 1) };
    assert.throws(() => parseWords(['a', 'b', 'c', '-o', 'x'], one, '/'), { message: 'sail does not take the words b c' });
  });
});

test('words that take the rest leave what comes after its own', () => {
  const two: Definition = {
    ...SAMPLE,
    options: [],
    positionals: [
      { name: 'VARIABLE', kind: 'variable', description: 'what', many: true },
      { name: 'ENGINE', kind: 'engine', description: 'where' },
    ],
  };
  assert.deepEqual(parseWords(['x', 'y', 'cpu'], two, '/').positionals, { VARIABLE: ['x', 'y'], ENGINE: 'cpu' });
  assert.throws(() => parseWords(['cpu'], two, '/'), { message: 'push needs VARIABLE: what'.replace('push', 'sail') });
});

test('help is asked for anywhere before --', () => {
  assert.deepEqual([['--help'], ['a', '-h'], ['--', '--help'], ['a']].map(wantsHelp), [true, true, false, false]);
});

test('whatever the words, the answer is arguments or a usage error', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('-o', '--output', '--set', '--steps', '--no-trace', '--json', '--', '-', '--output=', '-1', '--target=ascend'),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      try {
        const { positionals, options } = parseWords(words, SAMPLE, '/ship');
        assert.equal(typeof positionals.SOURCE, 'string');
        assert.equal(typeof options.output, 'string');
        assert.ok(Number.isSafeInteger(options.steps));
      } catch (error) {
        assert.ok(error instanceof TradewindError && error.data.code === 'usage', String(error));
      }
    }),
    { numRuns: 500 },
  );
});
