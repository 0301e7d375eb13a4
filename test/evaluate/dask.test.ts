/** `evaluate --dask` on a real Dask cluster of this machine: the whole by its parts, and what goes wrong. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runLine } from '../../kernel/src/commands/run.ts';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import type { SkillRecord } from '../../kernel/src/records/skill.ts';
import { pretendedContext, recordedBy } from '../commands/pretend.ts';
import { days, hours, LATITUDE, LONGITUDE, temporaryFolder, writeField } from './stores.ts';

const cwd = await temporaryFolder();
const python = defaultPython();
const context = pretendedContext({ cwd });
const CLUSTER = `
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        input()
`;
const value = (...index: number[]) => 15 + Math.sin(index.reduce((sum, one, at) => sum + (at + 1) * one, 0));

describe('on a Dask cluster', () => {
  let cluster: ChildProcess;
  let address: string;
  before(async () => {
    await writeField(join(cwd, 'truth.zarr'), 'T0', [days([0, 1, 2, 3, 4, 5, 6, 7]), LATITUDE, LONGITUDE], value);
    const axes = [days([0, 1, 2, 3, 4]), hours([24, 48]), LATITUDE, LONGITUDE];
    await writeField(join(cwd, 'forecast.zarr'), 'T0', axes, (i, l, y, x) => value(i! + l! + 1, y!, x!) + 0.1 * i! + 0.3 * l!);
    cluster = spawn(python, ['-c', CLUSTER], { stdio: ['pipe', 'pipe', 'inherit'] });
    address = await new Promise<string>((resolve, reject) => {
      cluster.stdout!.once('data', (text) => resolve(String(text).trim()));
      cluster.once('exit', () => reject(new Error('the cluster ended')));
    });
  });
  after(async () => {
    const gone = new Promise((resolve) => cluster.once('exit', resolve));
    cluster.stdin!.end('\n');
    await gone;
  });

  test('the parts, merged, are the whole', async () => {
    const run = async (line: string) => (await recordedBy(line, context)).record as SkillRecord;
    const options = '--truth truth.zarr --variables T0 --metrics rmse,bias';
    const parts = await run(`evaluate forecast.zarr ${options} --dask ${address} --parts 3 -o by-parts.zarr`);
    const whole = await run(`evaluate forecast.zarr ${options} -o whole.zarr`);
    assert.equal(parts.initialTimes, 5);
    for (const [lead, one] of whole.variables.T0!.rmse.entries()) assert.ok(Math.abs(parts.variables.T0!.rmse[lead]! - one!) < 1e-9);
    assert.deepEqual(
      readdirSync(cwd).filter((name) => name.endsWith('.parts')),
      [],
    );
  });

  test('a part that fails says why, and no score is left', async () => {
    const outcome = await runLine(
      `evaluate forecast.zarr --truth truth.zarr --variables S0 --dask ${address} --parts 2 -o no.zarr`,
      context,
    );
    assert.equal(outcome.kind, 'error');
    assert.match(sentence((outcome as { error: unknown }).error), /part [12]\/2 failed on .*exit code 2[\s\S]*there is no variable S0/);
    assert.ok(!readdirSync(cwd).includes('no.zarr'));
  });

  test('a scheduler that does not answer is named', async () => {
    const outcome = await runLine('evaluate forecast.zarr --truth truth.zarr --variables T0 --dask tcp://127.0.0.1:9 -o no.zarr', context);
    assert.match(sentence((outcome as { error: unknown }).error), /tcp:\/\/127\.0\.0\.1:9: no Dask scheduler answers/);
  });
});
