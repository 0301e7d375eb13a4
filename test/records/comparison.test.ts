/** Grades, lead time gained and the verdict of a comparison, on cases known by hand. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GRADE_EDGES, gradeOf, gradeTitle, leadGained, percentTitle } from '../../kernel/src/records/comparison.ts';

describe('grades', () => {
  test('every edge belongs to the grade above it, and a smaller RMSE is better as a larger ACC is', () => {
    for (const [at, edge] of GRADE_EDGES.entries()) {
      assert.equal(gradeOf('rmse', edge), -(at + 1));
      assert.equal(gradeOf('rmse', -edge), at + 1);
      assert.equal(gradeOf('acc', edge), at + 1);
      assert.equal(gradeOf('acc', -edge * 0.999), at === 0 ? 0 : -at);
    }
    assert.equal(gradeOf('rmse', null), null);
  });

  test('are said in words', () => {
    assert.deepEqual([0, 3, -6].map(gradeTitle), ['within 1 %', 'better by 5 to 10 %', 'worse by 50 % or more']);
  });
});

describe('lead time gained at equal skill', () => {
  const leads = [24, 48, 72, 96];
  // B's error grows by 1 a day, A's is B's of half a day before.
  const b = [1, 2, 3, 4];
  const a = [0.5, 1.5, 2.5, 3.5];

  test('a forecast as good as another half a day later gains half a day; nothing is extrapolated', () => {
    assert.deepEqual(leadGained('rmse', a, b, leads), [12, 12, 12, null]);
    assert.deepEqual(leadGained('rmse', b, a, leads), [null, -12, -12, -12]);
  });

  test('the same for a correlation, which falls', () => {
    const fall = (values: number[]) => values.map((value) => 1 - value / 10);
    assert.deepEqual(
      leadGained('acc', fall(a), fall(b), leads).map((one) => one && Math.round(one)),
      [12, 12, 12, null],
    );
  });

  test('a forecast gains nothing on itself, and leads without a score are left out', () => {
    assert.deepEqual(leadGained('rmse', b, b, leads), [0, 0, 0, 0]);
    assert.deepEqual(leadGained('rmse', [0.5, null, 2.5, 3.5], [1, null, 3, 4], leads), [12, null, 12, null]);
  });
});

test('per cent: sign, size, and nothing where there is none', () => {
  assert.deepEqual([1.5, -0.034, 0, 0.0001, 250.4, null].map(percentTitle), ['+1.50 %', '−0.03 %', '0.00 %', '+1e−4 %', '+250 %', '–']);
});
