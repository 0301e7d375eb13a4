/** In which order the fields of a forecast are scored: which have a truth, which chunks go together, how much fits in memory. */
import { TradewindError } from '../records/errors.ts';
import { SUM_NAMES } from '../records/scores.ts';
import { isoTime } from './calendar.ts';
import type { Forecast, Reference } from './inputs.ts';

/** Bytes of sums held at a time; larger grids take their leads in several passes. */
const SUMS_BYTES = 384e6;

export interface Pair {
  initial: number;
  lead: number;
  valid: number;
}

/** Every (initial time, lead) whose valid time the truth has; those left out are noted, none at all is refused. */
export function alignedPairs(forecast: Forecast, truth: Reference, notes: Set<string>, variable: string): Pair[] {
  const { seconds, calendar } = forecast.initial;
  const all = Array.from(seconds).flatMap((start, initial) =>
    Array.from(forecast.leadTimes, (hours, lead) => ({ initial, lead, valid: start + hours * 3600 })),
  );
  const pairs = all.filter((pair) => truth.has(pair.valid));
  const left = all.find((pair) => !truth.has(pair.valid));
  if (pairs.length === 0) {
    throw new TradewindError({
      code: 'refused',
      message: left
        ? `no valid time of the forecast is in the truth: ${isoTime(left.valid, calendar)} in ${forecast.store.path}, nearest in the truth ${truth.nearest(left.valid)}`
        : 'the forecast has no initial time or no lead',
      where: forecast.store.path,
      remedy: 'Give a truth that covers the forecast, with the same time stamps (both at 00:00, or both at 12:00).',
    });
  }
  if (left) {
    notes.add(
      `${variable}: ${all.length - pairs.length} of ${all.length} (initial time, lead) pairs have no truth and aren't scored (the first: valid at ${isoTime(left.valid, calendar)})`,
    );
  }
  return pairs;
}

/** Pairs with leads in [from, to), ordered so that those of one forecast chunk follow each other. */
export function inChunkOrder(pairs: Pair[], forecast: Forecast, from: number, to: number): Pair[] {
  const side = (role: 'time' | 'leadTime') => (forecast.roles[role] === undefined ? 1 : forecast.chunks[forecast.roles[role]!]!);
  const [initials, leads] = [side('time'), side('leadTime')];
  return pairs
    .filter(({ lead }) => lead >= from && lead < to)
    .sort(
      (a, b) =>
        Math.floor(a.initial / initials) - Math.floor(b.initial / initials) ||
        Math.floor(a.lead / leads) - Math.floor(b.lead / leads) ||
        a.initial - b.initial ||
        a.lead - b.lead,
    );
}

export function leadsInBudget(cells: number, leadsPerChunk: number): number {
  const fitting = Math.max(1, Math.floor(SUMS_BYTES / (cells * SUM_NAMES.length * 8)));
  return fitting > leadsPerChunk ? fitting - (fitting % leadsPerChunk) : fitting;
}

export interface Tile {
  rows: Int32Array;
  columns: Int32Array;
}

/** The forecast's horizontal chunks. */
export function tilesOf(forecast: Forecast): Tile[] {
  const ranges = (length: number, side: number) =>
    Array.from({ length: Math.ceil(length / side) }, (_, index) =>
      Int32Array.from({ length: Math.min(side, length - index * side) }, (_, i) => index * side + i),
    );
  const rows = ranges(forecast.grid.latitude.length, forecast.chunks[forecast.roles.latitude!]!);
  const columns = ranges(forecast.grid.longitude.length, forecast.chunks[forecast.roles.longitude!]!);
  return rows.flatMap((row) => columns.map((column) => ({ rows: row, columns: column })));
}
