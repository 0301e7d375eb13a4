/** The record of `evaluate`, `merge` and `compare`: scores by variable and lead, with maps small enough to live in a notebook. */
import type { RankHistogram, Spectrum } from './profiles.ts';
import type { BaseRecord } from './record.ts';
import type { Normalisation, Weights } from './scores.ts';

export type Metric = 'rmse' | 'acc';

/** Scores by lead; null where nothing was valid. */
export interface VariableScores {
  units: string;
  longName: string;
  rmse: (number | null)[];
  acc: (number | null)[];
  count: number[];
  /** Other metrics that were asked for, by their names in `records/metrics.ts`, and `vector-rmse` of a current at its eastward part; by lead. */
  more?: Record<string, (number | null)[]>;
}

export interface Conventions {
  weights: Weights;
  normalisation: Normalisation;
  acc: 'uncentred';
  /** How several initial times make one score: the sums are added before the root and the quotient are taken. */
  pooling: 'sums over initial times';
  /** Where the climatology came from, in words. */
  climatology: string;
}

/** Metrics that have small maps; bias where it was asked for. */
export type MappedMetric = Metric | 'bias';

/**
 * A field made small: `data` is base64 of deflated bytes as `quantise` makes them, row by row from the first latitude.
 * Exact values come over the comm `tradewind.skill` while the kernel lives.
 */
export interface SmallMap {
  variable: string;
  metric: MappedMetric;
  /** Index into `leadTimes`. */
  lead: number;
  minimum: number;
  maximum: number;
  data: string;
}

/** Where the second forecast differs significantly from the first, on the grid of the small maps: drawn as dots over A − B. */
export interface SignificanceMask {
  variable: string;
  metric: Metric;
  /** Index into `leadTimes`. */
  lead: number;
  /** Base64 of deflated bytes, a cell each, row by row from the first latitude: 1 where it is significant. */
  data: string;
}

/** The grid of the small maps (coarsened where the full one would not fit). */
export interface MapGrid {
  latitude: number[];
  longitude: number[];
  /** The full grid's size, and by how many cells each small one averages. */
  full: [number, number];
  coarsening: number;
}

/** One forecast set's scores. */
export interface ScoredForecast {
  name: string;
  /** The forecast's store. */
  forecast: string;
  /** Where its sums are: `PATH/SCORE.zarr#NAME`. */
  score: string;
  /** Over the whole grid. */
  variables: Record<string, VariableScores>;
  /** By region (without `global`, which is `variables`) and variable. */
  regions: Record<string, Record<string, VariableScores>>;
  /** Power by zonal wavenumber over the whole grid, by variable, where it was asked for. */
  spectra?: Record<string, Spectrum>;
  /** Of ensembles, by variable, where they were asked for. */
  ranks?: Record<string, RankHistogram>;
  /** The second of two or more has none: its maps are the first's less `differences`. */
  maps: SmallMap[];
}

export interface SkillRecord extends BaseRecord<'skill'> {
  /** The first forecast's scores: the contract's `variables`. */
  variables: Record<string, VariableScores>;
  /** Hours. */
  leadTimes: number[];
  /** Region names, `global` first; see `scoresIn`. */
  regions: string[];
  conventions: Conventions;
  truth: string;
  initialTimes: number;
  grid: MapGrid;
  /** Colour limits by variable and metric, the same for every lead and forecast. */
  limits: Record<string, Record<Metric, [number, number]>>;
  forecasts: ScoredForecast[];
  /**
   * The first forecast's fields less the second's, each on a scale of its own: taken from two maps of 254 steps, the difference
   * of forecasts that agree would show nothing but the steps. Empty where there is one forecast.
   */
  differences: SmallMap[];
  /** Where the differences are significant, and by which test, in words. */
  significance?: { test: string; masks: SignificanceMask[] };
  /** What a reader must know: what was left out, what was assumed. */
  notes: string[];
  seconds: number;
  /** One line under every picture: conventions, grid, sample, climatology, versions. */
  provenance: string;
  /** Inside a comparison: its answer, shown above the maps. */
  verdict?: { good: boolean; words: string };
}

/** The largest deviation of some scores, and where it is. */
export interface Worst {
  variable: string;
  metric: Metric;
  leadTime: number;
  deviation: number;
}

/** Figures by variable, metric and lead. */
export type Deviation = Record<string, Record<Metric, (number | null)[]>>;

/** Are the deviations more than chance? */
export interface Significance {
  /** Which test, in words. */
  test: string;
  /** A box is significant where its p is below this. */
  level: number;
  /** Where the false discoveries among all boxes are held at the same rate, p must be at most this. */
  threshold: number;
  /** How many boxes were tested, are below the level, and at most the threshold. */
  boxes: { tested: number; significant: number; discovered: number };
  initialTimes: number;
  /** Two-sided p by region, `global` among them. */
  p: Record<string, Deviation>;
  /** By how much neighbouring initial times' likeness widens the standard error (Geer's k), over the whole grid. */
  inflation: Deviation;
  /** Bounds of 95 % of the deviations in per cent, by region, from a bootstrap. */
  bootstrap?: { samples: number; seed: number; method: string; low: Record<string, Deviation>; high: Record<string, Deviation> };
}

/** A against B, by variable, region and lead. */
export interface PairComparison {
  a: string;
  b: string;
  /** (A − B) / B in per cent, by lead, over the whole grid. */
  deviation: Deviation;
  /** The same by region (without `global`, which is `deviation`). Comparisons made before it was kept have none. */
  regions?: Record<string, Deviation>;
  /** By variable over the whole grid: its largest deviation. */
  worstOf?: Record<string, Worst>;
  /** Hours that A gains on B at equal skill, by B's lead, over the whole grid; see `leadGained`. */
  gained?: Deviation;
  withinClaim: boolean;
  /** The largest deviation, where it is. */
  worst?: Worst;
  significance?: Significance;
  /** Why there is no `significance`, and what gives it. */
  significanceUnknown?: string;
}

/** Two scores, or several against one. */
export interface ComparisonRecord extends BaseRecord<'comparison'>, PairComparison {
  leadTimes: number[];
  /** What the paper says of each variable, in words. */
  claimByVariable?: string;
  /** The paper's claim: every deviation is below this. */
  claimPct: number;
  claimSource: string;
  /** Of three scores and more: the other pairs, against the same B. */
  more?: PairComparison[];
  /** Drawn with the same widget as an evaluation: A and B first. */
  skill: SkillRecord;
}

/** A forecast's scores in a region of the record. */
export function scoresIn(forecast: ScoredForecast, region: string): Record<string, VariableScores> {
  return region === 'global' ? forecast.variables : (forecast.regions[region] ?? {});
}

/** Variables that a static page has pictures of; its tables have all. */
export const PICTURED = 3;

/** Small pictures of maps on a static page: of one lead of each variable, a difference beside it where there are two forecasts. */
export const mapPictures = (variables: number, forecasts: number) => Math.min(PICTURED, variables) * Math.min(2, forecasts);

/** In the order in which they are shown. */
export const SKILL_METRICS: readonly Metric[] = ['rmse', 'acc'];

/** `RMSE` and `ACC`, as they are written on axes. */
export const METRIC_TITLES: Record<Metric, string> = { rmse: 'RMSE', acc: 'ACC' };

/** `6 h`, `3 d`, `1.5 d`: a lead time as a reader says it. */
export function leadTitle(hours: number): string {
  return Math.abs(hours) < 24 ? `${Number(hours.toPrecision(4))} h` : `${Number((hours / 24).toPrecision(4))} d`;
}

/** What the axis of leads counts: hours, or days where the leads reach over two of them. */
export function leadUnit(leadTimes: readonly number[]): { unit: 'hours' | 'days'; hours: 1 | 24 } {
  return Math.max(...leadTimes) >= 48 ? { unit: 'days', hours: 24 } : { unit: 'hours', hours: 1 };
}
