/** Two runs side by side: what their configurations differ in, where their losses part beyond rounding, what they ended with, how fast they were. */
import { coarserEpsilon, partingFinder } from '../records/parting.ts';
import type { RunComparisonRecord } from '../records/training.ts';
import { readEnvironment, readSeries } from './folder.ts';
import { readConfiguration } from './outcome.ts';
import { runCurves } from './record.ts';
import { readStatus } from './status.ts';

export type ComparisonFacts = Omit<RunComparisonRecord, 'kind' | 'version' | 'createdAt' | 'tradewind' | 'environment' | 'training'> & {
  curves: [Awaited<ReturnType<typeof runCurves>>, Awaited<ReturnType<typeof runCurves>>];
};

/** @param a folder of the run that is measured by `b`'s */
export async function compareRuns(a: string, b: string): Promise<ComparisonFacts> {
  const [left, right] = await Promise.all([a, b].map(sideOf));
  const [mine, other] = [left!, right!];
  const epsilon = coarserEpsilon(mine.curves.run.precision, other.curves.run.precision);
  const [la, lb] = [mine.series.curve('loss'), other.series.curve('loss')];
  const found = la && lb ? partingFinder(la, lb, epsilon).advance() : { parting: undefined, compared: 0, judged: false, largest: 0 };
  const [sa, sb] = [mine.series.speed() ?? null, other.series.speed() ?? null];
  return {
    a: mine.curves.run.name,
    b: other.curves.run.name,
    configuration: differences(mine.configuration, other.configuration),
    metrics: lastValues(mine.curves.run.latest, other.curves.run.latest),
    ...(found.parting && { parting: found.parting }),
    compared: { steps: found.compared, judged: found.judged, largest: found.largest, epsilon },
    speed: { a: sa, b: sb, ratio: sa !== null && sb !== null ? sa / sb : null },
    curves: [mine.curves, other.curves],
  };
}

async function sideOf(folder: string) {
  const series = await readSeries(folder);
  const status = await readStatus(folder);
  return { series, curves: await runCurves(folder, 2, { status, series }), configuration: await configurationOf(folder) };
}

/** The configuration as `optimizer.lr` → value; a file that can't be read counts as empty. Its framework and chip are the environment's. */
async function configurationOf(folder: string): Promise<Map<string, string>> {
  const flat = new Map<string, string>();
  const add = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) add(inner, path ? `${path}.${key}` : key);
    } else flat.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  };
  // The trainer itself says what is wrong with a file that can't be read.
  add((await readConfiguration(folder).catch(() => undefined)) ?? {}, '');
  const { framework, chip } = await readEnvironment(folder);
  if (framework !== undefined) flat.set('framework', framework);
  if (chip !== undefined) flat.set('chip', chip);
  return flat;
}

function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): RunComparisonRecord['configuration'] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => a.get(key) !== b.get(key))
    .map((key) => ({ key, a: a.get(key) ?? null, b: b.get(key) ?? null }));
}

function lastValues(a: Record<string, number>, b: Record<string, number>): RunComparisonRecord['metrics'] {
  const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => {
    const [va, vb] = [finite(a[name]), finite(b[name])];
    return { name, a: va, b: vb, relative: va !== null && vb !== null && vb !== 0 ? (va - vb) / Math.abs(vb) : null };
  });
}
