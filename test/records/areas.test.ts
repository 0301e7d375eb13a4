/** Areas drawn on a map, their cells, and what arrives as an area from elsewhere. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { areaMask, areaTitle, checkedArea, namedMask, type Place } from '../../kernel/src/records/areas.ts';

const grid = {
  latitude: Array.from({ length: 18 }, (_, row) => -85 + row * 10),
  longitude: Array.from({ length: 36 }, (_, column) => -175 + column * 10),
};
const count = (mask: Uint8Array) => mask.reduce((sum, one) => sum + one, 0);

describe('areas', () => {
  test('a rectangle drawn as a polygon holds the cells of the box', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -17, max: 17 }),
        fc.integer({ min: 1, max: 17 }),
        fc.integer({ min: -8, max: 6 }),
        fc.integer({ min: 1, max: 2 }),
        (from, wide, south, high) => {
          const [west, east] = [from * 10 + 1, from * 10 + 1 + wide * 10];
          const turned = east > 180 ? east - 360 : east;
          const [bottom, top] = [south * 10 + 1, (south + high) * 10 + 1];
          const corners: Place[] = [
            [west, bottom],
            [turned, bottom],
            [turned, top],
            [west, top],
          ];
          const box = areaMask({ kind: 'box', box: [west, turned, bottom, top] }, grid);
          assert.deepEqual(areaMask({ kind: 'polygon', points: corners }, grid), box);
          assert.equal(count(box), wide * high);
        },
      ),
    );
  });

  test('a polygon round a pole holds the pole', () => {
    const ring = [-150, -90, -30, 30, 90, 150].map((longitude): Place => [longitude, -60]);
    const mask = areaMask({ kind: 'polygon', points: ring }, grid);
    assert.equal(count(mask), 3 * 36);
    assert.ok(mask.subarray(0, 3 * 36).every((one) => one === 1));
  });

  test('a triangle is half of its rectangle; longitudes may be counted from 0 to 360', () => {
    const points: Place[] = [
      [170, 0],
      [-130, 0],
      [-130, 60],
    ];
    const east = { latitude: grid.latitude, longitude: grid.longitude.map((one) => (one < 0 ? one + 360 : one)).sort((a, b) => a - b) };
    const [one, other] = [areaMask({ kind: 'polygon', points }, grid), areaMask({ kind: 'polygon', points }, east)];
    assert.equal(count(one), count(other));
    assert.ok(count(one) >= 15 && count(one) <= 21, `${count(one)}`);
  });

  test('the whole grid needs no mask; a name of the table gives one', () => {
    assert.equal(namedMask('global', grid), undefined);
    assert.ok(count(namedMask('tropics', grid)!) > 0);
  });

  test('what is no area is refused', () => {
    const bad = [undefined, null, 'box', { kind: 'box' }, { kind: 'box', box: [0, 1, 5, 5] }, { kind: 'box', box: [0, 1, 2, Number.NaN] }];
    for (const one of [...bad, { kind: 'polygon', points: [[0, 0]] }, { kind: 'polygon', points: Array(501).fill([0, 0]) }])
      assert.equal(checkedArea(one), undefined, JSON.stringify(one));
    assert.equal(areaTitle(checkedArea({ kind: 'box', box: [-60, 20, -10.5, 30] })!), 'box 60° W to 20° E, 10.5° S to 30° N');
  });
});
