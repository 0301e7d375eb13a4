/** A field, or the difference of two, as pixels. */
import { type ColourMap, colourTable } from '../../../kernel/src/records/colours.ts';

export type Colour = readonly [red: number, green: number, blue: number];

const tables = new Map<ColourMap, Uint32Array>();

/** 256 colours as a canvas keeps them: alpha, blue, green, red from the highest byte down (every machine that runs a browser is little-endian). */
function packedColours(name: ColourMap): Uint32Array {
  const known = tables.get(name);
  if (known) return known;
  const table = colourTable(name);
  const packed = Uint32Array.from({ length: 256 }, (_, at) => packedColour([table[3 * at]!, table[3 * at + 1]!, table[3 * at + 2]!]));
  tables.set(name, packed);
  return packed;
}

function packedColour([red, green, blue]: Colour): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

export interface Painted {
  values: Float32Array;
  /** Taken away, cell by cell. */
  less?: Float32Array;
  colours: ColourMap;
  limits: readonly [number, number];
  /** Cells without a value. */
  land: Colour;
}

/** Fills `pixels` by `lookup` (see `lookupOf`); beside the map they stay clear. Values beyond the limits take the limit's colour. */
export function paintPixels(pixels: Uint32Array, lookup: Int32Array, { values, less, colours, limits, land }: Painted): void {
  const table = packedColours(colours);
  const empty = packedColour(land);
  const scale = 255 / (limits[1] - limits[0]);
  const shift = 0.5 - limits[0] * scale;
  for (let at = 0; at < lookup.length; at++) {
    const cell = lookup[at]!;
    if (cell < 0) {
      pixels[at] = 0;
      continue;
    }
    const place = (less ? values[cell]! - less[cell]! : values[cell]!) * scale + shift;
    // A comparison with NaN is false.
    pixels[at] = place >= 256 ? table[255]! : place >= 0 ? table[place | 0]! : place < 0 ? table[0]! : empty;
  }
}
