// chip --watch: the cards' figures are shown again and again, the last hour is kept, and it ends by itself or by an interrupt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chip } from '../../kernel/src/commands/chip.ts';
import type { MonitorRecord } from '../../kernel/src/records/monitor.ts';
import { createHistory } from '../../kernel/src/records/monitor.ts';
import { createMachine } from '../chips/machine.ts';
import * as samples from '../chips/samples.ts';
import { pretendedContext } from './pretend.ts';

test('cards and the processor, drawn more than once', async () => {
  using machine = createMachine({ tools: { 'npu-smi': samples.NPU_910B4 } });
  const shown: MonitorRecord[] = [];
  const keep = (record: unknown) => shown.push(record as MonitorRecord);
  const show = (record: unknown) => {
    keep(record);
    return { update: keep };
  };
  const context = pretendedContext({ cwd: machine.folder, environment: machine.context.environment, show });
  const record = (await chip.run({ positionals: {}, options: { watch: true, seconds: 3, interval: 0.1 } }, context)) as MonitorRecord;
  assert.ok(shown.length >= 2, `${shown.length} pictures`);
  assert.deepEqual(
    record.cards.map(({ meter, card }) => [meter, card]),
    [
      ['npu-smi', 5],
      ['host', 0],
    ],
  );
  assert.deepEqual([record.cards[0]!.now.watts, record.cards[0]!.now.memoryUsedMB], [89.9, 2922]);
  assert.ok(record.cards[1]!.now.utilisationPct! >= 0);
});

test('an hour is kept, thinned to what a picture needs, the newest always there', () => {
  const history = createHistory();
  for (let time = 0; time <= 7200; time += 2) history.add([{ time, meter: 'host', card: 0, name: 'cpu', utilisationPct: time % 100 }]);
  const [card] = history.cards();
  assert.ok(card!.history.time.length <= 120);
  assert.ok(card!.history.time[0]! >= 3600);
  assert.equal(card!.history.time.at(-1), 7200);
});
