/** What others publish, as it is: WeatherBench 2's layout, with levels, in its own order of dimensions; and the command that puts two grids together. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import { record, score, temporaryFolder } from './stores.ts';

const folder = await temporaryFolder();
const made = JSON.parse(
  execFileSync(defaultPython(), ['-W', 'ignore', join(import.meta.dirname, 'layouts.py'), folder], { encoding: 'utf8' }),
) as Record<string, number[]>;
const at = (name: string) => join(folder, name);
let serial = 0;
async function rmseOf(forecast: string, truth: string, variable: string, climatology?: string): Promise<number[]> {
  const output = at(`score-${serial++}.zarr`);
  const stores = { forecasts: [at(forecast)], truth: at(truth), climatology: climatology && at(climatology) };
  return (await record(await score({ ...stores, variables: [variable], output }))).variables[variable]!.rmse as number[];
}
function close(found: number[], wanted: number[]): void {
  assert.equal(found.length, wanted.length);
  for (const [lead, value] of found.entries()) assert.ok(Math.abs(value / wanted[lead]! - 1) < 1e-5, `${found} against ${wanted}`);
}

describe('WeatherBench 2’s layout', () => {
  for (const version of ['v2', 'v3']) {
    test(`Zarr ${version}: prediction_timedelta, longitude before latitude, one from 0 and one north to south`, async () => {
      close(await rmseOf(`forecast-${version}.zarr`, `truth-${version}.zarr`, '2m_temperature', 'climatology.zarr'), made.surface!);
    });
  }

  test('a level by the store’s own name and by a letter', async () => {
    close(await rmseOf('forecast-v3.zarr', 'truth-v3.zarr', 'temperature850'), made.level!);
    close(await rmseOf('forecast-v3.zarr', 'truth-v3.zarr', 'T850'), made.level!);
    await assert.rejects(rmseOf('forecast-v3.zarr', 'truth-v3.zarr', 'temperature300'), (error) => {
      assert.match(sentence(error), /no variable temperature300[\s\S]*temperature \(500 hPa, 850 hPa\)/);
      return true;
    });
    await assert.rejects(rmseOf('forecast-v3.zarr', 'truth-v3.zarr', 'temperature'), /it has levels: ask for one, as in temperature100/);
  });

  test('kelvin against degrees Celsius', async () => {
    close(await rmseOf('forecast-v3.zarr', 'celsius.zarr', '2m_temperature'), made.surface!);
  });
});

test('grids that differ are refused with a command that puts them together, and it does', async () => {
  let found = '';
  await assert.rejects(rmseOf('forecast-v3.zarr', 'coarse.zarr', '2m_temperature'), (error) => {
    found = sentence(error);
    return true;
  });
  assert.match(found, /grids differ: longitude 11\.25/);
  const [, command] = /python -c '(.*)'/.exec(found)!;
  execFileSync(defaultPython(), ['-W', 'ignore', '-c', command!]);
  assert.equal((await rmseOf('forecast-v3.zarr', 'coarse-on-grid.zarr', '2m_temperature')).length, 2);
});
