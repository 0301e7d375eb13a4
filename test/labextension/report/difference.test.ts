import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { difference, type Piece } from '../../../labextension/src/report/difference.ts';

const joined = (pieces: Piece[]) => pieces.map(({ text }) => text).join('');
const changed = (pieces: Piece[]) => pieces.filter((piece) => piece.changed).map(({ text }) => text);

/** Code-like text: names and signs that repeat, so that there is something in common. */
const code = fc
  .array(fc.constantFrom('torch', '.', 'ops', '(', ')', ' ', 'x', ',', '\n', 'dim', '=', '1', 'é', '<script>'), { maxLength: 60 })
  .map((parts) => parts.join(''));

describe('difference', () => {
  test('marks the name that changed and nothing else', () => {
    const { from, to } = difference('x = torch.fft.rfft2(x, dim=(1, 2))', 'x = ops.rfft2(x, dim=(1, 2))');
    assert.deepEqual(changed(from), ['torch.fft']);
    assert.deepEqual(changed(to), ['ops']);
  });

  test('finds two separate changes', () => {
    const { from, to } = difference('self.norm = nn.LayerNorm(dim, eps=1e-6)', 'self.norm = nn.LayerNorm((dim,), epsilon=1e-6)');
    assert.ok(changed(from).some((text) => text.endsWith('eps')) && changed(to).some((text) => text.endsWith('epsilon')));
    assert.ok(!changed(to).some((text) => text.includes('LayerNorm')));
  });

  test('a lone sign between two changes is not taken for common ground', () => {
    const { to } = difference('alpha(beta)', 'gamma(delta)');
    assert.deepEqual(changed(to), ['gamma(delta']);
  });

  test('equal texts have no change, wholly different ones are all change', () => {
    assert.deepEqual(changed(difference('a.b(c)', 'a.b(c)').to), []);
    assert.deepEqual(difference('left', 'right'), { from: [{ text: 'left', changed: true }], to: [{ text: 'right', changed: true }] });
    assert.deepEqual(difference('', ''), { from: [], to: [] });
  });

  test('each side’s pieces joined give that side, and what is unchanged is the same on both sides', () => {
    fc.assert(
      fc.property(code, code, (a, b) => {
        const { from, to } = difference(a, b);
        assert.equal(joined(from), a);
        assert.equal(joined(to), b);
        const kept = (pieces: Piece[]) => joined(pieces.filter((piece) => !piece.changed));
        assert.equal(kept(from), kept(to));
      }),
    );
  });

  test('a text of many thousand tokens takes no more than its beginning and end', () => {
    const middle = (word: string) => Array.from({ length: 5_000 }, (_, at) => `${word}${at}`).join(' ');
    const { from, to } = difference(`begin ${middle('a')} end`, `begin ${middle('b')} end`);
    assert.equal(changed(from).length, 1);
    assert.equal(changed(to).length, 1);
    assert.ok(to[0]!.text.startsWith('begin') && !to[0]!.changed);
  });
});
