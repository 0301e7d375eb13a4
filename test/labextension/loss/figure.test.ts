import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { append, type Curve, emptyCurves } from '../../../labextension/src/loss/curves.ts';
import { type FigureOptions, figure } from '../../../labextension/src/loss/figure.ts';
import { smoothed } from '../../../labextension/src/loss/smoothing.ts';
import { metricsLines } from '../../browser/records.ts';

const OPTIONS: FigureOptions = {
  horizontal: 'step',
  logarithmic: false,
  smoothing: 0,
  stepsPerEpoch: 100,
  range: undefined,
  width: 800,
  colour: (variable) => variable,
  font: 'sans-serif',
};

function curves(steps: number): Curve[] {
  const all = emptyCurves();
  append(all, metricsLines(steps));
  return [...all.byName.values()];
}

type Trace = { x: number[]; y: (number | null)[]; yaxis: string; name: string };
const traces = (drawn: Curve[], options: Partial<FigureOptions> = {}) =>
  figure(drawn, { ...OPTIONS, ...options }).data as unknown as Trace[];
const layout = (drawn: Curve[], options: Partial<FigureOptions> = {}) =>
  figure(drawn, { ...OPTIONS, ...options }).layout as Record<string, { type?: string; domain?: [number, number]; range?: number[] }>;

describe('the loss figure', () => {
  test('a million steps become a few thousand points, and the spike is among them', () => {
    const step = Array.from({ length: 1_000_000 }, (_, at) => at + 1);
    const value = step.map(() => 1);
    value[620_000] = 99;
    const [trace] = traces([{ name: 'loss', step, time: [], value }]);
    assert.ok(trace!.x.length <= 1600);
    assert.ok(trace!.y.includes(99));
  });

  test('zoomed in, every point of the range is drawn', () => {
    const [trace] = traces(curves(20_000).slice(0, 1), { range: [5_000, 5_100] });
    for (let step = 5_000; step <= 5_100; step++) assert.ok(trace!.x.includes(step));
    assert.ok(trace!.x.length < 120);
  });

  test('losses share a panel, the others have their own, none overlapping', () => {
    const drawn = curves(300);
    const axes = new Map(traces(drawn).map(({ name, yaxis }) => [name, yaxis]));
    assert.equal(axes.get('train loss'), axes.get('validation loss'));
    assert.equal(new Set(axes.values()).size, 3);
    const domains = ['yaxis', 'yaxis2', 'yaxis3'].map((name) => layout(drawn)[name]!.domain!);
    for (let at = 1; at < domains.length; at++) assert.ok(domains[at]![1] < domains[at - 1]![0]);
  });

  test('smoothing draws the mean over the raw line, which stays', () => {
    const names = traces(curves(300), { smoothing: 0.9 }).map(({ name }) => name);
    assert.ok(names.includes('train loss, raw') && names.includes('train loss, smoothed'));
    assert.ok(names.includes('validation loss') && names.includes('learning rate'));
  });

  test('the logarithmic switch leaves the learning rate linear: it begins at nought', () => {
    const axes = layout(curves(300), { logarithmic: true });
    const types = ['yaxis', 'yaxis2', 'yaxis3'].map((name) => axes[name]!.type);
    assert.deepEqual(types.sort(), ['linear', 'log', 'log']);
  });

  test('over epochs, steps are divided by an epoch’s; over time, seconds', () => {
    assert.equal(traces(curves(300), { horizontal: 'epoch' })[0]!.x.at(-1), 3);
    assert.ok(Math.abs(traces(curves(300), { horizontal: 'time' })[0]!.x.at(-1)! - 33) < 0.2);
  });

  test('a value that is not finite leaves a gap, and a line says where', () => {
    const drawn: Curve[] = [{ name: 'loss', step: [1, 2, 3], time: [], value: [1, Number.NaN, 2] }];
    assert.deepEqual(traces(drawn)[0]!.y, [1, null, 2]);
    const { shapes } = figure(drawn, OPTIONS).layout as { shapes: { x0: number; label: { text: string } }[] };
    assert.equal(shapes[0]!.x0, 2);
    assert.match(shapes[0]!.label.text, /not finite/);
  });
});

describe('smoothed', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 100 });
  const weight = fc.double({ min: 0, max: 0.99, noNaN: true });

  test('is the weighted mean of what came before, by its definition', () => {
    fc.assert(
      fc.property(values, weight, (raw, past) => {
        const last = raw.length - 1;
        let sum = 0;
        let total = 0;
        for (let back = 0; back <= last; back++) {
          sum += past ** back * raw[last - back]!;
          total += past ** back;
        }
        assert.ok(Math.abs(smoothed(raw, past)[last]! - sum / total) <= 1e-8 * Math.max(1, ...raw.map(Math.abs)));
      }),
    );
  });

  test('a constant stays what it is, without a dip at the start; weight 0 changes nothing', () => {
    assert.deepEqual(smoothed([3, 3, 3], 0), [3, 3, 3]);
    for (const value of smoothed(new Array(50).fill(3), 0.97)) assert.ok(Math.abs(value - 3) < 1e-12);
  });

  test('one NaN does not spoil what follows', () => {
    const [, gap, after] = smoothed([1, Number.NaN, 1], 0.9);
    assert.ok(Number.isNaN(gap));
    assert.ok(Math.abs(after! - 1) < 1e-12);
  });
});
