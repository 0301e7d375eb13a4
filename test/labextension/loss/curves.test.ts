import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MetricsLine } from '../../../kernel/src/records/training.ts';
import { append, curvesOf, emptyCurves, firstFault } from '../../../labextension/src/loss/curves.ts';
import { metricsLines, trainingRecord } from '../../browser/records.ts';

describe('curves', () => {
  test('lines that come in any batches give the same curves', () => {
    const lines = metricsLines(250);
    const whole = emptyCurves();
    append(whole, lines);
    const parts = emptyCurves();
    for (let at = 0; at < lines.length; at += 7) append(parts, lines.slice(at, at + 7));
    assert.deepEqual(parts, whole);
    assert.equal(parts.lines, lines.length);
    assert.deepEqual(whole.byName.get('validation_loss')!.step, [100, 200]);
    assert.equal(whole.byName.get('loss')!.step.length, 250);
  });

  test('a resumed run takes back what the unfinished attempt wrote after the checkpoint', () => {
    const curves = emptyCurves();
    const line = (step: number, loss: number): MetricsLine => ({ step, epoch: 0, time: step, loss });
    append(curves, [line(1, 9), line(2, 8), line(3, 7), line(4, 6)]);
    append(curves, [line(3, 5), line(4, 4)]);
    assert.deepEqual(curves.byName.get('loss')!.step, [1, 2, 3, 4]);
    assert.deepEqual(curves.byName.get('loss')!.value, [9, 8, 5, 4]);
  });

  test('places are no curves', () => {
    const curves = emptyCurves();
    append(curves, metricsLines(3));
    assert.deepEqual([...curves.byName.keys()].sort(), ['gradient_norm', 'loss', 'lr']);
  });

  test('a loss that JSON could only write as null, or as a word, is not finite, and its step is named', () => {
    const curves = emptyCurves();
    append(curves, [
      { step: 1, epoch: 0, time: 1, loss: 1 },
      { step: 2, epoch: 0, time: 2, loss: null as unknown as number },
      { step: 3, epoch: 0, time: 3, loss: 'Infinity' as unknown as number },
    ]);
    const loss = curves.byName.get('loss')!;
    assert.ok(Number.isNaN(loss.value[1]));
    assert.equal(loss.value[2], Infinity);
    assert.equal(firstFault(loss), 2);
  });

  test('a record’s series called time gives the others their times', () => {
    const record = trainingRecord(100, 'runs/a');
    assert.deepEqual(curvesOf(record).byName.get('loss')!.time, []);
    record.series.push({ name: 'time', step: [0, 100], value: [0, 50] });
    const { byName } = curvesOf(record);
    assert.equal(byName.has('time'), false);
    const loss = byName.get('loss')!;
    assert.equal(loss.time[loss.step.indexOf(60)], 30);
  });
});
