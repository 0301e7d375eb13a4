import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodeOf, describe as sentence, TradewindError } from '../../kernel/src/records/errors.ts';

test('an error reads as place, fault, evidence and remedy', () => {
  const error = new TradewindError({
    code: 'input',
    message: 'unknown key lerning_rate',
    where: 'run.yaml:7',
    details: '  lerning_rate: 1',
    remedy: 'learning_rate',
  });
  assert.equal(sentence(error), 'run.yaml:7: unknown key lerning_rate\n  lerning_rate: 1\n→ learning_rate');
});

test('what the user can mend exits with 2, the rest with 1', () => {
  for (const code of ['usage', 'input', 'absent', 'refused'] as const)
    assert.equal(exitCodeOf(new TradewindError({ code, message: '' })), 2);
  for (const code of ['process', 'internal', 'interrupted'] as const)
    assert.equal(exitCodeOf(new TradewindError({ code, message: '' })), 1);
  assert.equal(exitCodeOf(new Error('x')), 1);
  assert.equal(sentence(new RangeError('x')), 'RangeError: x');
  assert.equal(sentence('x'), 'x');
});
