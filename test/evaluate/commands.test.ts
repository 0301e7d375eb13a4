/** `evaluate`, `compare` and `merge` from their words to record, exit code and display; the comm that gives exact fields. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { target } from '../../kernel/src/commands/comm-skill.ts';
import { runLine } from '../../kernel/src/commands/run.ts';
import { namedMask } from '../../kernel/src/records/areas.ts';
import { type BlockSums, blocksOf, coverOf, groupBlocks } from '../../kernel/src/records/blocks.ts';
import { describe as sentence } from '../../kernel/src/records/errors.ts';
import { dequantise, dequantiseScreen } from '../../kernel/src/records/quantise.ts';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import { cellWeights, rmse, type WeightedSums } from '../../kernel/src/records/scores.ts';
import { type ComparisonRecord, type SkillRecord, scoresIn } from '../../kernel/src/records/skill.ts';
import { pretendedContext, recordedBy } from '../commands/pretend.ts';
import { picturesOf } from '../display/markup.ts';
import { days, hours, temporaryFolder, writeField } from './stores.ts';

const cwd = await temporaryFolder();
const latitude = { name: 'latitude', values: Array.from({ length: 72 }, (_, i) => -71 + 2 * i), units: 'degrees_north' };
const longitude = { name: 'longitude', values: Array.from({ length: 180 }, (_, j) => -179 + 2 * j), units: 'degrees_east' };
const leads = Array.from({ length: 10 }, (_, lead) => 24 * (lead + 1));

/** White noise with a continent: no picture packs worse. */
let state = 12345;
function random(): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state / 2 ** 32;
}
const land = (i: number, j: number) => i > 20 && i < 60 && j > 20 && j < 70;
const field = new Map<string, number>();
function truthAt(day: number, i: number, j: number): number {
  const key = `${day}/${i}/${j}`;
  const value = field.get(key) ?? (land(i, j) ? Number.NaN : 15 + 5 * (random() - 0.5));
  field.set(key, value);
  return value;
}

const NAMES = ['T0', 'S0', 'U0'];
const UNITS: Record<string, string> = { T0: 'degC', S0: '1e-3', U0: 'm s-1' };
for (const name of NAMES) {
  const attributes = { units: UNITS[name], long_name: `${name} <b>&` };
  const time = days(Array.from({ length: 12 }, (_, day) => day));
  await writeField(join(cwd, 'truth.zarr'), name, [time, latitude, longitude], truthAt, { attributes, chunks: [1, 72, 180] });
  for (const [run, error] of [
    ['ms', 1],
    ['pt', 1.02],
    ['bad', 1.3],
  ] as const) {
    const noise = (start: number, lead: number, i: number, j: number) =>
      truthAt(start + lead + 1, i, j) +
      error * (lead + 1) * (((start * 7 + lead * 13 + i * 31 + j * 17) % 11) / 11 - 0.5 + 0.02 * random());
    const axes = [days([0, 1]), hours(leads), latitude, longitude];
    await mkdir(join(cwd, 'runs', run), { recursive: true });
    await writeField(join(cwd, 'runs', run, 'forecast.zarr'), name, axes, noise, { attributes, chunks: [1, 1, 72, 180] });
  }
}

const context = pretendedContext({ cwd });
const run = (line: string) => recordedBy(line, context);

describe('evaluate', async () => {
  const { record, bundle } = await run('evaluate ms pt --truth truth.zarr --json skill.json');
  const skill = record as SkillRecord;

  test('takes runs by name and keeps the score in ./scores', () => {
    assert.deepEqual(
      skill.forecasts.map(({ name }) => name),
      ['ms', 'pt'],
    );
    assert.ok(existsSync(join(cwd, 'scores', 'ms+pt.zarr')));
    assert.deepEqual(JSON.parse(readFileSync(join(cwd, 'skill.json'), 'utf8')), JSON.parse(JSON.stringify(skill)));
    assert.deepEqual(Object.keys(skill.variables), NAMES);
    assert.deepEqual(skill.leadTimes, leads);
  });

  test('says what the climatology is when none was given', () => {
    assert.match(skill.conventions.climatology, /mean of the truth over its 12 times \(none was given\)/);
    assert.match(skill.provenance, /none was given/);
  });

  test('a map weighs at most 300 kB in the notebook, even of white noise', () => {
    const weight = JSON.stringify(bundle).length;
    assert.ok(weight <= 300e3, `${weight} bytes`);
    assert.equal((bundle[MIME_TYPES.skill] as SkillRecord).kind, 'skill');
  });

  test('bias that was asked for has small maps too, and the output is no larger', async () => {
    const { record, bundle: own } = await run('evaluate ms --truth truth.zarr --metrics bias -o bias.zarr');
    const { maps } = (record as SkillRecord).forecasts[0]!;
    const map = maps.find(({ metric }) => metric === 'bias')!;
    const field = dequantise({ ...map, bytes: inflateSync(Buffer.from(map.data, 'base64')) });
    assert.ok(Math.min(...field.filter(Number.isFinite)) < 0 && Math.max(...field.filter(Number.isFinite)) > 0);
    assert.ok(JSON.stringify(own).length <= 300e3);
  });

  test('with bias, quantiles and spectra of two forecasts the output is no larger either, and each map has its coast', async () => {
    const metrics = 'bias,error-p50,error-p90,error-p95,error-p99,small-scale-power';
    const { record, bundle: own } = await run(`evaluate ms pt --truth truth.zarr --metrics ${metrics} -o many.zarr`);
    const { maps } = (record as SkillRecord).forecasts[0]!;
    const map = maps.find(({ metric }) => metric === 'bias')!;
    const field = dequantise({ ...map, bytes: inflateSync(Buffer.from(map.data, 'base64')) });
    assert.ok(Math.min(...field.filter(Number.isFinite)) < 0);
    assert.ok(JSON.stringify(own).length <= 300e3, `${JSON.stringify(own).length} bytes`);
    const pictures = picturesOf(String(own['text/html']));
    assert.equal(pictures.filter((picture) => /<path id="coast" d="M.*<use href="#coast"/.test(picture)).length, 2 * NAMES.length);
  });

  test('the static picture escapes what stores say, and carries the provenance', () => {
    const html = String(bundle['text/html']);
    assert.ok(html.includes('cos φ, renormalised over valid cells'));
    assert.ok(!html.includes('<b>&'));
    assert.match(html, /<img alt="Map of the RMSE of T0[^>]*src="data:image\/svg\+xml;base64/);
    assert.match(String(bundle['text/plain']), /T0 RMSE \(degC\)/);
  });

  test('regions: all that hold a cell, or those named; a near miss is pointed out', async () => {
    assert.ok(skill.regions.includes('kuroshio'));
    const few = (await run('evaluate ms --truth truth.zarr --regions tropics,kuroshio -o few.zarr')).record as SkillRecord;
    assert.deepEqual(few.regions, ['global', 'tropics', 'kuroshio']);
    const wrong = await runLine('evaluate ms --truth truth.zarr --regions kuroshyo', context);
    assert.equal(wrong.exitCode, 2);
    assert.match(sentence((wrong as { error: unknown }).error), /kuroshyo.*kuroshio/s);
  });
});

describe('compare', () => {
  test('two forecasts within the claim: exit code 0, and the evaluation for the widget', async () => {
    const { record, exitCode, bundle } = await run('compare ms pt');
    const { deviation, withinClaim, worst } = record as ComparisonRecord;
    assert.equal(exitCode, 0);
    assert.equal(withinClaim, true);
    assert.ok(Math.abs(deviation.T0!.rmse[0]! + 2) < 0.7, `${deviation.T0!.rmse[0]}`);
    assert.ok(Math.abs(worst!.deviation) < 5);
    assert.equal((bundle[MIME_TYPES.skill] as SkillRecord).forecasts.length, 2);
    assert.ok(JSON.stringify(bundle).length <= 300e3);
  });

  test('the scorecard: every region by lead, printed and graded; the lead time gained; the verdict for the widget', async () => {
    const { record, bundle } = await run('compare ms pt');
    const { regions, gained, worst, worstOf, skill } = record as ComparisonRecord;
    const [a, b] = skill.forecasts.map((forecast) => forecast.regions.kuroshio!.S0!.rmse[9]!);
    assert.ok(Math.abs(regions!.kuroshio!.S0!.rmse[9]! - ((a! - b!) / b!) * 100) < 1e-4);
    assert.deepEqual(Object.keys(regions!), skill.regions.slice(1));
    assert.equal(Math.max(...Object.values(worstOf!).map(({ deviation }) => Math.abs(deviation))), Math.abs(worst!.deviation));
    // ms has the smaller error, so pt's at any lead but the last is reached later.
    assert.ok(gained!.T0!.rmse[4]! > 0 && gained!.T0!.rmse[4]! < 24, `${gained!.T0!.rmse}`);
    const html = String(bundle['text/html']);
    assert.equal(html.match(/<img alt="Scorecard of [TSU]0: ms less pt/g)?.length, 3);
    assert.match(String(bundle['text/plain']), /lead time gained at equal skill: \+\d/);
    assert.deepEqual((bundle[MIME_TYPES.skill] as SkillRecord).verdict?.good, true);
  });

  test('beyond the claim: exit code 1', async () => {
    await run('evaluate bad --truth truth.zarr');
    const { exitCode, bundle } = await run('compare scores/bad.zarr scores/ms+pt.zarr#ms');
    assert.equal(exitCode, 1);
    assert.match(String(bundle['text/plain']), /✗ bad parts from ms by \+\d+/);
  });

  test('unlike scores are refused with what differs', async () => {
    await writeField(
      join(cwd, 'other.zarr'),
      'T0',
      [days(Array.from({ length: 12 }, (_, day) => day)), latitude, longitude],
      (day, i, j) => truthAt(day, i, j) + 0.1,
    );
    await run('evaluate ms --truth truth.zarr --variables T0 -o one.zarr');
    await run('evaluate pt --truth other.zarr --variables T0 -o two.zarr');
    const outcome = await runLine('compare one.zarr two.zarr', context);
    assert.equal(outcome.exitCode, 2);
    assert.match(sentence((outcome as { error: unknown }).error), /ms and pt can't be compared, their truths or climatologies differ/);
    const leads = await runLine('compare one.zarr scores/bad.zarr', context);
    assert.match(sentence((leads as { error: unknown }).error), /variables differ: T0 and T0, S0, U0/);
  });

  test('a score that is not there is told with those that are', async () => {
    const outcome = await runLine('compare ms nobody', context);
    assert.match(sentence((outcome as { error: unknown }).error), /no score is called nobody[\s\S]*Scored so far: .*ms/);
  });
});

describe('the comm tradewind.skill', () => {
  const sent: { data: Record<string, unknown>; buffers: ArrayBufferView[] }[] = [];
  const channel = {
    id: 'c',
    send: (data: object, buffers: ArrayBufferView[] = []) => sent.push({ data: data as Record<string, unknown>, buffers }),
    close: () => {},
  };
  const handler = target.open(channel as never, {}, { cwd, session: {} as never } as never);
  const path = join(cwd, 'scores', 'ms+pt.zarr');

  const settled = async (count: number) => {
    while (sent.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return sent.splice(0);
  };

  test('gives the whole field, exact with its counts, land as NaN, and the grid when asked', async () => {
    const question = { type: 'field', score: `${path}#pt`, variable: 'T0', metric: 'rmse', lead: 2 };
    await handler.message({ ...question, request: 7, grid: true, exact: true }, []);
    const { data, buffers } = sent.pop()!;
    assert.deepEqual([data.type, data.request, data.rows, data.columns], ['field', 7, 72, 180]);
    const [values, counts] = buffers as [Float32Array, Uint32Array];
    assert.equal(values.length, 72 * 180);
    assert.ok(Number.isNaN(values[30 * 180 + 40]));
    assert.deepEqual([counts[0]! > 0, counts[30 * 180 + 40]], [true, 0]);
    assert.deepEqual((data.grid as { latitude: number[] }).latitude, latitude.values);

    // For the screen: half as many bytes, the same picture.
    await handler.message({ ...question, request: 8 }, []);
    const screen = sent.pop()!;
    const levels = screen.buffers[0] as Uint16Array;
    const { minimum, maximum } = screen.data as { minimum: number; maximum: number };
    const back = dequantiseScreen(levels, minimum, maximum);
    values.forEach((value, cell) => {
      if (Number.isNaN(value)) assert.equal(levels[cell], 0);
      else assert.ok(Math.abs(back[cell]! - value) <= (maximum - minimum) / 65534);
    });
  });

  test('sums by blocks, lead by lead, and over an area: both are the record’s scores', async () => {
    const wanted = scoresIn(((await run('evaluate ms pt --truth truth.zarr -o again.zarr')).record as SkillRecord).forecasts[1]!, 'tropics')
      .S0!;
    const question = { score: `${path}#pt`, variable: 'S0', leads: [0, 3], weights: 'cos' };
    await handler.message({ type: 'sums', ...question, request: 9, grid: true }, []);
    const blocks = await settled(2);
    const grid = blocks[0]!.data.grid as { latitude: number[]; longitude: number[] };
    const weights = cellWeights(grid, 'cos');
    const mask = namedMask('tropics', grid);
    const byBlocks = blocks.map(({ data, buffers }) => {
      const sums = Object.fromEntries((data.names as string[]).map((name, at) => [name, buffers[at]])) as unknown as BlockSums;
      const factor = Number(data.factor);
      const [total] = groupBlocks(blocksOf(grid, weights, factor), sums, coverOf(mask, weights, factor), () => 0, 1);
      return rmse(total!, 'masked', Number(data.samples))!;
    });
    const area = { kind: 'box', box: [-180, 180, -20, 20] };
    await handler.message({ type: 'area', ...question, area, request: 10 }, []);
    const exact = (await settled(2)).map(({ data }) => rmse(data.sums as WeightedSums, 'masked', Number(data.samples))!);
    // By initial time they add up to the same.
    await handler.message({ type: 'times', ...question, region: 'tropics', request: 14 }, []);
    const [{ data: times, buffers }] = (await settled(1)) as [(typeof sent)[number]];
    const names = times.sums as string[];
    const many = (times.positions as number[]).length;
    const byTime = [0, 1].map((at) => {
      const total = (name: string) =>
        Array.from(
          { length: many },
          (_, time) => (buffers[0] as Float64Array)[(at * many + time) * names.length + names.indexOf(name)]!,
        ).reduce((a, b) => a + b);
      return Math.sqrt(total('dd') / total('count'));
    });
    for (const [at, lead] of [0, 3].entries()) {
      for (const value of [byBlocks[at]!, exact[at]!, byTime[at]!])
        assert.ok(Math.abs(value - wanted.rmse[lead]!) < 1e-6 * value, `${value} against ${wanted.rmse[lead]}`);
    }
  });

  test('a later area ends an earlier one', async () => {
    const ask = (request: number, south: number) =>
      handler.message(
        {
          type: 'area',
          score: `${path}#pt`,
          variable: 'S0',
          leads: [0, 1, 2, 3],
          weights: 'cos',
          area: { kind: 'box', box: [0, 90, south, 60] },
          request,
        },
        [],
      );
    void ask(11, 0);
    void ask(12, 10);
    const answers: unknown[] = [];
    while (answers.filter((one) => one === 12).length < 4) answers.push(...(await settled(1)).map(({ data }) => data.request));
    assert.ok(answers.filter((one) => one === 11).length < 4, String(answers));
  });

  test('answers what it can not give with an error, never with an exception', async () => {
    for (const bad of [
      { lead: 99 },
      { variable: 'X' },
      { metric: 'mae' },
      { metric: 'toString' },
      { score: 'nowhere.zarr#x' },
      { score: 3 },
    ]) {
      await handler.message({ type: 'field', score: `${path}#pt`, variable: 'T0', metric: 'rmse', lead: 0, request: 8, ...bad }, []);
      assert.deepEqual([sent.at(-1)!.data.type, sent.pop()!.data.request], ['error', 8]);
    }
    for (const bad of [{ leads: 'all' }, { leads: [0], area: { kind: 'box', box: [0, 1, 2] } }]) {
      await handler.message({ type: 'area', score: `${path}#pt`, variable: 'T0', request: 13, ...bad }, []);
      const [answer] = await settled(1);
      assert.deepEqual([answer!.data.type, answer!.data.request], ['error', 13]);
    }
  });
});
