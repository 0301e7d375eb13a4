/** Projections, the cells under pixels, colours of pixels, and areas sketched on a map. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { colourTable } from '../../../kernel/src/records/colours.ts';
import { cellAt, cellOf, extentOf, lookupOf } from '../../../labextension/src/skill/lookup.ts';
import { areaRing, pathsOf } from '../../../labextension/src/skill/overlay.ts';
import {
  aspectOf,
  bounded,
  frameOf,
  type MapView,
  MOST_ZOOM,
  PROJECTIONS,
  WHOLE,
  zoomed,
} from '../../../labextension/src/skill/projections.ts';
import { paintPixels } from '../../../labextension/src/skill/raster.ts';
import { boxBetween, polygonOf } from '../../../labextension/src/skill/sketch.ts';
import { dotsOf } from '../../../labextension/src/skill/stippling.ts';

const globe = {
  latitude: Array.from({ length: 181 }, (_, row) => -90 + row),
  longitude: Array.from({ length: 360 }, (_, column) => -180 + column),
};
/** Longitudes from 0 to 360, and no more than the tropics. */
const belt = { latitude: Array.from({ length: 41 }, (_, row) => -20 + row), longitude: globe.longitude.map((_, column) => column) };

describe('projections', () => {
  for (const entry of PROJECTIONS) {
    test(`${entry.title}: the cell of a pixel is the one at its place, whole and zoomed`, () => {
      for (const grid of entry.kind === 'rows' ? [globe, belt] : [globe]) {
        for (const view of [WHOLE, { zoom: 5, centre: [0.3, 0.6] as const }]) {
          const extent = extentOf(grid);
          const width = 300;
          const height = Math.round(width * aspectOf(entry, extent));
          const frame = frameOf({ projection: entry.name, ...view }, extent, width, height);
          const cells = lookupOf(frame, grid, width, height);
          let [seen, wrong] = [0, 0];
          for (let y = 2; y < height; y += 5) {
            for (let x = 2; x < width; x += 5) {
              const place = frame.invert(x + 0.5, y + 0.5);
              const cell = place && cellOf(grid, place);
              const wanted = cell ? cell.row * 360 + cell.column : -1;
              const found = cells[y * width + x]!;
              if (wanted >= 0) seen++;
              // Pixels on the border of two cells may fall to either.
              const rows = Math.abs(Math.floor(wanted / 360) - Math.floor(found / 360));
              if (wanted < 0 !== found < 0 || rows > 1) wrong++;
              else if (place && Math.abs(place[1]) < 70) {
                const columns = Math.abs((wanted % 360) - (found % 360));
                if (Math.min(columns, 360 - columns) > 1) wrong++;
              }
            }
          }
          assert.ok(seen > 300, `${seen}`);
          assert.ok(wrong <= 2, `${wrong} of ${seen}`);
        }
      }
    });
  }

  test('a place and its pixel are each other’s, and places that a polar map hides have none', () => {
    const frame = frameOf({ projection: 'south', ...WHOLE }, extentOf(globe), 300, 300);
    const [x, y] = frame.forward([40, -60])!;
    const [longitude, latitude] = frame.invert(x, y)!;
    assert.ok(Math.abs(longitude - 40) < 1e-6 && Math.abs(latitude + 60) < 1e-6);
    assert.equal(frame.forward([40, -20]), undefined);
    assert.equal(frame.invert(2, 2), undefined);
  });

  test('the pixel under the pointer keeps its place while zooming; the window stays on the map', () => {
    const size = { width: 400, height: 200 };
    const view = { projection: 'plate-carree', ...WHOLE };
    const closer = zoomed(view, 3, 310, 60, size);
    const place = (one: MapView) => frameOf(one, extentOf(globe), 400, 200).invert(310, 60)!;
    for (const [at, value] of place(view).entries()) assert.ok(Math.abs(value - place(closer)[at]!) < 1e-6);
    assert.deepEqual(bounded({ ...view, zoom: 1e9, centre: [-5, 5] }), {
      ...view,
      zoom: MOST_ZOOM,
      centre: [0.5 / MOST_ZOOM, 1 - 0.5 / MOST_ZOOM],
    });
  });

  test('coasts are drawn in every projection', () => {
    for (const { name } of PROJECTIONS) {
      const { coast, graticule } = pathsOf(frameOf({ projection: name, ...WHOLE }, extentOf(globe), 300, 150));
      assert.ok(coast.length > 3000 && graticule.length > 300, name);
      assert.doesNotMatch(coast + graticule, /NaN/);
    }
  });

  test('a cell is found by its edges, none beyond them', () => {
    assert.deepEqual(
      [-0.51, -0.5, 0.49, 0.51, 2.5, 2.51].map((value) => cellAt([0, 1, 2], value)),
      [-1, 0, 0, 1, 2, -1],
    );
  });
});

test('dots stand on marked cells alone, as dense in every projection and zoom', () => {
  // A hemisphere, so that as much is dotted as not.
  const mask = Uint8Array.from({ length: 181 * 360 }, (_, cell) => (cell % 360 < 180 ? 1 : 0));
  const values = Float32Array.from(mask, (_, cell) => (cell % 360 < 20 ? Number.NaN : 1));
  for (const projection of ['plate-carree', 'equal-earth', 'south']) {
    for (const view of [WHOLE, { zoom: 4, centre: [0.5, 0.5] as const }]) {
      const [width, height] = [300, 200];
      const frame = frameOf({ projection, ...view }, extentOf(globe), width, height);
      const cells = lookupOf(frame, globe, width, height);
      const dots = dotsOf(
        { frame, lookup: () => ({ cells, columns: width, rows: height }) },
        { dots: { mask, grid: globe }, grid: globe, painted: { values } },
      )!;
      const marked = cells.filter((cell) => mask[cell] === 1 && values[cell] === 1).length;
      const each = marked / (dots.length / 2);
      assert.ok(Math.abs(each - 42.4) < 3, `${projection}: ${each} pixels a dot`);
      for (let at = 0; at < dots.length; at += 2) {
        const cell = cells[Math.floor(dots[at + 1]!) * width + Math.floor(dots[at]!)]!;
        assert.deepEqual([mask[cell], values[cell]], [1, 1]);
      }
    }
  }
});

describe('pixels', () => {
  const land = [1, 2, 3] as const;
  const painted = (values: number[], less?: number[]) => {
    const pixels = new Uint32Array(values.length + 1);
    const lookup = Int32Array.from([-1, ...values.keys()]);
    paintPixels(pixels, lookup, {
      values: Float32Array.from(values),
      less: less && Float32Array.from(less),
      colours: 'viridis',
      limits: [0, 2],
      land,
    });
    return [...new Uint8Array(pixels.buffer)];
  };
  const table = colourTable('viridis');
  const colour = (index: number) => [...table.subarray(3 * index, 3 * index + 3), 255];

  test('take the colour of their value, the limits’ beyond them, land’s without one, none beside the map', () => {
    assert.deepEqual(painted([-9, 0, 1, 2, 9, Number.NaN]), [
      ...[0, 0, 0, 0],
      ...colour(0),
      ...colour(0),
      ...colour(128),
      ...colour(255),
      ...colour(255),
      ...[...land, 255],
    ]);
  });

  test('of a difference, that of the two', () => {
    assert.deepEqual(painted([3, 2], [1, Number.NaN]).slice(4), [...colour(255), ...land, 255]);
  });
});

describe('sketches', () => {
  test('a box goes eastwards where the map says so, and the shorter way where it can’t', () => {
    assert.deepEqual(boxBetween([170, -10], [-160, 20], true), { kind: 'box', box: [170, -160, -10, 20] });
    assert.deepEqual(boxBetween([-170, 20], [160, -10], true), { kind: 'box', box: [-170, 160, -10, 20] });
    assert.deepEqual(boxBetween([-170, 20], [160, -10], undefined), { kind: 'box', box: [160, -170, -10, 20] });
    assert.equal(boxBetween([10, 20], [10, 30], true), undefined);
  });

  test('a polygon has three corners at least; a double click’s second is no corner', () => {
    assert.equal(
      polygonOf([
        [0, 0],
        [1, 1],
        [1, 1],
      ]),
      undefined,
    );
    const area = polygonOf([
      [0, 0],
      [10, 0],
      [10, 10],
      [10, 10],
    ])!;
    assert.equal(areaRing(area).length, 4);
  });
});
