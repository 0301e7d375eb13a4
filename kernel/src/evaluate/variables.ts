/** Finds `T0` in a store: a variable of that name, or temperature at 0 m by its CF standard name or a name in use. */
import { TradewindError } from '../records/errors.ts';
import { plainValues, rolesOf } from './axes.ts';
import type { Store, Variable } from './store.ts';

interface Quantity {
  letter: string;
  standard: readonly string[];
  names: readonly string[];
}

/** The letters of the paper's channels; names as HYCOM, NEMO, Copernicus Marine and SST products have them. */
const QUANTITIES: readonly Quantity[] = [
  {
    letter: 'T',
    standard: [
      'sea_water_temperature',
      'sea_water_potential_temperature',
      'sea_water_conservative_temperature',
      'sea_surface_temperature',
      'sea_surface_foundation_temperature',
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
    standard: ['eastward_sea_water_velocity', 'sea_water_x_velocity', 'surface_eastward_sea_water_velocity'],
    names: ['uo', 'water_u', 'u', 'ssu'],
  },
  {
    letter: 'V',
    standard: ['northward_sea_water_velocity', 'sea_water_y_velocity', 'surface_northward_sea_water_velocity'],
    names: ['vo', 'water_v', 'v', 'ssv'],
  },
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

/** The variable meant by `name` (`T0`, `U100`, `t2m`). Throws an error that lists what the store has. */
export async function findVariable(store: Store, name: string): Promise<Found> {
  const exact = [...store.variables.values()].find((variable) => variable.name === name && isField(store, variable));
  if (exact && rolesOf(store, exact).depth === undefined) return { variable: exact, described: name };
  const parts = /^([A-Za-z])(\d+(?:\.\d+)?)$/.exec(name);
  const quantity = QUANTITIES.find((one) => one.letter === parts?.[1]?.toUpperCase());
  if (!parts || !quantity) throw await absent(store, name, exact && 'it has a depth dimension: ask for one depth, as in T0 or T100');
  const depth = Number(parts[2]);
  const candidates = [...store.variables.values()].filter((variable) => isField(store, variable));
  const byStandard = candidates.filter((variable) => quantity.standard.includes(String(variable.attributes.standard_name)));
  const byName = candidates.filter((variable) => quantity.names.includes(variable.name.toLowerCase()));
  for (const variable of new Set([...byStandard, ...byName])) {
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
      return { variable, depthIndex: nearest, described: `${variable.name} at ${Number(values[nearest]!.toPrecision(6))} m` };
    }
  }
  throw await absent(store, name);
}

async function absent(store: Store, name: string, reason = ''): Promise<TradewindError> {
  const fields: string[] = [];
  for (const variable of store.variables.values()) {
    if (!isField(store, variable)) continue;
    const place = rolesOf(store, variable).depth;
    const depths =
      place === undefined
        ? ''
        : ` (depths ${[...(await plainValues(store, variable.dimensions[place]!))]
            .slice(0, 8)
            .map((value) => Number(value.toPrecision(4)))
            .join(', ')} … m)`;
    fields.push(variable.name + depths);
  }
  return new TradewindError({
    code: 'input',
    message: `there is no variable ${name}${reason ? `: ${reason}` : ''}`,
    where: store.path,
    remedy: `It has ${fields.join(', ') || 'no field with latitude and longitude'}; choose with --variables.`,
  });
}
