/** Charts of sums by row: quantiles of |error|, power spectra on axes of factors, rank histograms as bars. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { svgOf } from '../../../labextension/src/pens.ts';
import { barsOf } from '../../../labextension/src/skill/bars.ts';
import { chartCsv, chartLayout, paintChart, placeAt, pointAt } from '../../../labextension/src/skill/chart.ts';
import { profileCharts } from '../../../labextension/src/skill/profiles.ts';
import { SAMPLES } from '../../display/samples.ts';
import { withProfiles } from '../../records/withProfiles.ts';

const sample = SAMPLES.skill;
const choice = { variable: 'T0', metric: 'rmse', lead: 0, place: { region: 'global' } } as const;
const palette = { text: '#010101', muted: '#555', rule: '#ccc', outline: '#777', ground: '#fff', bad: '#c00', accent: '#00c' };
const wide = { width: 320, height: 232 };
const one = withProfiles(sample, 1);
const [quantiles, spectrum, ranks] = profileCharts({ ...one, variables: one.forecasts[0]!.variables }, choice, () => '#123');

describe('charts of sums by row', () => {
  test('none where the record has none', () =>
    assert.deepEqual(
      profileCharts(sample, choice, () => '#000'),
      [],
    ));

  test('quantiles: a line each, lowest first, with the unit and gaps as gaps', () => {
    const { series, scores } = quantiles!.chart;
    assert.equal(scores, '|error| (°C)');
    assert.deepEqual(
      series.map(({ name, points }) => [name, ...points.map(({ value }) => value)]),
      [
        ['50 %', 0.2, null],
        ['99 %', 0.8, 1.6],
      ],
    );
    const drawn = profileCharts(one, { ...choice, place: { area: { kind: 'box', box: [0, 1, 2, 3] } } }, () => '#000')[0]!;
    assert.match(drawn.note, /not the area that is chosen/);
  });

  test('a spectrum: every lead and the truth of the last, in units squared; powers of ten are evenly far apart', () => {
    const { chart, note } = spectrum!;
    assert.equal(chart.scores, 'power ((°C)²)');
    assert.match(note, /the truth at 2 d.*10 rows/);
    assert.deepEqual(
      chart.series.map(({ name, points }) => [name, points[2]!.value]),
      [
        ['1 d', 0.01],
        ['2 d', null],
        ['truth', 0.03],
      ],
    );
    const layout = chartLayout(chart, wide);
    const [y1, y2, y3] = [1, 0.1, 0.01].map((power) => pointAt(layout, 1, power)[1]);
    assert.ok(Math.abs(y2! - y1! - (y3! - y2!)) < 1e-9);
    assert.ok(Math.abs(placeAt(layout, ...pointAt(layout, 2, 1)) - 2) < 1e-9);
    assert.match(chartCsv(chart, ''), /^lead,zonal wavenumber,power \(\(°C\)²\),/);
  });

  test('the key names every series inside the picture, in more lines where it is narrow', () => {
    const lines = (width: number) => {
      const { key, bottom } = chartLayout({ ...spectrum!.chart, series: Array(7).fill(spectrum!.chart.series[2]!) }, { ...wide, width });
      for (const { x, y, name } of key) assert.ok(x + 18 + 6 * name.length <= width && y > bottom + 32 && y < 232, `${x}, ${y}`);
      return new Set(key.map(({ y }) => y)).size;
    };
    assert.ok(lines(230) > lines(560));
  });

  test('ranks: bars from nought beside one another, the flat line over them', () => {
    assert.match(ranks!.chart.title, /at 2 d$/);
    assert.match(ranks!.note, /nearest/);
    const layout = chartLayout(ranks!.chart, wide);
    const bars = barsOf(layout, pointAt).map(({ box }) => box);
    const ground = pointAt(layout, 0, 0)[1];
    assert.equal(bars.length, 4);
    bars.forEach(([x, y, width, height], at) => {
      assert.ok(Math.abs(y + height - ground) < 1e-9);
      assert.ok(at === 0 || x >= bars[at - 1]![0] + bars[at - 1]![2]);
      assert.ok(width > 0);
    });
    assert.ok(Math.abs(bars[0]![3] / bars[1]![3] - 3.2) < 1e-9);
    const svg = svgOf({ ...wide, title: '', font: 'sans', paint: (pen) => paintChart(pen, layout, palette) });
    const dashed = svg.indexOf('stroke="#010101" stroke-width="1.2"');
    assert.ok(dashed > svg.lastIndexOf('fill="#123"') && svg.includes('fill="#123"'));
  });

  test('lines stand out from a dark page as from a light one', () => {
    const first = (text: string) => profileCharts(one, choice, () => text)[0]!.chart.series.map(({ colour }) => colour);
    const bright = (hex: string) => [1, 3, 5].reduce((sum, at) => sum + Number.parseInt(hex.slice(at, at + 2), 16), 0);
    const [light, dark] = [first('rgb(31, 35, 40)'), first('rgba(255, 255, 255, 0.9)')];
    for (const [at, hex] of light.entries()) assert.ok(bright(hex) < bright(dark[at]!), `${hex} and ${dark[at]}`);
  });

  test('two forecasts: a spectrum and a histogram each, quantiles of both in one', () => {
    const titles = profileCharts(withProfiles(sample, 2), choice, () => '#000').map(({ chart }) => chart.title);
    assert.deepEqual(titles.slice(1), [
      'T0: power spectrum, A',
      'T0: power spectrum, B',
      'T0: rank histogram at 2 d, A',
      'T0: rank histogram at 2 d, B',
    ]);
  });
});
