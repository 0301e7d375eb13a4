// The comm tradewind.chips: state on demand and unasked, switches, refusals, and quiet after closing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommHandler } from '../../kernel/src/commands/comm.ts';
import { target } from '../../kernel/src/commands/comm-chips.ts';
import { findCommTarget } from '../../kernel/src/commands/comm-targets.ts';
import { createMachine, type Machine } from '../chips/machine.ts';
import { pretendedSession } from './pretend.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages of several shapes
type Sent = any;

function open(machine: Machine): {
  handler: CommHandler;
  next(type: string): Promise<Sent>;
  sent: Sent[];
  observers: Set<() => void>;
  calls: unknown[][];
} {
  const observers = new Set<() => void>();
  const session = pretendedSession(() => {
    for (const observer of observers) observer();
  });
  const sent: Sent[] = [];
  const waiting: { type: string; resolve(data: Sent): void }[] = [];
  const handler = target.open(
    {
      id: 'c1',
      close() {},
      send(data: Sent) {
        sent.push(data);
        const at = waiting.findIndex((one) => one.type === data.type);
        if (at >= 0) waiting.splice(at, 1)[0]!.resolve(data);
      },
    },
    {},
    {
      cwd: machine.context.cwd,
      environment: machine.context.environment,
      session,
      onChange(observer) {
        observers.add(observer);
        return () => observers.delete(observer);
      },
    },
  );
  const next = (type: string) => new Promise<Sent>((resolve) => waiting.push({ type, resolve }));
  return { handler, next, sent, observers, calls: session.calls };
}

test('list, switch, changes unasked, refusals, closing', async () => {
  using machine = createMachine();
  const { handler, next, sent, observers, calls } = open(machine);

  const first = next('state');
  handler.message({ type: 'list' }, []);
  const { record } = await first;
  assert.equal(record.kind, 'chips');
  assert.deepEqual(record.active, { chip: 'cpu', framework: 'pytorch' });
  assert.equal(record.chips[0].engines[0].state, 'idle');

  const switched = next('state');
  handler.message({ type: 'switch', chip: 'cpu', framework: 'mindspore' }, []);
  assert.deepEqual((await switched).record.active, { chip: 'cpu', framework: 'mindspore' });
  assert.deepEqual(calls.at(-1)?.slice(0, 3), ['switchTo', 'cpu', 'mindspore']);

  await new Promise((resolve) => setTimeout(resolve, 80));
  const unasked = next('state');
  for (const observer of observers) observer();
  assert.deepEqual((await unasked).record.active, { chip: 'cpu', framework: 'mindspore' });

  const refusal = next('error');
  handler.message({ type: 'switch', chip: 'absent', framework: 'pytorch' }, []);
  assert.equal((await refusal).message, 'no such chip is here\n→ bring one');

  for (const strange of [{ type: 'dance' }, { type: 'switch', chip: 7 }, { type: 'switch', chip: 'cpu', framework: 'jax' }]) {
    const told = next('error');
    handler.message(strange, []);
    assert.match((await told).message, /does not know this message/);
  }

  for (const observer of observers) observer();
  handler.closed();
  assert.equal(observers.size, 0);
  const count = sent.length;
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.equal(sent.length, count, 'nothing is sent after closing');
});

test('a broken engines.yaml is told, and mended ones are read on the next list', async () => {
  using machine = createMachine({ engines: 'engines: 7\n' });
  const { handler, next } = open(machine);
  const told = next('error');
  handler.message({ type: 'list' }, []);
  assert.match((await told).message, /engines\.yaml:1: engines must be a list/);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${machine.folder}/engines.yaml`, 'engines: []\n');
  const good = next('state');
  handler.message({ type: 'list' }, []);
  assert.equal((await good).record.kind, 'chips');
  handler.closed();
});

test('targets are found by name; other names are not ours', async () => {
  assert.equal((await findCommTarget('tradewind.chips'))?.name, 'tradewind.chips');
  assert.equal(await findCommTarget('jupyter.widget'), undefined);
  assert.equal(await findCommTarget('toString'), undefined);
});
