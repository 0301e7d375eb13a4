/** The same fields from every format, layout and place: each gives the scores of the plain Zarr store; what can't be read is named. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openStore } from '../../kernel/src/evaluate/store.ts';
import { unfilter } from '../../kernel/src/evaluate/stores/filters.ts';
import { addressOf, fetchBytes, openZarrAt } from '../../kernel/src/evaluate/stores/http.ts';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import { record, score, temporaryFolder } from './stores.ts';

const folder = await temporaryFolder();
const place = (name: string) => (/^\w+:\/\//.test(name) ? name : join(folder, name));
let calls = 0;
async function scores(forecast: string, truth: string, engine = {}) {
  const output = join(folder, `score-${calls++}.zarr`);
  const { variables } = await record(await score({ forecasts: [place(forecast)], truth: place(truth), output, ...engine }));
  return variables.T0!;
}
const message = async (forecast: string, truth: string) =>
  scores(forecast, truth).then(
    () => assert.fail('it was read'),
    (error) => sentence(error),
  );

/** A web server over the folder that fails as told. */
let failures = 0;
let server: Server;
let root: string;
function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/silent') return;
  if (failures > 0) {
    failures--;
    response.writeHead(503).end();
    return;
  }
  try {
    const bytes = readFileSync(join(folder, decodeURI(request.url!)));
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

describe('formats', () => {
  /** RMSE of bounds.nc with weights by the area between its edges. */
  let byBounds: number[];
  let wanted: Awaited<ReturnType<typeof scores>>;
  before(async () => {
    const printed = execFileSync(defaultPython(), ['-W', 'ignore', join(import.meta.dirname, 'formats.py'), folder], { encoding: 'utf8' });
    byBounds = JSON.parse(printed);
    wanted = await scores('forecast.zarr', 'truth.zarr');
    assert.deepEqual(wanted.rmse, [0.25, 0.5]);
    server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function agrees(forecast: string, truth: string, engine = {}): Promise<void> {
    const own = await scores(forecast, truth, engine);
    assert.deepEqual(own.count, wanted.count);
    for (const metric of ['rmse', 'acc'] as const)
      for (const [lead, value] of own[metric].entries())
        assert.ok(Math.abs(value! - wanted[metric][lead]!) < 1e-6, `${metric} ${value} against ${wanted[metric][lead]}`);
  }

  for (const [what, truth] of Object.entries({
    'NetCDF4, deflated, shuffled, with checksums': 'checked.nc',
    'NetCDF4, packed, in tiles': 'packed.nc',
    'NetCDF4, contiguous, its fill value': 'plain.nc',
    'NetCDF3 with an unlimited time': 'classic.nc',
    'NetCDF3 with 64-bit offsets': 'offset.nc',
    'kelvin, north to south': 'kelvin.nc',
    'a valid range': 'ranged.nc',
    'several files, chunks of other lengths': 'years/*.nc',
    'several files by a list': 'years.txt',
    'files of one time each': 'single/*.nc',
    'the paper’s HDF5 without coordinates': 'bare/2003.h5',
    'the same in chunks of several channels': 'tiled/2003.h5',
  }))
    test(`truth: ${what}`, () => agrees('forecast.zarr', truth));

  test('forecast: NetCDF4 in chunks of initial times, by two threads', () => agrees('forecast.nc', 'packed.nc', { threads: 2 }));

  test('area weights by the bounds that the file gives; bounds with gaps are refused', async () => {
    const made = await score({ forecasts: [place('bounds.nc')], truth: place('truth.zarr'), output: place('bounds.zarr') });
    const { rmse } = (await record(made, 'area')).variables.T0!;
    for (const [lead, value] of byBounds.entries())
      assert.ok(Math.abs(rmse[lead]! - value) < 1e-6 * value, `${rmse[lead]} against ${value}`);
    assert.match(await message('gaps.nc', 'truth.zarr'), /cells of lat don't touch: one ends at -79.5 and the next begins at -79/);
  });

  test('over HTTP, version 2 and 3; a server that fails now and then is asked again', async () => {
    failures = 2;
    await agrees(`${root}/forecast.zarr`, `${root}/two.zarr`);
    assert.equal(failures, 0);
  });

  test('what HTTP can’t give is named with its address', async () => {
    const quick = { limit: 1000, waits: [1, 1] };
    failures = 9;
    await assert.rejects(fetchBytes(`${root}/x`, {}, quick), /answers 503.*3 times/);
    failures = 0;
    await assert.rejects(openZarrAt(`${root}/nothing.zarr`, quick), /no Zarr store with consolidated metadata/);
    await assert.rejects(fetchBytes(`${root}/silent`, {}, { limit: 50, waits: [1] }), /no answer within 0.05 s, 2 times/);
    await assert.rejects(fetchBytes('http://127.0.0.1:9/x', {}, quick), /can't be fetched/);
    assert.equal(
      addressOf('s3://bucket/a/b.zarr', { AWS_ENDPOINT_URL: 'https://store.example/' }),
      'https://store.example/bucket/a/b.zarr',
    );
    assert.equal(addressOf('gs://weatherbench2/x.zarr', {}), 'https://storage.googleapis.com/weatherbench2/x.zarr');
  });

  test('a damaged chunk, a file cut off and one that is none are named', async () => {
    const spoilt = place('spoilt.nc');
    copyFileSync(place('checked.nc'), spoilt);
    const bytes = readFileSync(spoilt);
    // The checksum of the last chunk.
    const index = JSON.parse(
      execFileSync(defaultPython(), ['-m', 'tradewind.data.file_index', spoilt], {
        encoding: 'utf8',
        env: { ...process.env, PYTHONPATH: 'kernel/python' },
      }),
    ).value[0].variables.T0;
    bytes[index.offsets[2] + index.sizes[2] - 1]! ^= 255;
    writeFileSync(spoilt, bytes);
    assert.match(await message('forecast.zarr', 'spoilt.nc'), /spoilt\.nc: chunk 2\/0\/0 of T0 can't be read: incorrect data check/);
    await assert.rejects(unfilter(new Uint8Array(12).fill(3), new Uint8Array(8), 4, ['fletcher32']), /checksum/);
    await assert.rejects(unfilter(new Uint8Array(8), new Uint8Array(8), 4, ['4 (szip)']), /HDF5's filter 4 \(szip\).*h5repack/);
    copyFileSync(place('plain.nc'), place('short.nc'));
    truncateSync(place('short.nc'), statSync(place('short.nc')).size - 5000);
    assert.match(
      await message('forecast.zarr', 'short.nc'),
      /short\.nc: (chunk .* can't be read: the file ends|the file can't be read as NetCDF or HDF5: .*truncated)/,
    );
    writeFileSync(place('text.nc'), 'not a file of that kind');
    assert.match(await message('forecast.zarr', 'text.nc'), /text\.nc: the file can't be read as NetCDF or HDF5/);
  });

  test('an interrupt ends the indexing of a file, which the next call makes anew', async () => {
    copyFileSync(place('packed.nc'), place('again.nc'));
    const stopping = new AbortController();
    const opening = openStore(place('again.nc'), stopping.signal);
    setTimeout(() => stopping.abort(), 30);
    await assert.rejects(opening, (error) => /interrupted/.test(sentence(error)));
    const { variables } = await openStore(place('again.nc'));
    assert.ok(variables.size > 2, [...variables.keys()].join());
  });

  test('files that don’t go together are refused with what differs', async () => {
    mkdirSync(place('twice'), { recursive: true });
    for (const name of ['a.nc', 'b.nc']) copyFileSync(place('years/a.nc'), place(`twice/${name}`));
    assert.match(await message('forecast.zarr', 'twice/*.nc'), /b\.nc: it can't be joined.*same time, 2003-01-01T00:00/);
    rmSync(place('twice/b.nc'));
    copyFileSync(place('kelvin.nc'), place('twice/b.nc'));
    assert.match(await message('forecast.zarr', 'twice/*.nc'), /it can't be joined/);
    assert.match(await message('forecast.zarr', 'none/*.nc'), /no file is named so/);
  });
});
