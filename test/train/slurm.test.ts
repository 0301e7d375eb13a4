// Runs that Slurm has, by stand-ins for squeue and scancel that speak as the real ones do.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { requestStop } from '../../kernel/src/train/launch.ts';
import { jobState } from '../../kernel/src/train/slurm.ts';
import { readStatus } from '../../kernel/src/train/status.ts';
import { madeRun, temporaryFolder } from './place.ts';

const place = temporaryFolder();
const bin = join(place.path, 'bin');
const path = process.env.PATH;
const STATES: Record<string, string> = { 1: 'PENDING', 2: 'RUNNING', 3: '', 5: 'COMPLETED' };

before(() => {
  mkdirSync(bin);
  const cases = Object.entries(STATES).map(([job, state]) => `--jobs=${job}) ${state ? `echo ${state}` : ':'} ;;`);
  const squeue = `#!/bin/bash
[ "$1 $3" = "--noheader --format=%T" ] || exit 2
case "$2" in ${cases.join(' ')} *) echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1 ;; esac
`;
  writeFileSync(join(bin, 'squeue'), squeue);
  writeFileSync(join(bin, 'scancel'), `#!/bin/bash\necho "$@" >> ${join(place.path, 'cancelled')}\n`);
  for (const name of ['squeue', 'scancel']) chmodSync(join(bin, name), 0o755);
  process.env.PATH = `${bin}${delimiter}${path}`;
});
after(() => {
  process.env.PATH = path;
  place[Symbol.dispose]();
});

test('squeue’s words are read, of a job that it forgot too', async () => {
  const states = await Promise.all(['1', '2', '3', '4', '5'].map((job) => jobState(job)));
  assert.deepEqual(states, ['queued', 'running', 'gone', 'gone', 'gone']);
});

test('a run whose job is queued or running lives, another one is lost', async () => {
  const old = { state: 'running' as const, pid: 1, processStart: 1 };
  assert.equal((await readStatus(madeRun(place.path, 'queued', { state: 'starting', job: '1' })))?.state, 'starting');
  assert.equal((await readStatus(madeRun(place.path, 'runs', { ...old, job: '2' })))?.state, 'running');
  const lost = await readStatus(madeRun(place.path, 'lost', { ...old, job: '4' }));
  assert.equal(lost?.state, 'lost');
  assert.match(lost?.message ?? '', /Slurm's job 4 ended/);
});

test('without squeue nothing is said against the run', async () => {
  process.env.PATH = join(place.path, 'nowhere');
  try {
    assert.equal(await jobState('77'), 'unknown');
    assert.equal((await readStatus(madeRun(place.path, 'far', { state: 'running', job: '77' })))?.state, 'running');
  } finally {
    process.env.PATH = `${bin}${delimiter}${path}`;
  }
});

test('stopping: a running job gets a signal, a queued one leaves the queue', async () => {
  assert.equal(await requestStop(madeRun(place.path, 'a', { state: 'running', job: '2' })), true);
  assert.equal(await requestStop(madeRun(place.path, 'b', { state: 'starting', job: '1' })), true);
  assert.equal(await requestStop(madeRun(place.path, 'c', { state: 'running', job: '4' })), false);
  assert.equal(readFileSync(join(place.path, 'cancelled'), 'utf8'), '--signal=INT 2\n1\n');
});
