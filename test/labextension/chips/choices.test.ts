import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { activeState, engineChoices } from '../../../labextension/src/chips/choices.ts';
import { figures, memoryInUse } from '../../../labextension/src/chips/figures.ts';
import { chipsRecord } from '../../browser/records.ts';

describe('the selector’s choices', () => {
  test('engines that can be had come first; an absent chip is one line with its reason', () => {
    const choices = engineChoices(chipsRecord());
    assert.deepEqual(
      choices.map(({ key }) => key),
      ['cpu/pytorch', 'cpu/mindspore', 'a100', '910b', 'dcu'],
    );
    assert.deepEqual(choices[1]!.engine, { chip: 'cpu', framework: 'mindspore' });
    assert.equal(choices[2]!.engine, undefined);
    assert.match(choices[2]!.note, /without CUDA/);
    assert.deepEqual(
      choices.filter(({ active }) => active).map(({ key }) => key),
      ['cpu/pytorch'],
    );
  });

  test('an engine that a present chip cannot have keeps its own line and its reason', () => {
    const record = chipsRecord();
    record.chips[0]!.engines[1] = { framework: 'mindspore', usable: false, state: 'absent', reason: 'mindspore is not installed' };
    const last = engineChoices(record).find(({ key }) => key === 'cpu/mindspore')!;
    assert.equal(last.engine, undefined);
    assert.equal(last.note, 'mindspore is not installed');
  });

  test('the active engine’s state is found, and none where nothing is active', () => {
    assert.equal(activeState(chipsRecord()), 'idle');
    assert.equal(activeState({ ...chipsRecord(), active: undefined }), undefined);
  });
});

describe('figures', () => {
  test('values that agree are joined, values that contradict each other are both there', () => {
    const all = [
      { value: 40, source: 'Table 1' },
      { value: 32, source: 'text' },
      { value: 40, source: 'Table 2' },
    ];
    assert.deepEqual(figures(all), [
      { text: '40', sources: ['Table 1', 'Table 2'] },
      { text: '32', sources: ['text'] },
    ]);
  });

  test('memory in use is in the unit of the driver’s tools', () => {
    assert.equal(memoryInUse(40960, 1024), '1.0 of 40.0 GiB');
    assert.equal(memoryInUse(40960, undefined), '40.0 GiB');
    assert.equal(memoryInUse(undefined, 5), '');
  });
});
