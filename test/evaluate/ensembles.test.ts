/** Ensembles: the scores of the mean, fair CRPS and spread against NumPy, whatever the chunks and threads; parts and the whole; what is no ensemble. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { runLine } from '../../kernel/src/commands/run.ts';
import { skillHtml } from '../../kernel/src/display/skillHtml.ts';
import { skillText } from '../../kernel/src/display/skillText.ts';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import type { SkillRecord } from '../../kernel/src/records/skill.ts';
import { pretendedContext, recordedBy } from '../commands/pretend.ts';
import { temporaryFolder } from './stores.ts';

const cwd = await temporaryFolder();
const context = pretendedContext({ cwd });
const run = async (line: string) => (await recordedBy(line, context)).record as SkillRecord;
const OPTIONS = '--truth truth.zarr --variables T0 --metrics crps,spread,spread-skill,rank-deviation';

describe('ensembles', () => {
  let wanted: Record<string, number[]>;
  before(() => {
    wanted = JSON.parse(
      execFileSync(defaultPython(), ['-W', 'ignore', join(import.meta.dirname, 'ensembles.py'), cwd], { encoding: 'utf8' }),
    );
  });

  function agrees({ variables }: SkillRecord): void {
    const scores = variables.T0!;
    for (const [name, values] of Object.entries(wanted)) {
      const own = name === 'rmse' ? scores.rmse : scores.more![name]!;
      for (const [lead, value] of values.entries())
        assert.ok(Math.abs(own[lead]! - value) <= 1e-6 * Math.abs(value), `${name}, lead ${lead}: ${own[lead]} against ${value}`);
    }
  }

  for (const chunks of ['one', 'some', 'all'])
    test(`chunks of ${chunks} member(s): what NumPy gives`, async () => {
      const record = await run(`evaluate ${chunks}.zarr ${OPTIONS} --threads 2 -o score-${chunks}.zarr`);
      agrees(record);
      assert.match(record.notes.join(), /mean of 7 members/);
    });

  test('the rank histogram is in the record, for text and page: 1 where all ranks are alike', async () => {
    const record = await run(`evaluate some.zarr ${OPTIONS} -o ranks.zarr`);
    const { members, relative, leads } = record.forecasts[0]!.ranks!.T0!;
    assert.deepEqual([members, leads], [7, [0, 1]]);
    for (const [at, bars] of relative.entries()) {
      assert.ok(Math.abs(bars.reduce((sum, one) => sum + one, 0) - 8) < 1e-3);
      const deviation = bars.reduce((sum, one) => sum + Math.abs(one - 1) / 8, 0);
      assert.ok(Math.abs(deviation - wanted['rank-deviation']![at]!) < 1e-4);
    }
    assert.match(skillText(record), /T0 deviation of the rank histogram/);
    assert.match(String(skillHtml(record)), /<img[^>]*alt="Rank histogram of T0/);
  });

  test('parts, merged, are the whole', async () => {
    for (const part of [1, 2]) await run(`evaluate all.zarr ${OPTIONS} --part ${part}/2 -o p${part}.zarr`);
    agrees(await run('merge p2.zarr p1.zarr -o merged.zarr'));
  });

  test('an ensemble without such metrics is scored by its mean; a single forecast has no CRPS', async () => {
    const { variables } = await run('evaluate one.zarr --truth truth.zarr --variables T0 -o mean.zarr');
    assert.ok(Math.abs(variables.T0!.rmse[0]! - wanted.rmse![0]!) < 1e-6);
    const refused = (await runLine(`evaluate single.zarr ${OPTIONS} -o no.zarr`, context)) as { error: unknown };
    assert.match(sentence(refused.error), /T0 is no ensemble.*number, member/);
  });
});
