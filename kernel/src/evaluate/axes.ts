/** Which dimension of a variable is time, lead, depth, latitude or longitude, by CF's standard names and the names in use, and its values. */
import { TradewindError } from '../records/errors.ts';
import { type Calendar, decodeTimes, parseTimeUnits, secondsPerUnit } from './calendar.ts';
import { guarded, readCoordinate, type Store, type Variable } from './store.ts';

export type Role = 'time' | 'leadTime' | 'depth' | 'latitude' | 'longitude' | 'dayOfYear' | 'month' | 'hour' | 'member';

/** Names as they stand in CF, WeatherBench 2, ECMWF, HYCOM, NEMO and Copernicus Marine stores; standard names first. */
const NAMES: Record<Role, { standard: readonly string[]; names: readonly string[] }> = {
  time: {
    standard: ['time', 'forecast_reference_time'],
    names: [
      'time',
      'init_time',
      'initial_time',
      'initialization_time',
      'init',
      'forecast_reference_time',
      'reference_time',
      'valid_time',
      'date',
      'time_counter',
    ],
  },
  leadTime: { standard: ['forecast_period'], names: ['lead_time', 'prediction_timedelta', 'lead', 'leadtime', 'step', 'forecast_period'] },
  depth: {
    standard: ['depth', 'air_pressure'],
    names: ['depth', 'level', 'lev', 'deptht', 'depthu', 'depthv', 'z', 'z_t', 'pressure_level', 'isobaricinhpa', 'plev'],
  },
  latitude: { standard: ['latitude'], names: ['latitude', 'lat', 'y'] },
  longitude: { standard: ['longitude'], names: ['longitude', 'lon', 'x'] },
  dayOfYear: { standard: [], names: ['dayofyear', 'day_of_year', 'doy'] },
  month: { standard: [], names: ['month'] },
  hour: { standard: [], names: ['hour'] },
  member: { standard: ['realization'], names: ['number', 'member', 'realization', 'ensemble', 'ens', 'ensemble_member'] },
};

/** The role of a dimension, by its name first and its coordinate's standard_name second. */
export function roleOf(store: Store, dimension: string): Role | undefined {
  const lower = dimension.toLowerCase();
  const standard = store.variables.get(dimension)?.attributes.standard_name;
  for (const [role, { standard: standards, names }] of Object.entries(NAMES) as [Role, (typeof NAMES)[Role]][]) {
    if (names.includes(lower) || (typeof standard === 'string' && standards.includes(standard))) return role;
  }
  return undefined;
}

/** The place of each role among the variable's dimensions. */
export function rolesOf(store: Store, variable: Variable): Partial<Record<Role, number>> {
  const found: Partial<Record<Role, number>> = {};
  variable.dimensions.forEach((dimension, place) => {
    const role = roleOf(store, dimension);
    if (role && found[role] === undefined) found[role] = place;
  });
  return found;
}

function coordinateOf(store: Store, dimension: string): Variable {
  const variable = store.variables.get(dimension);
  if (!variable || variable.shape.length > 1) {
    throw new TradewindError({
      code: 'input',
      message: `the dimension ${dimension} has no coordinate variable, so it can't be aligned by value`,
      where: store.path,
      remedy: `Add a coordinate ${dimension} with its values and units.`,
    });
  }
  return variable;
}

/** Degrees north or east, or metres: the values as they stand. */
export async function plainValues(store: Store, dimension: string): Promise<Float64Array> {
  return readCoordinate(coordinateOf(store, dimension));
}

/** Edges between the cells of a coordinate, by its CF bounds; undefined where it has none. Cells must touch. */
export async function edgeValues(store: Store, dimension: string): Promise<Float64Array | undefined> {
  const name = store.variables.get(dimension)?.attributes.bounds;
  const bounds = typeof name === 'string' ? store.variables.get(name) : undefined;
  const [cells, sides] = bounds?.shape ?? [];
  if (bounds?.shape.length !== 2 || sides !== 2 || bounds.chunks[1] !== 2 || cells! < 1) return undefined;
  const ends: [number, number][] = [];
  for (let chunk = 0; ends.length < cells!; chunk++) {
    const { data, stride } = await guarded(bounds.store, bounds.name, () => bounds.array.getChunk([chunk, 0]));
    for (let i = 0; i < bounds.chunks[0]! && ends.length < cells!; i++)
      ends.push([Number(data[i * stride[0]!]), Number(data[i * stride[0]! + stride[1]!])]);
  }
  const below = ends.map(([a, b]) => Math.min(a, b)).sort((a, b) => a - b);
  const above = ends.map(([a, b]) => Math.max(a, b)).sort((a, b) => a - b);
  const gap = below.findIndex((edge, at) => at > 0 && !(Math.abs(edge - above[at - 1]!) < 1e-4));
  if (gap < 0) return Float64Array.from([...below, above.at(-1)!]);
  throw new TradewindError({
    code: 'refused',
    message: `the cells of ${dimension} don't touch: one ends at ${above[gap - 1]} and the next begins at ${below[gap]}`,
    where: `${store.path}, ${bounds.name}`,
    remedy: `Mend the bounds, or remove the attribute bounds of ${dimension}: edges lie midway then.`,
  });
}

export interface Times {
  /** Seconds since 1970-01-01 of the calendar. */
  seconds: Float64Array;
  calendar: Calendar;
}

/** Times by their CF units. */
export async function timeValues(store: Store, dimension: string): Promise<Times> {
  const variable = coordinateOf(store, dimension);
  const units = parseTimeUnits(variable.attributes.units, variable.attributes.calendar, `${store.path}, ${dimension}`);
  return { seconds: decodeTimes(await readCoordinate(variable), units), calendar: units.calendar };
}

/** Lead times in hours, by their units (`hours`, `days`, or a timedelta's `nanoseconds`). */
export async function leadValues(store: Store, dimension: string): Promise<Float64Array> {
  const variable = coordinateOf(store, dimension);
  const units = String(variable.attributes.units ?? '');
  const seconds = secondsPerUnit(units);
  if (seconds === undefined) {
    throw new TradewindError({
      code: 'input',
      message: units ? `its units ${JSON.stringify(units)} are no length of time` : 'it has no units, so hours and days look the same',
      where: `${store.path}, ${dimension}`,
      remedy: `Set ${dimension}.attrs["units"] = "hours" (or what they are).`,
    });
  }
  return (await readCoordinate(variable)).map((value) => Math.round(value * seconds * 1000) / 3_600_000);
}

/** A time or lead that is a scalar coordinate rather than a dimension (one initial time, one lead). */
export function scalarCoordinate(store: Store, role: Role): string | undefined {
  for (const variable of store.variables.values())
    if (variable.shape.length === 0 && roleOf(store, variable.name) === role) return variable.name;
  return undefined;
}
