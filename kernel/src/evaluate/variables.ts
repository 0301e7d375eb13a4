/**
 * Finds `T0` in a store: a variable of that name, or temperature at 0 m by its CF standard name or a name in use; `temperature850` and `thetao100`: a variable of the
 * store's own name at a level.
 */
import { TradewindError } from '../records/errors.ts';
import { plainValues, rolesOf } from './axes.ts';
import type { Store, Variable } from './store.ts';

interface Quantity {
  letter: string;
  standard: readonly string[];
  names: readonly string[];
}

/** The letters of the paper's channels and of pressure levels; names as HYCOM, NEMO, Copernicus Marine, SST products, ERA5 and WeatherBench 2 have them. */
const QUANTITIES: readonly Quantity[] = [
  {
    letter: 'T',
    standard: [
      'sea_water_temperature',
      'sea_water_potential_temperature',
      'sea_water_conservative_temperature',
      'sea_surface_temperature',
      'sea_surface_foundation_temperature',
      'air_temperature',
    ],
    names: ['thetao', 'water_temp', 'temperature', 'temp', 'to', 't', 'sst', 'analysed_sst'],
  },
  {
    letter: 'S',
    standard: ['sea_water_salinity', 'sea_water_practical_salinity', 'sea_surface_salinity'],
    names: ['so', 'salinity', 'salt', 's', 'sss'],
  },
  {
    letter: 'U',
    standard: ['eastward_sea_water_velocity', 'sea_water_x_velocity', 'surface_eastward_sea_water_velocity', 'eastward_wind'],
    names: ['uo', 'water_u', 'u', 'ssu', 'u_component_of_wind'],
  },
  {
    letter: 'V',
    standard: ['northward_sea_water_velocity', 'sea_water_y_velocity', 'surface_northward_sea_water_velocity', 'northward_wind'],
    names: ['vo', 'water_v', 'v', 'ssv', 'v_component_of_wind'],
  },
  { letter: 'Z', standard: ['geopotential'], names: ['geopotential', 'z'] },
  { letter: 'Q', standard: ['specific_humidity'], names: ['specific_humidity', 'q'] },
];

/** How far a level may lie from the depth asked for: half a metre at the surface, 2 % below. */
const tolerance = (depth: number) => Math.max(0.5, 0.02 * depth);

export interface Found {
  variable: Variable;
  /** Index along its depth dimension. */
  depthIndex?: number;
  /** `thetao at 0.494 m`, where it isn't simply a variable of the name asked for. */
  described: string;
}

/** A variable that has latitude and longitude. */
export function isField(store: Store, variable: Variable): boolean {
  const roles = rolesOf(store, variable);
  return roles.latitude !== undefined && roles.longitude !== undefined;
}

/** The variable meant by `name` (`T0`, `U100`, `t2m`, `geopotential500`). Throws an error that lists what the store has. */
export async function findVariable(store: Store, name: string): Promise<Found> {
  const exact = [...store.variables.values()].find((variable) => variable.name === name && isField(store, variable));
  if (exact && rolesOf(store, exact).depth === undefined) return { variable: exact, described: name };
  const parts = /^(.*[A-Za-z_])(\d+(?:\.\d+)?)$/.exec(name);
  const quantity = QUANTITIES.find((one) => one.letter === parts?.[1]?.toUpperCase());
  const candidates = [...store.variables.values()].filter((variable) => isField(store, variable));
  const own = candidates.filter((variable) => variable.name === parts?.[1] && rolesOf(store, variable).depth !== undefined);
  if (!parts || (!quantity && own.length === 0)) throw await absent(store, name, exact && `it has levels: ask for one, as in ${name}100`);
  const depth = Number(parts[2]);
  const byStandard = candidates.filter((variable) => quantity?.standard.includes(String(variable.attributes.standard_name)));
  const byName = candidates.filter((variable) => quantity?.names.includes(variable.name.toLowerCase()));
  for (const variable of new Set([...own, ...byStandard, ...byName])) {
    const place = rolesOf(store, variable).depth;
    if (place === undefined) {
      // Without a depth it stands for the surface alone, and only where its name carries no depth of its own.
      if (depth === 0 && !/\d$/.test(variable.name)) return { variable, described: `${variable.name} (surface)` };
      continue;
    }
    const values = await plainValues(store, variable.dimensions[place]!);
    let nearest = 0;
    values.forEach((value, index) => {
      if (Math.abs(Math.abs(value) - depth) < Math.abs(Math.abs(values[nearest]!) - depth)) nearest = index;
    });
    if (Math.abs(Math.abs(values[nearest]!) - depth) <= tolerance(depth)) {
      return {
        variable,
        depthIndex: nearest,
        described: `${variable.name} at ${levelTitle(store, variable.dimensions[place]!, values[nearest]!)}`,
      };
    }
  }
  throw await absent(store, name);
}

/** `0.494 m`, `850 hPa`; without units where the store has none, but for depths, which are metres. */
function levelTitle(store: Store, dimension: string, value: number): string {
  const units = store.variables.get(dimension)?.attributes.units ?? (/^(depth|z)/i.test(dimension) ? 'm' : '');
  return `${Number(value.toPrecision(6))} ${units}`.trim();
}

async function absent(store: Store, name: string, reason = ''): Promise<TradewindError> {
  const fields: string[] = [];
  for (const variable of store.variables.values()) {
    if (!isField(store, variable)) continue;
    const place = rolesOf(store, variable).depth;
    const depths =
      place === undefined
        ? ''
        : ` (${[...(await plainValues(store, variable.dimensions[place]!))]
            .map((value, at, all) => (at < 8 ? levelTitle(store, variable.dimensions[place]!, value) : at === all.length - 1 ? '…' : ''))
            .filter(Boolean)
            .join(', ')})`;
    fields.push(variable.name + depths);
  }
  return new TradewindError({
    code: 'input',
    message: `there is no variable ${name}${reason ? `: ${reason}` : ''}`,
    where: store.path,
    remedy: `It has ${fields.join(', ') || 'no field with latitude and longitude'}; choose with --variables.`,
  });
}
