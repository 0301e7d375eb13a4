/**
 * Fields for the maps. The record's small ones are there at once; the kernel's come as soon as they are asked for: first in 65,534 steps, which are
 * enough for any picture and half as large, then, for the lead that rests, the exact values with how many samples each has.
 */
import { bytesOf } from '../../../kernel/src/records/metricsBatch.ts';
import { dequantiseScreen, differenceLimits } from '../../../kernel/src/records/quantise.ts';
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import type { Connection } from './connection.ts';
import type { GridAxes } from './lookup.ts';
import type { MapMetric } from './metrics.ts';
import { unpackMaps } from './unpack.ts';

export interface Field {
  values: Float32Array;
  grid: GridAxes;
  /** `coarse`: the record's; `screen`: every cell, rounded; `exact`: as the kernel has it. */
  quality: 'coarse' | 'screen' | 'exact';
  /** Valid initial times by cell, of exact fields. */
  counts?: Uint32Array;
}

export interface FieldKey {
  variable: string;
  metric: MapMetric;
  lead: number;
}

/** A field, or the difference of two on one grid. */
export interface Drawn {
  field: Field;
  less?: Field;
}

/** Where a difference is significant: a cell each of the record's grid, 1 where it is, and the share of those that have a difference. */
export interface Significant {
  mask: Uint8Array;
  share: number;
}

export interface FieldSource {
  /** Leads that have a map: all of them while the kernel answers. */
  leads(metric: MapMetric): number[];
  /** A forecast's best field there is now; asks for what is missing. */
  get(forecast: number, key: FieldKey): Field | undefined;
  difference(key: FieldKey): Drawn | undefined;
  /** Asks for the exact values of what `get` gives. */
  refine(forecast: number, key: FieldKey): void;
  /** Asks for what `get` will want next, without a claim on it. */
  expect(forecast: number, key: FieldKey): void;
  /** Colour limits of the difference, the same for every lead; undefined where nothing is known yet. */
  differenceLimits(variable: string, metric: MapMetric, range: readonly [number, number]): [number, number] | undefined;
  /** Undefined where it was not tested. */
  significant(key: FieldKey): Significant | undefined;
}

/** Fields kept; the one that was used longest ago goes first. */
const KEPT_BYTES = 300e6;
/** Questions under way at once: more would only wait in the kernel, before what is asked next. */
const MOST_ASKED = 4;

/** `changed` is called when a field has come; `failed` with the kernel's words when it can't give one. */
export function fieldSource(
  record: SkillRecord,
  connection: Connection,
  changed: () => void,
  failed: (message: string) => void,
): FieldSource {
  const small = new Map<string, Float32Array>();
  const masks = new Map<string, Uint8Array>();
  const kept = new Map<string, Field>();
  const refused = new Set<string>();
  const asked = new Set<string>();
  const limits = new Map<string, [number, number]>();
  let grid: GridAxes | undefined;
  let bytes = 0;

  unpackMaps(record, small, masks).then(changed, (error: unknown) => failed(`the small maps can't be unpacked: ${String(error)}`));
  const mapped = [...new Set(record.forecasts[0]?.maps.map(({ lead }) => lead))].sort((a, b) => a - b);
  const wordOf = (forecast: number, { variable, metric, lead }: FieldKey) => `${forecast}/${variable}/${metric}/${lead}`;

  function keep(word: string, field: Field): void {
    const size = ({ values, counts }: Field) => values.byteLength + (counts?.byteLength ?? 0);
    const before = kept.get(word);
    if (before) bytes -= size(before);
    kept.delete(word);
    kept.set(word, field);
    bytes += size(field);
    for (const [other, old] of kept) {
      if (bytes <= KEPT_BYTES || kept.size <= 4) break;
      kept.delete(other);
      bytes -= size(old);
    }
  }

  function ask(forecast: number, key: FieldKey, exact: boolean): void {
    const word = wordOf(forecast, key);
    const known = kept.get(word);
    if (known && (known.quality === 'exact' || !exact)) return;
    const question = `${word}/${exact}`;
    if (!connection.live || refused.has(word) || asked.has(question) || asked.size >= MOST_ASKED) return;
    asked.add(question);
    const { score } = record.forecasts[forecast]!;
    connection.ask(
      { type: 'field', score, ...key, exact, grid: grid === undefined },
      {
        answered(data, buffers) {
          asked.delete(question);
          grid ??= data.grid as GridAxes | undefined;
          if (!grid || !buffers[0]) return;
          if (data.exact === true) {
            const counts = buffers[1] && new Uint32Array(bytesOf(buffers[1]));
            keep(word, { values: new Float32Array(bytesOf(buffers[0])), grid, quality: 'exact', counts });
          } else {
            const values = dequantiseScreen(new Uint16Array(bytesOf(buffers[0])), Number(data.minimum), Number(data.maximum));
            keep(word, { values, grid, quality: 'screen' });
          }
          changed();
        },
        failed(message) {
          asked.delete(question);
          refused.add(word);
          failed(message);
          changed();
        },
        lost: () => asked.delete(question),
      },
    );
  }

  function one(forecast: number, key: FieldKey): Field | undefined {
    const word = wordOf(forecast, key);
    const field = kept.get(word);
    if (field) {
      kept.delete(word);
      kept.set(word, field);
      return field;
    }
    ask(forecast, key, false);
    const values = small.get(word);
    return values && { values, grid: record.grid, quality: 'coarse' };
  }

  return {
    leads(metric) {
      if (connection.live && refused.size === 0) return record.leadTimes.map((_, lead) => lead);
      const there = [...kept.keys()].filter((word) => word.includes(`/${metric}/`)).map((word) => Number(word.split('/').at(-1)));
      return [...new Set([...mapped, ...there])].sort((a, b) => a - b);
    },
    get: one,
    difference(key) {
      const [a, b] = [one(0, key), one(1, key)];
      if (a && b && a.quality !== 'coarse' && b.quality !== 'coarse') return { field: a, less: b };
      const values = small.get(`difference/${key.variable}/${key.metric}/${key.lead}`);
      return values && { field: { values, grid: record.grid, quality: 'coarse' } };
    },
    refine: (forecast, key) => ask(forecast, key, true),
    expect: (forecast, key) => ask(forecast, key, false),
    differenceLimits(variable, metric, range) {
      const word = `${variable}/${metric}`;
      const known = limits.get(word);
      if (known) return known;
      let differences = mapped.flatMap((lead) => [...(small.get(`difference/${word}/${lead}`) ?? [])]);
      const mappable = record.differences.some((map) => map.variable === variable && map.metric === metric);
      if (differences.length === 0 && !mappable) {
        // A metric without small maps: by the first pair of fields that came, and fixed from then on.
        const first = [...kept].find(([name]) => name.startsWith(`0/${word}/`));
        const second = first && kept.get(first[0].replace(/^0/, '1'));
        if (first && second) differences = Array.from(first[1].values, (value, cell) => value - second.values[cell]!);
      }
      if (differences.length === 0) return undefined;
      const found = differenceLimits(differences, range);
      limits.set(word, found);
      return found;
    },
    significant({ variable, metric, lead }) {
      const word = `${variable}/${metric}/${lead}`;
      const mask = masks.get(word);
      const valid = small.get(`difference/${word}`)?.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
      return mask && valid ? { mask, share: mask.reduce((sum, one) => sum + one, 0) / valid } : undefined;
    },
  };
}
