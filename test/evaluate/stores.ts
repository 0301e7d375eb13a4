/** Small stores for tests, written with Tradewind's own writer: fields given as functions of indices, in any chunks. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateForecasts } from '../../kernel/src/evaluate/evaluate.ts';
import { openScore, type Score } from '../../kernel/src/evaluate/scoreStore.ts';
import { summarise } from '../../kernel/src/evaluate/summarise.ts';
import { writeArray, writeChunk, writeGroup, writeVector } from '../../kernel/src/evaluate/zarrWriter.ts';
import { REGIONS } from '../../kernel/src/records/regions.ts';
import type { SkillRecord } from '../../kernel/src/records/skill.ts';

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tradewind-evaluate-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Axis {
  name: string;
  values: number[];
  units?: string;
}

export const LATITUDE: Axis = { name: 'latitude', values: [-60, -30, 0, 30], units: 'degrees_north' };
export const LONGITUDE: Axis = { name: 'longitude', values: [-150, -90, -30, 30, 90], units: 'degrees_east' };
export const days = (values: number[]): Axis => ({ name: 'time', values, units: 'days since 2003-01-01' });
export const hours = (values: number[]): Axis => ({ name: 'lead_time', values, units: 'hours' });

/** Writes one variable over the axes; `value` gets the index along each. Chunks default to the whole array. */
export async function writeField(
  folder: string,
  name: string,
  axes: Axis[],
  value: (...index: number[]) => number,
  { chunks = axes.map((axis) => axis.values.length), attributes = { units: 'degC' } as object } = {},
): Promise<string> {
  const shape = axes.map((axis) => axis.values.length);
  await writeGroup(folder, {});
  for (const axis of axes)
    await writeVector(join(folder, axis.name), axis.name, Float64Array.from(axis.values), axis.units ? { units: axis.units } : {});
  await writeArray(join(folder, name), { shape, chunks, dtype: 'float64', dimensions: axes.map((axis) => axis.name), attributes });
  for (const place of indices(shape.map((size, at) => Math.ceil(size / chunks[at]!)))) {
    const values = new Float64Array(chunks.reduce((size, side) => size * side, 1)).fill(Number.NaN);
    const index = [...place];
    for (let at = 0; at < values.length; at++) {
      for (let axis = shape.length - 1, rest = at; axis >= 0; rest = Math.floor(rest / chunks[axis]!), axis--)
        index[axis] = place[axis]! * chunks[axis]! + (rest % chunks[axis]!);
      if (index.every((one, axis) => one < shape[axis]!)) values[at] = value(...index);
    }
    await writeChunk(join(folder, name), place, values);
  }
  return folder;
}

function* indices(sizes: number[]): Generator<number[]> {
  if (sizes.length === 0) {
    yield [];
    return;
  }
  for (let first = 0; first < sizes[0]!; first++) for (const rest of indices(sizes.slice(1))) yield [first, ...rest];
}

export interface Call {
  forecasts: string[];
  truth: string;
  climatology?: string;
  variables?: string[];
  output: string;
  signal?: AbortSignal;
  threads?: number;
  memory?: number;
  progress?(done: number, total: number): void;
}

export async function score({
  forecasts,
  truth,
  climatology,
  variables = ['T0'],
  output,
  signal = new AbortController().signal,
  progress = () => {},
  ...engine
}: Call): Promise<Score> {
  const named = forecasts.map((path, index) => ({ name: `f${index}`, path }));
  await evaluateForecasts({ forecasts: named, truth, climatology, variables, output, signal, progress, ...engine });
  return openScore(output);
}

export async function record(
  score: Score,
  weights: 'cos' | 'area' = 'cos',
  normalisation: 'masked' | 'paper' = 'masked',
): Promise<SkillRecord> {
  return summarise(
    score.facts.forecasts.map((forecast) => ({ score, forecast, name: forecast.name })),
    {
      weights,
      normalisation,
      regions: REGIONS,
      environment: { chip: 'cpu', platform: 'test', versions: {} },
      signal: new AbortController().signal,
      progress: () => {},
    },
  );
}
