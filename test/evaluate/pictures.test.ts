/** Static pictures, and the score store as others read it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, inflateSync } from 'node:zlib';
import { encodePng } from '../../kernel/src/display/png.ts';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { days, hours, LATITUDE, LONGITUDE, record, score, temporaryFolder, writeField } from './stores.ts';

test('a PNG holds its pixels, palette and opacity, each chunk with its checksum', () => {
  const indices = Uint8Array.of(0, 1, 2, 2, 1, 0);
  const png = encodePng(indices, 3, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [110]);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    assert.equal(png.readUInt32BE(at + 8 + length), crc32(png.subarray(at + 4, at + 8 + length)));
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
  assert.deepEqual([chunks.get('IHDR')!.readUInt32BE(0), chunks.get('IHDR')!.readUInt32BE(4)], [3, 2]);
  // Each line begins with its filter, none.
  assert.deepEqual([...inflateSync(chunks.get('IDAT')!)], [0, 0, 1, 2, 0, 2, 1, 0]);
});

test('a score store is an ordinary Zarr that xarray opens', async () => {
  const folder = await temporaryFolder();
  const truth = await writeField(join(folder, 'truth.zarr'), 'T0', [days([0, 1, 2, 3]), LATITUDE, LONGITUDE], (day, i, j) => day + i * j);
  const forecast = await writeField(
    join(folder, 'forecast.zarr'),
    'T0',
    [days([0, 1]), hours([24, 48]), LATITUDE, LONGITUDE],
    (start, lead, i, j) => start + lead + 1 + i * j + 0.5 * (lead + 1),
  );
  const scored = await score({ forecasts: [forecast], truth, output: join(folder, 'score.zarr') });
  const program = `
import json, numpy as np, xarray as xr
scores = xr.open_zarr(${JSON.stringify(scored.path)}, group="0-f0", consolidated=False)
weights = np.cos(np.deg2rad(scores.latitude))
axes = ["latitude", "longitude"]
rmse = np.sqrt((weights * scores.T0_dd).sum(axes) / (weights * scores.T0_count).sum(axes))
print(json.dumps([rmse.values.tolist(), scores.lead_time.values.tolist(), str(scores.initial_time.values[1])[:10]]))`;
  const [rmse, leads, second] = JSON.parse(execFileSync(defaultPython(), ['-W', 'ignore', '-c', program], { encoding: 'utf8' }));
  const own = (await record(scored)).variables.T0!.rmse;
  (rmse as number[]).forEach((value, lead) => {
    assert.ok(Math.abs(own[lead]! - value) < 1e-8, `${own[lead]} against ${value}`);
  });
  assert.deepEqual([own, leads, second], [[0.5, 1], [24, 48], '2003-01-02']);
});
