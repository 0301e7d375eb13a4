/** The small maps and masks of a record, unpacked. */
import { dequantise } from '../../../kernel/src/records/quantise.ts';
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';

/** Fills `fields` by `FORECAST/VARIABLE/METRIC/LEAD`, the difference of the first two forecasts under `difference`; `masks` by `VARIABLE/METRIC/LEAD`. */
export async function unpackMaps(record: SkillRecord, fields: Map<string, Float32Array>, masks: Map<string, Uint8Array>): Promise<void> {
  const sets = [...record.forecasts.map(({ maps }, index) => [String(index), maps] as const), ['difference', record.differences] as const];
  await Promise.all([
    ...sets.flatMap(([owner, maps]) =>
      maps.map(async (map) => {
        const bytes = await inflate(map.data);
        fields.set(`${owner}/${map.variable}/${map.metric}/${map.lead}`, dequantise({ ...map, bytes }));
      }),
    ),
    ...(record.significance?.masks ?? []).map(async ({ variable, metric, lead, data }) => {
      masks.set(`${variable}/${metric}/${lead}`, await inflate(data));
    }),
  ]);
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
