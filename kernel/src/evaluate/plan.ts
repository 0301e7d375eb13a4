/** In which order the fields of a forecast are scored: which have a truth, which chunks go together, how much fits in memory. */
import { TradewindError } from '../records/errors.ts';
import type { RowSumName } from '../records/rowSums.ts';
import type { SumName } from '../records/scores.ts';
import { isoTime } from './calendar.ts';
import type { Forecast, Input, Inputs, Reference } from './inputs.ts';
import { needsCircles, rowSumBytes } from './rowAdder.ts';
import { inputsOf } from './wasm/addends.ts';

export interface Pair {
  initial: number;
  lead: number;
  /** Seconds: the initial time, and the time that it is valid at. */
  start: number;
  valid: number;
}

/** The initial times of part [number, of]: neighbours stay together, parts differ by one at most. Absent: all. */
export function partOf(seconds: ArrayLike<number>, part?: readonly [number, number]): number[] {
  const [from, to] = boundsOf(seconds.length, part);
  return Array.from(seconds).slice(from, to);
}

/** The initial times of a part, [from, to). */
export function boundsOf(length: number, [number, of]: readonly [number, number] = [1, 1]): [number, number] {
  return [Math.floor(((number - 1) * length) / of), Math.floor((number * length) / of)];
}

/** Every (initial time, lead) whose valid time the truth has; those left out are noted, none at all is refused. */
export function alignedPairs(
  forecast: Forecast,
  truth: Reference,
  part: readonly [number, number] | undefined,
  notes: Set<string>,
  variable: string,
): Pair[] {
  const { seconds, calendar } = forecast.initial;
  const [from, to] = boundsOf(seconds.length, part);
  if (from === to)
    throw new TradewindError({
      code: 'refused',
      message: `part ${part!.join('/')} is empty: there are ${seconds.length} initial times`,
      where: forecast.store.path,
      remedy: `Take at most ${seconds.length} parts.`,
    });
  const all = Array.from(seconds).flatMap((start, initial) =>
    Array.from(forecast.leadTimes, (hours, lead) => ({ initial, lead, start, valid: start + hours * 3600 })),
  );
  const own = all.filter(({ initial }) => initial >= from && initial < to);
  const pairs = own.filter((pair) => truth.has(pair.valid));
  const left = own.find((pair) => !truth.has(pair.valid));
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
      `${variable}: ${own.length - pairs.length} of ${own.length} (initial time, lead) pairs have no truth and aren't scored (the first: valid at ${isoTime(left.valid, calendar)})`,
    );
  }
  return pairs;
}

/** Pairs that are added up in one go: of one lead, in the order of their initial times. */
export interface Batch {
  lead: number;
  pairs: Pair[];
}

const sideOf = (forecast: Forecast, role: 'time' | 'leadTime') =>
  forecast.roles[role] === undefined ? 1 : forecast.chunks[forecast.roles[role]!]!;

/**
 * The batches of the leads in [from, to): initial times of one chunk go together, and so do the leads of one chunk, so that every chunk of the forecast is
 * unpacked once. The initial times of a lead keep their order.
 */
export function batchesOf(pairs: Pair[], forecast: Forecast, from: number, to: number, fields: number): Batch[] {
  const initials = sideOf(forecast, 'time');
  const together = Math.max(1, Math.floor(fields / initials)) * initials;
  const groups = new Map<string, Batch>();
  for (const pair of pairs.toSorted((a, b) => a.initial - b.initial)) {
    if (pair.lead < from || pair.lead >= to) continue;
    const key = `${Math.floor(pair.initial / together)}/${pair.lead}`;
    const batch = groups.get(key);
    if (batch) batch.pairs.push(pair);
    else groups.set(key, { lead: pair.lead, pairs: [pair] });
  }
  const group = ({ pairs: [first] }: Batch) => Math.floor(first!.initial / together);
  return [...groups.values()].sort((a, b) => group(a) - group(b) || a.lead - b.lead).flatMap((batch) => pieces(batch, fields));
}

/** A chunk may hold more initial times than are added up in one go. */
function pieces({ lead, pairs }: Batch, fields: number): Batch[] {
  return Array.from({ length: Math.ceil(pairs.length / fields) }, (_, piece) => ({
    lead,
    pairs: pairs.slice(piece * fields, (piece + 1) * fields),
  }));
}

/** How a variable's work is cut up, and the memory that it takes. */
export interface Cut {
  /** Leads of one task. */
  leads: number;
  /** Fields of one lead that are added up in one go. */
  fields: number;
  /** How often each chunk of the forecast is unpacked. */
  repeats: number;
  /** What a thread needs. */
  bytes: number;
}

/** Fields that are added up in one go where there is room: more save little. */
const FIELDS = 4;
/** Leads of one task where there is room and leads share valid times: a field of the truth is unpacked once for all of them. */
const LEADS = 4;

const sameCorner = (a: Input, b: Input) =>
  a.grid.latitude.length === b.grid.latitude.length &&
  a.grid.longitude.length === b.grid.longitude.length &&
  a.grid.latitude[0] === b.grid.latitude[0] &&
  a.grid.longitude[0] === b.grid.longitude[0];

/** The largest cut that `budget` bytes hold, or the smallest there is. */
export function cutOf(
  { forecast, truth, climatology, threshold }: Inputs,
  pairs: Pair[],
  names: readonly SumName[],
  byRow: readonly RowSumName[],
  budget: number,
): Cut {
  const sums = names.length;
  const persistence = inputsOf(names).includes('persistence');
  const { latitude, longitude } = forecast.grid;
  const cells = latitude.length * longitude.length;
  const chunk = (input: Input | undefined) => (input ? input.elementBytes * input.chunks.reduce((size, side) => size * side, 1) : 0);
  const [rows, own] = [forecast.chunks[forecast.roles.latitude!]!, forecast.chunks[forecast.roles.longitude!]!];
  const columns = needsCircles(byRow) ? longitude.length : own;
  const across = Math.ceil(columns / own);
  const tile = Math.min(cells, rows * columns);
  // Chunks that a tile of the forecast meets in another store, and the field that is picked out of them where it isn't one of them as it stands.
  const met = (input: Input | undefined) => {
    if (!input) return tile === cells ? 0 : 8 * tile;
    const [high, wide] = [input.chunks[input.roles.latitude!]!, input.chunks[input.roles.longitude!]!];
    if (tile === cells && high * wide === cells && sameCorner(forecast, input)) return chunk(input);
    return (Math.ceil(rows / high) + 1) * (Math.ceil(columns / wide) + 1) * chunk(input) + 8 * tile;
  };
  const [initials, leadsPerChunk] = [sideOf(forecast, 'time'), sideOf(forecast, 'leadTime')];
  const bytes = (leads: number, fields: number) => {
    // Members are ranked together.
    const members = forecast.roles.member === undefined ? 1 : Math.ceil(forecast.members / forecast.chunks[forecast.roles.member]!);
    const held =
      Math.ceil(fields / initials) * members * across * chunk(forecast) +
      (across > 1 ? 8 * fields * tile : 0) +
      (forecast.members > 1 ? 32 * fields * tile : 0);
    // One batch is added up while the next is unpacked, and packed bytes and Blosc's scratch stand beside what they become.
    const batch =
      held + fields * ((persistence ? 2 : 1) * met(truth.input) + met(climatology.input) + (threshold ? met(threshold.input) : 0));
    const scratch = 1.3 * Math.max(chunk(forecast), chunk(truth.input), chunk(climatology.input));
    // One task is written while the next is summed.
    return Math.ceil(
      2 * leads * (sums * 8 * (cells + 1) + rowSumBytes(byRow, forecast)) + (climatology.input ? 0 : 8 * cells) + 2 * batch + scratch + 8e6,
    );
  };
  const all = forecast.leadTimes.length;
  const least = Math.min(all, leadsPerChunk);
  const shared = new Set(pairs.map(({ valid }) => valid)).size < 0.8 * pairs.length;
  const choices = (shared ? [LEADS, 2, 1] : [1]).map((leads) => Math.min(all, Math.ceil(leads / leadsPerChunk) * leadsPerChunk));
  // A chunk of many leads that don't fit together is unpacked once for each half, quarter … of them.
  const halves = Array.from({ length: 32 }, (_, power) => Math.max(1, Math.ceil(least / 2 ** power)));
  for (const leads of new Set([...choices, ...halves])) {
    for (const fields of [FIELDS, 2, 1]) {
      const needed = bytes(leads, fields);
      const repeats = Math.max(1, Math.ceil(least / leads));
      if (needed <= budget || (leads === 1 && fields === 1)) return { leads, fields, repeats, bytes: needed };
    }
  }
  return { leads: 1, fields: 1, repeats: least, bytes: bytes(1, 1) };
}

export interface Tile {
  rows: Int32Array;
  columns: Int32Array;
}

/** The forecast's horizontal chunks; where rows must be whole, all of one latitude together. */
export function tilesOf(forecast: Forecast, wholeRows: boolean): Tile[] {
  const ranges = (length: number, side: number) =>
    Array.from({ length: Math.ceil(length / side) }, (_, index) =>
      Int32Array.from({ length: Math.min(side, length - index * side) }, (_, i) => index * side + i),
    );
  const rows = ranges(forecast.grid.latitude.length, forecast.chunks[forecast.roles.latitude!]!);
  const width = wholeRows ? forecast.grid.longitude.length : forecast.chunks[forecast.roles.longitude!]!;
  const columns = ranges(forecast.grid.longitude.length, width);
  return rows.flatMap((row) => columns.map((column) => ({ rows: row, columns: column })));
}
