/** A metric at every cell, over initial times. */
import { metricOf } from './metrics.ts';
import { accField, type CellSums, namesOf, rmseField, type WeightedSums } from './scores.ts';

const OWN: Record<string, (sums: CellSums) => Float32Array> = { rmse: rmseField, acc: accField };

/** Can these sums give the metric of a cell, or of any set of cells? One that is made of sums by row has no value there. */
export function hasSums(metric: string, sums: Partial<Record<string, unknown>>): boolean {
  const known = metricOf(metric);
  return known !== undefined && !known.rows && known.sums.every((name) => sums[name] !== undefined);
}

/** The field of a metric of the table; NaN where it has no value. A metric of weights is that of one cell: they cancel. */
export function metricField(metric: string, sums: CellSums): Float32Array {
  const own = Object.hasOwn(OWN, metric) ? OWN[metric] : undefined;
  if (own) return own(sums);
  const { value } = metricOf(metric)!;
  const names = namesOf(sums);
  const cell = { cells: 1, weight: 1, count: 0, validWeight: 0 } as WeightedSums;
  return Float32Array.from(sums.count, (count, at) => {
    for (const name of names) cell[name] = sums[name]![at]!;
    cell.validWeight = count;
    return value(cell, 'masked', count) ?? Number.NaN;
  });
}
