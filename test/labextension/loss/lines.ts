/** Lines of metrics as the widget gets them. */
import { packLines, unpackColumns } from '../../../kernel/src/records/metricsBatch.ts';
import type { MetricsLine } from '../../../kernel/src/records/training.ts';
import { append, type Curves, emptyCurves } from '../../../labextension/src/loss/curves.ts';

export function take(curves: Curves, lines: readonly MetricsLine[], from = 0): void {
  const { batch, buffers } = packLines(lines);
  append(curves, unpackColumns(batch, buffers), from);
}

export function curvesFrom(lines: readonly MetricsLine[]): Curves {
  const curves = emptyCurves();
  take(curves, lines);
  return curves;
}
