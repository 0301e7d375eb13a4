/** Dots over the cells of a mask, on a lattice that moves with the map. The mask's cells may be coarser than the picture's: where the picture has no value there is no dot. */
import { stippleRows } from '../../../kernel/src/records/stipple.ts';
import type { MapLayout } from './map-layout.ts';
import type { MapPicture } from './map-picture.ts';

type Stippled = Pick<MapPicture, 'dots' | 'grid'> & { painted: Pick<MapPicture['painted'], 'values' | 'less'> };

/** Where the dots are: pixels of the frame, x and y by turns. */
export function dotsOf(
  { frame, lookup }: Pick<MapLayout, 'frame' | 'lookup'>,
  { dots, grid, painted: { values, less } }: Stippled,
): Float64Array | undefined {
  if (!dots) return undefined;
  const { width, height, entry } = frame;
  const { cells, columns, rows } = lookup(dots.grid);
  const under = lookup(grid).cells;
  const valid = (cell: number) => !Number.isNaN(values[cell]! - (less ? less[cell]! : 0));
  const origin = frame.projection([entry.meridian, entry.pole ?? 0]) ?? [0, 0];
  return Float64Array.from(
    stippleRows(width, height, origin).flatMap(({ y, xs }) => {
      const line = Math.floor((y / height) * rows) * columns;
      return xs.flatMap((x) => {
        const pixel = line + Math.floor((x / width) * columns);
        return dots.mask[cells[pixel]!] === 1 && valid(under[pixel]!) ? [x, y] : [];
      });
    }),
  );
}
