// The table of optimisations: who is advised what, and what a list of words takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATALOGUE, chosenOptimisations, findChip, OPTIMISATIONS, type Target } from '../../kernel/src/chips/index.ts';
import { askedFor, taken } from '../../kernel/src/commands/optimise.ts';
import type { Framework } from '../../kernel/src/records/chips.ts';

const target = (chip: string, framework: Framework, cards = 1): Target => ({ chip: findChip(chip)!, framework, cards });
const names = (words: string, where: Target) => taken(askedFor(words), where).map(({ name }) => name);

test('each chip is advised what its figures and the paper say', () => {
  assert.deepEqual(names('advised', target('910b', 'mindspore', 8)), ['bf16', 'graph', 'data-parallel', 'fused-operators']);
  assert.deepEqual(names('advised', target('910b', 'pytorch')), ['bf16']);
  assert.deepEqual(names('advised', target('a100', 'pytorch', 4)), ['bf16', 'data-parallel']);
  // FP16 is as fast as FP32 on the 3090 by Table 1, and the DCU has no bfloat16.
  assert.deepEqual(names('advised', target('3090', 'pytorch')), []);
  assert.deepEqual(names('advised', target('dcu', 'pytorch')), ['fp16']);
  assert.deepEqual(names('advised', target('cpu', 'mindspore')), ['graph']);
});

test('what is named is taken, of two precisions the named one, and what is left out is left out', () => {
  const npu = target('910b', 'mindspore');
  assert.deepEqual(names('advised,fp16,recompute,no-compile-cache', npu), ['fp16', 'graph', 'recompute', 'fused-operators']);
  assert.deepEqual(names('recompute,accumulate', npu), ['recompute', 'accumulate']);
  assert.deepEqual(names('no-graph', npu), []);
  // The model divided stands in the place of the batch divided.
  assert.deepEqual(names('advised,model-parallel,no-graph,no-bf16', target('910b', 'mindspore', 8)), [
    'fp16',
    'model-parallel',
    'fused-operators',
  ]);
});

test('what cannot be had is refused with the reason, and what is no name with the nearest', () => {
  assert.throws(() => names('bf16', target('cpu', 'mindspore')), /bf16 cannot be had on cpu with mindspore: MindSpore on the CPU/);
  assert.throws(() => names('data-parallel', target('cpu', 'pytorch')), /two cards/);
  assert.throws(() => names('model-parallel', target('910b', 'pytorch', 8)), /MindSpore’s, on Ascends and GPUs/);
  assert.throws(() => names('recomput', target('cpu', 'pytorch')), /there is no optimisation recomput \(did you mean recompute\?\)/);
});

test('every entry says what it does, where that stands, and what on and off are', () => {
  for (const one of OPTIMISATIONS) {
    assert.match(one.source, /arXiv 2510\.17852/);
    for (const { name } of CATALOGUE)
      for (const framework of ['pytorch', 'mindspore'] as const) assert.ok(one.advice(target(name, framework)).reason.length > 0);
    const on = one.on(target('910b', 'mindspore', 8)).map((set) => set.split('=')[0]);
    assert.deepEqual(
      on,
      one.off.map((set) => set.split('=')[0]),
      `${one.name}: on and off set the same keys`,
    );
  }
  assert.deepEqual(chosenOptimisations({ advised: false, with: [], without: ['nonsense'] }, target('cpu', 'pytorch')).unknown, [
    'nonsense',
  ]);
});
