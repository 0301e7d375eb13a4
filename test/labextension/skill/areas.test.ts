/** Areas scored in the browser: from the kernel's sums as they come, and from the saved output without a kernel. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { areaMask } from '../../../kernel/src/records/areas.ts';
import { blockSums } from '../../../kernel/src/records/blocks.ts';
import { acc, type CellSums, cellWeights, rmse, weigh } from '../../../kernel/src/records/scores.ts';
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import { areaSums } from '../../../labextension/src/skill/area-sums.ts';
import { bandNote } from '../../../labextension/src/skill/bands.ts';
import { FIRST_PAIR, firstChoice, keptChoice, pairOf } from '../../../labextension/src/skill/choice.ts';
import type { Asker, Connection } from '../../../labextension/src/skill/connection.ts';
import { curveCharts } from '../../../labextension/src/skill/curves.ts';
import { dotsWords } from '../../../labextension/src/skill/dots-key.ts';
import type { FieldSource } from '../../../labextension/src/skill/fields.ts';
import { SAMPLES } from '../../display/samples.ts';
import { emptySums } from '../../records/sums.ts';

const grid = {
  latitude: Array.from({ length: 30 }, (_, row) => -87 + row * 6),
  longitude: Array.from({ length: 60 }, (_, column) => -177 + column * 6),
};
const weights = cellWeights(grid, 'cos');
const FACTOR = 3;

/** Of a forecast and a lead: smooth, some land. */
function sumsOf(forecast: number, lead: number): CellSums {
  const sums = emptySums(30 * 60);
  for (let cell = 0; cell < 30 * 60; cell++) {
    if (cell % 7 === 0) continue;
    const wave = 1 + 0.5 * Math.sin(cell / 9) + 0.1 * forecast + 0.3 * lead;
    sums.count[cell] = 4;
    sums.dd[cell] = 4 * wave * wave;
    sums.aa[cell] = 5 + wave;
    sums.bb[cell] = 6;
    sums.ab[cell] = 5 - wave / 2;
  }
  return sums;
}

const area = { kind: 'box', box: [-60, 40, -30, 50] } as const;
const record: SkillRecord = {
  ...SAMPLES.skill,
  forecasts: SAMPLES.skill.forecasts.map((forecast, at) => ({ ...forecast, score: `score.zarr#${at}` })),
};

/** A kernel that answers at once, and counts what it was asked. */
function kernel(asked: Record<string, number>): Connection {
  return {
    live: true,
    ask(question, asker: Asker) {
      asked[question.type] = (asked[question.type] ?? 0) + 1;
      const forecast = Number(String(question.score).split('#')[1]);
      const view = (array: ArrayBufferView) => new DataView(array.buffer, array.byteOffset, array.byteLength);
      if (question.type === 'times') asker.answered({ positions: [], sums: [] }, [view(new Float64Array())]);
      for (const lead of question.type === 'times' ? [] : (question.leads as number[])) {
        const sums = sumsOf(forecast, lead);
        if (question.type === 'area') {
          asker.answered({ lead, samples: 4, sums: weigh(sums, weights, areaMask(area, grid)) }, []);
          continue;
        }
        const blocks = blockSums(sums, weights, FACTOR);
        const names = Object.keys(blocks);
        asker.answered(
          { lead, samples: 4, names, factor: FACTOR, grid },
          names.map((name) => view(blocks[name as keyof typeof blocks]!)),
        );
      }
    },
    dispose() {},
  };
}

const nothing = { get: () => undefined } as unknown as FieldSource;
const fail = (message: string) => assert.fail(message);
const choice = { variable: 'T0', metric: 'rmse', lead: 1, place: { area } };

describe('areas with a kernel', () => {
  test('what was drawn is scored from blocks at once, and from its cells when the kernel has counted them', () => {
    const asked: Record<string, number> = {};
    const blocksAlone = kernel(asked);
    const sums = areaSums(
      record,
      { ...blocksAlone, ask: (question, asker) => question.type === 'sums' && blocksAlone.ask(question, asker) },
      nothing,
      () => {},
      fail,
    );
    sums.choose({ area });
    sums.at(0, 'T0', 1);
    const rough = sums.at(0, 'T0', 1)!;
    const wanted = weigh(sumsOf(0, 1), weights, areaMask(area, grid));
    assert.equal(rough.from, 'blocks');
    assert.ok(Math.abs(rmse(rough.sums, 'masked', 4)! / rmse(wanted, 'masked', 4)! - 1) < 0.02);

    const whole = areaSums(record, kernel(asked), nothing, () => {}, fail);
    whole.choose({ area });
    whole.at(0, 'T0', 1);
    const exact = whole.at(0, 'T0', 1)!;
    assert.equal(exact.from, 'exact');
    assert.equal(rmse(exact.sums, 'masked', 4), rmse(wanted, 'masked', 4));
    assert.equal(acc(exact.sums), acc(wanted));
    const again = asked.sums;
    whole.at(0, 'T0', 0);
    assert.equal(asked.sums, again, 'sums are asked for once');
  });

  test('charts: both forecasts and their difference with bands, by lead and by latitude', () => {
    const sums = areaSums(record, kernel({}), nothing, () => {}, fail);
    sums.choose({ area });
    curveCharts(record, sums, choice, () => '#000');
    const charts = curveCharts(record, sums, choice, () => '#000');
    assert.deepEqual(
      charts.map(({ chart }) => chart.title),
      ['T0: RMSE by lead', 'T0: RMSE, A − B by lead', 'T0: ACC by lead', 'T0: zonal mean at 2 d'],
    );
    const [byLead, difference] = charts;
    const [a, b] = byLead!.chart.series.map(({ points }) => points[1]!);
    assert.ok(a!.band![0] < a!.value! && a!.value! < a!.band![1]);
    assert.equal(difference!.chart.series[0]!.points[1]!.value, a!.value! - b!.value!);
    // The forecasts differ by the same everywhere, nearly: the band of the difference is narrow.
    const [low, high] = difference!.chart.series[0]!.points[1]!.band!;
    assert.ok(high - low < 0.2 * (a!.band![1] - a!.band![0]), `${high - low}`);
    assert.match(byLead!.note, /From the sums of its cells/);
    const rows = charts[3]!.chart.series[0]!.points;
    assert.ok(rows.length >= 4 && rows.every(({ at }) => at > -40 && at < 60));
  });
});

test('one quantity at several depths has a profile, of a drawn area too', () => {
  const deep: SkillRecord = { ...record, variables: { ...record.variables, T100: record.variables.T0!, S0: record.variables.T0! } };
  const asked: Record<string, number> = {};
  const sums = areaSums(deep, kernel(asked), nothing, () => {}, fail);
  sums.choose({ area });
  curveCharts(deep, sums, choice, () => '#000');
  const { chart } = curveCharts(deep, sums, choice, () => '#000').at(-1)!;
  assert.equal(chart.title, 'T: profile at 2 d');
  const wanted = rmse(weigh(sumsOf(0, 1), weights, areaMask(area, grid)), 'masked', 4)!;
  assert.deepEqual(
    chart.series[0]!.points.map(({ at }) => at),
    [0, 100],
  );
  for (const { value } of chart.series[0]!.points) assert.ok(Math.abs(value! / wanted - 1) < 0.02, `${value} against ${wanted}`);
});

test('without a kernel RMSE of an area comes from the small maps, and ACC says what it needs', () => {
  const field = { values: Float32Array.of(1, 2, Number.NaN, 2, 2, 2), grid: record.grid, quality: 'coarse' as const };
  const maps = { get: (_: number, { lead }: { lead: number }) => (lead === 1 ? field : undefined) } as unknown as FieldSource;
  const sums = areaSums(record, { live: false, ask() {}, dispose() {} }, maps, () => {}, fail);
  const world = { area: { kind: 'box', box: [-180, 180, -90, 90] } } as const;
  sums.choose(world);
  const [byLead, , other] = curveCharts(record, sums, { ...choice, place: world }, () => '#000');
  const [point] = byLead!.chart.series[0]!.points;
  assert.equal(byLead!.chart.series[0]!.points.length, 1, 'only leads that have a map');
  // cos φ is the same in both rows: √((1 + 4 + 4 + 4 + 4) / 5).
  assert.ok(Math.abs(point!.value! - Math.sqrt(17 / 5)) < 1e-6, `${point!.value}`);
  assert.equal(point!.band, undefined);
  assert.match(byLead!.note, /rounded maps/);
  assert.match(other!.note, /needs the sums/);
});

describe('words', () => {
  test('dots: what they mean and how many cells have them, or that this lead or metric was not tested', () => {
    const mask = { variable: 'T0', metric: 'rmse' as const, lead: 0, data: '' };
    const tested = { ...record, significance: { test: 't', masks: [mask] } };
    const key = { variable: 'T0', metric: 'rmse', lead: 0 };
    assert.equal(dotsWords(record, key, undefined), undefined);
    const share = { mask: new Uint8Array(), share: 0.256 };
    assert.equal(dotsWords(tested, key, share), 'dotted: A and B differ by more than chance (26 % of the cells)');
    assert.equal(dotsWords(tested, { ...key, lead: 1 }, undefined), 'not tested at this lead, so without dots: tested is 1 d');
    assert.equal(dotsWords(tested, { ...key, metric: 'bias' }, undefined), 'not tested, so without dots: tested is RMSE');
  });
  test('bands: those over tiles say what they leave out', () => {
    const over = (...by: ('times' | 'tiles')[]) => bandNote(new Set(by), { tile: 5 }, 'Band: 95 %, over');
    assert.equal(over(), '');
    assert.equal(over('times'), 'Band: 95 %, over initial times.');
    assert.match(over('tiles'), /over 5° tiles as if independent, not over initial times\./);
    assert.match(over('times', 'tiles'), /over initial times; at some leads over 5° tiles/);
  });
});

describe('choices', () => {
  const three = { ...record, forecasts: [...record.forecasts, { ...record.forecasts[0]!, name: 'third' }] };

  test('two of three forecasts: differences are kept of the first pair alone', () => {
    assert.equal(pairOf(three, FIRST_PAIR).differences, record.differences);
    const other = pairOf(three, [2, 1]);
    assert.deepEqual(
      other.forecasts.map(({ name }) => name),
      ['third', 'pt'],
    );
    assert.deepEqual([other.differences, other.significance], [[], undefined]);
  });

  test('a newer record keeps what it has of the choice', () => {
    const chosen = { ...firstChoice(three), pair: [2, 1] as const, metric: 'bias', place: { region: 'gone' }, lead: 9 };
    const kept = keptChoice(chosen, record);
    assert.deepEqual([kept.pair, kept.metric, kept.place, kept.lead], [FIRST_PAIR, 'rmse', { region: 'global' }, 1]);
  });
});
