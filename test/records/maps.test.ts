/** Small maps, colours, ticks and regions. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { colourIndex, colourTable } from '../../kernel/src/records/colours.ts';
import { dequantise, differenceLimits, niceCeiling, quantile, quantise } from '../../kernel/src/records/quantise.ts';
import { REGIONS, regionMask, wrapLongitude } from '../../kernel/src/records/regions.ts';
import { degrees, degreeTicks, ticks } from '../../kernel/src/records/ticks.ts';

describe('quantised fields', () => {
  test('come back within half a step, land where it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.constant(Number.NaN)), { minLength: 1, maxLength: 300 }),
        (field) => {
          const packed = quantise(field);
          const back = dequantise(packed);
          const step = (packed.maximum - packed.minimum) / 254;
          field.forEach((value, cell) => {
            assert.equal(Number.isNaN(back[cell]!), Number.isNaN(value));
            if (!Number.isNaN(value)) assert.ok(Math.abs(back[cell]! - value) <= step / 2 + 1e-4);
          });
        },
      ),
    );
  });

  test('a range too narrow to divide by is no land', () => {
    const back = dequantise(quantise([0, Number.MIN_VALUE, Number.NaN]));
    assert.deepEqual([...back].map(Number.isNaN), [false, false, true]);
  });

  test('quantiles leave out what is not finite', () => {
    assert.equal(quantile([3, Number.NaN, 1, 2], 0.5), 2);
    assert.equal(quantile([Number.NaN], 0.5), undefined);
  });

  test('the limits of a difference are centred, and rounding errors stay pale', () => {
    assert.deepEqual(differenceLimits([0.3, -0.9, Number.NaN], [0, 2]), [-1, 1]);
    assert.deepEqual(differenceLimits([1e-8, -2e-8], [0, 2]), [-0.002, 0.002]);
  });

  test('limits are round and not below the value', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (value) => {
        const limit = niceCeiling(value);
        assert.ok(limit >= value * (1 - 1e-9) && limit <= value * 1.5001, `${value}: ${limit}`);
      }),
    );
  });
});

describe('colours', () => {
  test('lightness runs evenly, so that equal steps look equal', () => {
    const lightness = (table: Uint8Array, at: number) => {
      const [r, g, b] = [0, 1, 2].map((part) => {
        const value = table[at * 3 + part]! / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 116 * Math.cbrt(0.2126 * r! + 0.7152 * g! + 0.0722 * b!) - 16;
    };
    for (const name of ['viridis', 'cividis'] as const) {
      const table = colourTable(name);
      const steps = Array.from({ length: 15 }, (_, i) => lightness(table, (i + 1) * 17) - lightness(table, i * 17));
      assert.ok(Math.min(...steps) > 0, name);
      assert.ok(Math.max(...steps) < 2.2 * Math.min(...steps), `${name}: ${steps}`);
    }
    const both = colourTable('diverging');
    for (let i = 0; i < 127; i += 8) assert.ok(Math.abs(lightness(both, i) - lightness(both, 255 - i)) < 8, `${i}`);
  });

  test('values beyond the limits take the limit', () => {
    assert.deepEqual(
      [-5, 0, 1, 2, 9].map((value) => colourIndex(value, [0, 2])),
      [0, 0, 128, 255, 255],
    );
  });
});

describe('axes', () => {
  test('ticks are round and inside', () => {
    assert.deepEqual(ticks(0, 0.4, 5), [0, 0.1, 0.2, 0.3, 0.4]);
    assert.deepEqual(ticks(5, 5, 4), [5]);
    assert.deepEqual(degreeTicks(-180, 180), [-180, -120, -60, 0, 60, 120, 180]);
    assert.deepEqual(degreeTicks(-72, 72, 5), [-60, -30, 0, 30, 60]);
    assert.equal(degrees(-30, 'latitude'), '30° S');
    assert.equal(degrees(180, 'longitude'), '180°');
  });
});

describe('regions', () => {
  test('are found whichever way longitudes are counted', () => {
    const latitude = [-2, 0, 2];
    const nino = REGIONS.find((region) => region.name === 'nino-4')!;
    const east = regionMask(nino, { latitude, longitude: [155, 165, 175, 185, 195, 205, 215] });
    const both = regionMask(nino, { latitude, longitude: [155, 165, 175, -175, -165, -155, -145] });
    assert.deepEqual(east, both);
    assert.equal(east.slice(0, 7).join(''), '0111110');
  });

  test('the globe holds every cell', () => {
    const grid = { latitude: [-90, 0, 90], longitude: [-180, 0, 180, 359] };
    assert.ok(regionMask(REGIONS[0]!, grid).every((inside) => inside === 1));
    assert.equal(wrapLongitude(359), -1);
    assert.equal(wrapLongitude(180), -180);
  });
});
