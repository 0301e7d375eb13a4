/** CF time in every calendar, units, and the day of a climatology. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dateOf, decodeTimes, isoTime, parseTimeUnits } from '../../kernel/src/evaluate/calendar.ts';
import { climatologicalDay } from '../../kernel/src/evaluate/inputs.ts';
import { conversion } from '../../kernel/src/evaluate/units.ts';

const at = (value: number, units: string, calendar?: string) => {
  const parsed = parseTimeUnits(units, calendar, 'time');
  return isoTime(decodeTimes(Float64Array.of(value), parsed)[0]!, parsed.calendar);
};

describe('time', () => {
  test('units, references and offsets', () => {
    assert.equal(at(0, 'days since 1993-01-01'), '1993-01-01T00:00');
    assert.equal(at(1.5, 'days since 1993-1-1 00:00:00'), '1993-01-02T12:00');
    assert.equal(at(1e9 * 3600, 'nanoseconds since 2004-02-29T23:00:00Z'), '2004-03-01T00:00');
    assert.equal(at(0, 'hours since 2000-01-01 02:00:00 +02:00'), '2000-01-01T00:00');
    assert.equal(at(-1, 'minutes since 1970-01-01'), '1969-12-31T23:59');
  });

  test('every calendar', () => {
    assert.equal(at(59, 'days since 2004-01-01'), '2004-02-29T00:00');
    assert.equal(at(59, 'days since 2004-01-01', 'noleap'), '2004-03-01T00:00');
    assert.equal(at(59, 'days since 2003-01-01', 'all_leap'), '2003-02-29T00:00');
    assert.equal(at(59, 'days since 2003-01-01', '360_day'), '2003-02-30T00:00');
    // The mixed calendar: 4 October 1582 is followed by the 15th.
    assert.equal(at(1, 'days since 1582-10-04', 'standard'), '1582-10-15T00:00');
    assert.equal(at(1, 'days since 1582-10-04', 'proleptic_gregorian'), '1582-10-05T00:00');
    assert.equal(at(735964, 'days since 0001-01-01', 'standard'), '2015-12-31T00:00');
  });

  test('days of a century come back in order, one by one', () => {
    for (const calendar of ['standard', 'noleap', 'all_leap', '360_day', 'julian'] as const) {
      let before = dateOf(-86400, calendar);
      for (let day = 0; day < 36600; day++) {
        const date = dateOf(day * 86400, calendar);
        const next =
          date.year === before.year ? date.dayOfYear === before.dayOfYear + 1 : date.year === before.year + 1 && date.dayOfYear === 1;
        assert.ok(next, `${calendar}, day ${day}`);
        before = date;
      }
    }
  });

  test('what has no fixed length, or is no calendar, is refused', () => {
    assert.throws(() => parseTimeUnits('months since 2000-01-01', undefined, 'time'), /no CF time/);
    assert.throws(() => parseTimeUnits('days since 2000-01-01', 'lunar', 'time'), /none of CF's/);
  });
});

test('the day of a climatology: plain of 366, by date of 365', () => {
  assert.deepEqual(
    [59, 60, 61, 366].map((day) => climatologicalDay(day, true, 366)),
    [59, 60, 61, 366],
  );
  assert.deepEqual(
    [59, 60, 61, 366].map((day) => climatologicalDay(day, true, 365)),
    [59, 59, 60, 365],
  );
  assert.equal(climatologicalDay(60, false, 365), 60);
});

test('units convert where they are known to measure the same', () => {
  assert.deepEqual(conversion('K', 'degC'), { scale: 1, offset: -273.15 });
  assert.deepEqual(conversion('degC', 'kelvin'), { scale: 1, offset: 273.15 });
  assert.deepEqual(conversion('cm/s', 'm s-1'), { scale: 0.01, offset: 0 });
  assert.deepEqual(conversion('psu', '1e-3'), { scale: 1, offset: 0 });
  assert.deepEqual(conversion('furlong', 'furlong'), { scale: 1, offset: 0 });
  assert.equal(conversion('m', 'Pa'), undefined);
  assert.equal(conversion('furlong', 'm'), undefined);
});
