/** Several files or stores as one, along the (initial) time: `'folder/*.nc'`, or a `.txt` file with one of them a line. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TradewindError } from '../../records/errors.ts';
import { roleOf, rolesOf, scalarCoordinate, timeValues } from '../axes.ts';
import { type Calendar, isoTime } from '../calendar.ts';
import { type ChunkedArray, readCoordinate, type Store, type Variable } from '../store.ts';
import { isAddress } from './http.ts';
import { vectorOf } from './vector.ts';

/** The parts that a path stands for; undefined where it is one store. */
export function sourcesOf(path: string): string[] | undefined {
  if (/\.txt$/i.test(path) && existsSync(path)) {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines
      .map((line) => line.trim())
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => (isAddress(line) ? line : resolve(dirname(path), line)));
  }
  if (isAddress(path) || !/[*?[]/.test(path) || existsSync(path)) return undefined;
  return globSync(path).sort();
}

interface Part {
  store: Store;
  /** Its times, seconds. */
  times: Float64Array;
  calendar: Calendar;
}

/** Opens the parts and puts them one after the other by their times. */
export async function openJoined(path: string, sources: string[], open: (path: string) => Promise<Store>): Promise<Store> {
  if (sources.length === 0) {
    throw new TradewindError({
      code: 'input',
      message: 'no file is named so',
      where: path,
      remedy: "Quote the pattern and try it with ls: 'folder/*.nc'.",
    });
  }
  const stores = await Promise.all(sources.map(open));
  const first = stores[0]!;
  const time = [...first.variables.values()].flatMap(({ dimensions }) => dimensions).find((one) => roleOf(first, one) === 'time');
  const name = time ?? scalarCoordinate(first, 'time');
  if (!name) throw differs(first, first, 'has no time to join by', 'Join files that differ in their (initial) time.');
  const parts: Part[] = [];
  for (const store of stores) {
    if (!store.variables.has(name)) throw differs(store, first, `has no ${name}`);
    const { seconds, calendar } = await timeValues(store, name);
    parts.push({ store, times: seconds, calendar });
  }
  for (const one of parts) if (one.calendar !== parts[0]!.calendar) throw differs(one.store, first, `has the calendar ${one.calendar}`);
  parts.sort((a, b) => (a.times[0] ?? 0) - (b.times[0] ?? 0));
  const seen = new Map<number, Store>();
  for (const { store, times, calendar } of parts) {
    for (const seconds of times) {
      const other = seen.get(seconds);
      if (other) throw differs(store, other, `has the same time, ${isoTime(seconds, calendar)}`, 'Leave one of them out.');
      seen.set(seconds, store);
    }
  }
  const variables = new Map<string, Variable>();
  for (const [key, variable] of parts[0]!.store.variables) {
    if (key === name) continue;
    const along = variable.dimensions.indexOf(name);
    const isField = rolesOf(parts[0]!.store, variable).latitude !== undefined && variable.dimensions.length > 1;
    if (along >= 0 || (!time && isField)) variables.set(key, joined(path, key, name, along, parts));
    else {
      variables.set(key, variable);
      if (variable.shape.length === 1) await refuseOther(variable, parts);
    }
  }
  const seconds = parts.flatMap(({ times }) => [...times]);
  const attributes = { units: 'seconds since 1970-01-01', calendar: parts[0]!.calendar, standard_name: 'time' };
  variables.set(name, vectorOf(name, path, seconds, attributes));
  return { path, attributes: first.attributes, variables };
}

/** The files' coordinates must be one. */
async function refuseOther(variable: Variable, parts: Part[]): Promise<void> {
  const wanted = await readCoordinate(variable);
  for (const { store } of parts) {
    const other = store.variables.get(variable.name);
    const values = other && (await readCoordinate(other));
    const at = values
      ? Array.from(wanted).findIndex((value, i) => !(Math.abs(value - (values[i] ?? Number.NaN)) <= 1e-4) && !Number.isNaN(value))
      : 0;
    if (!values || values.length !== wanted.length || at >= 0)
      throw differs(
        store,
        parts[0]!.store,
        `has another ${variable.name}${values && at >= 0 ? `: ${values[at]} against ${wanted[at]}` : ''}`,
      );
  }
}

/** One variable of all parts. Each part's chunks stay chunks; where they hold fewer times than another's they are filled up. */
function joined(path: string, key: string, time: string, along: number, parts: Part[]): Variable {
  const all = parts.map(({ store }) => {
    const one = store.variables.get(key);
    if (!one) throw differs(store, parts[0]!.store, `has no ${key}`);
    // A file of one time may have it as a plain value: the dimension is added in front.
    return along >= 0 ? one : { ...one, dimensions: [time, ...one.dimensions], shape: [1, ...one.shape], chunks: [1, ...one.chunks] };
  });
  const [first, axis] = [all[0]!, Math.max(0, along)];
  const words = (values: readonly unknown[]) => values.filter((_, at) => at !== axis).join(' × ');
  const packing = ({ attributes: { scale_factor, add_offset, _FillValue, missing_value, units }, array }: Variable) =>
    JSON.stringify([scale_factor, add_offset, _FillValue, missing_value, units, array.dtype]);
  for (const [at, one] of all.entries()) {
    const says = (what: string) => differs(parts[at]!.store, parts[0]!.store, `has ${key} ${what}`);
    if (one.dimensions.join() !== first.dimensions.join()) throw says(`over ${one.dimensions.join(', ')}`);
    if (words(one.shape) !== words(first.shape)) throw says(`with ${words(one.shape)} values`);
    if (words(one.chunks) !== words(first.chunks)) throw says(`in chunks of ${words(one.chunks)} against ${words(first.chunks)}`);
    if (packing(one) !== packing(first)) throw says(`packed or measured otherwise: ${packing(one)} against ${packing(first)}`);
  }
  const side = Math.max(...all.map(({ chunks }) => chunks[axis]!));
  const places: number[] = [];
  const blocks: { part: number; block: number }[] = [];
  for (const [part, one] of all.entries()) {
    const own = one.chunks[axis]!;
    const from = blocks.length;
    for (let index = 0; index < one.shape[axis]!; index++) places.push((from + Math.floor(index / own)) * side + (index % own));
    for (let block = 0; block * own < one.shape[axis]!; block++) blocks.push({ part, block });
  }
  const chunks = first.chunks.map((one, at) => (at === axis ? side : one));
  const array: ChunkedArray = {
    dtype: first.array.dtype,
    fillValue: first.array.fillValue,
    takeAbsent: () => all.flatMap((one, part) => (one.array.takeAbsent?.() ?? []).map((chunk) => `${parts[part]!.store.path}: ${chunk}`)),
    async getChunk(coordinates) {
      const { part, block } = blocks[coordinates[axis]!]!;
      const own = all[part]!;
      const inside = coordinates.map((one, at) => (at === axis ? block : one));
      const chunk = await own.array.getChunk(along >= 0 ? inside : inside.slice(1));
      const stride = along >= 0 ? chunk.stride : [0, ...chunk.stride];
      if (own.chunks[axis] === side) return { data: chunk.data, stride };
      // The time is the slowest of a chunk's dimensions in every format that is written; what lies otherwise is refused, not guessed.
      if (axis > 0 && chunks.slice(0, axis).some((one) => one > 1))
        throw new Error('its chunks have other lengths in time, which is not their first dimension');
      const whole = new (chunk.data.constructor as Float64ArrayConstructor)(chunks.reduce((size, one) => size * one, 1));
      whole.set(chunk.data as unknown as ArrayLike<number>);
      return { data: whole, stride };
    },
  };
  return {
    ...first,
    store: path,
    array,
    shape: first.shape.map((one, at) => (at === axis ? places.length : one)),
    chunks,
    places: { [axis]: Int32Array.from(places) },
  };
}

function differs(
  one: Store,
  other: Store,
  detail: string,
  remedy = 'Join files of one series: same grid, variables, chunks and packing.',
): TradewindError {
  const against = one === other ? '' : ` (against ${other.path})`;
  return new TradewindError({
    code: 'refused',
    message: `it can't be joined with the others: it ${detail}${against}`,
    where: one.path,
    remedy,
  });
}
