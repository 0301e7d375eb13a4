/** Fields for the map: the record's small ones at once, the kernel's exact ones as soon as they come, both kept. */
import { dequantise, differenceLimits } from '../../../kernel/src/records/quantise.ts';
import type { Metric, ScoredForecast, SkillRecord } from '../../../kernel/src/records/skill.ts';
import type { Channel, WidgetServices } from '../widget.ts';

export interface Field {
  values: Float32Array;
  latitude: readonly number[];
  longitude: readonly number[];
  /** From the kernel, at full resolution; else from the record: coarser, and in 254 steps. */
  exact: boolean;
}

/** What is drawn: the first forecast, the second, or the first less the second. */
export type View = 'a' | 'b' | 'difference';

export interface FieldKey {
  variable: string;
  metric: Metric;
  lead: number;
}

export interface FieldSource {
  /** Are exact fields to be had now? */
  readonly live: boolean;
  /** Leads that have a map: all of them while the kernel answers. */
  leads(): number[];
  /** The best field there is now; undefined while the first is on its way or where there is none. Asks for what is missing. */
  get(view: View, key: FieldKey): Field | undefined;
  /** Colour limits of the difference, the same for every lead. */
  differenceLimits(variable: string, metric: Metric): [number, number];
  dispose(): void;
}

/** Exact fields kept; the oldest goes first. */
const KEPT_BYTES = 256e6;

/** `changed` is called when a field has come or the kernel has come or gone; `failed` with the kernel's words when it can't give one. */
export function fieldSource(
  record: SkillRecord,
  services: WidgetServices,
  changed: () => void,
  failed: (message: string) => void,
): FieldSource {
  const small = new Map<string, Float32Array>();
  const exact = new Map<string, Float32Array>();
  const asked = new Map<number, string>();
  const refused = new Set<string>();
  let grid: { latitude: number[]; longitude: number[] } | undefined;
  let request = 0;
  let disposed = false;
  let answered = false;

  unpack(record, small).then(
    () => !disposed && changed(),
    (error: unknown) => failed(`the small maps can't be unpacked: ${String(error)}`),
  );

  let channel: Channel | undefined;
  channel = services.connect('tradewind.skill', {
    opened: () => changed(),
    message(data, buffers) {
      const key = asked.get(data.request as number);
      if (key === undefined) return;
      asked.delete(data.request as number);
      if (data.type === 'error') {
        refused.add(key);
        failed(String(data.message));
      } else if (data.type === 'field' && buffers[0]) {
        answered = true;
        grid ??= data.grid as typeof grid;
        const { buffer, byteOffset, byteLength } = buffers[0];
        exact.set(key, new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer));
        while (exact.size > 2 && exact.size * byteLength > KEPT_BYTES) exact.delete(exact.keys().next().value!);
      }
      changed();
    },
    lost() {
      asked.clear();
      changed();
    },
  });

  /** One forecast's field, the exact one if it is here; asks the kernel for it if not. */
  function one(index: number, { variable, metric, lead }: FieldKey): Field | undefined {
    const key = `${index}/${variable}/${metric}/${lead}`;
    const whole = exact.get(key);
    if (whole && grid) return { values: whole, ...grid, exact: true };
    if (channel?.connected && !refused.has(key) && ![...asked.values()].includes(key)) {
      asked.set(++request, key);
      channel.send({ type: 'field', score: record.forecasts[index]!.score, variable, metric, lead, request, grid: grid === undefined });
    }
    const coarse = small.get(key);
    return coarse && { values: coarse, latitude: record.grid.latitude, longitude: record.grid.longitude, exact: false };
  }

  const mapped = [...new Set(record.forecasts[0]?.maps.map(({ lead }) => lead))].sort((a, b) => a - b);
  const limits = new Map<string, [number, number]>();
  return {
    get live() {
      return channel?.connected === true && (answered || refused.size === 0);
    },
    leads() {
      return this.live ? record.leadTimes.map((_, lead) => lead) : mapped;
    },
    get(view, key) {
      if (view === 'a') return one(0, key);
      if (view === 'b') return one(1, key);
      const [a, b] = [one(0, key), one(1, key)];
      if (a?.exact && b?.exact) return { ...a, values: a.values.map((value, cell) => value - b.values[cell]!) };
      const values = small.get(`difference/${key.variable}/${key.metric}/${key.lead}`);
      return values && { values, latitude: record.grid.latitude, longitude: record.grid.longitude, exact: false };
    },
    differenceLimits(variable, metric) {
      const known = limits.get(`${variable}/${metric}`);
      if (known) return known;
      const differences = mapped.flatMap((lead) => [...(small.get(`difference/${variable}/${metric}/${lead}`) ?? [])]);
      if (differences.length === 0) return [-1, 1];
      const found = differenceLimits(differences, record.limits[variable]![metric]);
      limits.set(`${variable}/${metric}`, found);
      return found;
    },
    dispose() {
      disposed = true;
      channel?.dispose();
      channel = undefined;
    },
  };
}

/** Fills `fields` from the record's small maps: each forecast's under its index, the difference of the first two under its own name. */
async function unpack(record: SkillRecord, fields: Map<string, Float32Array>): Promise<void> {
  const sets = [...record.forecasts.map(({ maps }, index) => [String(index), maps] as const), ['difference', record.differences] as const];
  await Promise.all(
    sets.flatMap(([owner, maps]) =>
      maps.map(async (map) => {
        const bytes = await inflate(map.data);
        fields.set(`${owner}/${map.variable}/${map.metric}/${map.lead}`, dequantise({ ...map, bytes }));
      }),
    ),
  );
  for (const { variable, metric, lead } of record.differences) {
    const a = fields.get(`0/${variable}/${metric}/${lead}`)!;
    const difference = fields.get(`difference/${variable}/${metric}/${lead}`)!;
    fields.set(
      `1/${variable}/${metric}/${lead}`,
      a.map((value, cell) => value - difference[cell]!),
    );
  }
}

async function inflate(base64: string): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export function forecastTitle(forecasts: readonly ScoredForecast[], view: View): string {
  if (view === 'difference') return `${forecasts[0]!.name} − ${forecasts[1]!.name}`;
  return forecasts[view === 'a' ? 0 : 1]!.name;
}
