import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Choice,
  EVERYTHING,
  filtered,
  ORDERS,
  type Order,
  ordered,
  STATUSES,
  STRATEGIES,
  tally,
  worstError,
} from '../../../labextension/src/report/filter.ts';
import { reportRecord } from '../../browser/records.ts';

const { uses } = reportRecord(300);
const choice = fc.record<Choice>({
  statuses: fc.subarray([...STATUSES]).map((some) => new Set(some)),
  strategies: fc.subarray([...STRATEGIES]).map((some) => new Set(some)),
  file: fc.option(fc.constantFrom('train.py', 'model/afno.py'), { nil: undefined }),
  text: fc.constantFrom('', 'torch', 'rfft2', 'LAYERNORM eps', 'nothing has this'),
  order: fc.constantFrom(...(Object.keys(ORDERS) as Order[])),
});

describe('the report’s filters', () => {
  test('nothing chosen shows everything', () => {
    assert.equal(filtered(uses, EVERYTHING).length, uses.length);
  });

  test('all words must occur, in any field, whatever their case', () => {
    const found = filtered(uses, { ...EVERYTHING, text: 'LAYERNORM eps' });
    assert.ok(found.length > 0);
    assert.ok(found.every((use) => use.api === 'torch.nn.LayerNorm'));
  });

  test('the count at a switch is what pressing it alone would show', () => {
    fc.assert(
      fc.property(choice, (chosen) => {
        const counts = tally(uses, chosen, 'status');
        for (const status of STATUSES) {
          assert.equal(counts.get(status) ?? 0, filtered(uses, { ...chosen, statuses: new Set([status]) }).length);
        }
      }),
    );
  });

  test('filters only leave out, and orders only move', () => {
    fc.assert(
      fc.property(choice, (chosen) => {
        const shown = filtered(uses, chosen);
        assert.ok(shown.every((use) => uses.includes(use)));
        assert.deepEqual(new Set(ordered(shown, chosen.order)), new Set(shown));
      }),
    );
  });

  test('what needs the reader comes first', () => {
    const statuses = ordered(uses, 'attention').map((use) => STATUSES.indexOf(use.status));
    assert.deepEqual(statuses, [...statuses].sort());
    assert.equal(ordered(uses, 'attention')[0]!.status, 'unsupported');
  });

  test('the largest measured error comes first, the unmeasured last', () => {
    const errors = ordered(uses, 'error').map(worstError);
    assert.deepEqual(
      errors,
      [...errors].sort((a, b) => b - a),
    );
    assert.equal(errors.at(-1), -1);
  });
});
