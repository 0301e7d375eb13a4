// Edits: the text outside them is kept to the byte, nested ones compose, crossing ones are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editor } from '../../kernel/src/migrate/edit.ts';

test('an outer edit is built from the edited text of its parts, whichever was made first', () => {
  for (const order of [0, 1]) {
    const edits = editor('f(g(x), y)');
    const inner = () => edits.replace(2, 6, (text) => `G[${text(4, 5)}]`);
    const outer = () => edits.replace(0, 10, (text) => `h(${text(8, 9)}, ${text(2, 6)})`);
    for (const make of order ? [inner, outer] : [outer, inner]) make();
    assert.equal(edits.apply(), 'h(y, G[x])');
  }
});

test('of two edits of one range the later is outside', () => {
  const edits = editor('a x b');
  edits.replace(2, 3, 'y');
  edits.replace(2, 3, (text) => `(${text(2, 3)})`);
  assert.equal(edits.apply(), 'a (y) b');
});

test('crossing edits and edits outside the text are refused', () => {
  const edits = editor('abcdef');
  edits.replace(0, 3, 'x');
  edits.replace(2, 5, 'y');
  assert.throws(() => edits.apply(), /edits cross at 2/);
  assert.throws(() => editor('ab').replace(1, 3, ''), /outside the text/);
});

test('disjoint edits: every byte outside them is kept, lines are counted in the result', () => {
  const piece = fc.record({ kept: fc.string(), replaced: fc.string({ minLength: 1 }), by: fc.string() });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.string(), (pieces, tail) => {
      const source = pieces.map((one) => one.kept + one.replaced).join('') + tail;
      const edits = editor(source);
      let at = 0;
      let expected = '';
      for (const one of pieces) {
        edits.replace(at + one.kept.length, at + one.kept.length + one.replaced.length, one.by);
        at += one.kept.length + one.replaced.length;
        expected += one.kept + one.by;
      }
      assert.equal(edits.apply(), expected + tail);
      assert.equal(edits.lineOf(source.length), (expected + tail).split('\n').length);
    }),
  );
});

test('nested brackets: wrapping every pair gives the same as wrapping by hand', () => {
  const tree: fc.Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('a', 'b,', ' '),
      fc.array(tie('tree'), { maxLength: 4 }).map((parts) => `(${parts.join('')})`),
    ),
  })).tree;
  fc.assert(
    fc.property(tree, fc.infiniteStream(fc.nat()), (source, numbers) => {
      const edits = editor(source);
      const open: number[] = [];
      const pairs: [number, number][] = [];
      for (let at = 0; at < source.length; at++) {
        if (source[at] === '(') open.push(at);
        else if (source[at] === ')') pairs.push([open.pop()!, at]);
      }
      const shuffled = pairs.map((pair) => ({ pair, key: numbers.next().value as number })).sort((a, b) => a.key - b.key);
      for (const { pair } of shuffled) edits.replace(pair[0], pair[1] + 1, (text) => `[${text(pair[0] + 1, pair[1])}]`);
      assert.equal(edits.apply(), source.replace(/\(/g, '[').replace(/\)/g, ']'));
    }),
  );
});
