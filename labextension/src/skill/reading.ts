/** What the maps say of a place: values of all forecasts there, coordinates, how many samples; and of no place: where the picture comes from. */
import type { Place } from '../../../kernel/src/records/areas.ts';
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import { degrees } from '../../../kernel/src/records/ticks.ts';
import { counted, number } from '../format.ts';
import type { Field, FieldKey, FieldSource } from './fields.ts';
import { cellOf } from './lookup.ts';
import { metricTitle, metricUnit } from './metrics.ts';

export function readingOf(
  record: SkillRecord,
  source: FieldSource,
  key: FieldKey,
  place: Place | undefined,
  { fault, live }: { fault: string; live: boolean },
): { value: string; where: string } {
  const fields = record.forecasts.map((_, forecast) => source.get(forecast, key));
  const [first] = fields;
  if (!place) return { value: '', where: fault || resting(record, first?.quality, live) };
  const cell = first && cellOf(first.grid, place);
  if (!first || !cell) return { value: '', where: `no data at ${degrees(place[1], 'latitude', 2)}, ${degrees(place[0], 'longitude', 2)}` };
  const unit = metricUnit(record, key.variable, key.metric);
  const rounded = first.quality === 'exact' ? '' : '≈ ';
  const values = fields.map((field) => {
    const own = field && cellOf(field.grid, place);
    return own ? field.values[own.row * field.grid.longitude.length + own.column]! : Number.NaN;
  });
  const [a, b] = values;
  const words = (value: number) => (Number.isNaN(value) ? '–' : `${rounded}${number(value)}`);
  const both = fields.length > 1 ? `A ${words(a!)}, B ${words(b!)}, A − B ${words(a! - b!)}` : words(a!);
  const value = values.every(Number.isNaN) ? 'land or no data' : `${metricTitle(key.metric)} ${both}${unit && ` ${unit}`}`;
  const where = `at ${degrees(first.grid.latitude[cell.row]!, 'latitude', 2)}, ${degrees(first.grid.longitude[cell.column]!, 'longitude', 2)}`;
  const count = first.counts?.[cell.row * first.grid.longitude.length + cell.column];
  return { value, where: count === undefined ? where : `${where} · ${counted(count, 'sample')}` };
}

function resting({ grid }: SkillRecord, quality: Field['quality'] | undefined, live: boolean): string {
  if (quality === undefined)
    return live ? 'The map of this lead is on its way.' : 'This lead has no map in the saved output: it needs a running kernel.';
  const [rows, columns] = quality === 'coarse' ? [grid.latitude.length, grid.longitude.length] : grid.full;
  const size = `${rows} × ${columns} cells`;
  if (quality === 'exact') return `${size}, exact`;
  if (quality === 'screen') return `${size}, rounded for the screen; exact values follow`;
  return grid.coarsening > 1
    ? `${size}, each ${grid.coarsening} × ${grid.coarsening} of the full grid, rounded; ${live ? 'exact ones come from the kernel' : 'exact ones need a running kernel'}`
    : `${size}, rounded to 1/254 of the range`;
}
