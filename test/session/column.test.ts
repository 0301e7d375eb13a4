// What an engine says, collected as an output area would hold it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCollector, written } from '../../kernel/src/session/column.ts';
import { createHeader, type Json } from '../../kernel/src/wire/message.ts';

function collector() {
  let changes = 0;
  const one = createCollector(() => changes++);
  const hear = (type: string, content: Json) =>
    one.hear({ identities: [], header: createHeader(type, 'x'), parentHeader: {}, metadata: {}, content, buffers: [] });
  return { hear, one, changes: () => changes };
}

test('streams of one name are one output, others stand between', () => {
  const { hear, one, changes } = collector();
  for (const [name, text] of [
    ['stdout', 'a'],
    ['stdout', 'b\n'],
    ['stderr', 'c'],
    ['stdout', 'd'],
  ])
    assert.equal(hear('stream', { name, text }), true);
  assert.deepEqual(one.outputs, [
    { type: 'stream', name: 'stdout', text: 'ab\n' },
    { type: 'stream', name: 'stderr', text: 'c' },
    { type: 'stream', name: 'stdout', text: 'd' },
  ]);
  assert.equal(changes(), 4);
});

test('displays are drawn again in their place, those of elsewhere are left to the client', () => {
  const { hear, one } = collector();
  hear('display_data', { data: { 'text/plain': '1' }, metadata: {}, transient: { display_id: 'x' } });
  hear('execute_result', { data: { 'text/plain': '2' }, metadata: {}, execution_count: 7 });
  assert.equal(hear('update_display_data', { data: { 'text/plain': '3' }, metadata: {}, transient: { display_id: 'x' } }), true);
  assert.equal(hear('update_display_data', { data: {}, metadata: {}, transient: { display_id: 'elsewhere' } }), false);
  assert.equal(hear('comm_msg', {}), false);
  assert.equal(hear('status', { execution_state: 'busy' }), false);
  assert.deepEqual(
    one.outputs.map((output) => output.type === 'display' && [output.data['text/plain'], output.count]),
    [
      ['3', undefined],
      ['2', 7],
    ],
  );
});

test('clearing: at once, or with what comes next', () => {
  const { hear, one } = collector();
  hear('stream', { name: 'stdout', text: 'a' });
  hear('clear_output', { wait: true });
  assert.equal(one.outputs.length, 1);
  hear('error', { ename: 'E', evalue: 'v', traceback: ['t'] });
  assert.deepEqual(one.outputs, [{ type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] }]);
  hear('clear_output', { wait: false });
  assert.deepEqual(one.outputs, []);
});

test('carriage returns and backspaces write over what was there', () => {
  const after = (...parts: string[]) => parts.reduce(written, '');
  assert.equal(after('10 %\r', '99 %'), '99 %');
  assert.equal(after('10 %\r'), '10 %\r', 'the picture stays until the next one comes');
  assert.equal(after('long line\rab'), 'abng line');
  assert.equal(after('a\n12\r3', '\nb'), 'a\n32\nb');
  assert.equal(after('a\r\nb'), 'a\nb');
  assert.equal(after('12\b3'), '13');
  assert.equal(after('plain', ' more'), 'plain more');
});
