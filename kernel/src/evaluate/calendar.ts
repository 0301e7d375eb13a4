/** CF time: `days since 1993-01-01` in any CF calendar, to seconds since 1970-01-01 of that calendar and back to dates. */
import { TradewindError } from '../records/errors.ts';

export type Calendar = 'standard' | 'proleptic_gregorian' | 'julian' | 'noleap' | 'all_leap' | '360_day';

const CALENDARS: Record<string, Calendar> = {
  standard: 'standard',
  gregorian: 'standard',
  proleptic_gregorian: 'proleptic_gregorian',
  julian: 'julian',
  noleap: 'noleap',
  '365_day': 'noleap',
  all_leap: 'all_leap',
  '366_day': 'all_leap',
  '360_day': '360_day',
};

const SECONDS: Record<string, number> = {
  nanosecond: 1e-9,
  nanosec: 1e-9,
  ns: 1e-9,
  microsecond: 1e-6,
  microsec: 1e-6,
  us: 1e-6,
  millisecond: 1e-3,
  millisec: 1e-3,
  msec: 1e-3,
  ms: 1e-3,
  second: 1,
  sec: 1,
  s: 1,
  minute: 60,
  min: 60,
  m: 60,
  hour: 3600,
  hr: 3600,
  h: 3600,
  day: 86400,
  d: 86400,
  week: 604800,
};

/** Seconds of one unit of time (`days`, `h`, `timedelta64[ns]`'s `nanoseconds`); undefined for what has no fixed length (months, years) or isn't time. */
export function secondsPerUnit(unit: string): number | undefined {
  const word = unit.trim().toLowerCase();
  return SECONDS[word] ?? SECONDS[word.replace(/s$/, '')];
}

const NOLEAP = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
const ALL_LEAP = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366];

/** Julian day number at noon of a date (Fliegel and Van Flandern 1968, floor division). */
function julianDay(year: number, month: number, day: number, gregorian: boolean): number {
  const a = Math.floor((14 - month) / 12);
  const y = year + 4800 - a;
  const m = month + 12 * a - 3;
  const common = day + Math.floor((153 * m + 2) / 5) + 365 * y + Math.floor(y / 4);
  return gregorian ? common - Math.floor(y / 100) + Math.floor(y / 400) - 32045 : common - 32083;
}

const FIRST_GREGORIAN_DAY = julianDay(1582, 10, 15, true);

function dayNumber(year: number, month: number, day: number, calendar: Calendar): number {
  if (calendar === '360_day') return year * 360 + (month - 1) * 30 + day - 1;
  if (calendar === 'noleap') return year * 365 + NOLEAP[month - 1]! + day - 1;
  if (calendar === 'all_leap') return year * 366 + ALL_LEAP[month - 1]! + day - 1;
  if (calendar === 'julian') return julianDay(year, month, day, false);
  const number = julianDay(year, month, day, true);
  return calendar === 'standard' && number < FIRST_GREGORIAN_DAY ? julianDay(year, month, day, false) : number;
}

export interface CalendarDate {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 1 … 366, in this calendar. */
  dayOfYear: number;
  leap: boolean;
}

/** The calendar's date of `seconds` since its 1970-01-01. */
export function dateOf(seconds: number, mixed: Calendar): CalendarDate {
  const days = Math.floor(seconds / 86400);
  const rest = seconds - days * 86400;
  const number = days + dayNumber(1970, 1, 1, mixed);
  // Each side of October 1582 has a calendar without a gap.
  const calendar = mixed !== 'standard' ? mixed : number >= FIRST_GREGORIAN_DAY ? 'proleptic_gregorian' : 'julian';
  // The year by estimate and correction: right for every calendar, without a formula for each.
  const perYear = calendar === '360_day' ? 360 : calendar === 'all_leap' ? 366 : calendar === 'noleap' ? 365 : 365.25;
  let year = 1970 + Math.floor(days / perYear);
  while (dayNumber(year + 1, 1, 1, calendar) <= number) year++;
  while (dayNumber(year, 1, 1, calendar) > number) year--;
  let month = 12;
  while (month > 1 && dayNumber(year, month, 1, calendar) > number) month--;
  const first = dayNumber(year, 1, 1, calendar);
  return {
    year,
    month,
    day: number - dayNumber(year, month, 1, calendar) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor((rest % 3600) / 60),
    second: rest % 60,
    dayOfYear: number - first + 1,
    leap: dayNumber(year + 1, 1, 1, calendar) - first === 366,
  };
}

/** `2004-02-29T00:00` in the calendar, for messages. */
export function isoTime(seconds: number, calendar: Calendar): string {
  const { year, month, day, hour, minute } = dateOf(seconds, calendar);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

export interface TimeUnits {
  secondsPerUnit: number;
  /** Seconds since 1970-01-01 of the calendar. */
  reference: number;
  calendar: Calendar;
}

/** Reads `units` ("hours since 1950-01-01 00:00:00") and `calendar`. `where` names the variable in errors. */
export function parseTimeUnits(units: unknown, calendar: unknown, where: string): TimeUnits {
  const kind = CALENDARS[String(calendar ?? 'standard').toLowerCase()];
  if (!kind) throw refuse(`the calendar ${JSON.stringify(calendar)} is none of CF's (${Object.keys(CALENDARS).join(', ')})`, where);
  const match =
    /^\s*([a-z]+)\s+since\s+([+-]?\d{1,6})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?)?\s*(Z|UTC|[+-]\d{1,2}(?::?\d{2})?)?\s*$/i.exec(
      String(units ?? ''),
    );
  const seconds = match ? secondsPerUnit(match[1]!) : undefined;
  if (!match || seconds === undefined) {
    throw refuse(
      `its units ${JSON.stringify(units)} are no CF time ("days since 1993-01-01"); months and years have no fixed length`,
      where,
    );
  }
  const [year, month, day, hour, minute, second] = match.slice(2, 8).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const zone = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(match[8] ?? '');
  const offset = zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 3600 + Number(zone[3] ?? 0) * 60) : 0;
  const days = dayNumber(year, month, day, kind) - dayNumber(1970, 1, 1, kind);
  return { secondsPerUnit: seconds, reference: days * 86400 + hour * 3600 + minute * 60 + second - offset, calendar: kind };
}

function refuse(message: string, where: string): TradewindError {
  return new TradewindError({
    code: 'input',
    message,
    where,
    remedy: 'Set the units and calendar attributes as CF has them (xarray writes them by itself).',
  });
}

/** Coordinate values to seconds since 1970-01-01 of the calendar, rounded to the millisecond so that equal times compare equal. */
export function decodeTimes(values: Float64Array, units: TimeUnits): Float64Array {
  return values.map((value) => Math.round((value * units.secondsPerUnit + units.reference) * 1000) / 1000);
}
