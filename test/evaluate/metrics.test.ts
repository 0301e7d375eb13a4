/** Every metric against its formula in NumPy; identities between them; parts and merge; what is asked for wrongly is refused. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { runLine } from '../../kernel/src/commands/run.ts';
import { skillHtml } from '../../kernel/src/display/skillHtml.ts';
import { skillText } from '../../kernel/src/display/skillText.ts';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import { METRIC_NAMES, METRICS, metricOf } from '../../kernel/src/records/metrics.ts';
import { QUANTILE_ERROR } from '../../kernel/src/records/rowSums.ts';
import type { SkillRecord, VariableScores } from '../../kernel/src/records/skill.ts';
import { pretendedContext, recordedBy } from '../commands/pretend.ts';
import { temporaryFolder } from './stores.ts';

const cwd = await temporaryFolder();
const context = pretendedContext({ cwd });
const run = async (line: string) => (await recordedBy(line, context)).record as SkillRecord;
const STORES = 'forecast.zarr --truth truth.zarr --climatology climatology.zarr';
/** Those of ensembles have a test of their own. */
const PLAIN = METRIC_NAMES.filter(
  (name) => !metricOf(name)!.rows?.includes('ranks') && !METRICS[name].sums.some((sum) => sum === 'cr' || sum === 'ev'),
);
const ALL = PLAIN.join(',');
const valuesOf = (scores: VariableScores, name: string) => (name === 'rmse' || name === 'acc' ? scores[name] : scores.more![name])!;

describe('metrics', () => {
  let wanted: Record<string, number[]>;
  let whole: SkillRecord;
  before(async () => {
    wanted = JSON.parse(execFileSync(defaultPython(), [join(import.meta.dirname, 'metrics.py'), cwd], { encoding: 'utf8' }));
    whole = await run(`evaluate ${STORES} --threshold threshold.zarr --variables T0,U0,V0 --metrics ${ALL} -o all.zarr`);
  });

  for (const name of [...PLAIN, 'vector-rmse']) {
    test(`${name} is what NumPy gives`, () => {
      const own = valuesOf(whole.variables[name === 'vector-rmse' ? 'U0' : 'T0']!, name);
      wanted[name]!.forEach((value, lead) => {
        const tolerance = name.startsWith('error-p') ? QUANTILE_ERROR : 1e-6;
        assert.ok(Math.abs(own[lead]! - value) <= tolerance * Math.abs(value), `lead ${lead}: ${own[lead]} against ${value}`);
      });
      assert.equal(own.length, wanted[name]!.length);
    });
  }

  test('every one says its formula and its source', () => {
    for (const [name, { title, formula, source }] of Object.entries(METRICS))
      assert.ok(title && formula.length > 3 && source.length > 5, name);
  });

  test('docs/evaluation.md has each with its formula and its source', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/evaluation.md'), 'utf8');
    for (const [name, { title, formula, source }] of Object.entries(METRICS))
      assert.ok(page.includes(`| \`${name}\` | ${title} | ${formula.replaceAll('|', '\\|')} |`) && page.includes(source), name);
  });

  test('the text and the page show them, with units', () => {
    assert.match(skillText(whole), /T0 bias \(degC\) +\S/);
    assert.match(skillText(whole), /U0 vector RMSE \(degC\)/);
    assert.match(skillText(whole), /T0 MSE \(\(degC\)²\)/);
    assert.match(String(skillHtml(whole)), /other metrics by lead/);
  });

  test('Murphy’s terms add up to the skill against climatology', () => {
    const scores = whole.variables.T0!;
    for (let lead = 0; lead < whole.leadTimes.length; lead++) {
      const [association, conditional, unconditional, skill] = [
        'murphy-association',
        'murphy-conditional-bias',
        'murphy-unconditional-bias',
        'skill-climatology',
      ].map((name) => valuesOf(scores, name)[lead]!) as [number, number, number, number];
      const [activity, mse] = [valuesOf(scores, 'activity-truth')[lead]!, valuesOf(scores, 'mse')[lead]!];
      // E[b²] = MSE / (1 − skill) = s_b² + E[b]²
      const shift = mse / (1 - skill) / activity ** 2 - 1;
      const sum = (association - conditional - unconditional + shift) / (1 + shift);
      assert.ok(Math.abs(sum - skill) < 1e-6, `${sum} against ${skill}`);
    }
  });

  test('a metric costs only when it is asked for', async () => {
    await run(`evaluate ${STORES} --variables T0 -o bare.zarr`);
    await run(`evaluate ${STORES} --variables T0 --metrics mae -o mae.zarr`);
    const sums = (score: string) => readdirSync(join(cwd, score, '0-forecast')).filter((name) => /^T0_[a-z]+$/.test(name)).length;
    assert.deepEqual([sums('bare.zarr'), sums('mae.zarr')], [5, 6]);
  });

  test('parts of the initial times, merged, are the whole', async () => {
    const options = `--threshold threshold.zarr --variables T0,U0,V0 --metrics ${ALL}`;
    for (const part of [1, 2, 3]) await run(`evaluate ${STORES} ${options} --part ${part}/3 -o part-${part}.zarr`);
    const merged = await run('merge part-3.zarr part-1.zarr part-2.zarr -o merged.zarr');
    assert.equal(merged.initialTimes, 5);
    for (const [variable, scores] of Object.entries(whole.variables)) {
      for (const name of PLAIN) {
        valuesOf(scores, name).forEach((value, lead) => {
          const other = valuesOf(merged.variables[variable]!, name)[lead]!;
          assert.ok(Math.abs(other - value!) <= 2e-9 * Math.abs(value!), `${variable}, ${name}: ${other} against ${value}`);
        });
      }
    }
  });

  test('tiles and threads change nothing', async () => {
    const options = '--truth truth.zarr --climatology climatology.zarr --threshold threshold.zarr --variables T0';
    const tiled = await run(`evaluate tiled.zarr ${options} --metrics ${ALL} --threads 3 -o tiled-score.zarr`);
    for (const name of PLAIN) {
      valuesOf(whole.variables.T0!, name).forEach((value, lead) => {
        const other = valuesOf(tiled.variables.T0!, name)[lead]!;
        assert.ok(Math.abs(other - value!) <= 2e-9 * Math.abs(value!), `${name}: ${other} against ${value}`);
      });
    }
    assert.deepEqual(tiled.forecasts[0]!.spectra, whole.forecasts[0]!.spectra && { T0: whole.forecasts[0]!.spectra.T0! });
  });

  test('spectra are of the rows without land, and the record says how many; the page draws them', () => {
    const { circles, wavenumbers } = whole.forecasts[0]!.spectra!.T0!;
    assert.deepEqual([circles[0], wavenumbers.length], [3 * 5, 18]);
    assert.match(whole.notes.join(), /T0: power spectra are of 15 rows without a missing cell/);
    assert.match(String(skillHtml(whole)), /<img[^>]*alt="Power of T0/);
  });

  test('regions that go round the globe have quantiles and spectra, others have none', () => {
    const { regions } = whole.forecasts[0]!;
    const median = (region: string) => regions[region]!.T0!.more!['error-p50'];
    assert.equal(median('north-pacific'), undefined);
    const [tropics, globe] = [median('tropics')!, valuesOf(whole.variables.T0!, 'error-p50')];
    for (const [lead, value] of globe.entries()) assert.ok(tropics[lead]! > 0.7 * value! && tropics[lead]! < 1.4 * value!);
    // The three whole rows lie in the south at 57.5°, in the tropics and in the Arctic.
    const power = (region: string) => regions[region]!.T0!.more!['small-scale-power']!;
    for (const region of ['antarctic-circumpolar-current', 'tropics', 'arctic']) assert.ok(power(region).every((value) => value! > 0.9));
    assert.deepEqual(power('southern-extratropics'), power('antarctic-circumpolar-current'));
    assert.ok(power('southern-ocean').every((value) => value === null));
  });

  test('a climatology that data computes is read: fixed it is the mean of the truth, its quantiles are thresholds', async () => {
    const made = async (words: string) =>
      assert.equal((await runLine(`data climatology truth.zarr --variables T0 ${words}`, context)).kind, 'record');
    await made('--by fixed -o fixed.zarr');
    await made('--quantile 0.9 -o p90.zarr');
    const given = await run('evaluate forecast.zarr --truth truth.zarr --variables T0 --climatology fixed.zarr -o given.zarr');
    const without = await run('evaluate forecast.zarr --truth truth.zarr --variables T0 -o without.zarr');
    for (const [lead, value] of without.variables.T0!.acc.entries()) assert.ok(Math.abs(given.variables.T0!.acc[lead]! - value!) < 1e-5);
    const waves = await run(`evaluate ${STORES} --threshold p90.zarr --variables T0 --metrics csi,hit-rate -o waves.zarr`);
    for (const value of valuesOf(waves.variables.T0!, 'csi')) assert.ok(value! > 0 && value! < 1, String(value));
    const refused = (await runLine('data climatology -o x.zarr', context)) as { error: unknown };
    assert.match(sentence(refused.error), /needs one store/);
  });

  test('what is asked for wrongly is refused with what would be right', async () => {
    const refused = async (line: string) => sentence(((await runLine(line, context)) as { error: unknown }).error);
    assert.match(await refused(`evaluate ${STORES} --metrics biass`), /no metric biass.*bias/s);
    assert.match(await refused(`evaluate ${STORES} --variables T0 --metrics csi`), /against a threshold, and none is given/);
    assert.match(await refused(`evaluate ${STORES} --variables T0 --part 4/3`), /--part 4\/3 is no part/);
    assert.match(await refused(`evaluate ${STORES} --variables T0 --part 1/9`), /part 1\/9 is empty: there are 5 initial times/);
    assert.match(await refused(`evaluate ${STORES} --memory much`), /--memory much is no size/);
    const mixed = await refused('merge bare.zarr part-1.zarr -o mixed.zarr');
    assert.match(mixed, /the parts differ in their (sums|thresholds)/);
  });
});
