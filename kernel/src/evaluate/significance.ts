/** Whether two scores differ by more than chance: from their sums over regions by initial time. */
import { blockLength, drawCounts, interval } from '../records/bootstrap.ts';
import type { BaseSum, Normalisation, Weights } from '../records/scores.ts';
import { discoveryThreshold, FEWEST_SAMPLES, momentsOf, pairedTest, stepsBetween } from '../records/significance.ts';
import { type Deviation, type Metric, type Significance, SKILL_METRICS } from '../records/skill.ts';
import { type DomainFacts, domainPlace, domainRegion, domainSize } from './domainStore.ts';
import { inOrder } from './initialTimeSums.ts';
import type { Pick } from './summarise.ts';

export interface SignificanceOptions {
  weights: Weights;
  normalisation: Normalisation;
  /** Names, `global` among them. */
  regions: readonly string[];
  /** How many samples the bootstrap draws; 0: none. */
  bootstrap: number;
  seed: number;
  signal: AbortSignal;
  progress(done: number, total: number): void;
}

const LEVEL = 0.05;
const TEST = `paired t-test of the loss differential by initial time, its standard error inflated for an AR(2) process (Geer 2016)`;
const BOOTSTRAP =
  'stationary bootstrap (Politis and Romano 1994), mean block length by Politis and White 2004 as corrected by Patton et al. 2009';

/** Sums by initial time of one forecast in one region; those of initial times without a truth are left out. */
interface Series {
  weight: Float64Array;
  dd: Float64Array;
  ab: Float64Array;
  aa: Float64Array;
  bb: Float64Array;
}

/** Tests every deviation of `a` from `b` (scored alike, see `refuseUnlike`). Says why where it can't be known. */
export async function significanceOf(a: Pick, b: Pick, options: SignificanceOptions): Promise<Significance | { unknown: string }> {
  const bare = [a, b].find(({ score }) => !score.facts.domains);
  if (bare)
    return {
      unknown:
        `${bare.name}'s score keeps no sums by initial time (it was made, or merged from parts that were made, before Tradewind kept them): ` +
        `tradewind evaluate ${bare.forecast.path} --truth ${bare.score.facts.truth} -o ${bare.score.path} gives them`,
    };
  const all = a.forecast.initialTimes.length;
  if (all < FEWEST_SAMPLES)
    return { unknown: `${all} initial times are too few to test: give ${FEWEST_SAMPLES} or more, as even in time as they come` };
  const { order, positions } = inOrder(a.forecast.initialTimes);
  const neighbours = positions.filter((position, at) => at > 0 && stepsBetween(positions[at - 1]!, position) === 1).length;
  if (neighbours < all / 2)
    return {
      unknown: `the initial times lie too unevenly to tell how alike neighbours are (${neighbours} of ${all - 1} are the shortest step apart)`,
    };

  const regions = options.regions.filter((name) => [a, b].every(({ score }) => domainRegion(score.facts.domains!, name) >= 0));
  const [p, low, high] = [0, 1, 2].map(() => Object.fromEntries(regions.map((region) => [region, {} as Deviation]))) as [
    Record<string, Deviation>,
    Record<string, Deviation>,
    Record<string, Deviation>,
  ];
  const inflation: Deviation = {};
  const leads = a.score.facts.leadTimes.length;
  const variables = Object.keys(a.forecast.variables);
  const drawn = new Map<number, Uint16Array>();
  let done = 0;
  for (const variable of variables) {
    const blank = () => ({ rmse: Array(leads).fill(null), acc: Array(leads).fill(null) }) as Record<Metric, (number | null)[]>;
    inflation[variable] = blank();
    for (const table of [p, low, high]) for (const region of regions) table[region]![variable] = blank();
    for (let lead = 0; lead < leads; lead++) {
      const [own, other] = await Promise.all([a, b].map(async (pick) => (await pick.score.domains(pick.forecast, variable, lead))!));
      for (const region of regions) {
        const [one, two] = [own!, other!].map((values, at) => {
          const facts = [a, b][at]!.score.facts.domains!;
          return seriesOf(values, facts, options.weights, domainRegion(facts, region), order);
        }) as [Series, Series];
        const valid = Array.from(one.weight.keys()).filter((at) => one.weight[at]! > 0);
        const places = valid.map((at) => positions[at]!);
        const [left, right] = [taken(one, valid), taken(two, valid)];
        const differentials = { rmse: lossDifferential(left, right, options.normalisation), acc: correlationDifferential(left, right) };
        for (const metric of SKILL_METRICS) {
          const series = differentials[metric];
          const found = series && pairedTest(momentsOf(series, places));
          if (!found) continue;
          p[region]![variable]![metric][lead] = short(found.p);
          if (region === 'global') inflation[variable]![metric][lead] = short(found.inflation);
        }
        if (options.bootstrap > 0 && valid.length >= FEWEST_SAMPLES && differentials.rmse) {
          const block = roundedLength(blockLength(differentials.rmse));
          const key = block * 1e6 + valid.length;
          const counts = drawn.get(key) ?? drawCounts(valid.length, options.bootstrap, block, options.seed);
          drawn.set(key, counts);
          const bounds = deviationBounds(left, right, counts, options.bootstrap);
          for (const metric of SKILL_METRICS) {
            low[region]![variable]![metric][lead] = short(bounds[metric]?.[0]);
            high[region]![variable]![metric][lead] = short(bounds[metric]?.[1]);
          }
        }
      }
      options.signal.throwIfAborted();
      options.progress(++done, leads * variables.length);
    }
  }
  const boxes = Object.values(p).flatMap((byVariable) =>
    Object.values(byVariable).flatMap((own) => SKILL_METRICS.flatMap((metric) => own[metric])),
  );
  const threshold = discoveryThreshold(boxes, LEVEL);
  const among = (limit: (value: number) => boolean) => boxes.filter((value) => value !== null && limit(value)).length;
  return {
    test: TEST,
    level: LEVEL,
    threshold,
    boxes: {
      tested: among(() => true),
      significant: among((value) => value < LEVEL),
      discovered: threshold > 0 ? among((value) => value <= threshold) : 0,
    },
    initialTimes: all,
    p,
    inflation,
    ...(options.bootstrap > 0 && { bootstrap: { samples: options.bootstrap, seed: options.seed, method: BOOTSTRAP, low, high } }),
  };
}

function seriesOf(values: Float64Array, facts: DomainFacts, weights: Weights, region: number, order: readonly number[]): Series {
  const size = domainSize(facts);
  const of = (sum: BaseSum) => {
    const place = domainPlace(facts, weights, sum, region);
    return Float64Array.from(order, (at) => values[at * size + place]!);
  };
  return { weight: of('count'), dd: of('dd'), ab: of('ab'), aa: of('aa'), bb: of('bb') };
}

function taken(series: Series, at: readonly number[]): Series {
  const of = (values: Float64Array) => Float64Array.from(at, (index) => values[index]!);
  return { weight: of(series.weight), dd: of(series.dd), ab: of(series.ab), aa: of(series.aa), bb: of(series.bb) };
}

const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

/**
 * A's squared error less B's, by initial time, with the mean of the pooled scores' difference. Where the valid area changes with time the mean is a quotient of two
 * sums, and the series is what each initial time adds to it (the delta method).
 */
function lossDifferential(a: Series, b: Series, normalisation: Normalisation): Float64Array | null {
  const n = a.weight.length;
  const weight = normalisation === 'masked' ? a.weight : new Float64Array(n).fill(1);
  const mean = total(weight) / n;
  if (!(mean > 0)) return null;
  const difference = (total(a.dd) - total(b.dd)) / total(weight);
  return a.dd.map((square, at) => (square - b.dd[at]! - difference * weight[at]!) / mean + difference);
}

/** A's pooled correlation less B's, as what each initial time adds to it: d(ab / √(aa bb)) by the delta method. */
function correlationDifferential(a: Series, b: Series): Float64Array | null {
  const n = a.weight.length;
  const added = ({ ab, aa, bb }: Series) => {
    const [product, forecast, truth] = [total(ab) / n, total(aa) / n, total(bb) / n];
    const scale = Math.sqrt(forecast) * Math.sqrt(truth);
    if (!(scale > 0)) return null;
    const value = product / scale;
    return { value, parts: ab.map((one, at) => one / scale - (value / 2) * (aa[at]! / forecast + bb[at]! / truth)) };
  };
  const [one, two] = [added(a), added(b)];
  if (!one || !two) return null;
  return one.parts.map((part, at) => part - two.parts[at]! + one.value - two.value);
}

/** Bounds of 95 % of (A − B) / B in per cent over the samples. */
function deviationBounds(a: Series, b: Series, counts: Uint16Array, samples: number): Record<Metric, [number, number] | null> {
  const n = a.weight.length;
  const found = { rmse: new Float64Array(samples), acc: new Float64Array(samples) };
  for (let sample = 0; sample < samples; sample++) {
    let [ddA, ddB, abA, aaA, bbA, abB, aaB, bbB] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let time = 0, at = sample * n; time < n; time++, at++) {
      const times = counts[at]!;
      if (times === 0) continue;
      ddA += times * a.dd[time]!;
      ddB += times * b.dd[time]!;
      abA += times * a.ab[time]!;
      aaA += times * a.aa[time]!;
      bbA += times * a.bb[time]!;
      abB += times * b.ab[time]!;
      aaB += times * b.aa[time]!;
      bbB += times * b.bb[time]!;
    }
    const [one, two] = [abA / Math.sqrt(aaA * bbA), abB / Math.sqrt(aaB * bbB)];
    found.rmse[sample] = 100 * (Math.sqrt(ddA / ddB) - 1);
    found.acc[sample] = (100 * (one - two)) / Math.abs(two);
  }
  return { rmse: interval(found.rmse, 1 - LEVEL), acc: interval(found.acc, 1 - LEVEL) };
}

/** Samples are drawn once for lengths that are nearly the same. */
function roundedLength(length: number): number {
  return 10 ** (Math.round(10 * Math.log10(length)) / 10);
}

function short(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(4));
}
