/** A chip's figures in words; where sources disagree every figure stands with its source. */
import type { SourcedFigure } from '../../../kernel/src/records/chips.ts';
import { number } from '../format.ts';

export interface Figure {
  text: string;
  /** The sources that give this value. */
  sources: string[];
}

/** Joins the sources that give the same value: one entry for each different value, in the order of the catalogue. */
export function figures(all: readonly SourcedFigure[]): Figure[] {
  const byValue = new Map<number, string[]>();
  for (const { value, source } of all) byValue.set(value, [...(byValue.get(value) ?? []), source]);
  return [...byValue].map(([value, sources]) => ({ text: number(value), sources }));
}

/** `7.8 of 40.0 GB` from a driver tool's megabytes (of 2^20 bytes, as the tools print them). */
export function memoryInUse(totalMB: number | undefined, usedMB: number | undefined): string {
  if (totalMB === undefined) return '';
  const gigabytes = (megabytes: number) => (megabytes / 1024).toFixed(1);
  return usedMB === undefined ? `${gigabytes(totalMB)} GiB` : `${gigabytes(usedMB)} of ${gigabytes(totalMB)} GiB`;
}
