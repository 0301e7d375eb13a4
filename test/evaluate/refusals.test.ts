/** What can't be scored is refused with the thing at fault named, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import { type Axis, type Call, days, hours, LATITUDE, LONGITUDE, score, temporaryFolder, writeField } from './stores.ts';

const folder = await temporaryFolder();
let serial = 0;
const place = (name: string) => join(folder, `${++serial}-${name}`);

interface Change {
  name?: string;
  latitude?: Axis;
  longitude?: Axis;
  time?: Axis;
  lead?: Axis;
  attributes?: object;
}

const value = (...index: number[]) => 10 + Math.sin(index.reduce((sum, one) => sum * 7 + one, 1));
const forecast = ({
  name = 'T0',
  latitude = LATITUDE,
  longitude = LONGITUDE,
  time = days([0, 2]),
  lead = hours([24]),
  attributes,
}: Change = {}) => writeField(place('forecast'), name, [time, lead, latitude, longitude], value, { attributes });
const truth = ({ name = 'T0', latitude = LATITUDE, longitude = LONGITUDE, time = days([0, 1, 2, 3, 4]), attributes }: Change = {}) =>
  writeField(place('truth'), name, [time, latitude, longitude], value, { attributes });

async function message(call: Omit<Call, 'output'>): Promise<string> {
  const room = place('room');
  await mkdir(room);
  const output = join(room, 'score.zarr');
  let found = '';
  await assert.rejects(score({ ...call, output }), (error) => {
    found = sentence(error);
    return true;
  });
  assert.deepEqual(readdirSync(room), [], 'nothing half-written is left');
  return found;
}

describe('refused', () => {
  test('grids that differ, with both coordinates', async () => {
    const other = { ...LATITUDE, values: [-60, -29, 0, 30] };
    assert.match(
      await message({ forecasts: [await forecast({ latitude: other })], truth: await truth() }),
      /latitude -29 of .*forecast.* isn't in .*truth.* nearest -30/,
    );
  });

  test('valid times that the truth does not have, with both times', async () => {
    const late = await forecast({ time: days([40.5]) });
    assert.match(
      await message({ forecasts: [late], truth: await truth() }),
      /2003-02-11T12:00 in .*, nearest in the truth 2003-01-05T00:00/,
    );
  });

  test('units that do not convert', async () => {
    const metres = await forecast({ attributes: { units: 'm' } });
    assert.match(await message({ forecasts: [metres], truth: await truth() }), /T0 is in "m" here and in "degC" in the truth/);
  });

  test('leads without units', async () => {
    const lead = { name: 'lead_time', values: [1] };
    assert.match(await message({ forecasts: [await forecast({ lead })], truth: await truth() }), /lead_time: it has no units/);
  });

  test('a calendar that is none', async () => {
    const months = { ...days([0, 2]), units: 'months since 2003-01-01' };
    assert.match(
      await message({ forecasts: [await forecast({ time: months })], truth: await truth() }),
      /"months since 2003-01-01" are no CF time/,
    );
  });

  test('variables that are not there, with those that are', async () => {
    assert.match(await message({ forecasts: [await forecast()], truth: await truth({ name: 'S0' }) }), /no variable T0[\s\S]*It has S0/);
  });

  test('two forecasts of unlike initial times', async () => {
    const both = [await forecast(), await forecast({ time: days([0, 1]) })];
    assert.match(
      await message({ forecasts: both, truth: await truth() }),
      /initial times of f1 differ .* number 2 is 2003-01-02T00:00 against 2003-01-03T00:00/,
    );
  });

  test('a NetCDF file that is not whole, and GRIB, with what to do', async () => {
    const file = place('forecast.nc');
    writeFileSync(file, 'CDF');
    assert.match(await message({ forecasts: [file], truth: await truth() }), /forecast\.nc: .*(64-bit data|can't be read as NetCDF)/);
    const grib = place('forecast.grib2');
    writeFileSync(grib, 'GRIB');
    assert.match(await message({ forecasts: [grib], truth: await truth() }), /GRIB is not read[\s\S]*xr\.open_dataset.*to_zarr/);
  });

  test('a chunk that is damaged, by store, variable and chunk', async () => {
    const store = await truth();
    writeFileSync(join(store, 'T0', 'c', '0', '0', '0'), 'no zstd frame');
    const found = await message({ forecasts: [await forecast()], truth: store });
    assert.ok(found.includes(store));
    assert.match(found, /chunk 0\/0\/0 of T0 can't be read/);
  });

  test('a disk without room, by the place; nothing half-written is left', async () => {
    const [forecast, against] = [place('wide.zarr'), place('wide-truth.zarr')];
    const wide = { name: 'longitude', values: Array.from({ length: 3000 }, (_, i) => -179 + i * 0.1), units: 'degrees_east' };
    await writeField(against, 'T0', [days([0, 1]), LATITUDE, wide], (i, y, x) => Math.sin(i! + y! * x!));
    await writeField(forecast, 'T0', [days([0]), hours([24]), LATITUDE, wide], (_, __, y, x) => Math.cos(y! + x!));
    const folder = await temporaryFolder();
    const cli = join(import.meta.dirname, '../../kernel/src/cli.ts');
    // A limit on the size of files stands for the full disk: the same call fails in the same place.
    const words = `ulimit -f 20; exec "${process.execPath}" "${cli}" evaluate "${forecast}" --truth "${against}" --variables T0 -o "${folder}/s.zarr"`;
    const { status, stderr } = spawnSync('bash', ['-c', words], { encoding: 'utf8' });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /\/s\.zarr: the score can't be written: EFBIG[\s\S]*nothing half-written is left/);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('a chunk whose file was cut off, by store, variable and chunk; the other variables can still be scored', async () => {
    const store = await truth();
    await writeField(store, 'S0', [days([0, 1, 2, 3, 4]), LATITUDE, LONGITUDE], value);
    const file = join(store, 'T0', 'c', '0', '0', '0');
    truncateSync(file, statSync(file).size - 20);
    const both = await forecast();
    await writeField(both, 'S0', [days([0, 2]), hours([24]), LATITUDE, LONGITUDE], value);
    const found = await message({ forecasts: [both], truth: store, variables: ['S0', 'T0'] });
    assert.ok(found.includes(store));
    assert.match(found, /chunk 0\/0\/0 of T0 can't be read[\s\S]*leave the variable out with --variables/);
    const rest = await score({ forecasts: [both], truth: store, variables: ['S0'], output: place('rest.zarr') });
    assert.deepEqual(Object.keys(rest.facts.forecasts[0]!.variables), ['S0']);
  });

  test('an output that can not be written to, with what to do', async () => {
    const blocked = place('blocked');
    writeFileSync(blocked, 'a file where a folder should be');
    const scoring = score({ forecasts: [await forecast()], truth: await truth(), output: join(blocked, 'score.zarr') });
    await assert.rejects(scoring, (error) => {
      assert.match(sentence(error), /the score can't be written: [\s\S]*Give -o a place with room/);
      return true;
    });
  });

  test('a folder that is no score in the place of the score', async () => {
    const output = place('mine');
    await mkdir(output);
    writeFileSync(join(output, 'thesis.txt'), 'mine');
    await assert.rejects(score({ forecasts: [await forecast()], truth: await truth(), output }), /something that is no score stands there/);
    assert.deepEqual(readdirSync(output), ['thesis.txt']);
  });
});

test('an interrupt stops the evaluation and leaves nothing', async () => {
  const signal = AbortSignal.abort();
  assert.match(await message({ forecasts: [await forecast()], truth: await truth(), signal }), /interrupted/);
});

test('a score is replaced only by a whole one', async () => {
  const output = place('score.zarr');
  const call = { forecasts: [await forecast()], truth: await truth(), output };
  const first = await score(call);
  const damaged = await truth();
  await rm(join(damaged, 'latitude'), { recursive: true });
  await assert.rejects(score({ ...call, truth: damaged }));
  assert.equal((await score(call)).facts.truth, first.facts.truth);
});

test('chunks that have vanished and read as 0 are told, how many and which, whatever reads them; missing values are not', async () => {
  const time = days([0, 1, 2, 3, 4]);
  const store = await writeField(place('zeros'), 'T0', [time, LATITUDE, LONGITUDE], value, { chunks: [1, 2, 5] });
  await rm(join(store, 'T0', 'c', '3', '1', '0'));
  await rm(join(store, 'T0', 'c', '3', '0', '0'));
  const { facts } = await score({ forecasts: [await forecast()], truth: store, output: place('zeros.zarr'), threads: 2 });
  const told = facts.notes.filter((note) => /aren't there/.test(note));
  assert.equal(told.length, 1, facts.notes.join('\n'));
  assert.match(told[0]!, /T0 of \d+-zeros: 2 chunks aren't there and are scored as 0, the fill value \(the first: T0\/c\/3\/0\/0\)/);
});

test('a chunk that has vanished is no land: the pairs without a valid cell, and those with a smaller area, are told', async () => {
  const time = days([0, 1, 2, 3, 4]);
  const store = await writeField(place('holes'), 'T0', [time, LATITUDE, LONGITUDE], value, { chunks: [1, 2, 5] });
  const metadata = join(store, 'T0', 'zarr.json');
  writeFileSync(metadata, readFileSync(metadata, 'utf8').replace('"fill_value": 0', '"fill_value": "NaN"'));
  const truths = { ...(await score({ forecasts: [await forecast()], truth: store, output: place('whole.zarr') })).facts };
  assert.deepEqual(
    truths.notes.filter((note) => /missing/.test(note)),
    [],
  );
  await rm(join(store, 'T0', 'c', '3', '0', '0'));
  const some = await score({ forecasts: [await forecast()], truth: store, output: place('some.zarr') });
  assert.match(
    some.facts.notes.join(),
    /f0, T0: 1 of 2 .* from 2003-01-03T00:00, valid at 2003-01-04T00:00\) have a valid area more than 1 % smaller/,
  );
  assert.doesNotMatch(some.facts.notes.join(), /aren't there/);
  await rm(join(store, 'T0', 'c', '3', '1', '0'));
  const none = await score({ forecasts: [await forecast()], truth: store, output: place('none.zarr') });
  assert.match(none.facts.notes.join(), /f0, T0: 1 of 2 .* have no valid cell: fields or chunks are missing there/);
});
