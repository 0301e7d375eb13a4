import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Curve } from '../../../kernel/src/records/curve.ts';
import type { MetricsLine } from '../../../kernel/src/records/training.ts';
import { curvesOf, emptyCurves, firstFault } from '../../../labextension/src/loss/curves.ts';
import { metricsLines, trainingRecord } from '../../browser/records.ts';
import { curvesFrom, take } from './lines.ts';

const points = (curve: Curve) => [...curve.step.subarray(0, curve.length)].map((step, at) => [step, curve.value[at]]);

describe('curves', () => {
  test('lines that come in any batches give the same curves', () => {
    const lines = metricsLines(250);
    const whole = curvesFrom(lines);
    const parts = emptyCurves();
    for (let at = 0; at < lines.length; at += 7) take(parts, lines.slice(at, at + 7));
    assert.deepEqual([...parts.byName.keys()].sort(), [...whole.byName.keys()].sort());
    for (const [name, curve] of whole.byName) assert.deepEqual(points(parts.byName.get(name)!), points(curve));
    assert.equal(parts.lines, lines.length);
    assert.deepEqual(
      points(whole.byName.get('validation_loss')!).map(([step]) => step),
      [100, 200],
    );
    assert.equal(whole.byName.get('loss')!.length, 250);
    assert.equal(whole.stepsPerEpoch, 100);
  });

  test('of a batch that overlaps what is there only the rest is taken', () => {
    const lines = metricsLines(30);
    const curves = curvesFrom(lines.slice(0, 20));
    take(curves, lines.slice(10), 10);
    assert.deepEqual(points(curves.byName.get('loss')!), points(curvesFrom(lines).byName.get('loss')!));
    assert.equal(curves.lines, 30);
  });

  test('a resumed run takes back what the unfinished attempt wrote after the checkpoint, in every curve', () => {
    const curves = emptyCurves();
    const line = (step: number, loss: number, more = {}): MetricsLine => ({ step, epoch: 0, time: step, loss, ...more });
    take(curves, [line(1, 9), line(2, 8), line(3, 7), line(4, 6, { validation_loss: 1 })]);
    take(curves, [line(3, 5), line(4, 4)]);
    assert.deepEqual(points(curves.byName.get('loss')!), [
      [1, 9],
      [2, 8],
      [3, 5],
      [4, 4],
    ]);
    assert.equal(curves.byName.get('validation_loss')!.length, 0);
    // The same within one batch.
    const once = curvesFrom([line(1, 9), line(2, 8), line(3, 7, { validation_loss: 1 }), line(2, 6), line(3, 5)]);
    assert.deepEqual(points(once.byName.get('loss')!), [
      [1, 9],
      [2, 6],
      [3, 5],
    ]);
    assert.equal(once.byName.get('validation_loss')!.length, 0);
  });

  test('places are no curves', () => {
    assert.deepEqual([...curvesFrom(metricsLines(3)).byName.keys()].sort(), ['gradient_norm', 'loss', 'lr']);
  });

  test('a loss that JSON could only write as null, or as a word, is not finite, and its step is named', () => {
    const loss = curvesFrom([
      { step: 1, epoch: 0, time: 1, loss: 1 },
      { step: 2, epoch: 0, time: 2, loss: null as unknown as number },
      { step: 3, epoch: 0, time: 3, loss: 'Infinity' as unknown as number },
    ]).byName.get('loss')!;
    assert.ok(Number.isNaN(loss.value[1]));
    assert.equal(loss.value[2], Infinity);
    assert.equal(firstFault(loss), 2);
  });

  test('a record’s series called time gives the others their times', () => {
    const record = trainingRecord(100, 'runs/a');
    assert.ok(Number.isNaN(curvesOf(record).byName.get('loss')!.time[0]));
    record.series.push({ name: 'time', step: [0, 100], value: [0, 50] });
    const { byName } = curvesOf(record);
    assert.equal(byName.has('time'), false);
    const loss = byName.get('loss')!;
    assert.equal(loss.time[loss.step.indexOf(60)], 30);
  });
});
