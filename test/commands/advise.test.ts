// Optimisations for real on a small model: measured on against off, applied to a run, told by its record; and what is refused.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { displayOf } from '../../kernel/src/display/bundle.ts';
import type { AdviceRecord } from '../../kernel/src/records/advice.ts';
import type { ReportRecord } from '../../kernel/src/records/report.ts';
import type { TrainingRecord } from '../../kernel/src/records/training.ts';
import { temporaryFolder, writeTiny } from '../train/place.ts';
import { pretendedContext, recordedBy } from './pretend.ts';

const place = temporaryFolder();
after(() => place[Symbol.dispose]());
const tradewind = async (line: string) => {
  const context = pretendedContext({ cwd: place.path, environment: { ...process.env, OMP_NUM_THREADS: '1' } });
  return (await recordedBy(line, context)).record;
};

before(async () => {
  await tradewind('data ocean --days 100 --grid 6');
  writeTiny(place.path, { migrated: true }, 'training: {epochs: 1, batch: 16}');
});

test('each is measured on against off, what can’t be is told with the reason, and a run of the same training shows it', async () => {
  const record = (await tradewind('advise tiny.yaml --measure --optimise accumulate,recompute --steps 5')) as AdviceRecord;
  const of = (name: string) => record.optimisations.find((one) => one.name === name)!;
  const effect = of('accumulate').effect!;
  assert.equal(effect.steps, 5);
  for (const pair of [effect.seconds, effect.firstSeconds, effect.loss]) assert.ok(pair.on > 0 && pair.off > 0, JSON.stringify(effect));
  assert.ok(effect.memory!.on > 1e8);
  // The same optimiser's steps, in two parts: the loss is the same but for rounding.
  assert.ok(Math.abs(effect.loss.on / effect.loss.off - 1) < 1e-4);
  assert.match(of('recompute').unmeasured!, /Tiny has no list of repeated blocks/);
  assert.equal(of('bf16').effect, undefined);
  assert.match((await displayOf(record)).text, /● measured here, 5 steps on cpu/);

  const run = (await tradewind('train tiny.yaml --run quick --optimise accumulate,bf16 --set precision=full')) as TrainingRecord;
  const [bf16, accumulate] = run.optimisations!;
  assert.deepEqual([bf16!.changed, bf16!.effect], [['precision: full, as --set has it'], undefined]);
  assert.deepEqual([accumulate!.changed, accumulate!.effect], [['training.accumulate: 1 → 2'], effect]);
  const config = readFileSync(join(place.path, 'runs', 'quick', 'config.yaml'), 'utf8');
  assert.match(config, /accumulate: 2/);
  assert.match(config, /precision: full/);
  const { text } = await displayOf(run);
  assert.match(text.replace(/\s+/g, ' '), /Optimised by: accumulate .*● measured here: a step/i);
  await assert.rejects(tradewind('train tiny.yaml --run other --optimise graph'), /graph cannot be had on cpu with pytorch/);
  await assert.rejects(tradewind('runs other'), /there is no run other/);
});

test('a migration for a chip takes what is advised for it, unless it is told otherwise', async () => {
  writeFileSync(join(place.path, 'net.py'), 'import torch\n\ny = torch.nn.functional.gelu(torch.ones(2))\n');
  const of = async (words: string) => (await tradewind(`migrate net.py -o out --force ${words}`)) as ReportRecord;
  const npu = await of('--chip 910b');
  assert.equal(npu.target, 'ascend');
  assert.deepEqual(
    npu.advice!.applied.map(({ name, changed }) => [name, changed]),
    [['fused-operators', ['--target=ascend']]],
  );
  assert.deepEqual(npu.advice!.forTraining, ['bf16', 'graph']);
  assert.match(
    (await displayOf(npu)).text.replace(/\s+/g, ' '),
    /For 910b: Built-in fused operators .* train --chip 910b --optimise advised/,
  );
  assert.equal((await of('--chip 910b --target portable')).target, 'portable');
  assert.deepEqual((await of('--chip cpu')).advice!.applied, []);
  await assert.rejects(of('--chip dcu'), /MindSpore does not run on DCU/);
});

test('without a training it is the list of the chip', async () => {
  const record = (await tradewind('advise --chip 910b --framework mindspore')) as AdviceRecord;
  assert.ok(record.optimisations.every((one) => one.provenance === 'documented' && one.effect === undefined));
  await assert.rejects(tradewind('advise --measure'), /needs a training/);
  await assert.rejects(tradewind('advise --optimise graph'), /goes with --measure/);
});
