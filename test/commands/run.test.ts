// Running commands: records, exit codes, --json, help, faults; chip, push and pull on a pretended session.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chip } from '../../kernel/src/commands/chip.ts';
import type { Command } from '../../kernel/src/commands/command.ts';
import { type Outcome, runCommand, runLine, runWords, writeJson } from '../../kernel/src/commands/run.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';
import { createMachine } from '../chips/machine.ts';
import { pretendedContext, pretendedSession } from './pretend.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-run-'));
});
after(() => rmSync(folder, { recursive: true }));

function faultOf(outcome: Outcome): TradewindError['data'] & { exitCode: number } {
  assert.equal(outcome.kind, 'error');
  assert.ok(outcome.kind === 'error' && outcome.error instanceof TradewindError);
  return { ...outcome.error.data, exitCode: outcome.exitCode };
}

describe('faults', () => {
  test('an unknown command, a wrong option, an open quote: usage, exit code 2', async () => {
    const context = pretendedContext();
    const unknown = faultOf(await runLine('evalute x', context));
    assert.deepEqual([unknown.exitCode, unknown.message], [2, 'there is no command evalute (did you mean evaluate?)']);
    assert.equal(faultOf(await runLine('chips --jsn x', context)).message, 'chips has no option --jsn (did you mean --json?)');
    assert.equal(faultOf(await runLine('chips "x', context)).code, 'usage');
    assert.equal(faultOf(await runLine('', context)).message, 'there is no command (empty)');
  });
  test('commands of the notebook say so in a shell; those without a cell body refuse one', async () => {
    assert.match(faultOf(await runLine('push x --to cpu', pretendedContext())).message, /nothing to do in a shell/);
    assert.match(faultOf(await runLine('chip cpu', pretendedContext())).message, /switching to a chip is for a notebook/);
    assert.equal(faultOf(await runLine('chips', pretendedContext(), 'x = 1')).message, '%%chips takes no cell body');
  });
  test('an interrupt ends with 130, whatever the command threw', async () => {
    const controller = new AbortController();
    controller.abort();
    const fault = faultOf(await runWords('chips', [], pretendedContext({ signal: controller.signal })));
    assert.deepEqual([fault.code, fault.exitCode], ['interrupted', 130]);
  });
  test('a fault of our own keeps its error, exit code 1', async () => {
    const broken = {
      name: 'chips',
      options: [],
      get positionals(): never {
        throw new RangeError('broken');
      },
    } as unknown as Command;
    await assert.rejects(runCommand(broken, [], pretendedContext()), RangeError);
  });
});

describe('records', () => {
  test('the record, its bundle and --json FILE are one', async () => {
    using machine = createMachine();
    const context = pretendedContext({ ...machine.context, cwd: folder });
    const outcome = await runLine('chips --json out/chips.json', context);
    assert.ok(outcome.kind === 'record');
    assert.equal(outcome.exitCode, 0);
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'out', 'chips.json'), 'utf8')), JSON.parse(JSON.stringify(outcome.record)));
    assert.deepEqual(Object.keys(outcome.bundle), ['text/plain', 'text/html', 'application/vnd.tradewind.chips.v1+json']);
    assert.deepEqual(readdirSync(join(folder, 'out')), ['chips.json'], 'no temporary file is left');
    const { kind, version, environment, tradewind, createdAt } = outcome.record;
    assert.deepEqual(
      [kind, version, environment.chip, typeof tradewind, Number.isNaN(Date.parse(createdAt))],
      ['chips', 1, 'cpu', 'string', false],
    );
  });
  test('--help gives the help and runs nothing', async () => {
    const outcome = await runLine('chip --nonsense --help', pretendedContext({ session: pretendedSession() }));
    assert.ok(outcome.kind === 'help');
    assert.match(String(outcome.bundle['text/plain']), /^usage: %chip /);
  });
  test('a place that cannot be written to is told, and nothing half-written is left', async () => {
    const file = join(folder, 'plain');
    writeFileSync(file, 'x');
    await assert.rejects(writeJson(join(file, 'record.json'), {}), /the record could not be written/);
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    await assert.rejects(writeJson(join(folder, 'circular.json'), circular), TradewindError);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('.tmp') || name === 'circular.json'),
      [],
    );
  });
});

describe('chip', () => {
  test('switches for good, or for a cell', async () => {
    using machine = createMachine();
    const session = pretendedSession();
    const context = pretendedContext({ ...machine.context, session });
    const outcome = await runLine('chip cpu --framework mindspore', context);
    assert.ok(outcome.kind === 'record' && outcome.record.kind === 'chips');
    assert.deepEqual(outcome.record.active, { chip: 'cpu', framework: 'mindspore' });
    await runLine('chip 910b', context, 'x = 1');
    assert.deepEqual(session.calls, [
      ['switchTo', 'cpu', 'mindspore', false],
      ['switchTo', '910b', undefined, true],
    ]);
  });
  test('what the session refuses is told', async () => {
    const fault = faultOf(await runLine('chip absent', pretendedContext({ session: pretendedSession() })));
    assert.deepEqual([fault.code, fault.remedy, fault.exitCode], ['absent', 'bring one', 2]);
  });
  test('a framework or a cell body needs a name', async () => {
    const context = pretendedContext({ session: pretendedSession() });
    assert.equal(faultOf(await runLine('chip --framework pytorch', context)).message, 'chip needs a NAME to switch to');
    assert.equal(faultOf(await runLine('chip', context, 'x')).message, 'chip needs a NAME to switch to');
    assert.match(chip.body!, /this cell/);
  });
});

describe('push and pull', () => {
  const cases: [line: string, call: unknown[], exitCode: number][] = [
    ['push a --to cpu/mindspore', ['transfer', ['a'], 'cpu/pytorch', 'cpu/mindspore'], 0],
    ['push a b a --to mindspore', ['transfer', ['a', 'b'], 'cpu/pytorch', 'mindspore'], 3],
    ['pull b --from mindspore', ['transfer', ['b'], 'mindspore', 'cpu/pytorch'], 1],
  ];
  for (const [line, call, exitCode] of cases) {
    test(line, async () => {
      const session = pretendedSession();
      const outcome = await runLine(line, pretendedContext({ session }));
      assert.deepEqual(session.calls, [call]);
      assert.equal(outcome.exitCode, exitCode);
    });
  }
});
