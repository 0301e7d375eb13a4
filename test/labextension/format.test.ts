import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, duration, moment, number, withoutCommonFolders } from '../../labextension/src/format.ts';

test('numbers keep their significant digits and say powers of ten where they are needed', () => {
  const written: [number, string][] = [
    [0, '0'],
    [0.0123456, '0.01235'],
    [3.2e-7, '3.2e-7'],
    [5e-4, '5e-4'],
    [1e-10, '1e-10'],
    [12.5, '12.5'],
    [-2.25, '−2.25'],
    [2_500_000, '2.5e6'],
    [1e20, '1e20'],
    [Number.NaN, 'NaN'],
    [Infinity, '∞'],
  ];
  for (const [value, text] of written) assert.equal(number(value), text);
});

test('durations are said in the two largest units', () => {
  const written: [number, string][] = [
    [0.42, '0.4 s'],
    [59.4, '59 s'],
    [59.7, '1 min 0 s'],
    [303, '5 min 3 s'],
    [7500, '2 h 05 min'],
    [100_000, '1 d 3 h'],
    [Number.NaN, '–'],
    [-1, '–'],
  ];
  for (const [seconds, text] of written) assert.equal(duration(seconds), text);
});

test('counts have their plural', () => {
  assert.equal(counted(1, 'use'), '1 use');
  assert.equal(counted(1240, 'use'), '1,240 uses');
});

test('a moment is in UTC; what is no time is shown as it is', () => {
  assert.equal(moment('2026-11-24T03:28:00Z'), '24 Nov 2026, 03:28 UTC');
  assert.equal(moment('soon'), 'soon');
});

test('two paths are shown from where they part', () => {
  const written: [string, string, [string, string]][] = [
    ['/data/a/model', '/data/a/model_ms/', ['model', 'model_ms']],
    ['/data/a/src/model', '/data/a/out', ['src/model', 'out']],
    ['model', 'model_ms', ['model', 'model_ms']],
    ['/a', '/b', ['a', 'b']],
    ['/a/b', '/a/b/c', ['b', 'b/c']],
    ['x', 'x', ['x', 'x']],
  ];
  for (const [first, second, shown] of written) assert.deepEqual(withoutCommonFolders(first, second), shown);
});
