/**
 * Ensembles: from the members of one forecast field to what the inner loop adds up: their mean, their spread, and the CRPS.
 *
 * Fair CRPS of M members x against the truth t (Ferro 2014, Q. J. R. Meteorol. Soc. 140, 1917–1923): Σ|xᵢ − t| / M − Σᵢ<ⱼ |xᵢ − xⱼ| / (M (M − 1)): what an
 * ensemble of endless size would have, so that sizes may be compared. Spread: (M + 1)/M times the unbiased variance, the square that the error of the mean must
 * have (Fortin et al. 2014, J. Hydrometeorol. 15, 1708–1713).
 */
import type { Floats } from './decode.ts';
import type { Field } from './fields.ts';
import type { Machine } from './wasm/machine.ts';

export interface EnsembleFields {
  forecast: Field;
  crps: Field;
  variance: Field;
  /** How many members lie below the truth, plus how many are equal to it over M + 1. */
  rank: Field;
}

/** NaN where a member is not finite; the scores also where the truth is not. */
export function ensembleFields(machine: Machine, members: readonly Floats[], truth: Floats): EnsembleFields {
  const cells = truth.length;
  const [mean, crps, variance, rank] = Array.from({ length: 4 }, () => made(machine, cells)) as [Field, Field, Field, Field];
  const count = members.length;
  const sorted = new Float64Array(count);
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    for (let member = 0; member < count; member++) {
      const value = members[member]![cell]!;
      sorted[member] = value;
      sum += value;
    }
    const centre = sum / count;
    mean.values[cell] = Number.isFinite(centre) ? centre : Number.NaN;
    const wanted = truth[cell]!;
    if (!Number.isFinite(centre) || !Number.isFinite(wanted)) {
      crps.values[cell] = Number.NaN;
      variance.values[cell] = Number.NaN;
      rank.values[cell] = Number.NaN;
      continue;
    }
    sort(sorted);
    let [distance, pairs, squares, below, ties] = [0, 0, 0, 0, 0];
    for (let place = 0; place < count; place++) {
      const value = sorted[place]!;
      if (value < wanted) below++;
      else if (value === wanted) ties++;
      distance += Math.abs(value - wanted);
      // Of the mean, so that nothing cancels.
      pairs += (2 * place - count + 1) * (value - centre);
      squares += (value - centre) ** 2;
    }
    rank.values[cell] = below + ties / (count + 1);
    crps.values[cell] = distance / count - pairs / (count * (count - 1));
    variance.values[cell] = (((count + 1) / count) * squares) / (count - 1);
  }
  return { forecast: mean, crps, variance, rank };
}

function made(machine: Machine, cells: number): Field {
  const pointer = machine.allocate(8 * cells);
  return { values: new Float64Array(machine.memory.buffer, pointer, cells), release: () => machine.free(pointer) };
}

/** Few numbers are sorted fastest by insertion. */
function sort(values: Float64Array): void {
  if (values.length > 24) {
    values.sort();
    return;
  }
  for (let from = 1; from < values.length; from++) {
    const value = values[from]!;
    let at = from - 1;
    for (; at >= 0 && values[at]! > value; at--) values[at + 1] = values[at]!;
    values[at + 1] = value;
  }
}
