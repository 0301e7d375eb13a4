// The skill map: an evaluation in a notebook, exact fields from the kernel, and the saved output without one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { Locator } from 'playwright-core';
import { dequantise } from '../../kernel/src/records/quantise.ts';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import { type SkillRecord, scoresIn } from '../../kernel/src/records/skill.ts';
import { degrees } from '../../kernel/src/records/ticks.ts';
import type { Harness } from './harness.ts';

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

const EVALUATE = '%evaluate persistence.zarr damped.zarr --truth ocean.zarr -o score.zarr --json skill.json';

/** The curves that plotly has drawn: ordinates by metric and forecast. */
function curves(skill: Locator): Promise<{ name: string; y: (number | null)[]; axis: string }[]> {
  return skill.locator('.tw-skill-curves-plot').evaluate((node) => {
    const { data } = node as unknown as { data: { name: string; y: (number | null)[]; yaxis: string }[] };
    return data.map(({ name, y, yaxis }) => ({ name, y, axis: yaxis }));
  });
}

/** The colour of the picture in the middle of a cell. */
function pixel(skill: Locator, column: number, row: number, columns: number, rows: number): Promise<number[]> {
  return skill.locator('.tw-map-canvas').evaluate(
    (node, [x, y]) => {
      const canvas = node as HTMLCanvasElement;
      return [...canvas.getContext('2d')!.getImageData(Math.floor(x! * canvas.width), Math.floor(y! * canvas.height), 1, 1).data];
    },
    [(column + 0.5) / columns, 1 - (row + 0.5) / rows],
  );
}

export function skillTests(lab: () => Harness): void {
  let record: SkillRecord;

  test('an evaluation in a notebook shows exact fields: hover, lead, metric, difference, region', async () => {
    const cells = [{ source: '%data ocean -o ocean.zarr --days 120 --grid 4' }, { source: FORECASTS }, { source: EVALUATE }];
    const notebook = await lab().open('skill', cells, 'tradewind');
    for (const cell of cells.keys()) await notebook.run(cell);
    const skill = notebook.panel.locator('.tw-skill');
    await skill.getByText('36 × 90 cells, exact').waitFor();
    record = JSON.parse(readFileSync(join(lab().lab.folder, 'skill.json'), 'utf8'));
    await lab().pictures(skill, 'skill');

    // Hover reads a cell and its place; the readout goes back when the pointer leaves.
    const map = skill.locator('.tw-map');
    const canvas = (await skill.locator('.tw-map-canvas').boundingBox())!;
    await lab().page.mouse.move(canvas.x + canvas.width * (20.5 / 90), canvas.y + canvas.height * (17.5 / 36));
    await skill.getByText(`at ${degrees(2, 'latitude', 2)}, ${degrees(-98, 'longitude', 2)}`).waitFor();
    assert.match((await skill.locator('.tw-readout').textContent())!, /^RMSE 0\.\d+ °C/);
    await lab().page.mouse.move(0, 0);
    await skill.getByText('36 × 90 cells, exact').waitFor();

    // The keys do the same, and say it.
    await map.focus();
    await map.press('ArrowUp');
    await map.press('Shift+ArrowLeft');
    assert.match((await skill.locator('.tw-spoken').textContent())!, /at \d+\.00° N, \d+\.00° W/);

    const slider = skill.getByRole('slider', { name: 'Lead time' });
    await slider.focus();
    await slider.press('End');
    await skill.getByText('RMSE of T0 at 10 d, persistence').waitFor();
    const before = await pixel(skill, 45, 5, 90, 36);
    await slider.press('Home');
    await skill.getByText('RMSE of T0 at 1 d, persistence').waitFor();
    await skill.getByText('36 × 90 cells, exact').waitFor();
    assert.notDeepEqual(await pixel(skill, 45, 5, 90, 36), before);

    await skill.getByRole('button', { name: 'A − B' }).click();
    await skill.getByText('RMSE of T0 at 1 d, persistence − damped').waitFor();
    await skill.getByRole('button', { name: 'ACC' }).click();
    await skill.getByRole('button', { name: 'U0' }).click();
    await skill.getByText('ACC of U0 at 1 d, persistence − damped').waitFor();

    await skill.getByLabel('region').selectOption('antarctic-circumpolar-current');
    const drawn = await curves(skill);
    const wanted = scoresIn(record.forecasts[1]!, 'antarctic-circumpolar-current').U0!;
    assert.deepEqual(
      drawn.map(({ name, axis }) => `${name} ${axis}`),
      ['persistence y', 'damped y', 'persistence y2', 'damped y2'],
    );
    assert.deepEqual(drawn[1]!.y, wanted.rmse);
    assert.deepEqual(drawn[3]!.y, wanted.acc);
    await lab().pictures(skill, 'skill-difference');

    await skill.getByRole('button', { name: 'Play over the leads' }).click();
    await skill.getByText('ACC of U0 at 3 d').waitFor();
    await skill.getByRole('button', { name: 'Stop' }).click();
  });

  test('a comparison in a notebook says its verdict above the maps', async () => {
    const notebook = await lab().open('skill-compared', [{ source: '%compare score.zarr --json compared.json' }], 'tradewind');
    await notebook.run(0);
    const skill = notebook.panel.locator('.tw-skill');
    await skill.locator('.tw-map-canvas').waitFor();
    const { withinClaim, skill: inside } = JSON.parse(readFileSync(join(lab().lab.folder, 'compared.json'), 'utf8'));
    const verdict = skill.locator('.tw-skill-verdict');
    assert.equal(await verdict.textContent(), `${withinClaim ? '✓' : '✗'} ${inside.verdict.words}`);
    assert.ok((await verdict.boundingBox())!.y < (await skill.locator('.tw-map').boundingBox())!.y);
    await lab().pictures(skill, 'skill-compared');
  });

  test('the saved output is a map without a kernel: coarser, and said to be', async () => {
    const outputs = [{ data: { [MIME_TYPES.skill]: record, 'text/plain': 'the static form' } }];
    const notebook = await lab().open('skill-saved', [{ source: EVALUATE, outputs }]);
    const skill = notebook.panel.locator('.tw-skill');
    await skill.locator('.tw-map-canvas').waitFor();
    const [rows, columns] = [record.grid.latitude.length, record.grid.longitude.length];
    await skill.getByText(`${rows} × ${columns} cells, `).waitFor();
    // Land is grey, sea is coloured, and what the pointer reads is what the record holds.
    const small = record.forecasts[0]!.maps.find((map) => map.variable === 'T0' && map.metric === 'rmse')!;
    const field = dequantise({ ...small, bytes: inflateSync(Buffer.from(small.data, 'base64')) });
    const cell = field.findIndex((value, at) => Number.isFinite(value) && at > field.length / 3);
    const slider = skill.getByRole('slider', { name: 'Lead time' });
    await slider.focus();
    await slider.press('Home');
    await skill.getByText('RMSE of T0 at 1 d').waitFor();
    const box = (await skill.locator('.tw-map-canvas').boundingBox())!;
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    await lab().page.mouse.move(box.x + (box.width * (column + 0.5)) / columns, box.y + box.height * (1 - (row + 0.5) / rows));
    await skill.locator('.tw-readout strong').waitFor();
    const read = Number((await skill.locator('.tw-readout strong').textContent())!.match(/[\d.]+/)![0]);
    assert.ok(Math.abs(read - field[cell]!) <= 1e-3 * field[cell]!, `${read} against ${field[cell]}`);
    const land = field.findIndex(Number.isNaN);
    const [red, green, blue] = await pixel(skill, land % columns, Math.floor(land / columns), columns, rows);
    assert.ok(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!) < 16, `land is ${red}, ${green}, ${blue}`);
  });
}
