/**
 * Where on the map two forecasts' squared errors differ by more than chance: both forecasts and the truth are read once more, in the order of the initial times.
 * For every cell of the record's small maps only the sums that the test needs are kept, and the two differences before: memory doesn't grow with the initial times.
 */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { TradewindError } from '../records/errors.ts';
import { cellWeights, type Grid, type Weights } from '../records/scores.ts';
import { discoveryThreshold, MAP_DISCOVERY_RATE, pairedTest, stepsBetween } from '../records/significance.ts';
import type { SignificanceMask, SkillRecord } from '../records/skill.ts';
import { canonicalOrder } from './align.ts';
import { type ChunkCache, chunkCache } from './chunkCache.ts';
import type { Floats } from './decode.ts';
import { inOrder } from './initialTimeSums.ts';
import { type Forecast, openForecast, openTruth, type Reference } from './inputs.ts';
import { openStore } from './store.ts';
import type { Pick } from './summarise.ts';
import { createMachine } from './wasm/machine.ts';

/** Untouched pages of it cost nothing. */
const MEMORY = 1e9;
const TEST =
  'paired t-test of the squared errors at each cell of the map, for an AR(2) process (Geer 2016); ' +
  `false discoveries held at ${100 * MAP_DISCOVERY_RATE} % of the map’s (Benjamini and Hochberg 1995; Wilks 2016)`;
const pack = promisify(deflate);

export interface MapsRequest {
  a: Pick;
  b: Pick;
  weights: Weights;
  /** Whose maps: their grid, variables and leads. */
  record: SkillRecord;
  signal: AbortSignal;
  progress(done: number, total: number): void;
}

/** Masks for the record's A − B maps of RMSE. */
export async function significanceMaps(request: MapsRequest): Promise<NonNullable<SkillRecord['significance']>> {
  const { a, b, record, signal, progress } = request;
  const wanted = record.differences.filter(({ metric }) => metric === 'rmse');
  const total = wanted.length * a.forecast.initialTimes.length;
  const { order, positions } = inOrder(a.forecast.initialTimes);
  let [cache, done]: [ChunkCache | undefined, number] = [undefined, 0];
  const open = () => (cache ??= chunkCache(createMachine(MEMORY)));
  const stores = await Promise.all([a.forecast.path, b.forecast.path, a.score.facts.truth].map((path) => openStore(path, signal)));
  const masks: SignificanceMask[] = [];
  for (const variable of new Set(wanted.map((map) => map.variable))) {
    const { units } = a.forecast.variables[variable]!;
    const [one, two] = (await Promise.all(stores.slice(0, 2).map((store) => openForecast(store, variable, open, units || undefined)))) as [
      Forecast,
      Forecast,
    ];
    const truth = await openTruth(stores[2]!, variable, open, { grid: one.grid, calendar: one.initial.calendar });
    for (const { lead } of wanted.filter((map) => map.variable === variable)) {
      const { count } = await a.score.sums(a.forecast, variable, lead);
      const moments = cellMoments(a.score.grid, record.grid.coarsening, request.weights);
      for (const [at, index] of order.entries()) {
        if (signal.aborted) throw new TradewindError({ code: 'interrupted', message: 'interrupted while the maps were tested' });
        const fields = await fieldsAt(a.forecast.initialTimes[index]!, a.score.facts.leadTimes[lead]!, one, two, truth);
        if (fields) {
          moments.add(positions[at]!, fields.map(({ values }) => values) as Triple, count);
          for (const { release } of fields) release();
        }
        progress(++done, total);
      }
      const ps = moments.tests();
      const threshold = discoveryThreshold(ps, MAP_DISCOVERY_RATE);
      const bytes = Uint8Array.from(ps, (p) => Number(threshold > 0 && p <= threshold));
      const data = ((await pack(bytes, { level: 9 })) as Buffer).toString('base64');
      masks.push({ variable, metric: 'rmse', lead, data });
    }
  }
  return { test: TEST, masks };
}

type Triple = [Floats, Floats, Floats];
interface Read {
  values: Floats;
  release(): void;
}

/** Both forecasts and the truth, cells in the score's order; absent where there is no truth. */
async function fieldsAt(start: number, hours: number, one: Forecast, two: Forecast, truth: Reference): Promise<Read[] | undefined> {
  const valid = start + hours * 3600;
  if (!truth.has(valid)) return undefined;
  const at = (values: ArrayLike<number>, value: number, tolerance: number) =>
    Array.from(values).findIndex((each) => Math.abs(each - value) < tolerance);
  const forecast = async (from: Forecast): Promise<Read> => {
    const order = orderOf(from);
    const [initial, lead] = [at(from.initial.seconds, start, 0.5), at(from.leadTimes, hours, 1e-4)];
    if (initial < 0 || lead < 0)
      throw new TradewindError({
        code: 'input',
        message: `the forecast no longer has an initial time or a lead that was scored`,
        where: from.store.path,
        remedy: 'It was changed since: evaluate again, then compare.',
      });
    if (from.members === 1) return released(await from.read(initial, lead, order.rows, order.columns));
    const mean = new Float64Array(order.rows.length * order.columns.length);
    for (let member = 0; member < from.members; member++) {
      const { values, release } = await from.read(initial, lead, order.rows, order.columns, member);
      for (let cell = 0; cell < mean.length; cell++) mean[cell]! += values[cell]! / from.members;
      release(true);
    }
    return { values: mean, release: () => {} };
  };
  const order = orderOf(one);
  return [await forecast(one), await forecast(two), released(await truth.read(valid, order.rows, order.columns))];
}

const released = ({ values, release }: { values: Floats; release(last: boolean): void }): Read => ({
  values,
  release: () => release(false),
});

const orders = new WeakMap<Forecast, ReturnType<typeof canonicalOrder>>();
function orderOf(forecast: Forecast): ReturnType<typeof canonicalOrder> {
  const order = orders.get(forecast) ?? canonicalOrder(forecast.grid);
  orders.set(forecast, order);
  return order;
}

/** Sums of the differences, by cell of the small maps. */
function cellMoments(grid: Grid, factor: number, kind: Weights) {
  const { row, column } = cellWeights(grid, kind);
  const [rows, columns] = [row.length, column.length];
  const wide = Math.ceil(columns / factor);
  const cells = Math.ceil(rows / factor) * wide;
  const make = () => new Float64Array(cells);
  const [samples, sum, squares] = [make(), make(), make()];
  const lags = [1, 2].map(() => ({ pairs: make(), products: make(), sums: make() }));
  let before: { position: number; values: Float64Array }[] = [];
  return {
    /** `position`: see `inOrder`. */
    add(position: number, [one, two, truth]: Triple, count: Float64Array): void {
      const [values, weight] = [make(), make()];
      for (let i = 0, cell = 0; i < rows; i++) {
        const line = Math.floor(i / factor) * wide;
        for (let j = 0; j < columns; j++, cell++) {
          const [a, b] = [one[cell]! - truth[cell]!, two[cell]! - truth[cell]!];
          const difference = a * a - b * b;
          if (count[cell] === 0 || difference - difference !== 0) continue;
          const into = line + Math.floor(j / factor);
          values[into]! += row[i]! * column[j]! * difference;
          weight[into]! += row[i]! * column[j]!;
        }
      }
      const earlier = before.flatMap(({ position: then, values: old }) => {
        const lag = lags[stepsBetween(then, position) - 1];
        return lag ? [{ lag, old }] : [];
      });
      for (let cell = 0; cell < cells; cell++) {
        const x = values[cell]! / weight[cell]!;
        values[cell] = x;
        if (Number.isNaN(x)) continue;
        samples[cell]!++;
        sum[cell]! += x;
        squares[cell]! += x * x;
        for (const { lag, old } of earlier) {
          const y = old[cell]!;
          if (Number.isNaN(y)) continue;
          lag.pairs[cell]!++;
          lag.products[cell]! += x * y;
          lag.sums[cell]! += x + y;
        }
      }
      before = [...before.slice(-1), { position, values }];
    },
    /** By cell; NaN where there is no test. */
    tests(): Float64Array {
      const at = (cell: number, { pairs, products, sums }: (typeof lags)[number]) => ({
        pairs: pairs[cell]!,
        products: products[cell]!,
        sums: sums[cell]!,
      });
      return Float64Array.from({ length: cells }, (_, cell) => {
        const own = { samples: samples[cell]!, sum: sum[cell]!, squares: squares[cell]! };
        return pairedTest({ ...own, lags: [at(cell, lags[0]!), at(cell, lags[1]!)] })?.p ?? Number.NaN;
      });
    },
  };
}
