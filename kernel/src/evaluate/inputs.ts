/** Opens a forecast, a truth or a climatology: its axes, and readers of its fields by time, lead and place. */
import { TradewindError } from '../records/errors.ts';
import { type Absent, takeAbsent } from './absent.ts';
import { alignGrids, type HorizontalGrid, mapping } from './align.ts';
import { edgeValues, leadValues, plainValues, type Role, rolesOf, scalarCoordinate, type Times, timeValues } from './axes.ts';
import { type Calendar, dateOf, isoTime } from './calendar.ts';
import type { ChunkCache } from './chunkCache.ts';
import { elementBytesOf } from './decode.ts';
import { type Field, type FieldReader, fieldReader } from './fields.ts';
import { type Store, storeName } from './store.ts';
import { conversion } from './units.ts';
import { findVariable } from './variables.ts';

/** One variable of one store, ready to be read. */
export interface Input {
  store: Store;
  name: string;
  /** What it is in the store, where that isn't its name: `thetao at 0.494 m`. */
  described: string;
  units: string;
  longName: string;
  grid: HorizontalGrid;
  roles: Partial<Record<Role, number>>;
  dimensions: string[];
  shape: number[];
  chunks: number[];
  /** Bytes of a decoded number. */
  elementBytes: 4 | 8;
  reader: FieldReader;
  /** Chunks that were asked for since the last call and aren't there, though they read as numbers. */
  takeAbsent(): Absent | undefined;
  /** Its indices along depth and dimensions of length one; the rest is set for each field. */
  place: number[];
}

/** Opens `name` in a store; fields are read through the cache, in `units` (absent: as they stand). `used`: roles that the caller sets the index of. */
export async function openInput(
  store: Store,
  name: string,
  cache: () => ChunkCache,
  used: readonly Role[],
  units?: string,
): Promise<Input> {
  const { variable, depthIndex, described } = await findVariable(store, name);
  const roles = rolesOf(store, variable);
  const own = variable.attributes.units as string | undefined;
  const converted = own === undefined || units === undefined ? { scale: 1, offset: 0 } : conversion(own, units);
  if (!converted) {
    throw new TradewindError({
      code: 'refused',
      message: `${name} is in ${JSON.stringify(own)} here and in ${JSON.stringify(units)} in the truth: they aren't known to measure the same`,
      where: store.path,
      remedy: 'Convert one of them, or mend its units attribute.',
    });
  }
  const place = variable.dimensions.map((dimension, at) => {
    const role = (Object.keys(roles) as Role[]).find((one) => roles[one] === at);
    if (role === 'depth') return depthIndex ?? 0;
    if (role === 'latitude' || role === 'longitude' || (role && used.includes(role)) || variable.shape[at] === 1) return 0;
    throw new TradewindError({
      code: 'input',
      message: `${variable.name} has a dimension ${dimension} of length ${variable.shape[at]} that a score has no place for`,
      where: store.path,
      remedy: `Take one of them (.isel(${dimension}=0)) or their mean before it is scored.`,
    });
  });
  const [latitude, longitude] = [roles.latitude!, roles.longitude!];
  const edges = await edgeValues(store, variable.dimensions[latitude]!);
  return {
    store,
    name,
    described,
    units: units ?? own ?? '',
    longName: String(variable.attributes.long_name ?? variable.attributes.standard_name ?? variable.name).replaceAll('_', ' '),
    grid: {
      latitude: await plainValues(store, variable.dimensions[latitude]!),
      longitude: await plainValues(store, variable.dimensions[longitude]!),
      store: store.path,
      names: [variable.dimensions[latitude]!, variable.dimensions[longitude]!],
      ...(edges && { latitudeEdges: edges }),
    },
    roles,
    dimensions: variable.dimensions,
    shape: variable.shape,
    chunks: variable.chunks,
    elementBytes: elementBytesOf(variable, converted),
    reader: fieldReader(cache, variable, latitude, longitude, converted),
    takeAbsent: () => takeAbsent(variable, converted),
    place,
  };
}

function at(input: Input, indices: Partial<Record<Role, number>>): number[] {
  const place = [...input.place];
  for (const [role, index] of Object.entries(indices) as [Role, number][]) {
    const dimension = input.roles[role];
    if (dimension !== undefined) place[dimension] = index;
  }
  return place;
}

export interface Forecast extends Input {
  initial: Times;
  /** Hours. */
  leadTimes: Float64Array;
  /** Of an ensemble how many members it has; else 1. */
  members: number;
  read(initial: number, lead: number, rows: Int32Array, columns: Int32Array, member?: number): Promise<Field>;
}

/** Opens a forecast's variable: initial times by leads. Either may be a scalar coordinate. */
export async function openForecast(store: Store, name: string, cache: () => ChunkCache, units?: string): Promise<Forecast> {
  const input = await openInput(store, name, cache, ['time', 'leadTime', 'member'], units);
  const axis = (role: Role) => {
    const place = input.roles[role];
    const dimension = place === undefined ? scalarCoordinate(store, role) : input.dimensions[place];
    if (dimension) return dimension;
    throw new TradewindError({
      code: 'input',
      message: `${name} has no ${role === 'time' ? 'initial time (time, init_time)' : 'lead time (lead_time, prediction_timedelta)'}`,
      where: store.path,
      remedy: 'A forecast has dimensions time (initial), lead_time, latitude and longitude.',
    });
  };
  return {
    ...input,
    initial: await timeValues(store, axis('time')),
    leadTimes: await leadValues(store, axis('leadTime')),
    members: input.roles.member === undefined ? 1 : input.shape[input.roles.member]!,
    read: (initial, lead, rows, columns, member = 0) =>
      input.reader.read(at(input, { time: initial, leadTime: lead, member }), rows, columns),
  };
}

/** What a forecast is scored against: a field at a valid time, on the forecast's grid. */
export interface Reference {
  input: Input;
  units: string;
  longName: string;
  /** Is there a field for that time? */
  has(seconds: number): boolean;
  /** The time nearest to it that there is, for messages. */
  nearest(seconds: number): string;
  read(seconds: number, rows: Int32Array, columns: Int32Array): Promise<Field>;
  /** All its times, and reading by index: for its mean. */
  times: Times;
  readIndex(index: number, rows: Int32Array, columns: Int32Array): Promise<Field>;
}

export async function openTruth(
  store: Store,
  name: string,
  cache: () => ChunkCache,
  forecast: { grid: HorizontalGrid; calendar: Calendar },
): Promise<Reference> {
  const input = await openInput(store, name, cache, ['time']);
  const place = input.roles.time;
  if (place === undefined) {
    throw new TradewindError({
      code: 'input',
      message: `${name} has no time`,
      where: store.path,
      remedy: 'A truth has dimensions time, latitude and longitude.',
    });
  }
  const times = await timeValues(store, input.dimensions[place]!);
  refuseOtherCalendar(times.calendar, forecast.calendar, store.path, forecast.grid.store);
  const aligned = alignGrids(forecast.grid, input.grid);
  const [rowsOf, columnsOf] = [mapping(aligned.rows), mapping(aligned.columns)];
  const index = new Map(Array.from(times.seconds, (seconds, position) => [Math.round(seconds), position]));
  const readIndex = (position: number, rows: Int32Array, columns: Int32Array) =>
    input.reader.read(at(input, { time: position }), rowsOf(rows), columnsOf(columns));
  return {
    input,
    units: input.units,
    longName: input.longName,
    has: (seconds) => index.has(Math.round(seconds)),
    nearest(seconds) {
      const best = times.seconds.reduce(
        (nearest, one) => (Math.abs(one - seconds) < Math.abs(nearest - seconds) ? one : nearest),
        Number.POSITIVE_INFINITY,
      );
      return Number.isFinite(best) ? isoTime(best, times.calendar) : 'none';
    },
    read: (seconds, rows, columns) => readIndex(index.get(Math.round(seconds))!, rows, columns),
    times,
    readIndex,
  };
}

/** Proleptic and standard calendars agree since 1582, and everything scored here is later. */
function refuseOtherCalendar(truth: Calendar, forecast: Calendar, truthStore: string, forecastStore: string): void {
  const family = (calendar: Calendar) => (calendar === 'proleptic_gregorian' ? 'standard' : calendar);
  if (family(truth) === family(forecast)) return;
  throw new TradewindError({
    code: 'refused',
    message: `the calendars differ: ${truth} in ${truthStore}, ${forecast} in ${forecastStore}`,
    remedy: 'Convert one of them (xarray: convert_calendar).',
  });
}

/** A climatology by valid time. */
export interface Climatology {
  described: string;
  /** Absent where it was computed. */
  input?: Input;
  /** Which field stands for that time: times of one key have the same. */
  key(seconds: number): string;
  read(seconds: number, rows: Int32Array, columns: Int32Array): Promise<Field>;
}

/** Opens a climatology store: by day of year (and hour), by month, or fixed. */
export async function openClimatology(
  store: Store,
  name: string,
  cache: () => ChunkCache,
  forecast: { grid: HorizontalGrid; calendar: Calendar },
  units: string,
): Promise<Climatology> {
  const input = await openInput(store, name, cache, ['dayOfYear', 'month', 'hour'], units);
  const aligned = alignGrids(forecast.grid, input.grid);
  const [rowsOf, columnsOf] = [mapping(aligned.rows), mapping(aligned.columns)];
  const axis = async (role: Role) =>
    input.roles[role] === undefined ? undefined : plainValues(store, input.dimensions[input.roles[role]!]!);
  const [days, months, hours] = [await axis('dayOfYear'), await axis('month'), await axis('hour')];
  const indexOf = (values: Float64Array, wanted: number, word: string) => {
    const index = values.indexOf(wanted);
    if (index >= 0) return index;
    throw new TradewindError({
      code: 'refused',
      message: `the climatology has no ${word} ${wanted}`,
      where: store.path,
      remedy: 'Give a climatology that covers the forecast.',
    });
  };
  const described = days ? `by day of year (${days.length} days)${hours ? ' and hour' : ''}` : months ? 'by month' : 'fixed';
  const indicesOf = (seconds: number) => {
    const date = dateOf(seconds, forecast.calendar);
    const indices: Partial<Record<Role, number>> = {};
    if (days) indices.dayOfYear = indexOf(days, climatologicalDay(date.dayOfYear, date.leap, days.length), 'day of year');
    if (months) indices.month = indexOf(months, date.month, 'month');
    if (hours) indices.hour = indexOf(hours, date.hour, 'hour');
    return indices;
  };
  return {
    input,
    described: `${described}, ${storeName(store.path)}`,
    key: (seconds) => Object.values(indicesOf(seconds)).join('/'),
    async read(seconds, rows, columns) {
      return input.reader.read(at(input, indicesOf(seconds)), rowsOf(rows), columnsOf(columns));
    },
  };
}

/**
 * The day of a climatology for a day of the year. With 366 days it is the plain day of the year, as xarray's `time.dayofyear` has it
 * (1 March is 60, in a leap year 61). With 365 days, dates keep their place: after 29 February a leap year's days move up by one, and 29 February takes 28 February's.
 */
export function climatologicalDay(dayOfYear: number, leap: boolean, days: number): number {
  return days === 365 && leap && dayOfYear >= 60 ? dayOfYear - 1 : dayOfYear;
}

/** What one variable of one forecast is scored with. */
export interface Inputs {
  forecast: Forecast;
  truth: Reference;
  climatology: Climatology;
  /** For exceedance: a value by valid time, as a climatology has it. */
  threshold?: Climatology;
}
