/**
 * HDF5 files without coordinates, as the paper's models read them: one data set `fields [time, channel, latitude, longitude]`. What the file can't say stands in a
 * YAML file beside it (`2011.h5.yaml`, or `fields.yaml` for all files of the folder): the channels' names, the axes, the units.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { TradewindError } from '../../records/errors.ts';
import type { Attributes, Store, Variable } from '../store.ts';
import { vectorOf } from './vector.ts';

interface Description {
  /** `fields` where it isn't said. */
  dataset?: string;
  /** `[time, channel, latitude, longitude]`. */
  dimensions: string[];
  channels: string[];
  /** By channel, or by its letters (`T`). */
  units?: Record<string, string>;
  [axis: string]: unknown;
}

/** The description of a file; undefined where there is none. */
export function sidecarOf(path: string): string | undefined {
  return [`${path}.yaml`, join(dirname(path), 'fields.yaml')].find((file) => existsSync(file));
}

const UNITS: Record<string, string> = { latitude: 'degrees_north', longitude: 'degrees_east', lead_time: 'hours', depth: 'm' };

/** The file's channels as variables, by its description. A file that has no such data set is left as it is. */
export function openDescribed(store: Store, sidecar: string): Store {
  const described = parse(readFileSync(sidecar, 'utf8')) as Description;
  const { dataset = 'fields', dimensions, channels, units = {} } = described;
  const whole = store.variables.get(dataset);
  if (!whole) return store;
  const fault = (message: string) =>
    new TradewindError({ code: 'input', message, where: sidecar, remedy: 'docs/evaluation.md has an example.' });
  if (!Array.isArray(dimensions) || !Array.isArray(channels)) throw fault('it must list dimensions and channels');
  const channel = dimensions.indexOf('channel');
  if (channel < 0) throw fault('no dimension is called channel');
  if (dimensions.length !== whole.shape.length)
    throw fault(`${dimensions.length} dimensions are named and ${dataset} has ${whole.shape.length}`);
  if (channels.length !== whole.shape[channel])
    throw fault(`${channels.length} channels are named and ${dataset} has ${whole.shape[channel]}`);
  const variables = new Map<string, Variable>();
  for (const [at, name] of dimensions.entries())
    if (at !== channel) variables.set(name, axis(name, described[name], whole.shape[at]!, store.path, fault));
  const without = <T>(list: readonly T[]) => list.filter((_, at) => at !== channel);
  const side = whole.chunks[channel]!;
  const length = without(whole.chunks).reduce((size, one) => size * one, 1);
  for (const [index, name] of channels.entries()) {
    const unit = units[name] ?? units[name.replace(/[\d.]+$/, '')];
    variables.set(name, {
      ...whole,
      name,
      dimensions: without(dimensions),
      shape: without(whole.shape),
      chunks: without(whole.chunks),
      attributes: { ...whole.attributes, ...(unit !== undefined && { units: unit }) },
      array: {
        dtype: whole.array.dtype,
        fillValue: whole.array.fillValue,
        takeAbsent: () => whole.array.takeAbsent?.() ?? [],
        async getChunk(coordinates) {
          const { data, stride } = await whole.array.getChunk(coordinates.toSpliced(channel, 0, Math.floor(index / side)));
          if (side === 1) return { data, stride: without(stride) };
          // Of a chunk of several channels the one that is wanted is picked out.
          const one = new (data.constructor as Float32ArrayConstructor)(length);
          const run = stride[channel]!;
          for (let block = 0, from = (index % side) * run; from < data.length; block++, from += run * side)
            for (let i = 0; i < run; i++) one[block * run + i] = data[from + i] as number;
          return { data: one, stride: without(stride).map((step, at) => (at < channel ? step / side : step)) };
        },
      },
    });
  }
  return { ...store, variables };
}

/** An axis from a list, or from `{from, step}`; of a time `from` may hold `{year}`, the year in the file's name. */
function axis(name: string, given: unknown, length: number, path: string, fault: (message: string) => TradewindError): Variable {
  const range = given as { from?: unknown; step?: unknown; calendar?: string; units?: string };
  let values: number[];
  let attributes: Attributes = { units: range?.units ?? UNITS[name] };
  if (Array.isArray(given)) values = given.map(Number);
  else if (given && range.from !== undefined && range.step !== undefined) {
    const [, amount, unit] = /^\s*(-?[\d.]+)\s*([a-z]*)\s*$/i.exec(String(range.step)) ?? [];
    if (amount === undefined) throw fault(`the step of ${name} is ${JSON.stringify(range.step)}: write a number, or 1 day, 6 hours`);
    const isTime = name.endsWith('time') && name !== 'lead_time';
    const year = /(?:19|20)\d\d/.exec(basename(path))?.[0];
    const from = range.from instanceof Date ? range.from.toISOString().slice(0, 19) : String(range.from);
    if (isTime && from.includes('{year}') && !year) throw fault(`${basename(path)} has no year in its name`);
    if (isTime)
      attributes = { units: `${unit || 'days'} since ${from.replace('{year}', year ?? '')}`, calendar: range.calendar ?? 'standard' };
    else if (name === 'lead_time' && unit) attributes = { units: unit };
    const start = isTime ? 0 : Number.parseFloat(from);
    values = Array.from({ length }, (_, i) => start + i * Number(amount));
  } else throw fault(`it says nothing of ${name}: give a list, or from and step`);
  if (values.length !== length || values.some(Number.isNaN)) throw fault(`${name} has ${values.length} values and the file ${length}`);
  return vectorOf(name, path, values, attributes);
}
