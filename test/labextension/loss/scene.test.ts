import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Curve } from '../../../kernel/src/records/curve.ts';
import { pixel } from '../../../labextension/src/loss/axis.ts';
import { drawnCurves, familiesOf, marksOf } from '../../../labextension/src/loss/drawn.ts';
import { paintingOf } from '../../../labextension/src/loss/export.ts';
import { csvOf, nearestPlace, neighbourPlace, readingsAt } from '../../../labextension/src/loss/readout.ts';
import { addedRun, type DisplayedRun } from '../../../labextension/src/loss/run.ts';
import { type DrawnCurve, type Scene, sceneOf, type View } from '../../../labextension/src/loss/scene.ts';
import { svgOf } from '../../../labextension/src/pens.ts';
import { metricsLines } from '../../browser/records.ts';
import { take } from './lines.ts';

const VIEW: View = { horizontal: 'step', logarithmic: { horizontal: false, vertical: false }, range: undefined, width: 800 };

function run(name: string, steps: number, seed = 3): DisplayedRun {
  const made = addedRun({ name, folder: `runs/${name}`, framework: 'pytorch', chip: 'cpu' });
  take(made.curves, metricsLines(steps, 100, seed));
  return made;
}
const drawn = (runs: DisplayedRun[], smoothing = 0, hidden: string[] = []) => drawnCurves(runs, { hidden: new Set(hidden), smoothing });
const scene = (runs: DisplayedRun[], view: Partial<View> = {}, smoothing = 0) => sceneOf(drawn(runs, smoothing), [], { ...VIEW, ...view });

/** The ordinates of a panel's line, back from pixels. */
function ys({ panels }: Scene, panel = 0, line = 0): number[] {
  const { points } = panels[panel]!.lines[line]!;
  return [...points].filter((_, at) => at % 2 === 1);
}

describe('the loss picture', () => {
  test('a million steps become a few thousand points, and the spike is among them', () => {
    const curve = new Curve();
    for (let step = 1; step <= 1_000_000; step++) curve.push(step, step, step === 620_000 ? 99 : 1);
    const one: DrawnCurve = { name: 'loss', curve, mean: undefined, colour: 'red', dash: 'solid', stepsPerEpoch: undefined };
    const whole = sceneOf([one], [], VIEW);
    assert.ok(ys(whole).length <= 4000);
    const { vertical } = whole.panels[0]!;
    assert.ok(vertical.upper > 99);
    assert.ok(Math.abs(Math.min(...ys(whole)) - pixel(vertical, 99)) < 1e-9);
  });

  test('losses share a panel, the others have their own, none overlapping', () => {
    const { panels, height } = scene([run('a', 300)]);
    assert.deepEqual(
      panels.map(({ title, lines }) => [title, lines.length]),
      [
        ['loss', 2],
        ['learning rate', 1],
        ['gradient norm', 1],
      ],
    );
    for (let at = 1; at < panels.length; at++) assert.ok(panels[at]!.top > panels[at - 1]!.bottom);
    assert.ok(height > panels.at(-1)!.bottom);
  });

  test('smoothing draws the mean over the raw line, which stays, faint', () => {
    const [loss] = scene([run('a', 300)], {}, 0.9).panels;
    assert.deepEqual(
      loss!.lines.map(({ faint, dots }) => [faint, dots]),
      [
        [true, false],
        [false, false],
        [false, true],
      ],
    );
  });

  test('the logarithmic switch leaves the learning rate linear; a logarithmic step axis keeps its ends', () => {
    const { panels, horizontal } = scene([run('a', 300)], { logarithmic: { horizontal: true, vertical: true } });
    assert.deepEqual(
      panels.map(({ vertical }) => vertical.logarithmic),
      [true, false, true],
    );
    assert.deepEqual([horizontal.logarithmic, horizontal.lower, horizontal.upper], [true, 1, 300]);
    assert.ok(ys(scene([run('a', 300)], { logarithmic: { horizontal: true, vertical: true } })).every(Number.isFinite));
  });

  test('over epochs, steps are divided by an epoch’s; over time, seconds', () => {
    assert.equal(scene([run('a', 300)], { horizontal: 'epoch' }).horizontal.upper, 3);
    assert.ok(Math.abs(scene([run('a', 300)], { horizontal: 'time' }).horizontal.upper - 33) < 0.2);
  });

  test('a value that is not finite leaves a gap, and a mark says where', () => {
    const one = addedRun({ name: 'a', folder: 'a', framework: '?', chip: '?' });
    take(one.curves, [
      { step: 1, epoch: 0, time: 1, loss: 1 },
      { step: 2, epoch: 0, time: 2, loss: null as unknown as number },
      { step: 3, epoch: 0, time: 3, loss: 2 },
    ]);
    const curves = drawn([one]);
    const marks = marksOf([one], curves, [], [], 'step');
    assert.deepEqual(marks, [{ at: 2, kind: 'fault', text: 'train loss not finite' }]);
    assert.deepEqual(ys(sceneOf(curves, marks, VIEW)).map(Number.isFinite), [true, false, true]);
  });

  test('scores of a hundred variables are one switch and one panel', () => {
    const one = addedRun({ name: 'a', folder: 'a', framework: '?', chip: '?' });
    take(one.curves, [{ step: 1, epoch: 0, time: 1, loss: 1, validation_rmse_T0: 1, validation_rmse_S0: 2, 'rmse/U0': 3, loss_scale: 4 }]);
    assert.deepEqual(familiesOf([one]), ['loss', 'loss_scale', 'rmse', 'validation_rmse']);
    assert.deepEqual(
      scene([one]).panels.map(({ title, lines }) => [title, lines.length]),
      [
        ['loss', 1],
        ['loss scale', 1],
        ['rmse', 1],
        ['validation rmse', 2],
      ],
    );
  });
});

describe('readings', () => {
  test('are of the nearest point of every run; beyond a run’s end there is none', () => {
    const runs = [run('long', 300), run('short', 120, 5)];
    const curves = drawn(runs, 0, ['lr', 'gradient_norm', 'validation_loss']);
    const at = readingsAt(curves, 'step', 100.3);
    assert.deepEqual(
      at.map((one) => [one.run, one.step, one.value]),
      runs.map((one) => [one.about.name, 100, one.curves.byName.get('loss')!.value[99]]),
    );
    assert.deepEqual(
      readingsAt(curves, 'step', 200).map((one) => one.run),
      ['long'],
    );
    assert.equal(nearestPlace(curves, 'step', 100.3), 100);
    assert.equal(neighbourPlace(curves, 'step', 100, 1), 101);
    assert.equal(neighbourPlace(curves, 'step', 1, -1), 1);
  });
});

describe('exports', () => {
  test('CSV has every point, and no field that a spreadsheet would run', () => {
    const evil = { ...drawn([run('a', 3)])[0]!, run: '=HYPERLINK("x")' };
    const lines = csvOf([evil]).split('\n');
    assert.equal(lines[0], 'run,metric,step,time,value');
    assert.match(lines[1]!, /^"'=HYPERLINK\(""x""\)",loss,1,0\.11,\d/);
    assert.equal(lines.length, 5);
  });

  test('SVG holds the curves, the words and nothing that is markup in a name', () => {
    const runs = [run('<script>', 150), run('b', 150, 9)];
    const curves = drawn(runs);
    const palette = { text: '#000', muted: '#555', rule: '#ddd', outline: '#999', ground: '#fff', bad: '#c00', accent: '#06c' };
    const painting = paintingOf({
      name: 'x',
      title: '<script> & b',
      scene: sceneOf(curves, [{ at: 40, kind: 'parting', text: 'b parts at step 40' }], VIEW),
      legend: curves.map((one) => ({ label: `${one.run} ${one.name}`, colour: one.colour || '#123456' })),
      curves,
      palette,
      font: 'sans-serif',
    });
    const svg = svgOf(painting);
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 800 \d+"/);
    assert.match(svg, /<title>&lt;script&gt; &amp; b<\/title>/);
    assert.match(svg, />b parts at step 40</);
    assert.ok(!svg.includes('<script') && !svg.includes('NaN'));
    assert.ok((svg.match(/<path /g)?.length ?? 0) > 8);
  });
});
