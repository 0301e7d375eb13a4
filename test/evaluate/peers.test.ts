/** Agreement with the peers' own functions, xskillscore's and scores', on the same stores, wherever definitions coincide. WeatherBench-X is compared by `npm run bench:evaluate`. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import type { SkillRecord } from '../../kernel/src/records/skill.ts';
import { pretendedContext, recordedBy } from '../commands/pretend.ts';
import { temporaryFolder } from './stores.ts';

const folder = await temporaryFolder();
const python = (script: string, ...words: string[]) =>
  execFileSync(defaultPython(), ['-W', 'ignore', join(import.meta.dirname, script), ...words], { encoding: 'utf8' });

type Case = 'plain' | 'ensemble';
type ByLead = Record<string, number[]>;

/** What each peer has, by our names. */
const COINCIDE: Record<Case, Record<string, string[]>> = {
  plain: {
    xskillscore: ['rmse', 'mse', 'mae', 'bias', 'acc-centred', 'pearson-r', 'murphy-association', 'explained-variance'],
    scores: ['rmse', 'mse', 'mae', 'bias', 'hit-rate', 'false-alarm-ratio', 'csi'],
  },
  ensemble: { xskillscore: ['rmse', 'spread-skill'], scores: ['crps', 'rank-deviation'] },
};
const STORES: Record<Case, string> = {
  plain: 'forecast.zarr --truth truth.zarr --climatology climatology.zarr --threshold threshold.zarr',
  ensemble: 'all.zarr --truth truth.zarr',
};

describe('agreement with the peers to 1e-6', () => {
  let theirs: Record<Case, Record<string, ByLead>>;
  const ours = {} as Record<Case, SkillRecord>;
  before(async () => {
    const cases = Object.keys(STORES) as Case[];
    for (const name of cases) mkdirSync(join(folder, name));
    python('metrics.py', join(folder, 'plain'));
    python('ensembles.py', join(folder, 'ensemble'));
    theirs = JSON.parse(python('peers.py', join(folder, 'plain'), join(folder, 'ensemble')));
    for (const name of cases) {
      const metrics = [...new Set(Object.values(COINCIDE[name]).flat())].join();
      const line = `evaluate ${STORES[name]} --variables T0 --metrics ${metrics} -o score.zarr`;
      ours[name] = (await recordedBy(line, pretendedContext({ cwd: join(folder, name) }))).record as SkillRecord;
    }
  });

  for (const [name, peers] of Object.entries(COINCIDE) as [Case, Record<string, string[]>][]) {
    for (const [peer, metrics] of Object.entries(peers)) {
      for (const metric of metrics)
        test(`${peer}: ${metric}`, () => {
          const scores = ours[name].variables.T0!;
          const own = metric === 'rmse' ? scores.rmse : scores.more![metric]!;
          const wanted = theirs[name][peer]![metric]!;
          assert.equal(own.length, wanted.length);
          for (const [lead, value] of wanted.entries())
            assert.ok(Math.abs(own[lead]! - value) <= 1e-6 * Math.abs(value), `lead ${lead}: ${own[lead]} against ${value}`);
        });
    }
  }
});
