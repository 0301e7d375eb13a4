/**
 * Where on the map two forecasts' squared errors, and their correlations of anomalies, differ by more than chance: both forecasts, the truth and the climatology
 * are read once more, in the order of the initial times.
 */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { TradewindError } from '../records/errors.ts';
import { cellWeights, type Weights } from '../records/scores.ts';
import { discoveryThreshold, MAP_DISCOVERY_RATE } from '../records/significance.ts';
import { type SignificanceMask, SKILL_METRICS, type SkillRecord } from '../records/skill.ts';
import { canonicalOrder } from './align.ts';
import { blocksOf, cellMoments, correlationDifferences, type Fields, squareDifferences } from './cellMoments.ts';
import { type ChunkCache, chunkCache } from './chunkCache.ts';
import type { Floats } from './decode.ts';
import { inOrder } from './initialTimeSums.ts';
import { type Climatology, type Forecast, openClimatology, openForecast, openTruth, type Reference } from './inputs.ts';
import { fixedClimatology, meanOf } from './meanClimatology.ts';
import { openStore } from './store.ts';
import type { Pick } from './summarise.ts';
import { createMachine } from './wasm/machine.ts';

/** Untouched pages of it cost nothing. */
const MEMORY = 1e9;
const TEST =
  'paired t-test by initial time at each cell of the map, of the squared errors (RMSE) and of what an initial time adds to the pooled correlation (ACC, delta method), ' +
  `for an AR(2) process (Geer 2016); false discoveries held at ${100 * MAP_DISCOVERY_RATE} % of the map’s (Benjamini and Hochberg 1995; Wilks 2016)`;
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

/** Masks for the record's A − B maps of RMSE and ACC. */
export async function significanceMaps(request: MapsRequest): Promise<NonNullable<SkillRecord['significance']>> {
  const { a, b, record, signal, progress } = request;
  const wanted = [...Map.groupBy(record.differences, ({ variable, lead }) => `${variable}/${lead}`).values()].map((maps) => maps[0]!);
  const total = wanted.length * a.forecast.initialTimes.length;
  const { order, positions } = inOrder(a.forecast.initialTimes);
  const blocks = blocksOf(cellWeights(a.score.grid, request.weights), record.grid.coarsening);
  let [cache, done]: [ChunkCache | undefined, number] = [undefined, 0];
  const open = () => (cache ??= chunkCache(createMachine(MEMORY)));
  const { truth: truthPath, climatology: described, climatologyStore } = a.score.facts;
  if (!climatologyStore && !described.startsWith('fixed, the mean of the truth'))
    throw new TradewindError({
      code: 'refused',
      message: `the score doesn't say where its climatology lies (${described}), and the maps of ACC are tested with it`,
      where: a.score.path,
      remedy: 'Evaluate again: today’s scores say it.',
    });
  const stores = await Promise.all(
    [a.forecast.path, b.forecast.path, truthPath, ...(climatologyStore ? [climatologyStore] : [])].map((path) => openStore(path, signal)),
  );
  const masks: SignificanceMask[] = [];
  for (const variable of new Set(wanted.map((map) => map.variable))) {
    const { units } = a.forecast.variables[variable]!;
    const [one, two] = (await Promise.all(stores.slice(0, 2).map((store) => openForecast(store, variable, open, units || undefined)))) as [
      Forecast,
      Forecast,
    ];
    const against = { grid: one.grid, calendar: one.initial.calendar };
    const truth = await openTruth(stores[2]!, variable, open, against);
    const climatology = stores[3]
      ? await openClimatology(stores[3], variable, open, against, truth.units)
      : fixedClimatology(await meanOf(truth, one.grid, signal), truth.times.seconds.length, one.grid, open);
    for (const { lead } of wanted.filter((map) => map.variable === variable)) {
      const [sums, other] = await Promise.all([a, b].map(({ score, forecast }) => score.sums(forecast, variable, lead)));
      const { count } = sums!;
      const correlations = correlationDifferences(blocks, sums!, other!);
      const [squared, correlated] = [cellMoments(blocks.cells), cellMoments(blocks.cells)];
      for (const [at, index] of order.entries()) {
        if (signal.aborted) throw new TradewindError({ code: 'interrupted', message: 'interrupted while the maps were tested' });
        const read = await fieldsAt(a.forecast.initialTimes[index]!, a.score.facts.leadTimes[lead]!, [one, two, truth, climatology]);
        if (read) {
          const fields = read.map(({ values }) => values) as unknown as Fields;
          squared.add(positions[at]!, squareDifferences(blocks, fields, count));
          correlated.add(positions[at]!, correlations.at(fields, count));
          for (const { release } of read) release();
        }
        progress(++done, total);
      }
      const tests = { rmse: squared.tests(), acc: correlated.tests(correlations.affine) };
      for (const metric of SKILL_METRICS) {
        const threshold = discoveryThreshold(tests[metric], MAP_DISCOVERY_RATE);
        const bytes = Uint8Array.from(tests[metric], (p) => Number(threshold > 0 && p <= threshold));
        const data = ((await pack(bytes, { level: 9 })) as Buffer).toString('base64');
        masks.push({ variable, metric, lead, data });
      }
    }
  }
  return { test: TEST, masks };
}

interface Read {
  values: Floats;
  release(): void;
}

/** Both forecasts, the truth and the climatology, cells in the score's order; absent where there is no truth. */
async function fieldsAt(
  start: number,
  hours: number,
  [one, two, truth, climatology]: readonly [Forecast, Forecast, Reference, Climatology],
): Promise<Read[] | undefined> {
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
  const references = [truth, climatology].map(async (from) => released(await from.read(valid, order.rows, order.columns)));
  return [await forecast(one), await forecast(two), ...(await Promise.all(references))];
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
