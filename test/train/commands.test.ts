// The commands data, train and runs against the real trainer: from no data to a forecast, stopped, resumed, refused.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CommandContext } from '../../kernel/src/commands/command.ts';
import type { DatasetRecord } from '../../kernel/src/records/dataset.ts';
import type { TradewindRecord } from '../../kernel/src/records/index.ts';
import type { RunComparisonRecord, RunsRecord, TrainingRecord } from '../../kernel/src/records/training.ts';
import { pretendedContext, toldBy } from '../commands/pretend.ts';
import { temporaryFolder, writeTiny } from './place.ts';

const place = temporaryFolder();
after(() => place[Symbol.dispose]());

/** Runs a line; `seen` gets every live picture. */
async function tradewind(line: string, more: Partial<CommandContext> = {}, seen: TradewindRecord[] = []) {
  const context = pretendedContext({
    cwd: place.path,
    environment: { ...process.env, OMP_NUM_THREADS: '1' },
    show: (record) => {
      seen.push(record);
      return { update: (one) => void seen.push(one) };
    },
    ...more,
  });
  return { ...(await toldBy(line, context)), notes: context.notes };
}

before(async () => {
  const made = await tradewind('data ocean --days 100 --grid 6');
  assert.equal(made.exitCode, 0, made.error);
  assert.equal(made.record?.kind, 'dataset');
  writeTiny(place.path, { migrated: false }, 'training: {epochs: 1, batch: 4}', 'forecast: {lead_days: 2, initial_times: 2}');
});

test('train shows the run while it goes and gives its record', async () => {
  const seen: TradewindRecord[] = [];
  const { exitCode, record, error } = await tradewind('train tiny.yaml --run first --set optimizer.lr=3e-3', {}, seen);
  assert.equal(exitCode, 0, error);
  const { run, series, environment } = record as TrainingRecord;
  assert.equal(run.status.state, 'finished');
  assert.equal(run.status.step, 17);
  assert.ok(series.some((curve) => curve.name === 'validation_loss' && curve.step.at(-1) === 17));
  assert.match(environment.versions.torch ?? '', /^2\./);
  assert.ok(seen.length >= 2 && (seen.at(-1) as TrainingRecord).run.status.state === 'finished');
  assert.ok(existsSync(join(run.folder, 'forecast.zarr', 'zarr.json')));
  assert.match(
    readFileSync(join(run.folder, 'config.yaml'), 'utf8'),
    /^# Made from tiny\.yaml --set optimizer\.lr=3e-3\n[\s\S]*lr: 0\.003/,
  );
});

test('a second run of the name is refused, a resume of a finished one says so', async () => {
  const again = await tradewind('train tiny.yaml --run first');
  assert.equal(again.exitCode, 2);
  assert.match(again.error, /a run first already \(finished\)[\s\S]*--force replaces it/);
  const resumed = await tradewind('train --resume --run first');
  assert.equal(resumed.exitCode, 0);
  assert.deepEqual(resumed.notes, ['first had finished.']);
});

test('--dry-run lays a run out, writes what would start it and starts nothing; --resume starts it', async () => {
  const dry = await tradewind('train tiny.yaml --run dry --dry-run');
  assert.equal(dry.exitCode, 0, dry.error);
  const { folder } = (dry.record as TrainingRecord).run;
  assert.match(dry.notes[0]!, new RegExp(`-m tradewind\\.train ${folder}$`));
  assert.ok(existsSync(join(folder, 'config.yaml')) && !existsSync(join(folder, 'log.txt')));
  const slurm = await tradewind('train tiny.yaml --run dry --force --dry-run --set workers.launcher=slurm');
  assert.match(slurm.notes[0]!, new RegExp(`sbatch ${folder}/job\\.sh$`));
  assert.match(readFileSync(join(folder, 'job.sh'), 'utf8'), /^#!\/bin\/bash\n#SBATCH --job-name=tradewind-dry\n/);
  assert.equal((await tradewind('train tiny.yaml --run dry --force --dry-run --set training.steps=2')).exitCode, 0);
  const started = await tradewind('train --resume --run dry');
  assert.equal(started.exitCode, 0, started.error);
  assert.equal((started.record as TrainingRecord).run.status.state, 'finished');
  rmSync(folder, { recursive: true });
});

test('an interrupt stops the training with a checkpoint, and it goes on from there', async () => {
  const controller = new AbortController();
  const show = (first: TradewindRecord) => {
    const update = (record: TradewindRecord) => {
      if ((record as TrainingRecord).run.status.step > 0) controller.abort();
    };
    update(first);
    return { update };
  };
  const stopped = await tradewind('train tiny.yaml --run long --set training.epochs=3000', { signal: controller.signal, show });
  assert.equal(stopped.exitCode, 130);
  const at = Number(/long was stopped at step (\d+) of 51000/.exec(stopped.error)?.[1]);
  assert.ok(at > 0, stopped.error);
  assert.match(stopped.error, /train --resume --run long/);

  const resumed = await tradewind('train --resume --run long --detach');
  assert.equal(resumed.exitCode, 0, resumed.error);
  assert.match(resumed.notes.join(), /long goes on by itself/);
  const refused = await tradewind('train tiny.yaml --run long --force');
  assert.match(refused.error, /long is still running/);
  const list = (await tradewind('runs')).record as RunsRecord;
  assert.deepEqual(list.runs.map((run) => `${run.name} ${run.status.state}`).sort(), ['first finished', 'long running']);
  const end = (await tradewind('runs stop long')).record as TrainingRecord;
  assert.equal(end.run.status.state, 'interrupted');
  assert.ok(end.run.status.step >= at);
});

test('runs compares two, draws several over one another, resumes one and exports its metrics', async () => {
  const other = await tradewind('train tiny.yaml --run second --set optimizer.lr=3e-3 --set seed=2');
  assert.equal(other.exitCode, 0, other.error);
  const { record, error } = await tradewind('runs compare second first');
  const comparison = record as RunComparisonRecord;
  assert.equal(error, '');
  assert.deepEqual(
    comparison.configuration.filter(({ key }) => key !== 'chip'),
    [{ key: 'seed', a: '2', b: '1' }],
  );
  assert.equal(comparison.parting?.step, 1, 'another seed is another run from its first step');
  assert.equal(comparison.compared.epsilon, 2 ** -23);
  assert.ok(comparison.metrics.some(({ name, relative }) => name === 'validation_loss' && relative !== null));
  assert.ok(comparison.speed.ratio! > 0);

  const both = (await tradewind('runs second first')).record as TrainingRecord;
  assert.deepEqual([both.run.name, both.others?.map(({ run }) => run.name)], ['second', ['first']]);

  const resumed = await tradewind('runs resume first');
  assert.deepEqual([resumed.exitCode, resumed.notes], [0, ['first had finished.']]);

  const exported = await tradewind('runs export first --tensorboard events');
  assert.equal(exported.exitCode, 0, exported.error);
  assert.match(exported.notes[0]!, /^\d+ lines, \d+ values → .*events$/);
  assert.equal(readdirSync(join(place.path, 'events')).length, 1);
  assert.match((await tradewind('runs export first --tensorboard events')).error, /event files already/);
});

test('the active chip and framework of a notebook train where the file does not say', async () => {
  const session = { active: () => ({ chip: 'cpu', framework: 'mindspore' as const }) } as CommandContext['session'];
  const { exitCode, error } = await tradewind('train tiny.yaml --run ms', { session });
  assert.equal(exitCode, 2);
  assert.match(error, /model\.migrated is not set[\s\S]*tradewind migrate tiny\.py/);
});

test('data examines a store and turns it into the layout of the paper', async () => {
  const check = await tradewind('data check ocean.zarr');
  assert.equal(check.exitCode, 0, check.error);
  assert.deepEqual((check.record as DatasetRecord).problems, []);
  const { record, exitCode, error } = await tradewind('data stats ocean.zarr --until 2001-03-01');
  assert.equal(exitCode, 0, error);
  const { statistics, training } = record as DatasetRecord;
  assert.deepEqual(training, ['2001-01-01', '2001-03-01']);
  assert.ok(statistics!.T0!.mean > 5 && statistics!.T0!.mean < 25 && statistics!.T0!.change! < statistics!.T0!.deviation);
  const written = await tradewind('data fields ocean.zarr -o hdf5 --until 2001-03-01');
  assert.equal(written.exitCode, 0, written.error);
  assert.deepEqual((written.record as DatasetRecord).files, ['2001.h5']);
  assert.ok(existsSync(join(place.path, 'hdf5', 'global_stds.npy')));
});

test('faults have exit code 2 and leave no run', async () => {
  for (const [words, message] of [
    ['train tiny.yaml --run x --set optimizer.larning=1', /--set optimizer\.larning=1: there is no key optimizer\.larning/],
    ['train nowhere.yaml --run x', /cannot be read/],
    ['train --run x', /needs a configuration/],
    ['train --resume', /needs the run/],
    ['train --resume --run frist', /did you mean first/],
    ['train tiny.yaml --run ../x', /no name for a run/],
    ['runs stop', /runs stop takes the NAME of one run/],
    ['runs compare first', /the names of two runs, not 1/],
    ['runs export first', /--tensorboard FOLDER or --mlflow/],
    ['runs frist', /did you mean first/],
    ['data lake', /no data set lake/],
    ['data hycom', /needs the files to read/],
    ['data era5 nowhere.nc', /there is no nowhere\.nc/],
    ['data ocean --method bilinear', /data ocean has no option --method[\s\S]*--climatology/],
    ['data check', /needs one store/],
    ['data ocean --grid 5', /5/],
  ] as const) {
    const { exitCode, error } = await tradewind(words);
    assert.equal(exitCode, 2, words);
    assert.match(error, message);
  }
  assert.ok(!existsSync(join(place.path, 'runs', 'x')));
});
