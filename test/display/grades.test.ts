// A rewrite that was made and may be wrong is shown with its reason; one that is safe is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { display } from '../../kernel/src/display/report.ts';
import type { Use } from '../../kernel/src/records/report.ts';
import { SAMPLES } from './samples.ts';

test('a graded use is listed among what is left, in text and HTML', () => {
  const use: Use = {
    ...SAMPLES.report.uses[0]!,
    api: 'torch.Tensor.backward',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'No optimiser is in sight here.',
  };
  const shown = (grade: Use['grade']) => {
    const { text, html } = display({ ...SAMPLES.report, uses: [{ ...use, grade }] });
    return [text, typeof html === 'function' ? (html as () => string)() : html].map(
      (one) => one.includes('No optimiser is in sight') && one.includes('needs a look'),
    );
  };
  assert.deepEqual(shown('needs a look'), [true, true]);
  assert.deepEqual(shown('safe'), [false, false]);
});
