/** Charts and files of the skill map: bands, CSV, NetCDF as other software reads it, SVG. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootFolder } from '../../../kernel/src/processes/places.ts';
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import { svgOf } from '../../../labextension/src/pens.ts';
import { bandPaths, type Chart, chartCsv, chartLayout, paintChart, placeAt, pointAt } from '../../../labextension/src/skill/chart.ts';
import { depthsOf } from '../../../labextension/src/skill/depths.ts';
import { netcdfOf } from '../../../labextension/src/skill/export.ts';
import { netcdfBytes } from '../../../labextension/src/skill/netcdf.ts';

const chart: Chart = {
  title: 'T0: RMSE by lead',
  axis: 'lead time (days)',
  scores: 'RMSE (°C)',
  upright: true,
  place: String,
  cover: [0],
  series: [
    {
      name: '=A, "one"',
      colour: '#000',
      dash: [],
      points: [
        { at: 1, value: 0.1, band: [0.08, 0.12], count: 10 },
        { at: 2, value: 0.2, band: [0.15, 0.25], count: 10 },
        { at: 3, value: null },
        { at: 4, value: 0.4, band: [0.3, 0.5] },
      ],
    },
  ],
};

describe('charts', () => {
  test('cover bands and the perfect score; pixels and places are each other’s', () => {
    const layout = chartLayout(chart, { width: 300, height: 200 });
    assert.equal(layout.scores.low, 0);
    assert.ok(layout.scores.high > 0.5);
    const [x, y] = pointAt(layout, 2, 0.2);
    assert.ok(Math.abs(placeAt(layout, x, y) - 2) < 1e-9);
    const profile = chartLayout({ ...chart, upright: false, downwards: true }, { width: 300, height: 200 });
    assert.ok(pointAt(profile, 1, 0.1)[1] < pointAt(profile, 4, 0.1)[1]);
  });

  test('a band breaks where there is no value, and a single point has none', () => {
    const paths = bandPaths(chartLayout(chart, { width: 300, height: 200 }), chart.series[0]!.points);
    assert.equal(paths.length, 1);
    assert.match(paths[0]!, /^M[\d. L]+Z$/);
  });

  test('CSV: every point, quoted, and no formula for a spreadsheet', () => {
    const lines = chartCsv(chart, 'weights cos φ').split('\r\n');
    assert.equal(lines[1], `"'=A, ""one""",1,0.1,0.08,0.12,10`);
    assert.equal(lines[3], `"'=A, ""one""",3,,,,`);
    assert.match(lines[5]!, /# T0: RMSE by lead; weights cos φ/);
  });

  test('SVG says names as text, never as markup', () => {
    const muted = { text: '#000', muted: '#555', rule: '#ccc', outline: '#777', ground: '#fff', bad: '#c00', accent: '#00c' };
    const size = { width: 300, height: 200 };
    const layout = chartLayout({ ...chart, title: '<script>1</script>' }, size);
    const svg = svgOf({ ...size, title: '<b>', font: 'sans', paint: (pen) => paintChart(pen, layout, muted) });
    assert.doesNotMatch(svg, /<script|<b>/);
    assert.match(svg, /&lt;script&gt;/);
    assert.match(svg, /fill-opacity="0.17"/);
  });
});

describe('NetCDF', () => {
  const field = (values: number[], counts?: number[]) => ({
    values: Float32Array.from(values),
    grid: { latitude: [-10, 10], longitude: [0, 120, 240] },
    quality: 'exact' as const,
    counts: counts && Uint32Array.from(counts),
  });
  const record = {
    leadTimes: [24, 48],
    provenance: 'weights cos φ',
    createdAt: '2026-11-24',
    tradewind: '0.1.0',
  } as unknown as SkillRecord;

  test('is read by other software: coordinates, both fields, their difference, counts, attributes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tradewind-netcdf-'));
    const bytes = netcdfOf({
      record,
      fields: [
        { name: 'ms', field: field([1, 2, Number.NaN, 4, 5, 6.5], [3, 3, 0, 3, 3, 3]) },
        { name: 'pt', field: field([1, 1, Number.NaN, 1, 1, 1]) },
      ],
      variable: 'T0',
      metric: 'rmse',
      title: 'RMSE of T0 at 2 d',
      units: '°C',
      lead: 1,
    });
    const file = join(folder, 'map.nc');
    writeFileSync(file, bytes);
    const script = `
import json, sys
from scipy.io import netcdf_file
with netcdf_file(sys.argv[1], mmap=False) as f:
    print(json.dumps({"lead": float(f.lead_time_hours), "title": f.title.decode(), "source": f.source.decode(), "longitude": f.variables["longitude"][:].tolist(),
      "names": sorted(f.variables), "a": f.variables["T0_rmse_A"][1].tolist(), "difference": f.variables["T0_rmse_A_minus_B"][1].tolist(),
      "count": f.variables["count"][:].tolist(), "units": f.variables["T0_rmse_A"].units.decode(), "nan": bool(f.variables["T0_rmse_A"][0, 2] != f.variables["T0_rmse_A"][0, 2])}))
`;
    const read = JSON.parse(execFileSync(join(rootFolder(), '.venv', 'bin', 'python'), ['-c', script, file], { encoding: 'utf8' }));
    rmSync(folder, { recursive: true });
    assert.deepEqual(read, {
      lead: 48,
      title: 'RMSE of T0 at 2 d',
      source: 'weights cos φ',
      longitude: [0, 120, 240],
      names: ['T0_rmse_A', 'T0_rmse_A_minus_B', 'T0_rmse_B', 'count', 'latitude', 'longitude'],
      a: [4, 5, 6.5],
      difference: [3, 4, 5.5],
      count: [
        [3, 3, 0],
        [3, 3, 3],
      ],
      units: '°C',
      nan: true,
    });
  });

  test('a variable that doesn’t fill its dimensions is refused', () => {
    const values = Float32Array.of(1, 2);
    const variables = [{ name: 'x', dimensions: ['n'], attributes: {}, values }];
    assert.throws(() => netcdfBytes({ dimensions: { n: 3 }, attributes: {}, variables }), /x has 2 values, its dimensions 3/);
  });
});

test('depths of a quantity, from the surface down', () => {
  assert.deepEqual(
    depthsOf(['T0', 'S0', 'T500', 'T100', 'sst'], 'T100').map(({ name, depth }) => `${name} ${depth}`),
    ['T0 0', 'T100 100', 'T500 500'],
  );
  assert.deepEqual(depthsOf(['sst', 'T0'], 'sst'), []);
});
