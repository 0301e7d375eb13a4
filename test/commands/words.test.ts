// A command line into words, and words back into a line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteWord, scanWords, wordsOf } from '../../kernel/src/commands/words.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';

test('blanks separate; quotes and backslashes join', () => {
  const cases: [string, string[]][] = [
    ['migrate src -o out', ['migrate', 'src', '-o', 'out']],
    ['  a \t b  ', ['a', 'b']],
    ["a 'b c' d", ['a', 'b c', 'd']],
    ['a "b \\"c\\" \\\\ \\d"', ['a', 'b "c" \\ \\d']],
    ['a\\ b c', ['a b', 'c']],
    ["--set=name='x y'", ['--set=name=x y']],
    ["''", ['']],
    ['"it\'s"', ["it's"]],
    ['trailing\\', ['trailing\\']],
    ['$HOME {name} *.py ~ # no comment', ['$HOME', '{name}', '*.py', '~', '#', 'no', 'comment']],
    ['海洋 "大 气"', ['海洋', '大 气']],
    ['', []],
  ];
  assert.deepEqual(
    cases.map(([line]) => [line, wordsOf(line)]),
    cases,
  );
});

test('an open quote is told with what it opens', () => {
  assert.throws(
    () => wordsOf('migrate "my folder -o out'),
    (error) => error instanceof TradewindError && error.data.message === 'the quote " is not closed: "my folder -o out',
  );
  assert.equal(scanWords('a "b c').at(-1)?.open, '"');
});

test('any words survive being quoted and split again', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
      assert.deepEqual(wordsOf(words.map((word) => quoteWord(word)).join(' ')), words);
      for (const style of ['"', "'"] as const) assert.deepEqual(wordsOf(words.map((word) => quoteWord(word, style)).join('  ')), words);
    }),
  );
});

test('splitting never throws by accident, and words stand where they say', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (line) => {
      let end = 0;
      for (const word of scanWords(line)) {
        assert.ok(word.start >= end && word.end > word.start && word.end <= line.length);
        assert.match(line.slice(end, word.start), /^\s*$/u);
        end = word.end;
      }
    }),
  );
});
