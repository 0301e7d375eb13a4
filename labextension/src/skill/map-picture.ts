/** What one map shows. */
import type { GridAxes } from './lookup.ts';
import type { Painted } from './raster.ts';

export interface MapPicture {
  title: string;
  /** Read by a screen reader in place of the picture. */
  description: string;
  /** What its colours measure, with the unit. */
  measure: string;
  grid: GridAxes;
  painted: Painted;
  /** Cells of a grid that are stippled. */
  dots?: { mask: Uint8Array; grid: GridAxes };
}
