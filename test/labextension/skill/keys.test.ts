/** Areas drawn by key and by pointer, and what keys mean on a map. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Area, Place } from '../../../kernel/src/records/areas.ts';
import { cellBeside, mapKey } from '../../../labextension/src/skill/map-keys.ts';
import { mapPointer } from '../../../labextension/src/skill/map-pointer.ts';
import { frameOf, type MapView, WHOLE } from '../../../labextension/src/skill/projections.ts';
import type { Tool } from '../../../labextension/src/skill/sketch.ts';
import { sketching } from '../../../labextension/src/skill/sketching.ts';

const grid = { latitude: [-60, -20, 20, 60], longitude: [-150, -90, -30, 30, 90, 150] };
const frame = frameOf({ projection: 'plate-carree', ...WHOLE }, { latitude: [-90, 90], longitude: [-180, 180] }, 360, 180);

/** What an atlas hands to keys and pointer. */
function map(tool: Tool = 'pan') {
  const drawn: Area[] = [];
  const words: string[] = [];
  const views: MapView[] = [];
  const sketch = sketching({ drawn: (area) => drawn.push(area), sketching: (one) => words.push(one) }, () => undefined);
  let marked: Place = [30, 20];
  const keyed = {
    sketch,
    zoom: (factor: number | undefined) => words.push(`zoom ${factor}`),
    move: (up: number, right: number) => {
      marked = cellBeside(grid, marked, up, right);
    },
    step: (leads: number) => words.push(`step ${leads}`),
    corner: (kind: 'box' | 'polygon') => sketch.corner(kind, marked),
  };
  const view: MapView = { projection: 'plate-carree', ...WHOLE };
  const pointer = mapPointer({ frame, view, tool, sketch, lookAt: (next) => views.push(next), read: () => undefined });
  return {
    drawn,
    words,
    views,
    keys: (...names: string[]) =>
      names.map((name) => mapKey(keyed, { key: name.replace('Shift+', ''), shiftKey: name.startsWith('Shift+') } as KeyboardEvent)),
    point: (kind: Parameters<typeof pointer>[0], x: number, y: number) => pointer(kind, x, y, { shiftKey: false } as PointerEvent),
  };
}

test('a box and a polygon by keys alone, given up by Escape; other keys are left to the page', () => {
  const { keys, drawn, words } = map();
  assert.deepEqual(keys('b', 'ArrowUp', 'ArrowRight', 'b'), [true, true, true, true]);
  assert.deepEqual(drawn, [{ kind: 'box', box: [30, 90, 20, 60] }]);
  keys('p', 'ArrowLeft', 'p', 'ArrowDown', 'p', 'Enter');
  assert.equal(drawn[1]?.kind, 'polygon');
  keys('b', 'Escape', 'PageDown', '0');
  assert.equal(drawn.length, 2);
  assert.match(
    words.join('|'),
    /One corner of the box is set.*2 corners: set more.*3 corners: a double click or Enter.*step 1\|zoom undefined/,
  );
  assert.deepEqual(keys('Enter', 'Escape', 'x', 'toString', 'Tab'), [false, false, false, false, false]);
});

test('the mark goes round the globe, and no farther than the poles', () => {
  assert.deepEqual(cellBeside(grid, [150, 60], 1, 1), [-150, 60]);
  assert.deepEqual(cellBeside(grid, [-150, -60], -10, -10), [-30, -60]);
});

test('a box is dragged; a click is none, and with the hand the view moves', () => {
  const box = map('box');
  for (const [kind, x] of [
    ['down', 350],
    ['move', 355],
    ['move', 358],
    ['up', 358],
  ] as const)
    box.point(kind, x, x / 4);
  assert.deepEqual(box.drawn, [{ kind: 'box', box: [170, 178, 0.5, 2.5] }]);
  box.point('down', 10, 10);
  box.point('up', 11, 10);
  assert.equal(box.drawn.length, 1);
  const pan = map('pan');
  pan.point('down', 100, 100);
  pan.point('move', 136, 100);
  assert.ok(Math.abs(pan.views[0]!.centre[0] - 0.4) < 1e-9);
});
