/**
 * Sums over regions by initial time: small beside the sums by cell, and what a test of significance needs. The inner loop adds them up as it goes: it is told the
 * stretches of cells that lie in the same regions, and the weight of each.
 */
import { REGIONS, type Region, regionMask } from '../records/regions.ts';
import { cellWeights, SUM_NAMES, type Weights } from '../records/scores.ts';
import { canonicalOrder, type HorizontalGrid } from './align.ts';
import type { Tile } from './plan.ts';
import type { Machine } from './wasm/machine.ts';

/** Both weights are kept, so that a comparison may choose. */
export const DOMAIN_WEIGHTS: readonly Weights[] = ['cos', 'area'];
/** Bytes of an atom's totals: for every weight every sum, two lanes. */
export const ATOM = DOMAIN_WEIGHTS.length * SUM_NAMES.length * 16;
/** Bytes of a stretch: its end (a cell), the place of its atom's totals, and its weights. */
export const STRETCH = 8 + 8 * DOMAIN_WEIGHTS.length;

const NUMBERS = 2 + DOMAIN_WEIGHTS.length;

export interface Domains {
  /** Those of the table that hold a cell of the grid. */
  regions: readonly Region[];
  /** Cells that lie in the same regions are an atom: the indices of those regions. */
  atoms: readonly (readonly number[])[];
  /** How many numbers an initial time has: by weights, sum and region. */
  size: number;
  /** Writes a tile's stretches for the inner loop, run by run (a run is the tile, where it spans the grid, else a row of it), and says where each run's begin. */
  place(machine: Machine, tile: Tile): { runs: number[]; free(): void };
  /** Adds an initial time's totals at `pointer` (atom by atom, as the inner loop leaves them) to `into`. */
  collect(machine: Machine, pointer: number, into: Float64Array): void;
}

/** The regions of a forecast's grid, its cells in the forecast's order. */
export function domainsOf(grid: HorizontalGrid): Domains {
  const order = canonicalOrder(grid);
  const [rows, columns] = [order.rows.length, order.columns.length];
  // Rows between the same sides of all boxes have the same regions: one of each kind is looked at.
  const kinds = new Map<string, number>();
  const kindOf = Array.from(order.latitude, (latitude, i) => {
    const kind = REGIONS.flatMap(({ boxes }) => boxes.map(([, , south, north]) => latitude >= south && latitude <= north)).join();
    if (!kinds.has(kind)) kinds.set(kind, i);
    return kinds.get(kind)!;
  });
  const looked = [...kinds.values()];
  const few = { latitude: looked.map((i) => order.latitude[i]!), longitude: order.longitude };
  const masks = REGIONS.map((region) => [region, regionMask(region, few)] as const).filter(([, mask]) => mask.includes(1));
  const { labels, atoms } = labelled(
    masks.map(([, mask]) => mask),
    looked.length * columns,
  );
  /** By the forecast's row: where the labels of its kind begin; by its column: that column in the score's order. */
  const [start, ordered] = [new Int32Array(rows), new Int32Array(columns)];
  order.rows.forEach((row, i) => {
    start[row] = looked.indexOf(kindOf[i]!) * columns;
  });
  order.columns.forEach((column, j) => {
    ordered[column] = j;
  });
  const weights = DOMAIN_WEIGHTS.map((kind) => {
    const { row, column } = cellWeights(order, kind);
    const [byRow, byColumn] = [new Float64Array(rows), new Float64Array(columns)];
    order.rows.forEach((at, i) => {
      byRow[at] = row[i]!;
    });
    order.columns.forEach((at, j) => {
      byColumn[at] = column[j]!;
    });
    return { row: byRow, column: byColumn };
  });
  // Widths of a regular grid differ by rounding alone.
  const apart = (one: number, two: number) => weights.some(({ column }) => Math.abs(column[one]! - column[two]!) > 1e-7 * column[one]!);
  const known = new Map<string, { bytes: Uint8Array; runs: number[] }>();
  const regions = masks.map(([region]) => region);
  const size = DOMAIN_WEIGHTS.length * SUM_NAMES.length * regions.length;

  function stretchesOf(tile: Tile): { bytes: Uint8Array; runs: number[] } {
    const whole = tile.columns.length === columns;
    const parts: number[] = [];
    const runs: number[] = [];
    const rowsOfKind = new Map<number, { to: number; label: number; column: number }[]>();
    tile.rows.forEach((row, line) => {
      if (!whole || line === 0) runs.push((parts.length / NUMBERS) * STRETCH);
      const before = whole ? line * columns : 0;
      const alike = rowsOfKind.get(start[row]!) ?? stretchesOfRow(start[row]!, tile.columns);
      rowsOfKind.set(start[row]!, alike);
      for (const { to, label, column } of alike)
        parts.push(before + to, label * ATOM, ...weights.map((one) => one.row[row]! * one.column[column]!));
    });
    const bytes = new Uint8Array((parts.length / NUMBERS) * STRETCH);
    const view = new DataView(bytes.buffer);
    for (let at = 0, into = 0; at < parts.length; at += NUMBERS, into += STRETCH) {
      view.setInt32(into, parts[at]!, true);
      view.setInt32(into + 4, parts[at + 1]!, true);
      DOMAIN_WEIGHTS.forEach((_, kind) => {
        view.setFloat64(into + 8 + 8 * kind, parts[at + 2 + kind]!, true);
      });
    }
    return { bytes, runs };
  }

  function stretchesOfRow(kind: number, tile: Int32Array): { to: number; label: number; column: number }[] {
    const stretches: { to: number; label: number; column: number }[] = [];
    tile.forEach((column, at) => {
      const label = labels[kind + ordered[column]!]!;
      const last = stretches.at(-1);
      if (last && last.label === label && !apart(last.column, column)) last.to = at + 1;
      else stretches.push({ to: at + 1, label, column });
    });
    return stretches;
  }

  return {
    regions,
    atoms,
    size,
    place(machine, tile) {
      const key = `${tile.rows[0]}/${tile.columns[0]}`;
      const made = known.get(key) ?? stretchesOf(tile);
      known.set(key, made);
      const pointer = machine.allocate(made.bytes.length);
      machine.bytes.set(made.bytes, pointer);
      return { runs: made.runs.map((run) => pointer + run), free: () => machine.free(pointer) };
    },
    collect(machine, pointer, into) {
      const lanes = new Float64Array(machine.memory.buffer, pointer, (atoms.length * ATOM) / 8);
      const sums = DOMAIN_WEIGHTS.length * SUM_NAMES.length;
      atoms.forEach((members, atom) => {
        for (let sum = 0; sum < sums; sum++) {
          const at = 2 * (atom * sums + sum);
          const total = lanes[at]! + lanes[at + 1]!;
          for (const region of members) into[sum * regions.length + region]! += total;
        }
      });
    },
  };
}

/** Cells with the same masks get the same label; `atoms` says which masks a label has. */
function labelled(masks: readonly Uint8Array[], cells: number): { labels: Uint16Array; atoms: number[][] } {
  const labels = new Uint16Array(cells);
  let atoms: number[][] = [[]];
  masks.forEach((mask, region) => {
    const next: number[][] = [];
    const renamed = new Int32Array(2 * atoms.length).fill(-1);
    for (let cell = 0; cell < cells; cell++) {
      const key = 2 * labels[cell]! + mask[cell]!;
      if (renamed[key]! < 0) renamed[key] = next.push(mask[cell] ? [...atoms[labels[cell]!]!, region] : atoms[labels[cell]!]!) - 1;
      labels[cell] = renamed[key]!;
    }
    atoms = next;
  });
  return { labels, atoms };
}
