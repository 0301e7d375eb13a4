/** The record of `evaluate` and `compare`: scores by variable and lead, with maps small enough to live in a notebook. */
import type { BaseRecord } from './record.ts';

export type Metric = 'rmse' | 'acc';

/** Scores by lead; null where nothing was valid. */
export interface VariableScores {
  units: string;
  longName: string;
  rmse: (number | null)[];
  acc: (number | null)[];
  count: number[];
}

export interface Conventions {
  weights: 'area' | 'cos';
  normalisation: 'masked' | 'paper';
  acc: 'uncentred';
  /** Where the climatology came from, in words. */
  climatology: string;
}

/**
 * A field made small: `data` is base64 of deflated bytes, row by row from the first latitude. 0 is land or no data;
 * 1 … 255 run evenly from `minimum` to `maximum`. Exact values come over the comm `tradewind.skill` while the kernel lives.
 */
export interface SmallMap {
  variable: string;
  metric: Metric;
  /** Index into `leadTimes`. */
  lead: number;
  minimum: number;
  maximum: number;
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
  forecast: string;
  score: string;
  variables: Record<string, VariableScores>;
  regions: Record<string, Record<string, VariableScores>>;
  maps: SmallMap[];
}

export interface SkillRecord extends BaseRecord<'skill'> {
  /** The first forecast's scores: the contract's `variables`. */
  variables: Record<string, VariableScores>;
  /** Hours. */
  leadTimes: number[];
  /** Region names; every region's scores are in each forecast. */
  regions: string[];
  conventions: Conventions;
  truth: string;
  initialTimes: number;
  grid: MapGrid;
  forecasts: ScoredForecast[];
  seconds: number;
  /** One line under every picture: conventions, grid, sample, climatology, versions. */
  provenance: string;
}

/** A against B, by variable and lead. */
export interface ComparisonRecord extends BaseRecord<'comparison'> {
  a: string;
  b: string;
  leadTimes: number[];
  /** (A − B) / B in per cent, by lead. */
  deviation: Record<string, Record<Metric, (number | null)[]>>;
  /** The paper's claim: every deviation is below this. */
  claimPct: number;
  withinClaim: boolean;
  /** Drawn with the same widget as an evaluation. */
  skill: SkillRecord;
}
