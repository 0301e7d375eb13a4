// A report says of graph mode how many classes are taken, and names each obstacle once, with its line and the classes that reach it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayOf } from '../../kernel/src/display/bundle.ts';
import { SAMPLES } from './samples.ts';

const finding = { file: 'a.py', line: 3, rule: 'try', effect: 'refused' as const, why: 'The compiler has no try.', remedy: 'Test before.' };
const doubt = { ...finding, line: 9, rule: 'left over', effect: 'unknown' as const, why: 'torch.x has no migration.' };
const report = {
  ...SAMPLES.report,
  graph: [
    { class: 'One', file: 'a.py', line: 1, graph: 'no' as const, findings: [finding] },
    { class: 'Two', file: 'a.py', line: 7, graph: 'no' as const, findings: [finding, doubt] },
    { class: 'Three', file: 'a.py', line: 8, graph: 'unknown' as const, findings: [doubt] },
    { class: 'Four', file: 'a.py', line: 20, graph: 'yes' as const, findings: [] },
  ],
};

test('text: each obstacle once, sure ones first', async () => {
  const { text } = await displayOf(report);
  assert.match(text, /graph mode: yes for 1 of 4 classes, no for 2, unknown for 1/);
  assert.equal(text.split('a.py:3').length, 2);
  assert.match(
    text,
    /try: a\.py:3, reached by One, Two\n {4}The compiler has no try\.\n {4}→ Test before\.[\s\S]*left over: a\.py:9, reached by Two, Three/,
  );
});

test('HTML: a table of them', async () => {
  const { html } = await displayOf(report);
  assert.match(html!, /What stands in the way of graph mode/);
  assert.equal(html!.split('a.py:3').length, 2);
});

test('a record of an older version has no such part', async () => {
  const { graph, ...old } = report;
  assert.ok(graph);
  assert.doesNotMatch((await displayOf(old)).text, /graph mode/);
});
