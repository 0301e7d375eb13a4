/** What each map shows: its field, colours and limits, title and description. */
import type { ColourMap } from '../../../kernel/src/records/colours.ts';
import { leadTitle, type SkillRecord } from '../../../kernel/src/records/skill.ts';
import type { SkillChoice } from './controls.ts';
import type { Drawn, FieldSource } from './fields.ts';
import type { MapPicture } from './map-picture.ts';
import { colourMapOf, limitsOf, metricTitle, metricUnit } from './metrics.ts';
import type { Colour } from './raster.ts';

export interface ShownLimits {
  colours: ColourMap;
  limits: readonly [number, number];
  title: string;
  edited: boolean;
}

export interface MapLimits {
  of(choice: Pick<SkillChoice, 'variable' | 'metric' | 'lead'>, difference: boolean): ShownLimits;
  /** Undefined: back to those that the record gives. */
  edit(choice: Pick<SkillChoice, 'variable' | 'metric'>, difference: boolean, limits: [number, number] | undefined): void;
}

/** Limits are one pair for all leads of a variable and metric, whoever gave them. */
export function mapLimits(record: SkillRecord, source: FieldSource): MapLimits {
  const edited = new Map<string, [number, number]>();
  const fixed = new Map<string, [number, number]>();
  const own = ({ variable, metric, lead }: Pick<SkillChoice, 'variable' | 'metric' | 'lead'>): [number, number] => {
    const key = `${variable}/${metric}`;
    const known = fixed.get(key);
    if (known) return known;
    const field = source.get(0, { variable, metric, lead })?.values;
    const found = limitsOf(record, variable, metric, field);
    if (field) fixed.set(key, found);
    return found;
  };
  return {
    of(choice, difference) {
      const { variable, metric } = choice;
      const range = own(choice);
      const unit = metricUnit(record, variable, metric);
      const name = `${record.variables[variable]!.longName}: ${metricTitle(metric)}`;
      const mine = edited.get(`${variable}/${metric}/${difference}`);
      if (!difference)
        return { colours: colourMapOf(metric), limits: mine ?? range, title: `${name}${unit && ` (${unit})`}`, edited: mine !== undefined };
      const limits = mine ?? source.differenceLimits(variable, metric, range) ?? [-1, 1];
      return { colours: 'diverging', limits, title: `${name}, A − B${unit && ` (${unit})`}`, edited: mine !== undefined };
    },
    edit({ variable, metric }, difference, limits) {
      const key = `${variable}/${metric}/${difference}`;
      if (limits) edited.set(key, limits);
      else edited.delete(key);
    },
  };
}

/** The maps from left to right; one whose field is still on its way has no picture. */
export function picturesOf(
  record: SkillRecord,
  source: FieldSource,
  limits: MapLimits,
  choice: SkillChoice,
  land: Colour,
): (MapPicture | undefined)[] {
  const { show, variable, metric, lead } = choice;
  const at = leadTitle(record.leadTimes[lead] ?? 0);
  const [a, b] = record.forecasts;
  const words = (name: string) => `${metricTitle(metric)} of ${variable} at ${at}${name && `, ${name}`}`;
  const one = (drawn: Drawn | undefined, difference: boolean, title: string, name: string): MapPicture | undefined => {
    if (!drawn) return undefined;
    const { colours, limits: range, title: measure } = limits.of(choice, difference);
    const found = difference ? source.significant(choice) : undefined;
    return {
      title,
      description: `Map: ${words(name)}${found ? ', dotted where they differ by more than chance' : ''}`,
      measure,
      grid: drawn.field.grid,
      painted: { values: drawn.field.values, less: drawn.less?.values, colours, limits: range, land },
      ...(found && { dots: { mask: found.mask, grid: record.grid } }),
    };
  };
  const plain = (forecast: number) => {
    const field = source.get(forecast, choice);
    return field && { field };
  };
  if (!b) return [one(plain(0), false, words(''), a!.name)];
  const maps = {
    a: () => one(plain(0), false, show === 'all' ? `A: ${a!.name}` : words(a!.name), a!.name),
    b: () => one(plain(1), false, show === 'all' ? `B: ${b.name}` : words(b.name), b.name),
    difference: () =>
      one(source.difference(choice), true, show === 'all' ? 'A − B' : words(`${a!.name} − ${b.name}`), `${a!.name} − ${b.name}`),
  };
  return show === 'all' ? [maps.a(), maps.b(), maps.difference()] : [maps[show]()];
}
