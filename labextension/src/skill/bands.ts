/** Scores of sums and their bands: over initial times where the score keeps their sums, else over tiles of the map. Each is found once. */
import { jackknifeBand, pairedBand, type Scale } from '../../../kernel/src/records/bands.ts';
import { hasSums } from '../../../kernel/src/records/cellFields.ts';
import { metricOf } from '../../../kernel/src/records/metrics.ts';
import type { WeightedSums } from '../../../kernel/src/records/scores.ts';
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import { number } from '../format.ts';
import type { AreaSums, LeadSums } from './area-sums.ts';
import type { MapMetric } from './metrics.ts';

/** How a metric's errors spread: errors in proportion, correlations as Fisher has it. */
function scaleOf(metric: MapMetric): Scale {
  if (metric === 'acc' || metric === 'acc-centred' || metric === 'pearson-r') return 'fisher';
  return metric === 'rmse' || metric === 'mse' || metric === 'mae' ? 'log' : 'plain';
}

/** A metric of these sums; null where they can't give it. */
export function scoreOf(record: SkillRecord, metric: MapMetric, samples: number, sums: WeightedSums): number | null {
  const known = metricOf(metric);
  // Without a kernel there are no sums but Σd².
  if (!known || (metric !== 'rmse' && metric !== 'mse' && sums.bb === undefined)) return null;
  if (!hasSums(metric, sums)) return null;
  return known.value(sums, record.conventions.normalisation, samples);
}

/** What a band's groups are. */
export type BandOver = 'times' | 'tiles';

export interface Band {
  band?: [number, number];
  by?: BandOver;
}

/** A band costs as many scores as there are groups: it is found once for the sums that it is of. */
const bandsKnown = new WeakMap<LeadSums, Map<MapMetric, Band>>();

/** The band over initial times where the score keeps their sums, enough of them; else over tiles of the map. */
export function bandOf(record: SkillRecord, metric: MapMetric, sums: LeadSums): Band {
  const known = bandsKnown.get(sums) ?? new Map<MapMetric, Band>();
  bandsKnown.set(sums, known);
  const band = known.get(metric) ?? foundBand(record, metric, sums);
  known.set(metric, band);
  return band;
}

function foundBand(record: SkillRecord, metric: MapMetric, { from, times, groups, samples }: LeadSums): Band {
  if (from === 'maps') return {};
  const scale = scaleOf(metric);
  const byTimes = times && jackknifeBand(times.groups, (one) => scoreOf(record, metric, 1, one), scale, times.positions);
  if (byTimes) return { band: byTimes, by: 'times' };
  const byTiles = jackknifeBand(groups, (one) => scoreOf(record, metric, samples, one), scale);
  return byTiles ? { band: byTiles, by: 'tiles' } : {};
}

const differencesKnown = new WeakMap<LeadSums, { other: LeadSums; bands: Map<MapMetric, Band> }>();

/** The band of A's score less B's. */
export function pairedBandOf(record: SkillRecord, metric: MapMetric, a: LeadSums, b: LeadSums): Band {
  if (a.from === 'maps' || b.from === 'maps') return {};
  const before = differencesKnown.get(a);
  const { bands } = before?.other === b ? before : { bands: new Map<MapMetric, Band>() };
  differencesKnown.set(a, { other: b, bands });
  const band = bands.get(metric) ?? foundDifference(record, metric, a, b);
  bands.set(metric, band);
  return band;
}

function foundDifference(record: SkillRecord, metric: MapMetric, a: LeadSums, b: LeadSums): Band {
  const byTimes =
    a.times && b.times && pairedBand(a.times.groups, b.times.groups, (one) => scoreOf(record, metric, 1, one), a.times.positions);
  if (byTimes) return { band: byTimes, by: 'times' };
  const byTiles = pairedBand(a.groups, b.groups, (one) => scoreOf(record, metric, a.samples, one));
  return byTiles ? { band: byTiles, by: 'tiles' } : {};
}

/** `words` end in “over”. What a band over tiles leaves out is said beside it: it is not the one that a reader expects. */
export function bandNote(bands: ReadonlySet<BandOver>, { tile }: Pick<AreaSums, 'tile'>, words: string): string {
  if (bands.size === 0) return '';
  const tiles = `${number(tile)}° tiles as if independent`;
  if (!bands.has('tiles')) return `${words} initial times.`;
  return bands.has('times') ? `${words} initial times; at some leads over ${tiles}.` : `${words} ${tiles}, not over initial times.`;
}
