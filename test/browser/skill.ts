// The skill map: an evaluation in a notebook, exact fields from the kernel, linked maps, drawn areas, files, and the saved output without a kernel.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { type Area, areaMask } from '../../kernel/src/records/areas.ts';
import { dequantise } from '../../kernel/src/records/quantise.ts';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import { type SkillRecord, scoresIn } from '../../kernel/src/records/skill.ts';
import { SAMPLES } from '../display/samples.ts';
import { withProfiles } from '../records/withProfiles.ts';
import { type Harness, saved } from './harness.ts';

/** Persistence and damped persistence of the simulated ocean, as a trainer writes forecasts. */
const FORECASTS = `
import numpy as np, xarray as xr
ocean = xr.open_zarr("ocean.zarr")
starts, leads = np.arange(60, 100, 8), np.arange(1, 11)
for name, kept in (("persistence", 1.0), ("damped", 0.97)):
    fields = {}
    for variable in ("T0", "S0", "U0"):
        field = ocean[variable].values
        mean = field.mean(0)
        values = np.stack([[mean + (field[start] - mean) * kept**lead for lead in leads] for start in starts])
        fields[variable] = (("time", "lead_time", "latitude", "longitude"), values.astype("f4"), {"units": ocean[variable].attrs["units"]})
    coordinates = dict(time=ocean.time.values[starts], lead_time=("lead_time", leads * 24, {"units": "hours"}), latitude=ocean.latitude, longitude=ocean.longitude)
    xr.Dataset(fields, coordinates).to_zarr(name + ".zarr", mode="w", zarr_format=3)
`.trim();

const EVALUATE = '%evaluate persistence.zarr damped.zarr --truth ocean.zarr --metrics rmse,acc,bias -o score.zarr --json skill.json';

/** A point of a map in shares of its drawn part, on the page. */
async function pointOf(map: Locator, x: number, y: number): Promise<{ x: number; y: number }> {
  await map.scrollIntoViewIfNeeded();
  const box = (await map.locator('.tw-map-canvas').boundingBox())!;
  return { x: box.x + box.width * x, y: box.y + box.height * y };
}

/** The colour of a map's picture at a share of its width and height. */
async function pixel(map: Locator, x: number, y: number): Promise<number[]> {
  await drawn(map.page());
  return map.locator('.tw-map-canvas').evaluate(
    (node, [across, down]) => {
      const canvas = node as HTMLCanvasElement;
      return [...canvas.getContext('2d')!.getImageData(Math.floor(across! * canvas.width), Math.floor(down! * canvas.height), 1, 1).data];
    },
    [x, y],
  );
}

/** The values behind a chart, as its table says them: a row a place, a column a forecast. */
async function valuesOf(chart: Locator): Promise<string[][]> {
  const details = chart.locator('details');
  if (!(await details.evaluate((node) => (node as HTMLDetailsElement).open))) await details.locator('summary').click();
  await chart.locator('td').first().waitFor();
  return chart
    .locator('tr')
    .evaluateAll((rows) => rows.slice(1).map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')));
}

/** Two frames: what was asked for before is painted. */
function drawn(page: Page): Promise<unknown> {
  return page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

export function skillTests(lab: () => Harness): void {
  let record: SkillRecord;

  test('an evaluation in a notebook: linked maps, hover, keys, lead, metric, projection', async () => {
    const cells = [{ source: '%data ocean -o ocean.zarr --days 120 --grid 4' }, { source: FORECASTS }, { source: EVALUATE }];
    const notebook = await lab().open('skill', cells, 'tradewind');
    for (const cell of cells.keys()) await notebook.run(cell);
    const skill = notebook.panel.locator('.tw-skill');
    await skill.getByText('36 × 90 cells, exact').waitFor();
    record = JSON.parse(readFileSync(join(lab().lab.folder, 'skill.json'), 'utf8'));
    const maps = skill.locator('.tw-map');
    assert.deepEqual(await skill.locator('.tw-map-title').allTextContents(), ['A: persistence', 'B: damped', 'A − B']);
    await lab().pictures(skill, 'skill');

    // Hover reads a cell of all maps, its place and how many samples it has; the mark stands on every map.
    const { x, y } = await pointOf(maps.nth(1), 20.5 / 90, 17.5 / 36);
    await lab().page.mouse.move(x, y);
    const readout = skill.locator('.tw-skill-readout');
    await readout.filter({ hasText: 'at 2.00° N, 98.00° W · 5 samples' }).waitFor();
    assert.match((await readout.textContent())!, /^RMSE A 0\.\d+, B 0\.\d+, A − B −?0\.\d+ °C/);
    assert.equal(await skill.locator('.tw-map-cursor:visible').count(), 3);
    await lab().page.mouse.move(0, 0);
    await skill.getByText('36 × 90 cells, exact').waitFor();

    // The keys do the same, and say it.
    await maps.first().focus();
    await maps.first().press('ArrowUp');
    await maps.first().press('Shift+ArrowLeft');
    const said = await skill.locator('.tw-skill-readout ~ .tw-spoken').first().textContent();
    assert.match(said!, /RMSE A .* at \d+\.00° N, \d+\.00° W · 5 samples/);

    // Zoom by key on one map zooms all.
    const corner = await pixel(maps.nth(2), 0.98, 0.5);
    await maps.first().press('+');
    await maps.first().press('+');
    assert.notDeepEqual(await pixel(maps.nth(2), 0.98, 0.5), corner);
    await skill.getByRole('button', { name: 'Show the whole map' }).click();

    const slider = skill.getByRole('slider', { name: 'Lead time' });
    await slider.focus();
    await slider.press('End');
    await skill
      .locator('.tw-lead-value')
      .filter({ hasText: /^10 d$/ })
      .waitFor();
    await skill.getByText('36 × 90 cells, exact').waitFor();
    const late = await pixel(maps.first(), 0.5, 0.85);
    await slider.press('Home');
    await skill.locator('.tw-lead-value').filter({ hasText: /^1 d$/ }).waitFor();
    await skill.getByText('36 × 90 cells, exact').waitFor();
    assert.notDeepEqual(await pixel(maps.first(), 0.5, 0.85), late);

    // A metric beyond the two that every score has.
    await skill.getByRole('button', { name: 'bias', exact: true }).click();
    await skill.getByRole('button', { name: 'A − B', exact: true }).click();
    await skill.getByText('bias of T0 at 1 d, persistence − damped').waitFor();
    await skill.getByLabel('projection').selectOption('equal-earth');
    await skill.getByText('36 × 90 cells, exact').waitFor();
    await lab().pictures(skill, 'skill-bias');

    await skill.getByRole('button', { name: 'Play over the leads' }).click();
    await skill.getByText('bias of T0 at 3 d').waitFor();
    await skill.getByRole('button', { name: 'Stop' }).click();
    await skill.getByLabel('projection').selectOption('south');
    await skill.getByRole('button', { name: 'A, B, A − B' }).click();
    await skill.getByRole('button', { name: 'ACC', exact: true }).click();
    await skill.getByText('36 × 90 cells, exact').waitFor();
    await lab().pictures(skill, 'skill-polar');
    await skill.getByLabel('projection').selectOption('plate-carree');
  });

  test('areas: a named region, a box that is drawn and one that is typed; curves, bands and files', async () => {
    const skill = lab().page.locator('.tw-skill');
    await skill.getByRole('button', { name: 'RMSE', exact: true }).click();
    await skill.getByRole('button', { name: 'U0', exact: true }).click();
    const byLead = skill.locator('.tw-chart').first();
    await skill.getByLabel('area', { exact: true }).selectOption('antarctic-circumpolar-current');
    await byLead.locator('.tw-chart-note', { hasText: 'Band: 95 %, over 10° tiles as if independent, not over initial times.' }).waitFor();
    const wanted = [0, 1].map((at) => scoresIn(record.forecasts[at]!, 'antarctic-circumpolar-current').U0!.rmse);
    const first = await valuesOf(byLead);
    for (const [lead, row] of first.entries()) {
      for (const [at, text] of row.entries()) {
        const [value, low, high] = text.match(/[\d.e-]+/g)!.map(Number) as [number, number, number];
        assert.ok(Math.abs(value - wanted[at]![lead]!) < 1e-3 * value, `${text} against ${wanted[at]![lead]}`);
        assert.ok(low < value && value < high, text);
      }
    }

    // A box over the map: what the kernel's own sums give for the same cells.
    await skill.getByRole('button', { name: 'Box', exact: true }).click();
    const map = skill.locator('.tw-map').first();
    const [from, to] = [await pointOf(map, 0.3, 0.25), await pointOf(map, 0.45, 0.55)];
    await lab().page.mouse.move(from.x, from.y);
    await lab().page.mouse.down();
    await lab().page.mouse.move((from.x + to.x) / 2, to.y, { steps: 3 });
    await lab().page.mouse.move(to.x, to.y, { steps: 3 });
    await lab().page.mouse.up();
    await skill.locator('.tw-panel-title', { hasText: /U0, box / }).waitFor();
    await lab().pictures(skill, 'skill-area');

    const fields = skill.locator('.tw-edge');
    for (const [at, edge] of [-60, -20, 20, 50].entries()) {
      await fields.nth(at).fill(String(edge));
      await fields.nth(at).press('Tab');
    }
    await skill.locator('.tw-panel-title', { hasText: 'U0, box 60° W to 20° W, 20° N to 50° N' }).waitFor();
    const typed = (await valuesOf(byLead))[4]!;
    const table = await saved(byLead.getByRole('button', { name: /as CSV/ }));
    const lines = table.bytes.toString('utf8').split('\r\n');
    assert.match(lines[0]!, /^forecast,lead time \(days\),RMSE \(m\/s\),band_95_low,band_95_high,samples$/);
    const fifth = lines[5]!.split(',');
    assert.equal(Number(Number(fifth[2]).toPrecision(4)), Number(typed[0]!.match(/[\d.]+/)![0]));
    assert.equal(Number(fifth[5]) % 5, 0);

    const netcdf = await saved(skill.getByRole('button', { name: 'Save as NetCDF' }));
    assert.match(netcdf.name, /\.nc$/);
    assert.equal(netcdf.bytes.subarray(0, 4).toString('latin1'), 'CDF\x01');
    assert.ok(netcdf.bytes.length > 36 * 90 * 16);
    const svg = await saved(skill.getByRole('button', { name: 'Save as SVG' }));
    assert.match(svg.bytes.toString('utf8'), /^<svg [\s\S]*data:image\/png;base64[\s\S]*uncentred/);
    const png = await saved(skill.getByRole('button', { name: 'Save as PNG' }));
    assert.equal(png.bytes.subarray(1, 4).toString('latin1'), 'PNG');
    assert.ok(areaMask({ kind: 'box', box: [-60, -20, 20, 50] } as Area, record.grid).some((inside) => inside === 1));

    // Limits stay as they are edited, until they are reset; what can't be is said, and left to be mended.
    const upper = skill.getByLabel('upper limit of the colours').first();
    const before = await upper.inputValue();
    await upper.fill('-1');
    await upper.press('Tab');
    await skill.getByText('The lower limit must lie below the upper one').waitFor();
    assert.equal(await upper.inputValue(), '-1');
    await upper.fill('0.01');
    await upper.press('Tab');
    await skill.getByRole('button', { name: 'reset' }).click();
    assert.equal(await upper.inputValue(), before);
  });

  test('sums by row need no kernel: quantiles, spectra and rank histograms by key, as values and in files', async () => {
    const made = withProfiles(SAMPLES.skill, 2);
    const outputs = [{ data: { [MIME_TYPES.skill]: made, 'text/plain': 'the static form' } }];
    const notebook = await lab().open('skill-rows', [{ source: EVALUATE, outputs }]);
    const skill = notebook.panel.locator('.tw-skill');
    const chart = (name: string) => skill.locator('.tw-chart:visible', { has: lab().page.locator(`[aria-label*="${name}"]`) }).first();
    assert.deepEqual((await valuesOf(chart('|error| by lead')))[0]!.slice(0, 2), ['0.2', '0.8']);
    assert.deepEqual(await valuesOf(chart('rank histogram')), [['1.6'], ['0.5'], ['0.4'], ['1.5']]);
    const spectrum = chart('power spectrum');
    await spectrum.locator('.tw-chart-plot').focus();
    await spectrum.locator('.tw-chart-plot').press('ArrowRight');
    assert.equal(await spectrum.locator('.tw-spoken').textContent(), 'wavenumber 1; 1 d: 1; 2 d: 1; truth: 1');
    await skill.locator('details').evaluateAll((nodes) => nodes.map((node) => node.removeAttribute('open')));
    await lab().pictures(skill, 'skill-rows');
    const svg = await saved(skill.getByRole('button', { name: 'Save as SVG' }));
    assert.match(svg.bytes.toString('utf8'), /power spectrum, A[\s\S]*rank histogram/);
  });

  test('a comparison in a notebook says its verdict above the maps', async () => {
    const notebook = await lab().open('skill-compared', [{ source: '%compare score.zarr --json compared.json' }], 'tradewind');
    await notebook.run(0);
    const skill = notebook.panel.locator('.tw-skill');
    await skill.locator('.tw-map-canvas').first().waitFor();
    const { withinClaim, skill: inside } = JSON.parse(readFileSync(join(lab().lab.folder, 'compared.json'), 'utf8'));
    const verdict = skill.locator('.tw-skill-verdict');
    assert.equal(await verdict.textContent(), `${withinClaim ? '✓' : '✗'} ${inside.verdict.words}`);
    assert.ok((await verdict.boundingBox())!.y < (await skill.locator('.tw-map').first().boundingBox())!.y);
  });

  test('the saved output is a map without a kernel: coarser, said to be, and still scored by area', async () => {
    const outputs = [{ data: { [MIME_TYPES.skill]: record, 'text/plain': 'the static form' } }];
    const notebook = await lab().open('skill-saved', [{ source: EVALUATE, outputs }]);
    const skill = notebook.panel.locator('.tw-skill');
    await skill.locator('.tw-map-canvas').first().waitFor();
    const [rows, columns] = [record.grid.latitude.length, record.grid.longitude.length];
    await skill.getByText(`${rows} × ${columns} cells, `).waitFor();
    // Land is grey, sea is coloured, and what the pointer reads is what the record holds.
    const small = record.forecasts[0]!.maps.find((map) => map.variable === 'T0' && map.metric === 'rmse')!;
    const field = dequantise({ ...small, bytes: inflateSync(Buffer.from(small.data, 'base64')) });
    const cell = field.findIndex((value, at) => Number.isFinite(value) && at > field.length / 3);
    const slider = skill.getByRole('slider', { name: 'Lead time' });
    await slider.focus();
    await slider.press('Home');
    await skill.locator('.tw-lead-value').filter({ hasText: /^1 d$/ }).waitFor();
    const map = skill.locator('.tw-map').first();
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    const { x, y } = await pointOf(map, (column + 0.5) / columns, 1 - (row + 0.5) / rows);
    await lab().page.mouse.move(x, y);
    const words = (await skill.locator('.tw-skill-readout strong').textContent())!;
    const read = Number(words.match(/A ≈ ([\d.]+)/)![1]);
    assert.ok(Math.abs(read - field[cell]!) <= 1e-3 * field[cell]!, `${read} against ${field[cell]}`);
    const land = field.findIndex(Number.isNaN);
    const [red, green, blue] = await pixel(map, ((land % columns) + 0.5) / columns, 1 - (Math.floor(land / columns) + 0.5) / rows);
    assert.ok(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!) < 16, `land is ${red}, ${green}, ${blue}`);
    await skill.getByLabel('area', { exact: true }).selectOption(' typed');
    await skill.getByText('From the rounded maps of the saved output.').first().waitFor();
  });
}
