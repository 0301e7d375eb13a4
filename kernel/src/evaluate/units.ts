/** Units: which spellings mean the same, and how one converts to another. Anything not known to agree is refused, never guessed. */

interface Unit {
  /** What it measures, so that °C and K convert and m and Pa don't. */
  quantity: string;
  /** value · scale + offset is in the quantity's base unit. */
  scale: number;
  offset: number;
  spellings: readonly string[];
}

const UNITS: readonly Unit[] = [
  { quantity: 'temperature', scale: 1, offset: 0, spellings: ['K', 'kelvin', 'degK', 'deg_K', 'degree_K', 'degrees_K'] },
  {
    quantity: 'temperature',
    scale: 1,
    offset: 273.15,
    spellings: ['degC', 'deg_C', 'C', '°C', 'celsius', 'degree_C', 'degrees_C', 'degree_Celsius', 'degrees_Celsius', 'deg C', 'degrees C'],
  },
  // Practical salinity has no dimension; its spellings differ more than its values.
  {
    quantity: 'salinity',
    scale: 1,
    offset: 0,
    spellings: ['1e-3', '0.001', '.001', 'psu', 'pss', 'pss-78', 'PSS78', 'practical salinity unit', 'g kg-1', 'g/kg'],
  },
  {
    quantity: 'speed',
    scale: 1,
    offset: 0,
    spellings: ['m s-1', 'm/s', 'm s**-1', 'm.s-1', 'ms-1', 'meter second-1', 'meters/second', 'm s^-1'],
  },
  { quantity: 'speed', scale: 0.01, offset: 0, spellings: ['cm s-1', 'cm/s', 'cm s**-1'] },
  { quantity: 'length', scale: 1, offset: 0, spellings: ['m', 'meter', 'meters', 'metre', 'metres'] },
  { quantity: 'length', scale: 0.01, offset: 0, spellings: ['cm', 'centimeter', 'centimetre'] },
  { quantity: 'length', scale: 0.001, offset: 0, spellings: ['mm', 'millimeter', 'millimetre'] },
  { quantity: 'pressure', scale: 1, offset: 0, spellings: ['Pa', 'N m-2', 'N/m2', 'N/m^2', 'N m**-2', 'pascal'] },
  { quantity: 'pressure', scale: 100, offset: 0, spellings: ['hPa', 'mbar', 'millibar'] },
  { quantity: 'geopotential', scale: 1, offset: 0, spellings: ['m2 s-2', 'm**2 s**-2', 'm2/s2', 'm^2 s^-2', 'J kg-1'] },
  { quantity: 'ratio', scale: 1, offset: 0, spellings: ['1', '', 'kg kg-1', 'kg kg**-1', '(0 - 1)'] },
  { quantity: 'ratio', scale: 0.01, offset: 0, spellings: ['%', 'percent'] },
];

const BY_SPELLING = new Map(UNITS.flatMap((unit) => unit.spellings.map((spelling) => [spelling.toLowerCase(), unit] as const)));

/** value · scale + offset: from one unit to another. */
export interface Conversion {
  scale: number;
  offset: number;
}

/** The conversion between two spellings, or undefined where they aren't known to measure the same. */
export function conversion(from: string, to: string): Conversion | undefined {
  if (from.trim() === to.trim()) return { scale: 1, offset: 0 };
  const [source, target] = [BY_SPELLING.get(from.trim().toLowerCase()), BY_SPELLING.get(to.trim().toLowerCase())];
  if (!source || !target || source.quantity !== target.quantity) return undefined;
  if (source === target) return { scale: 1, offset: 0 };
  return { scale: source.scale / target.scale, offset: (source.offset - target.offset) / target.scale };
}
