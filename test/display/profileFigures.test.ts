/** Static pictures of sums by row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skillHtml } from '../../kernel/src/display/skillHtml.ts';
import { picturesOf } from './markup.ts';
import { SAMPLES } from './samples.ts';

test('quantiles of |error|: a curve each over the leads, with the unit, a gap where there is none', () => {
  const [first] = SAMPLES.skill.forecasts;
  const drawn = (more: Record<string, (number | null)[]>) =>
    skillHtml({ ...SAMPLES.skill, forecasts: [{ ...first!, variables: { T0: { ...first!.variables.T0!, units: 'degC', more } } }] });
  const whole = drawn({ 'error-p99': [0.8, 1.6], 'error-p50': [0.2, null] });
  const html = whole + picturesOf(whole).join('');
  assert.match(html, /T0 \|error\| by lead \(°C\)/);
  assert.match(html, /by lead; 50 %: 0\.2, –; 99 %: 0\.8, 1\.6/);
  assert.doesNotMatch(html, /NaN|undefined/);
  assert.doesNotMatch(drawn({ bias: [0.1, 0.2] }), /\|error\|/);
});
