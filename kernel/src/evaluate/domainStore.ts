/** Sums over regions by initial time, on disk: one array a variable beside its sums by cell, one chunk a lead. */
import { join } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import { type Box, REGIONS } from '../records/regions.ts';
import { type BaseSum, SUM_NAMES, type Weights } from '../records/scores.ts';
import { DOMAIN_WEIGHTS, type Domains } from './domains.ts';
import type { Store } from './store.ts';
import { writeArray, writeChunk } from './zarrWriter.ts';

/** What the axes of the sums by initial time stand for. */
export interface DomainFacts {
  weights: Weights[];
  sums: BaseSum[];
  regions: { name: string; boxes: readonly Box[] }[];
}

export function domainFacts({ regions }: Domains): DomainFacts {
  return {
    weights: [...DOMAIN_WEIGHTS],
    sums: [...SUM_NAMES],
    regions: regions.map(({ name, boxes }) => ({ name, boxes })),
  };
}

/** Numbers of one initial time. */
export function domainSize({ weights, sums, regions }: DomainFacts): number {
  return weights.length * sums.length * regions.length;
}

/** Where among them the sum of a region is, each cell with its weight. */
export function domainPlace({ weights, sums, regions }: DomainFacts, kind: Weights, sum: BaseSum, region: number): number {
  return (weights.indexOf(kind) * sums.length + sums.indexOf(sum)) * regions.length + region;
}

/** The index of a region by name, where its boxes are those of today's table; −1 where there is none such. */
export function domainRegion({ regions }: DomainFacts, name: string): number {
  const boxes = JSON.stringify(REGIONS.find((region) => region.name === name)?.boxes);
  return regions.findIndex((region) => region.name === name && JSON.stringify(region.boxes) === boxes);
}

const arrayName = (variable: string) => `${variable}_by_initial_time`;

/** Declares a variable's array in a forecast's folder. */
export function beginDomains(folder: string, variable: string, [leads, initialTimes]: [number, number], facts: DomainFacts): Promise<void> {
  const { weights, sums, regions } = facts;
  const inner = [initialTimes, weights.length, sums.length, regions.length];
  return writeArray(join(folder, arrayName(variable)), {
    shape: [leads, ...inner],
    chunks: [1, ...inner],
    dtype: 'float64',
    dimensions: ['lead_time', 'initial_time', 'weights', 'sum', 'region'],
    attributes: { long_name: 'sums over regions, each cell with its weight, by initial time', ...facts },
  });
}

/** Writes one lead's sums in a forecast's folder, `[initial time, weights, sum, region]`. */
export function writeDomains(folder: string, variable: string, lead: number, values: Float64Array): Promise<void> {
  return writeChunk(join(folder, arrayName(variable)), [lead, 0, 0, 0, 0], values);
}

export async function readDomains(store: Store, forecast: string, variable: string, lead: number): Promise<Float64Array> {
  const array = store.variables.get(arrayName(variable));
  if (!array)
    throw new TradewindError({
      code: 'input',
      message: `${arrayName(variable)} of ${forecast} is missing`,
      where: store.path,
      remedy: 'Evaluate again.',
    });
  return (await array.array.getChunk([lead, 0, 0, 0, 0])).data as Float64Array;
}
