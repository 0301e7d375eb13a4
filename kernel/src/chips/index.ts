/** The chips room, seen from outside: what is here, and which engine a name stands for. */
import { FRAMEWORKS } from '../records/chips.ts';
import { CATALOGUE } from './catalogue.ts';
import { userEngines } from './user-engines.ts';

export { CATALOGUE, findChip, identify } from './catalogue.ts';
export { type Detection, type DetectionContext, detect, ownPython } from './detect.ts';
export { chipEntries, type StartedEngines } from './entries.ts';
export { type AskElsewhere, createMonitor, type Monitor } from './monitor.ts';
export {
  type Asked,
  chosenOptimisations,
  OPTIMISATIONS,
  type Optimisation,
  type Target,
} from './optimisations.ts';
export { ENERGY_FILE, readSamples, record, recordRun } from './recording.ts';
export { choose, type EngineChoice, resolveEngine } from './resolve.ts';
export { findMeters, type Meters, sampledWhile, sampleUntil } from './sampler.ts';
export { stackChecks } from './stack.ts';
export { askTools } from './tools.ts';
export { engineFiles, parseEngines, type UserEngine, userEngines } from './user-engines.ts';

/** The words that may stand after `%chip`, for completion; a broken engines.yaml adds none (the command itself tells of it). */
export async function chipNames(cwd: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const own = await userEngines(cwd, environment).catch(() => ({ engines: [] }));
  return [...CATALOGUE.filter((chip) => !chip.catchAll).map((chip) => chip.name), ...own.engines.map((engine) => engine.name)];
}

/** The names of engines, `cpu/mindspore`, for completion. */
export async function engineNames(cwd: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const own = await userEngines(cwd, environment).catch(() => ({ engines: [] }));
  const pairs = CATALOGUE.filter((chip) => !chip.catchAll).flatMap((chip) =>
    FRAMEWORKS.filter((framework) => !chip.refuses?.[framework]).map((framework) => `${chip.name}/${framework}`),
  );
  return [...pairs, ...own.engines.map((engine) => `${engine.name}/${engine.framework}`)];
}
