// Sums by cell that tests fill in.
import { type CellSums, SUM_NAMES, type SumName } from '../../kernel/src/records/scores.ts';

export function emptySums(cells: number, names: readonly SumName[] = SUM_NAMES): CellSums {
  return Object.fromEntries(names.map((name) => [name, new Float64Array(cells)])) as CellSums;
}
