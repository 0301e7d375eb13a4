// A record's JSON in pieces is the same text as in one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonText } from '../../kernel/src/commands/json-text.ts';

test('joined, the pieces are what JSON.stringify gives', () => {
  const value = fc.jsonValue();
  const record = fc.dictionary(fc.string(), fc.oneof(value, fc.array(value), fc.constant(undefined)));
  fc.assert(fc.property(record, (one) => assert.equal([...jsonText(one)].join(''), JSON.stringify(one, null, 1))));
});

test('a long list comes in several pieces, none much above a megabyte', () => {
  const uses = Array.from({ length: 30_000 }, (_, at) => ({
    file: `a/b_${at}.py`,
    line: at,
    from: 'torch.zeros(3)\n',
    dtypes: ['float32'],
  }));
  const pieces = [...jsonText({ kind: 'report', uses, none: undefined, empty: [], nothing: {} })];
  assert.ok(pieces.length > 2 && pieces.every((piece) => piece.length < 1_100_000));
  assert.deepEqual(JSON.parse(pieces.join('')), { kind: 'report', uses, empty: [], nothing: {} });
});
