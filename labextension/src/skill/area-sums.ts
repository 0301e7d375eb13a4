/**
 * Scores of areas, from sums: by blocks that the browser holds, at once; over the area's own cells, as the kernel counts them, lead by lead after that.
 * Without a kernel the small RMSE maps stand for sums, and RMSE alone has a value.
 */
import { type Area, areaMask, namedMask } from '../../../kernel/src/records/areas.ts';
import { type BlockSums, blocksOf, coverOf, groupBlocks } from '../../../kernel/src/records/blocks.ts';
import { bytesOf } from '../../../kernel/src/records/metricsBatch.ts';
import { cellWeights, type Grid, type WeightedSums } from '../../../kernel/src/records/scores.ts';
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import type { Connection } from './connection.ts';
import type { FieldSource } from './fields.ts';

/** A region of the table by name, or what was drawn. */
export type Place = { region: string } | { area: Area };

export interface LeadSums {
  sums: WeightedSums;
  samples: number;
  /** By tiles of the map, for the band. */
  groups: WeightedSums[];
  /** By initial time, of a region of the table; each counts as one sample. */
  times?: { groups: WeightedSums[]; positions: readonly number[] };
  /** By rows of blocks, from the south. */
  rows: WeightedSums[];
  /** `exact`: over the area's own cells; `blocks`: blocks on its edge by the share inside; `maps`: from the rounded maps of the record. */
  from: 'exact' | 'blocks' | 'maps';
}

export interface AreaSums {
  /** A lead's sums over the place; undefined while they are on their way, or where there are none. Asks for all leads of the variable. */
  at(forecast: number, variable: string, lead: number): LeadSums | undefined;
  /** The same for one lead alone: of other depths. */
  only(forecast: number, variable: string, lead: number): LeadSums | undefined;
  /** Latitudes of `rows`. */
  readonly latitude: readonly number[];
  /** Edge of the tiles, degrees. */
  readonly tile: number;
  /** Is there a kernel that may yet send sums? */
  readonly live: boolean;
  choose(place: Place): void;
}

interface Lead {
  sums: BlockSums;
  samples: number;
}

/** Tiles are as large as leaves a dozen of them in the area. */
const TILES = [10, 5, 2.5, 1] as const;
const ENOUGH_TILES = 12;

export function areaSums(
  record: SkillRecord,
  connection: Connection,
  fields: FieldSource,
  changed: () => void,
  failed: (message: string) => void,
): AreaSums {
  const { weights: kind } = record.conventions;
  const leads = new Map<string, Lead>();
  const asked = { leads: new Set<string>(), areas: new Set<string>(), times: new Set<string>() };
  const allLeads = [...record.leadTimes.keys()];
  const exact = new Map<string, WeightedSums>();
  const done = new Map<string, LeadSums>();
  let place: Place = { region: 'global' };
  const sourceOf = (grid: Grid, factor: number) => {
    const weights = cellWeights(grid, kind);
    return { grid, weights, blocks: blocksOf(grid, weights, factor) };
  };
  let full: ReturnType<typeof sourceOf> | undefined;
  let shape: { cover: Float32Array; tile: number; tiles: Int32Array; count: number } | undefined;
  const small = sourceOf(record.grid, 1);
  const source = () => full ?? small;

  const maskOf = (grid: Grid) => ('area' in place ? areaMask(place.area, grid) : namedMask(place.region, grid));

  /** The place on the blocks: how much of each lies inside, and its tile. */
  function shaped(): NonNullable<typeof shape> {
    if (shape) return shape;
    const { grid, weights, blocks } = source();
    const cover = coverOf(maskOf(grid), weights, blocks.factor);
    const columns = blocks.longitude.length;
    for (const tile of TILES) {
      const numbers = new Map<number, number>();
      const across = Math.ceil(360 / tile);
      const tiles = Int32Array.from(cover, (share, block) => {
        if (share <= 0) return -1;
        const [row, column] = [Math.floor(block / columns), block % columns];
        const key =
          Math.floor((blocks.latitude[row]! + 90) / tile) * across + (Math.floor((blocks.longitude[column]! + 360) / tile) % across);
        if (!numbers.has(key)) numbers.set(key, numbers.size);
        return numbers.get(key)!;
      });
      shape = { cover, tile, tiles, count: numbers.size };
      if (numbers.size >= ENOUGH_TILES) break;
    }
    return shape!;
  }

  function ask(forecast: number, variable: string, wanted: readonly number[]): void {
    const word = (lead: unknown) => `${forecast}/${variable}/${lead}`;
    const missing = wanted.filter((lead) => !leads.has(word(lead)) && !asked.leads.has(word(lead)));
    if (missing.length === 0 || !connection.live) return;
    for (const lead of missing) asked.leads.add(word(lead));
    const { score } = record.forecasts[forecast]!;
    connection.ask(
      { type: 'sums', score, variable, leads: missing, weights: kind, grid: full === undefined },
      {
        answered(data, buffers) {
          const names = data.names as (keyof BlockSums)[];
          if (!full) {
            full = sourceOf(data.grid as Grid, Number(data.factor));
            shape = undefined;
            done.clear();
          }
          const sums = Object.fromEntries(names.map((name, at) => [name, new Float32Array(bytesOf(buffers[at]!))])) as unknown as BlockSums;
          leads.set(word(data.lead), { sums, samples: Number(data.samples) });
          done.delete(word(data.lead));
          changed();
        },
        failed(message) {
          failed(message);
          changed();
        },
        lost() {
          for (const lead of missing) asked.leads.delete(word(lead));
        },
      },
      missing.length,
    );
  }

  /** The exact sums over what was drawn; a region of the table has them in the record. */
  function askExact(forecast: number, variable: string): void {
    const key = `${forecast}/${variable}`;
    if (!('area' in place) || !connection.live || asked.areas.has(key)) return;
    asked.areas.add(key);
    const wanted = place;
    connection.ask(
      { type: 'area', area: wanted.area, score: record.forecasts[forecast]!.score, variable, leads: allLeads, weights: kind },
      {
        answered(data) {
          if (place !== wanted) return;
          exact.set(`${key}/${data.lead}`, data.sums as WeightedSums);
          done.delete(`${key}/${data.lead}`);
          changed();
        },
        failed,
        lost: () => asked.areas.delete(key),
      },
      allLeads.length,
    );
  }

  const initial = new Map<string, NonNullable<LeadSums['times']>>();
  /** A region's sums by initial time, of all leads at once: they are small. */
  function askTimes(forecast: number, variable: string): void {
    if (!('region' in place) || !connection.live) return;
    const key = `${forecast}/${variable}/${place.region}`;
    if (asked.times.has(key)) return;
    asked.times.add(key);
    const { score } = record.forecasts[forecast]!;
    connection.ask(
      { type: 'times', score, variable, leads: allLeads, region: place.region, weights: kind },
      {
        answered(data, buffers) {
          const [names, positions] = [data.sums as string[], data.positions as number[]];
          if (positions.length === 0) return;
          const values = new Float64Array(bytesOf(buffers[0]!));
          for (const lead of allLeads) {
            const groups = positions.map((_, time) => {
              const from = (lead * positions.length + time) * names.length;
              const own = Object.fromEntries(names.map((name, at) => [name, values[from + at]!]));
              return { ...own, validWeight: own.count!, count: own.count! > 0 ? 1 : 0, cells: 0, weight: 0 } as WeightedSums;
            });
            initial.set(`${key}/${lead}`, { groups, positions });
          }
          done.clear();
          changed();
        },
        failed,
        lost: () => asked.times.delete(key),
      },
    );
  }

  function summed(forecast: number, variable: string, lead: number): LeadSums | undefined {
    const key = `${forecast}/${variable}/${lead}`;
    const known = done.get(key);
    if (known) return known;
    const one = leads.get(key) ?? (full || connection.live ? undefined : fromMaps(forecast, variable, lead));
    if (!one) return undefined;
    const { blocks } = source();
    const { cover, tiles, count } = shaped();
    const columns = blocks.longitude.length;
    const rows = groupBlocks(blocks, one.sums, cover, (block) => Math.floor(block / columns), blocks.latitude.length);
    const groups = groupBlocks(blocks, one.sums, cover, (block) => tiles[block]!, count);
    const whole = groupBlocks(blocks, one.sums, cover, () => 0, 1)[0]!;
    const precise = exact.get(key);
    const from = precise || blocks.factor === 1 ? 'exact' : 'blocks';
    const byTime = 'region' in place ? initial.get(`${forecast}/${variable}/${place.region}/${lead}`) : undefined;
    // With one sample a group, the weight of all cells counts once for each.
    const times = byTime && { ...byTime, groups: byTime.groups.map((group) => ({ ...group, weight: whole.weight })) };
    const found: LeadSums = {
      times,
      sums: precise ?? whole,
      samples: one.samples,
      groups,
      rows,
      from: leads.has(key) ? from : 'maps',
    };
    done.set(key, found);
    return found;
  }

  /** Σd² of a small map's cells, as if each had one sample: RMSE of the whole is the root of their mean. */
  function fromMaps(forecast: number, variable: string, lead: number): Lead | undefined {
    const field = fields.get(forecast, { variable, metric: 'rmse', lead });
    if (field?.quality !== 'coarse') return undefined;
    const valid = Float32Array.from(field.values, (value, cell) => (Number.isFinite(value) ? small.blocks.weight[cell]! : 0));
    const dd = Float32Array.from(field.values, (value, cell) => (Number.isFinite(value) ? value * value * small.blocks.weight[cell]! : 0));
    return { sums: { count: valid.map((weight) => (weight > 0 ? 1 : 0)), valid, dd }, samples: 1 };
  }

  return {
    at(forecast, variable, lead) {
      ask(forecast, variable, allLeads);
      // The blocks give the picture; the kernel counts the cells after that.
      if (leads.size > 0 && (full?.blocks.factor ?? 1) > 1) askExact(forecast, variable);
      askTimes(forecast, variable);
      return summed(forecast, variable, lead);
    },
    only(forecast, variable, lead) {
      ask(forecast, variable, [lead]);
      return summed(forecast, variable, lead);
    },
    get latitude() {
      return source().blocks.latitude;
    },
    get tile() {
      return shaped().tile;
    },
    get live() {
      return connection.live;
    },
    choose(next) {
      if (JSON.stringify(next) === JSON.stringify(place)) return;
      place = next;
      shape = undefined;
      done.clear();
      exact.clear();
      asked.areas.clear();
    },
  };
}
