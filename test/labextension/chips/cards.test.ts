// The panel's pure parts: where lines go, and whose cards stand where.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MonitoredCard } from '../../../kernel/src/records/monitor.ts';
import { FIGURES, machines } from '../../../labextension/src/chips/cards.ts';
import { stretches } from '../../../labextension/src/chips/sparkline.ts';

const card = (meter: string, number: number, place?: string): MonitoredCard => ({
  ...(place !== undefined && { place }),
  meter,
  card: number,
  name: 'x',
  now: { time: 1, meter, card: number, name: 'x', memoryTotalMB: 40960 },
  history: { time: [], utilisationPct: [], memoryUsedMB: [] },
});

test('this machine first, accelerators before the processor, then the engines elsewhere', () => {
  const all = machines([card('host', 0, 'far/pytorch'), card('host', 0), card('rapl', 0), card('npu-smi', 1), card('npu-smi', 0)]);
  assert.deepEqual(
    [...all].map(([place, cards]) => [place, cards.map(({ meter, card: number }) => `${meter} ${number}`)]),
    [
      [undefined, ['npu-smi 0', 'npu-smi 1', 'host 0', 'rapl 0']],
      ['far/pytorch', ['host 0']],
    ],
  );
});

test('a line has gaps where nothing was told, ends at the newest point, and leaves out what is older than the hour', () => {
  const line = { time: [0, 3600, 5400, 5401, 7200], values: [50, 100, null, 40, 0], top: 100, span: 3600 };
  assert.deepEqual(stretches(line), ['0.0,1.5 -1.5,1.5', '60.0,15.3 120.0,24.5']);
  assert.deepEqual(stretches({ time: [], values: [], top: 1, span: 1 }), []);
});

test('figures in words', () => {
  const words = Object.fromEntries(FIGURES.map(({ series, words: say }) => [series, say(2048.4, card('npu-smi', 0))]));
  assert.deepEqual(words, { utilisationPct: '2048 %', memoryUsedMB: '2.0 of 40.0 GiB', watts: '2048 W', temperatureC: '2048 °C' });
});
