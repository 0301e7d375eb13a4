// "Did you mean": near misses are met, strangers are not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { didYouMean, editDistance, nearest } from '../../kernel/src/records/nearest.ts';

const COMMANDS = ['chip', 'chips', 'migrate', 'verify', 'train', 'runs', 'evaluate', 'compare', 'doctor'];

test('near misses', () => {
  const cases: [string, string | undefined][] = [
    ['migrat', 'migrate'],
    ['migarte', 'migrate'],
    ['evalute', 'evaluate'],
    ['Doctor', 'doctor'],
    ['eval', 'evaluate'],
    ['xyz', undefined],
    ['', undefined],
    ['q', undefined],
  ];
  assert.deepEqual(
    cases.map(([word]) => [word, nearest(word, COMMANDS)]),
    cases,
  );
  assert.equal(didYouMean('trian', COMMANDS, '%'), ' (did you mean %train?)');
  assert.equal(didYouMean('penguin', COMMANDS), '');
});

test('edit distance is a distance, and a swap of neighbours counts one', () => {
  assert.deepEqual([editDistance('ab', 'ba'), editDistance('kitten', 'sitting'), editDistance('', 'abc')], [1, 3, 3]);
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const distance = editDistance(a, b);
      assert.equal(distance, editDistance(b, a));
      assert.equal(distance === 0, a === b);
      assert.ok(distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length));
    }),
  );
});
